//! Who takes no mail for now, as the page of the mail log says it.

use crate::clock::Clock;
use crate::domain::plural::counted;
use crate::store::mail::mail_pauses::{MailPause, WHOLE_SERVER};
use crate::web::view::dates::instant;

/// Pauses that a page shows one by one.
const SHOWN: usize = 3;

/// Pauses in force.
pub(super) struct PausesShown {
    pub(super) rows: Vec<PauseRow>,
    /// How many more domains take no mail, in words; empty without any.
    pub(super) more: String,
}

/// A pause in force.
pub(super) struct PauseRow {
    /// Who takes no mail.
    pub(super) title: String,
    /// It is the mail server as a whole.
    pub(super) whole: bool,
    /// When it is tried again.
    pub(super) until: String,
    /// What the mail server said.
    pub(super) words: String,
}

impl PausesShown {
    pub(super) fn new(pauses: Vec<MailPause>, clock: &Clock) -> PausesShown {
        let more = pauses.len().saturating_sub(SHOWN);
        let row = |pause: MailPause| {
            let whole = pause.domain == WHOLE_SERVER;
            let who = if whole { "The mail server" } else { &pause.domain };
            PauseRow {
                title: format!("{who} takes no emails for now"),
                whole,
                until: instant(clock, pause.ends_at),
                words: pause.words,
            }
        };
        PausesShown {
            rows: pauses.into_iter().take(SHOWN).map(row).collect(),
            more: match i64::try_from(more) {
                Ok(0) | Err(_) => String::new(),
                Ok(more) => counted(more, "more domain takes", "more domains take"),
            },
        }
    }
}
