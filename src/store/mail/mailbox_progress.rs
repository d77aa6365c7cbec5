//! How far a mailbox is read to which mails come back, and since when it cannot be read.

use chrono::NaiveDateTime;

use crate::store::engine::prelude::*;
use crate::store::schema::bounce_mailboxes;
use crate::store::{Conn, StoreError};

/// A message of a mailbox: its number, and the validity of that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MailboxPlace {
    /// Of the folder: with another one its numbers begin anew.
    pub uid_validity: u32,
    /// The message's number; 0 before the first one.
    pub uid: u32,
}

/// What is known of a mailbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailboxProgress {
    /// The last message that was read.
    pub place: MailboxPlace,
    /// A report that is done with, and perhaps not marked as read yet.
    pub to_mark: Option<u32>,
    /// When it was last read to its end (UTC).
    pub read_at: Option<NaiveDateTime>,
    /// Since when it cannot be read (UTC).
    pub failing_since: Option<NaiveDateTime>,
    /// The message at which reading ended too early, and how often in a row.
    pub hindrance: Option<(u32, i64)>,
}

#[derive(Queryable)]
struct Row {
    _mailbox: String,
    uid_validity: i64,
    last_uid: i64,
    to_mark: Option<i64>,
    read_at: Option<NaiveDateTime>,
    failing_since: Option<NaiveDateTime>,
    hindering_uid: Option<i64>,
    hindered: i64,
}

/// What is known of a mailbox; nothing before its first reading.
pub fn find(conn: &mut Conn<'_>, mailbox: &str) -> Result<Option<MailboxProgress>, StoreError> {
    let row: Option<Row> = bounce_mailboxes::table.find(mailbox).first(conn.0).optional()?;
    // a number that none can be was written by nobody: it is read again from the beginning, which does no harm
    let number = |stored: i64| u32::try_from(stored).unwrap_or_default();
    Ok(row.map(|row| MailboxProgress {
        place: MailboxPlace { uid_validity: number(row.uid_validity), uid: number(row.last_uid) },
        to_mark: row.to_mark.map(number),
        read_at: row.read_at,
        failing_since: row.failing_since,
        hindrance: row.hindering_uid.map(|uid| (number(uid), row.hindered)),
    }))
}

/// Records that a mailbox is read up to a message. `to_mark` is a report that is to be marked as read afterwards. Gives whether it was not
/// read so far already.
pub fn reach(
    conn: &mut Conn<'_>,
    mailbox: &str,
    place: MailboxPlace,
    to_mark: Option<u32>,
) -> Result<bool, StoreError> {
    begin(conn, mailbox)?;
    let known = find(conn, mailbox)?.unwrap_or_default().place;
    let same_numbers = known.uid_validity == place.uid_validity;
    if same_numbers && known.uid >= place.uid {
        return Ok(false);
    }
    if !same_numbers {
        // how often a message could not be read belongs to its number
        forget_hindrance(conn, mailbox)?;
    }
    diesel::update(bounce_mailboxes::table.find(mailbox))
        .set((
            bounce_mailboxes::uid_validity.eq(i64::from(place.uid_validity)),
            bounce_mailboxes::last_uid.eq(i64::from(place.uid)),
            bounce_mailboxes::to_mark.eq(to_mark.map(i64::from)),
        ))
        .execute(conn.0)?;
    Ok(true)
}

/// Records that a report is marked as read, or that it is not tried any more: what cannot be marked is done with all the same.
pub fn forget_mark(conn: &mut Conn<'_>, mailbox: &str) -> Result<(), StoreError> {
    diesel::update(bounce_mailboxes::table.find(mailbox))
        .set(bounce_mailboxes::to_mark.eq(None::<i64>))
        .execute(conn.0)?;
    Ok(())
}

/// Records that a mailbox was read to its end, and everything marked.
pub fn finish(conn: &mut Conn<'_>, mailbox: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    begin(conn, mailbox)?;
    forget_hindrance(conn, mailbox)?;
    diesel::update(bounce_mailboxes::table.find(mailbox))
        .set((
            bounce_mailboxes::to_mark.eq(None::<i64>),
            bounce_mailboxes::read_at.eq(Some(now)),
            bounce_mailboxes::failing_since.eq(None::<NaiveDateTime>),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// Records that a mailbox could not be read, and at which message that was, if it was at one. A mailbox that could not even be opened says
/// nothing about the message at which reading ended before.
pub fn fail(
    conn: &mut Conn<'_>,
    mailbox: &str,
    at: Option<u32>,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    begin(conn, mailbox)?;
    let known = find(conn, mailbox)?.unwrap_or_default();
    let hindrance = match (known.hindrance, at) {
        (known, None) => known,
        (Some((uid, times)), Some(at)) if uid == at => Some((at, times + 1)),
        (_, Some(at)) => Some((at, 1)),
    };
    diesel::update(bounce_mailboxes::table.find(mailbox))
        .set((
            bounce_mailboxes::failing_since.eq(Some(known.failing_since.unwrap_or(now))),
            bounce_mailboxes::hindering_uid.eq(hindrance.map(|(uid, _)| i64::from(uid))),
            bounce_mailboxes::hindered.eq(hindrance.map_or(0, |(_, times)| times)),
        ))
        .execute(conn.0)?;
    Ok(())
}

fn forget_hindrance(conn: &mut Conn<'_>, mailbox: &str) -> Result<(), StoreError> {
    diesel::update(bounce_mailboxes::table.find(mailbox))
        .set((bounce_mailboxes::hindering_uid.eq(None::<i64>), bounce_mailboxes::hindered.eq(0)))
        .execute(conn.0)?;
    Ok(())
}

fn begin(conn: &mut Conn<'_>, mailbox: &str) -> Result<(), StoreError> {
    diesel::insert_into(bounce_mailboxes::table)
        .values(bounce_mailboxes::mailbox.eq(mailbox))
        .on_conflict_do_nothing()
        .execute(conn.0)?;
    Ok(())
}
