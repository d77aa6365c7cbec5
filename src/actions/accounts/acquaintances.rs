//! "I know this holder": a colleague takes themselves out of everything that is decided about somebody. What they had of it goes back to
//! everybody in the same moment.

use crate::actions::ActionError;
use crate::actions::conversations::note;
use crate::actions::reviews::assignments;
use crate::actions::text::FormTexts;
use crate::domain::activities::review::LONGEST_REASON;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, HolderId};
use crate::domain::roles::{
    AcquaintanceRefusal, Administrator, Reviewer, check_taking_back, not_acquainted, not_their_own,
};
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
        let reason = checked_reason(reason)?;
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

/// Why somebody says that they know a holder, as it is kept.
///
/// # Errors
/// `ActionError::Invalid` for `known_reason`.
pub fn checked_reason(typed: &str) -> Result<String, ActionError> {
    let mut checked = FormTexts::default();
    let reason = checked.text("known_reason", typed, LONGEST_REASON, "");
    if checked.0.is_empty() { Ok(reason) } else { Err(ActionError::Invalid(checked.0)) }
}

/// What the history adds when somebody took back what they had said themselves.
pub const TAKEN_BACK_ALONE: &str =
    "taken back by the same person, as no other administrator could. The administrator knew.";

/// Taking back that somebody knows a holder, as the form gives it.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenEnd<'a> {
    /// Who said it: the identity of an account.
    pub colleague: &'a str,
    /// Why it is not so any more, or never was; only staff read it.
    pub reason: &'a str,
    /// Whoever said it and takes it back says that they know it, as nobody else can.
    pub alone: bool,
}

/// An administrator takes it back, who is not whoever said it: nobody frees themselves to decide. The history keeps both, and why. Taking
/// back what is not in force does nothing.
///
/// # Errors
/// `ActionError::Own` for what is said about oneself, `Acquainted` for an administrator who knows the holder, too, and `Invalid` for
/// `colleague`, `alone` and `ended_reason`.
pub fn take_back(
    portal: &Portal,
    by: Administrator,
    holder: HolderId,
    given: &GivenEnd<'_>,
) -> Result<(), ActionError> {
    not_their_own(by.id, holder)?;
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let colleague = given.colleague.trim().parse().ok().map(AccountId);
        let found = match colleague {
            Some(id) => accounts::find(conn, id)?,
            None => None,
        };
        let missing = "Say why a colleague may decide again. Only staff read it.";
        let Some(colleague) = found else {
            let mut checked = FormTexts(vec![("colleague", "Choose the colleague who said it.".to_owned())]);
            checked.text("ended_reason", given.reason, LONGEST_REASON, missing);
            return Err(ActionError::Invalid(checked.0));
        };
        let known = acquaintances::of_holder(conn, holder)?;
        let Some(word) = known.iter().find(|one| one.reviewer == colleague.id) else { return Ok(()) };
        if colleague.id != by.id {
            not_acquainted(by.id, &known.iter().map(|one| one.reviewer).collect::<Vec<_>>())?;
        }
        let mut checked = FormTexts::default();
        let others = acquaintances::others_could(conn, by.id, holder, word.declared_at)?;
        let alone = match check_taking_back(by.id, colleague.id, others, given.alone) {
            Ok(alone) => alone,
            Err(refusal @ AcquaintanceRefusal::OwnWord) => {
                return Err(ActionError::invalid("ended_reason", refusal.to_string()));
            }
            Err(refusal @ AcquaintanceRefusal::Alone) => {
                checked.0.push(("alone", refusal.to_string()));
                true
            }
        };
        let reason = checked.text("ended_reason", given.reason, LONGEST_REASON, missing);
        if !checked.0.is_empty() {
            return Err(ActionError::Invalid(checked.0));
        }
        acquaintances::end(conn, colleague.id, holder, now)?;
        let detail = match alone {
            true => format!("{reason} ({TAKEN_BACK_ALONE})"),
            false => format!("{}: {reason}", colleague.name),
        };
        let event = Event::about_account(Some(by.id), holder, HistoryEvent::AcquaintanceEnded, detail);
        Ok(history::record(conn, &event, now)?)
    })
}
