//! What staff do about a mail that is stuck. Never a blind retry: a person says whether it arrived.

use crate::actions::ActionError;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::MailId;
use crate::domain::roles::Reviewer;
use crate::portal::Portal;
use crate::store::mail::bounces::{self, Resolution};
use crate::store::mail::mail_log;
use crate::store::mail::mail_log::LoggedMail;
use crate::store::records::history::{self, Event};
use crate::store::{Conn, StoreError, accounts};

/// Puts a mail that failed, is uncertain or came back into the outbox again, for the address that its recipient has now.
///
/// # Errors
/// `ActionError::Invalid` when its recipient's account is closed; `NotFound` when there is no such mail, or for anybody but staff; `StoreError::Changed` when it is not stuck any more, or its text was a
/// secret link, which is gone.
pub fn send_again(portal: &Portal, by: Reviewer, id: MailId) -> Result<(), ActionError> {
    let now = portal.clock.now();
    resolve(portal, by, id, HistoryEvent::MailSentAgain, |conn, mail| {
        let account = accounts::find(conn, mail.account)?.ok_or(StoreError::Changed)?;
        if account.deactivated {
            let words = "The account of this person is closed, and nothing is emailed to it. Open it first.";
            return Err(ActionError::invalid("", words));
        }
        let returned = bounces::resolve(conn, id, Resolution::SentAgain, now)?;
        Ok(mail_log::send_again(conn, id, returned, &account.email, now)?)
    })
}

/// Records that an uncertain mail did arrive.
///
/// # Errors
/// As [`send_again`].
pub fn mark_delivered(portal: &Portal, by: Reviewer, id: MailId) -> Result<(), ActionError> {
    let now = portal.clock.now();
    resolve(portal, by, id, HistoryEvent::MailMarkedDelivered, |conn, _| {
        Ok(mail_log::mark_delivered(conn, id, now)?)
    })
}

fn resolve(
    portal: &Portal,
    by: Reviewer,
    id: MailId,
    event: HistoryEvent,
    change: impl FnOnce(&mut Conn<'_>, &LoggedMail) -> Result<(), ActionError>,
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
