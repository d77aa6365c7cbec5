//! The words that the review form offers for each reason. Staff change them; every change stands in the history.

use super::ActionError;
use crate::domain::review::ReasonCode;
use crate::domain::roles::Actor;
use crate::portal::Portal;
use crate::store::history::{self, Event};
use crate::store::prepared_words;

/// Most characters of prepared words.
const LONGEST: usize = 1000;

/// Keeps words for several reasons. Empty ones bring the portal's own words back.
///
/// # Errors
/// `ActionError::Invalid` at the reason's code for words that are too long; then nothing is kept.
pub fn change(portal: &Portal, by: Actor, given: &[(ReasonCode, String)]) -> Result<usize, ActionError> {
    let problems: Vec<(&'static str, String)> = given
        .iter()
        .filter(|(_, words)| words.chars().count() > LONGEST)
        .map(|(code, _)| (code.code(), format!("Use at most {LONGEST} characters.")))
        .collect();
    if !problems.is_empty() {
        return Err(ActionError::Invalid(problems));
    }
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let before = prepared_words::list(conn)?;
        let mut changed = 0;
        for (code, words) in given {
            let words = words.replace("\r\n", "\n");
            let words = words.trim();
            let old = before.iter().find(|(before, _)| before == code).map_or("", |(_, words)| words);
            if words == old || (words.is_empty() && old == code.first_words()) {
                continue;
            }
            let own = Some(words).filter(|words| !words.is_empty() && *words != code.first_words());
            prepared_words::keep(conn, *code, own, by.id, now)?;
            let event = Event {
                actor: Some(by.id),
                event: "prepared words changed",
                detail: format!("{}: {words}", code.label()),
                ..Event::default()
            };
            history::record(conn, &event, now)?;
            changed += 1;
        }
        Ok(changed)
    })
}
