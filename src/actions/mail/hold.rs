//! Mail that is held after a restore: what waits, and an administrator who says what becomes of it.

use crate::actions::ActionError;
use crate::domain::codes::Stored;
use crate::domain::dates::long_date;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::MailId;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::domain::roles::Administrator;
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::mail::mail_holds;
use crate::store::mail::mail_holds::{MailHold, WaitingKind};
use crate::store::records::history::{self, Event};

/// Mail that is held, as an administrator decides about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldContents {
    /// The hold.
    pub hold: MailHold,
    /// What waits, by kind, what came with the backup first.
    pub waiting: Vec<WaitingKind>,
    /// The last mail that this counts: what is written later is not discarded unseen.
    pub seen: MailId,
}

/// One kind of waiting mails that is not to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discarded {
    /// Whether those that came with the backup are meant, or those written since.
    pub from_backup: bool,
    /// The notice's kind.
    pub kind: Stored<NoticeKind>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released {
    /// Mails that are not sent.
    pub discarded: usize,
    /// Mails that go out from now on.
    pub leaving: i64,
}

/// What is held; none when mail leaves.
///
/// # Errors
/// `ActionError::Store`.
pub fn held(portal: &Portal) -> Result<Option<HoldContents>, ActionError> {
    Ok(portal.store.read(|conn| {
        let Some(hold) = mail_holds::in_force(conn)? else { return Ok::<_, StoreError>(None) };
        let waiting = mail_holds::waiting(conn, &hold)?;
        let seen = mail_holds::last_written(conn)?;
        Ok(Some(HoldContents { hold, waiting, seen }))
    })?)
}

/// Ends the hold. The named kinds, as far as the administrator has `seen` them, are not sent and say why in the log; everything else leaves.
///
/// # Errors
/// `StoreError::Changed` when mail is not held any more; `Invalid` when nobody says what was seen.
pub fn release(
    portal: &Portal,
    by: Administrator,
    discards: &[Discarded],
    seen: Option<MailId>,
) -> Result<Released, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let hold = mail_holds::in_force(conn)?.ok_or(StoreError::Changed)?;
        let unseen = "Open the page again: it did not say which emails were seen.";
        let seen = seen.ok_or_else(|| ActionError::invalid("seen", unseen))?;
        let made = long_date(portal.clock.day_of(hold.backup_made_at));
        let source = hold.cause.source();
        let mut told = Vec::new();
        let mut discarded = 0;
        for Discarded { from_backup, kind } in discards {
            let reason = match from_backup {
                true => format!("Not sent: it came with the {source} of {made} and may have been sent since that was made."),
                false => format!("Not sent: written after the {source} of {made} was put back, and it may repeat an email sent before."),
            };
            let mails = mail_holds::discard(conn, &hold, *from_backup, kind, seen, &reason, now)?;
            if mails > 0 {
                told.push(format!("{mails} {}", kind.code().replace('-', " ")));
            }
            discarded += mails;
        }
        let leaving = mail_holds::waiting(conn, &hold)?.iter().map(|waiting| waiting.mails).sum();
        mail_holds::end(conn, by.id, discarded, now)?;
        let detail = match told.as_slice() {
            [] => format!("{source} of {made}; {leaving} sent"),
            told => format!("{source} of {made}; {leaving} sent; not sent: {}", told.join(", ")),
        };
        let event = Event { actor: Some(by.id), detail, ..Event::of(HistoryEvent::HeldMailReleased) };
        history::record(conn, &event, now)?;
        Ok(Released { discarded, leaving })
    })
}
