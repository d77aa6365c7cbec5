//! Mails that came back: staff note them, or a mail server reports them, the recipient is asked whether the address is right, and somebody looks after it.

use chrono::NaiveDateTime;

use crate::actions::ActionError;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::MailId;
use crate::domain::notices::delivery::MailState;
use crate::domain::roles::{Actor, Reviewer};
use crate::domain::text::too_long;
use crate::mail::{DeliveryReport, ReportEnding};
use crate::portal::Portal;
use crate::store::mail::bounces::{self, Resolution};
use crate::store::mail::mail_log;
use crate::store::mail::mail_log::LoggedMail;
use crate::store::mail::mailbox_progress::{self, MailboxPlace};
use crate::store::records::history::{self, Event};
use crate::store::{Conn, StoreError};

/// Most characters of what the message about a returned mail said.
const LONGEST_WORDS: usize = 1000;

/// Notes that a delivered mail came back.
///
/// # Errors
/// `ActionError::Invalid` for `words`; `NotFound` when there is no such mail, or for anybody but staff; `StoreError::Changed` when it was
/// not delivered, or this is noted already.
pub fn note(portal: &Portal, by: Reviewer, id: MailId, words: &str) -> Result<(), ActionError> {
    let words = words.trim();
    let length = words.chars().count();
    if length > LONGEST_WORDS {
        return Err(ActionError::invalid("words", too_long(LONGEST_WORDS, length)));
    }
    let now = portal.clock.now();
    about(portal, by, id, HistoryEvent::MailBounced, |conn, mail| {
        if mail.state != MailState::Sent {
            return Err(StoreError::Changed);
        }
        bounces::note(conn, id, mail.account, &mail.to_address, words, by.id, now).map_err(
            |error| match error {
                StoreError::Constraint(_) => StoreError::Changed,
                other => other,
            },
        )
    })
}

/// What a delivery report came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportResult {
    /// The mail counts as come back.
    Noted,
    /// It did already, or is to be sent again.
    KnownAlready,
    /// It is being tried still, or arrived.
    NotFinal,
    /// It is about no mail of ours.
    NotOurs,
}

/// Notes what a mail server reports about a mail of ours. The mail is known by its Message-ID alone, which nobody can guess: a stranger who
/// names an address silences nobody.
///
/// # Errors
/// `StoreError::Busy` while the mail is on its way still: the report was quicker than the answer of our own mail server.
pub fn note_report(portal: &Portal, report: &DeliveryReport) -> Result<ReportResult, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| note_report_within(conn, report, now))
}

/// Notes what a report in the mailbox says, together with how far the mailbox is read by it: whatever happens afterwards, it is not noted
/// again.
///
/// # Errors
/// As [`note_report`]; then the mailbox is read up to the message before.
pub fn note_from_mailbox(
    portal: &Portal,
    mailbox: &str,
    place: MailboxPlace,
    report: &DeliveryReport,
) -> Result<ReportResult, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let result = note_report_within(conn, report, now)?;
        let to_mark = (result != ReportResult::NotOurs).then_some(place.uid);
        if !mailbox_progress::reach(conn, mailbox, place, to_mark)? {
            // another process was quicker, and has noted it
            return Err(StoreError::Busy.into());
        }
        Ok(result)
    })
}

/// Must run inside a transaction.
fn note_report_within(
    conn: &mut Conn<'_>,
    report: &DeliveryReport,
    now: NaiveDateTime,
) -> Result<ReportResult, ActionError> {
    let Some(id) = mail_log::by_message_id(conn, &report.message_ids)? else {
        return Ok(ReportResult::NotOurs);
    };
    if report.ending != ReportEnding::Failed {
        return Ok(ReportResult::NotFinal);
    }
    let (mail, _) = mail_log::find(conn, id)?.ok_or(ActionError::NotFound)?;
    if mail.state == MailState::Committing {
        return Err(StoreError::Busy.into());
    }
    // read before, it says nothing about a mail that was sent again since then
    if let Some(own_id) = &report.own_id
        && !bounces::note_reading(conn, id, own_id, now)?
    {
        return Ok(ReportResult::KnownAlready);
    }
    match mail.state {
        // it did leave, or nobody could report of it
        MailState::Uncertain => mail_log::mark_delivered(conn, id, now)?,
        MailState::Sent => {}
        MailState::Pending | MailState::Claimed | MailState::Committing | MailState::Failed => {
            return Ok(ReportResult::KnownAlready);
        }
    }
    if mail.came_back || !bounces::note_reported(conn, id, &report.words, now)? {
        return Ok(ReportResult::KnownAlready);
    }
    let event = Event {
        holder: Some(mail.account),
        detail: format!("{}, mail {id}", mail.kind.code()),
        ..Event::of(HistoryEvent::MailBounced)
    };
    history::record(conn, &event, now)?;
    Ok(ReportResult::Noted)
}

/// Nothing is to be done about a mail that came back, or that failed.
///
/// # Errors
/// `NotFound` as [`note`]; `StoreError::Changed` when it was looked after already.
pub fn put_away(portal: &Portal, by: Reviewer, id: MailId) -> Result<(), ActionError> {
    let now = portal.clock.now();
    about(portal, by, id, HistoryEvent::BouncePutAway, |conn, mail| {
        let put_away = bounces::resolve(conn, id, Resolution::PutAway, now)?
            || (mail.state == MailState::Failed && mail_log::put_away(conn, id, now)?);
        if put_away { Ok(()) } else { Err(StoreError::Changed) }
    })
}

/// Somebody says that the address from which their mail came back is right. Staff still see to it.
///
/// # Errors
/// `ActionError::Store`.
pub fn confirm_address(portal: &Portal, by: Actor) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        if bounces::confirm(conn, by.id, now)? {
            let event = Event {
                actor: Some(by.id),
                holder: Some(by.id),
                detail: "after a mail to it came back".to_owned(),
                ..Event::of(HistoryEvent::AddressConfirmed)
            };
            history::record(conn, &event, now)?;
        }
        Ok(())
    })
}

fn about(
    portal: &Portal,
    by: Reviewer,
    id: MailId,
    event: HistoryEvent,
    change: impl FnOnce(&mut Conn<'_>, &LoggedMail) -> Result<(), StoreError>,
) -> Result<(), ActionError> {
    portal.store.write(|conn| {
        let (mail, _) = mail_log::find(conn, id)?.ok_or(ActionError::NotFound)?;
        change(conn, &mail)?;
        let event = Event {
            actor: Some(by.id),
            holder: Some(mail.account),
            detail: format!("{}, mail {id}", mail.kind.code()),
            ..Event::of(event)
        };
        Ok(history::record(conn, &event, portal.clock.now())?)
    })
}
