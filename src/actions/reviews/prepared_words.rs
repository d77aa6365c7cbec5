//! The words that the review form offers for each reason. Staff change them; every change stands in the history.

use crate::actions::ActionError;
use crate::domain::activities::review::{ReasonCode, Refused};
use crate::domain::history_event::HistoryEvent;
use crate::domain::roles::Reviewer;
use crate::domain::text::too_long;
use crate::portal::Portal;
use crate::store::activities::prepared_words::{self, Prepared};
use crate::store::records::history::{self, Event};

/// Most characters of prepared words.
const LONGEST: usize = 1000;

/// The form field of some words: the reason's own code for a return.
#[must_use]
pub const fn field(refused: Refused, code: ReasonCode) -> &'static str {
    match (refused, code) {
        (Refused::Returned, code) => code.code(),
        (Refused::Rejected, ReasonCode::NotRelevant) => "reject_not_relevant",
        (Refused::Rejected, ReasonCode::RegularJob) => "reject_regular_job",
        (Refused::Rejected, ReasonCode::NoEvidence) => "reject_no_evidence",
        (Refused::Rejected, ReasonCode::CannotOpen) => "reject_cannot_open",
        (Refused::Rejected, ReasonCode::WrongQuantity) => "reject_wrong_quantity",
        (Refused::Rejected, ReasonCode::Duplicate) => "reject_duplicate",
        (Refused::Rejected, ReasonCode::WrongDate) => "reject_wrong_date",
        (Refused::Rejected, ReasonCode::Other) => "reject_other",
    }
}

/// Keeps words for several reasons. Empty ones bring the portal's own words back.
///
/// # Errors
/// `ActionError::Invalid` at the [`field`] of words that are too long; then nothing is kept.
pub fn change(portal: &Portal, by: Reviewer, given: &[Prepared]) -> Result<usize, ActionError> {
    let problems: Vec<(&'static str, String)> = given
        .iter()
        .map(|given| (given, given.words.chars().count()))
        .filter(|(_, length)| *length > LONGEST)
        .map(|(given, length)| (field(given.refused, given.code), too_long(LONGEST, length)))
        .collect();
    if !problems.is_empty() {
        return Err(ActionError::Invalid(problems));
    }
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let before = prepared_words::list(conn)?;
        let mut changed = 0;
        for Prepared { refused, code, words } in given {
            let words = words.replace("\r\n", "\n");
            let words = words.trim();
            let old = before.iter().find(|before| (before.refused, before.code) == (*refused, *code));
            let first = code.first_words(*refused);
            let old = old.map_or("", |old| old.words.as_str());
            if words == old || (words.is_empty() && old == first) {
                continue;
            }
            let own = Some(words).filter(|words| !words.is_empty() && *words != first);
            prepared_words::keep(conn, (*refused, *code), own, by.id, now)?;
            let verb = match refused {
                Refused::Returned => "Return",
                Refused::Rejected => "Reject",
            };
            let event = Event {
                actor: Some(by.id),
                detail: format!("{verb}: {}: {words}", code.label()),
                ..Event::of(HistoryEvent::PreparedWordsChanged)
            };
            history::record(conn, &event, now)?;
            changed += 1;
        }
        Ok(changed)
    })
}
