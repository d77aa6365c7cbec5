//! Mail that is held after a restore or a takeover, until an administrator has said what becomes of it: the backup, or the replica, does
//! not know what was sent after it was made.

use std::path::Path;

use chrono::NaiveDateTime;

use crate::domain::codes::Stored;
use crate::domain::ids::{AccountId, MailId};
use crate::domain::notices::delivery::{HoldCause, MailState};
use crate::domain::notices::notice_kind::NoticeKind;
use crate::store::engine::prelude::*;
use crate::store::engine::sqlite::copies;
use crate::store::schema::{discarded_mails, history, mail_holds, mails};
use crate::store::{Conn, StoreError};

/// A hold that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailHold {
    /// Why mail is held.
    pub cause: HoldCause,
    /// When the backup was made that was put back, or the last thing happened that the copy knows (UTC).
    pub backup_made_at: NaiveDateTime,
    /// When it was put back, or taken over (UTC).
    pub held_at: NaiveDateTime,
    /// The last mail that came with it.
    pub last_mail: MailId,
}

/// Mails of one kind that wait while mail is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingKind {
    /// Whether they came with the backup: they may have been sent since it was made.
    pub from_backup: bool,
    /// The notice's kind.
    pub kind: Stored<NoticeKind>,
    /// How many.
    pub mails: i64,
    /// When the first of them was written (UTC).
    pub oldest: NaiveDateTime,
    /// When the last of them was written (UTC).
    pub newest: NaiveDateTime,
}

/// The hold in force; none when mail leaves.
pub fn in_force(conn: &mut Conn<'_>) -> Result<Option<MailHold>, StoreError> {
    let row: Option<(String, NaiveDateTime, NaiveDateTime, i64)> = mail_holds::table
        .filter(mail_holds::ended_at.is_null())
        .select((mail_holds::cause, mail_holds::backup_made_at, mail_holds::held_at, mail_holds::last_mail))
        .first(conn.0)
        .optional()?;
    let Some((cause, backup_made_at, held_at, last_mail)) = row else { return Ok(None) };
    let cause = HoldCause::from_code(&cause).ok_or(StoreError::Unreadable("mail_holds"))?;
    Ok(Some(MailHold { cause, backup_made_at, held_at, last_mail: MailId(last_mail) }))
}

/// Holds the mail of a database that came without the note beside it: from a replica, or a copied disk, while the portal that it was copied
/// from went on sending. What that one had in hand is sorted out as after a restore. Where no mail was ever written there is nothing to hold.
/// A hold in force goes on, as of now: the copy is another portal, and when it was taken over is part of its name. Gives the hold that was
/// begun.
pub fn take_over(conn: &mut Conn<'_>, now: NaiveDateTime) -> Result<Option<MailHold>, StoreError> {
    let last_mail = last_written(conn)?;
    let in_force = mail_holds::table.filter(mail_holds::ended_at.is_null());
    let goes_on = diesel::update(in_force).set(mail_holds::held_at.eq(now)).execute(conn.0)? > 0;
    if goes_on || last_mail.0 == 0 {
        return Ok(None);
    }
    super::outbox_delivery::recover(conn, "", now)?;
    let told: Option<NaiveDateTime> = history::table.select(diesel::dsl::max(history::at)).first(conn.0)?;
    let hold =
        MailHold { cause: HoldCause::Takeover, backup_made_at: told.unwrap_or(now), held_at: now, last_mail };
    diesel::insert_into(mail_holds::table)
        .values((
            mail_holds::cause.eq(hold.cause.code()),
            mail_holds::backup_made_at.eq(hold.backup_made_at),
            mail_holds::held_at.eq(hold.held_at),
            mail_holds::last_mail.eq(hold.last_mail.0),
        ))
        .execute(conn.0)?;
    Ok(Some(hold))
}

/// Brings the database in the file `copy` up to date and holds its mail. What the portal that made it had in hand is sorted out: claimed
/// mails wait again, those that were on their way are uncertain. Nobody else may have the file open.
///
/// # Errors
/// `StoreError` when the file cannot be written or a migration fails.
pub fn hold_in_copy(
    copy: &Path,
    backup_made_at: NaiveDateTime,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    copies::change_copy(copy, |conn| hold_all(conn, backup_made_at, now))
}

/// Holds the mail of a database that goes on where another one ended at the moment `known_until`. What that one had in hand is sorted out:
/// claimed mails wait again, those that were on their way are uncertain. A hold in force is that of this moment from now on.
pub fn hold_all(
    conn: &mut Conn<'_>,
    known_until: NaiveDateTime,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    super::outbox_delivery::recover(conn, "", now)?;
    let hold = (
        mail_holds::cause.eq(HoldCause::Restore.code()),
        mail_holds::backup_made_at.eq(known_until),
        mail_holds::held_at.eq(now),
        mail_holds::last_mail.eq(last_written(conn)?.0),
    );
    // a backup of a portal whose mail was held already
    let open = mail_holds::table.filter(mail_holds::ended_at.is_null());
    if diesel::update(open).set(hold).execute(conn.0)? == 0 {
        diesel::insert_into(mail_holds::table).values(hold).execute(conn.0)?;
    }
    Ok(())
}

/// What waits while mail is held, by kind, what came with the backup first.
pub fn waiting(conn: &mut Conn<'_>, hold: &MailHold) -> Result<Vec<WaitingKind>, StoreError> {
    let mut found = Vec::new();
    for (from_backup, (first, last)) in
        [(true, (0, hold.last_mail.0)), (false, (hold.last_mail.0.saturating_add(1), i64::MAX))]
    {
        let rows: Vec<(String, i64, Option<NaiveDateTime>, Option<NaiveDateTime>)> = mails::table
            .filter(mails::state.eq(MailState::Pending.code()))
            .filter(mails::id.between(first, last))
            .group_by(mails::kind)
            .select((
                mails::kind,
                diesel::dsl::count_star(),
                diesel::dsl::min(mails::created_at),
                diesel::dsl::max(mails::created_at),
            ))
            .order(mails::kind)
            .load(conn.0)?;
        for (kind, mails, oldest, newest) in rows {
            let (oldest, newest) = (oldest.unwrap_or(hold.held_at), newest.unwrap_or(hold.held_at));
            found.push(WaitingKind { from_backup, kind: Stored::of(kind), mails, oldest, newest });
        }
    }
    Ok(found)
}

/// The last mail that was written.
pub fn last_written(conn: &mut Conn<'_>) -> Result<MailId, StoreError> {
    let last: Option<i64> = mails::table.select(diesel::dsl::max(mails::id)).first(conn.0)?;
    Ok(MailId(last.unwrap_or_default()))
}

/// Decides that the mails of one kind that wait, up to `up_to`, are not sent. They stay in the log with the reason. Gives their number.
pub fn discard(
    conn: &mut Conn<'_>,
    hold: &MailHold,
    from_backup: bool,
    kind: &Stored<NoticeKind>,
    up_to: MailId,
    reason: &str,
    now: NaiveDateTime,
) -> Result<usize, StoreError> {
    let (after, until) =
        if from_backup { (0, hold.last_mail.0.min(up_to.0)) } else { (hold.last_mail.0, up_to.0) };
    let waiting: Vec<i64> = mails::table
        .filter(mails::state.eq(MailState::Pending.code()))
        .filter(mails::kind.eq(kind.code()))
        .filter(mails::id.gt(after))
        .filter(mails::id.le(until))
        .select(mails::id)
        .load(conn.0)?;
    for id in &waiting {
        diesel::update(mails::table.find(id))
            .set((
                mails::state.eq(MailState::Failed.code()),
                mails::last_error.eq(reason),
                mails::updated_at.eq(now),
            ))
            .execute(conn.0)?;
        diesel::insert_into(discarded_mails::table)
            .values((discarded_mails::mail_id.eq(id), discarded_mails::discarded_at.eq(now)))
            .execute(conn.0)?;
    }
    Ok(waiting.len())
}

/// Ends the hold.
///
/// # Errors
/// `StoreError::Changed` when somebody was first.
pub fn end(
    conn: &mut Conn<'_>,
    by: AccountId,
    discarded: usize,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let ended = diesel::update(mail_holds::table.filter(mail_holds::ended_at.is_null()))
        .set((
            mail_holds::ended_at.eq(Some(now)),
            mail_holds::ended_by.eq(Some(by.0)),
            mail_holds::discarded.eq(Some(i64::try_from(discarded).unwrap_or(i64::MAX))),
        ))
        .execute(conn.0)?;
    if ended == 1 { Ok(()) } else { Err(StoreError::Changed) }
}
