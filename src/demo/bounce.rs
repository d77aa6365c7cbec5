//! A mail of the demonstration that came back.

use super::agenda::{address, reviewer};
use super::people::HOLDERS;
use crate::actions::ActionError;
use crate::actions::mail::bounce::note;
use crate::domain::dates::plus_days;
use crate::domain::ids::MailId;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::portal::Portal;
use crate::store::accounts::find_by_email;
use crate::store::engine::paging::Place;
use crate::store::mail::mail_log;
use crate::store::mail::mail_log::{LoggedMail, Which};

/// How many of the latest mails are looked through for a delivered one.
const LATEST: i64 = 200;

/// Yesterday the latest mail to one of the storied holders came back, if one had been delivered by then.
pub(super) fn plant(past: &Portal) -> Result<(), ActionError> {
    let (today, now) = past.clock.today_and_now();
    let Some(person) = HOLDERS.get(10) else { return Ok(()) };
    past.clock.set_local(plus_days(today, -1), 9);
    let noted_at = past.clock.now();
    let (reviewer, mail) = past.store.read(|conn| {
        let reviewer = reviewer(conn)?;
        let Some(holder) = find_by_email(conn, &address(person))? else { return Ok((reviewer, None)) };
        let start: Place<MailId> = Place::Start;
        let mails = mail_log::list(conn, Which::To(holder.id), &start, LATEST)?.rows;
        let before = |mail: &LoggedMail| mail.sent_at.is_some_and(|at| at < noted_at);
        let delivered = mails.into_iter().find(|mail| before(mail) && !mail.kind.is(NoticeKind::Invitation));
        Ok::<_, ActionError>((reviewer, delivered.map(|mail| mail.id)))
    })?;
    if let Some(mail) = mail {
        note(past, reviewer, mail, "550 5.1.1 The mailbox does not exist any more.")?;
    }
    past.clock.set(now);
    Ok(())
}
