//! "I know this holder": a colleague takes themselves out of everything that is decided about somebody. What they had of it goes back to
//! everybody in the same moment.

use crate::actions::ActionError;
use crate::actions::conversations::note;
use crate::actions::reviews::assignments;
use crate::actions::text::FormTexts;
use crate::domain::activities::review::LONGEST_REASON;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::HolderId;
use crate::domain::roles::{Reviewer, not_their_own};
use crate::portal::Portal;
use crate::store::accounts::{self, acquaintances};
use crate::store::activities::review_claims;
use crate::store::conversations::{self, Standing};
use crate::store::records::history::{self, Event};

/// Somebody says that they know a holder. Saying it twice is saying it once.
///
/// # Errors
/// `ActionError::Own` for oneself, `Invalid` for `known_reason`, `NotFound`.
pub fn declare(portal: &Portal, by: Reviewer, holder: HolderId, reason: &str) -> Result<(), ActionError> {
    not_their_own(by.id, holder)?;
    let now = portal.clock.now();
    portal.store.write(|conn| {
        accounts::find(conn, holder)?.ok_or(ActionError::NotFound)?;
        let me = accounts::find(conn, by.id)?.ok_or(ActionError::NotFound)?;
        // whatever is said about it this time: the page has no form for it any more
        if acquaintances::known_by(conn, holder)?.contains(&by.id) {
            return Ok(());
        }
        let mut checked = FormTexts::default();
        let reason = checked.text("known_reason", reason, LONGEST_REASON, "");
        if !checked.0.is_empty() {
            return Err(ActionError::Invalid(checked.0));
        }
        acquaintances::declare(conn, by.id, holder, &reason, now)?;
        history::record(
            conn,
            &Event::about_account(Some(by.id), holder, HistoryEvent::AcquaintanceDeclared, String::new()),
            now,
        )?;
        review_claims::release_of_holder(conn, by.id, holder)?;
        assignments::hand_all_back(conn, &me, Some(holder), by.id, now)?;
        for talk in conversations::looked_after_by(conn, by.id)? {
            if talk.holder == holder && talk.kind.decides() {
                conversations::change(conn, &talk, &Standing { owner: None, ..Standing::of(&talk) })?;
                note(conn, &talk, by.id, HistoryEvent::ConversationHandedOver, now)?;
            }
        }
        Ok(())
    })
}

/// They take it back. The history keeps both.
///
/// # Errors
/// `ActionError::Store`.
pub fn take_back(portal: &Portal, by: Reviewer, holder: HolderId) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        if !acquaintances::end(conn, by.id, holder, now)? {
            return Ok(());
        }
        Ok(history::record(
            conn,
            &Event::about_account(Some(by.id), holder, HistoryEvent::AcquaintanceEnded, String::new()),
            now,
        )?)
    })
}
