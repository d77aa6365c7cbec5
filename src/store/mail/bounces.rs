//! Mails that came back, as staff noted them or a mail server reported, and those that our own mail server refused because of their
//! address.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use crate::domain::codes::codes;
use crate::domain::ids::{AccountId, MailId};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, bounces, delivery_reports, mails};
use crate::store::{Conn, StoreError};

codes! {
    /// How a bounce was looked after.
    pub enum Resolution {
        /// The mail was sent again.
        SentAgain = "sent_again",
        /// Its recipient has another address now.
        AddressChanged = "address_changed",
        /// A person says that nothing is to be done.
        PutAway = "put_away",
    }
}

/// A mail that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// The mail.
    pub mail: MailId,
    /// Its recipient.
    pub account: AccountId,
    /// The address it went to.
    pub address: String,
    /// What the message about it said.
    pub words: String,
    /// Who noted it, by name; none when the mail server refused it at once, or a report told it.
    pub noted_by: Option<String>,
    /// A mail server reported it after it had left.
    pub reported: bool,
    /// When (UTC).
    pub noted_at: NaiveDateTime,
    /// When its recipient said that the address is right (UTC).
    pub confirmed_at: Option<NaiveDateTime>,
    /// When it was looked after (UTC).
    pub resolved_at: Option<NaiveDateTime>,
}

/// Notes that a mail came back.
///
/// # Errors
/// `StoreError::Constraint` when that is noted already.
pub fn note(
    conn: &mut Conn<'_>,
    mail: MailId,
    account: AccountId,
    address: &str,
    words: &str,
    by: AccountId,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(bounces::table)
        .values((
            bounces::mail_id.eq(mail.0),
            bounces::account_id.eq(account.0),
            bounces::address.eq(address),
            bounces::words.eq(words),
            bounces::noted_by.eq(Some(by.0)),
            bounces::noted_at.eq(now),
        ))
        .execute(conn.0)?;
    resolve_of_old_address(conn, mail, account.0, now)
}

/// What came back from an address that its recipient has left is looked after already: nobody is asked whether it is right.
fn resolve_of_old_address(
    conn: &mut Conn<'_>,
    mail: MailId,
    account: i64,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let sent_to: String = mails::table.find(mail.0).select(mails::to_address).first(conn.0)?;
    let present: String = accounts::table.find(account).select(accounts::email).first(conn.0)?;
    if sent_to != present {
        resolve(conn, mail, Resolution::AddressChanged, now)?;
    }
    Ok(())
}

/// Notes that the mail server refused a mail because of its address: it came back before it left.
pub fn note_refused(
    conn: &mut Conn<'_>,
    mail: MailId,
    words: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    note_by_nobody(conn, mail, words, false, now)?;
    Ok(())
}

/// Notes that a mail server reported that a mail came back. Gives whether that was not known yet.
pub fn note_reported(
    conn: &mut Conn<'_>,
    mail: MailId,
    words: &str,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    note_by_nobody(conn, mail, words, true, now)
}

/// Notes that a report about a mail was read. Gives whether it had not been read before, in whichever way it came.
pub fn note_reading(
    conn: &mut Conn<'_>,
    mail: MailId,
    report: &str,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    let read = diesel::insert_into(delivery_reports::table)
        .values((
            delivery_reports::mail_id.eq(mail.0),
            delivery_reports::report.eq(report),
            delivery_reports::read_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn.0)?;
    Ok(read == 1)
}

fn note_by_nobody(
    conn: &mut Conn<'_>,
    mail: MailId,
    words: &str,
    reported: bool,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    let (account, address): (i64, String) =
        mails::table.find(mail.0).select((mails::account_id, mails::to_address)).first(conn.0)?;
    // one that was sent again after it came back may be refused while that is still to be looked after
    let noted = diesel::insert_into(bounces::table)
        .values((
            bounces::mail_id.eq(mail.0),
            bounces::account_id.eq(account),
            bounces::address.eq(address),
            bounces::words.eq(words),
            bounces::noted_at.eq(now),
            bounces::reported.eq(reported),
        ))
        .on_conflict_do_nothing()
        .execute(conn.0)?;
    resolve_of_old_address(conn, mail, account, now)?;
    Ok(noted == 1)
}

#[derive(Queryable)]
struct Row {
    mail: i64,
    account: i64,
    address: String,
    words: String,
    noted_by: Option<String>,
    reported: bool,
    noted_at: NaiveDateTime,
    confirmed_at: Option<NaiveDateTime>,
    resolved_at: Option<NaiveDateTime>,
}

fn bounce(row: Row) -> Bounce {
    let Row { mail, account, address, words, noted_by, reported, noted_at, confirmed_at, resolved_at } = row;
    Bounce {
        mail: MailId(mail),
        account: AccountId(account),
        address,
        words,
        noted_by,
        reported,
        noted_at,
        confirmed_at,
        resolved_at,
    }
}

macro_rules! columns {
    () => {
        (
            bounces::mail_id,
            bounces::account_id,
            bounces::address,
            bounces::words,
            accounts::name.nullable(),
            bounces::reported,
            bounces::noted_at,
            bounces::confirmed_at,
            bounces::resolved_at,
        )
    };
}

/// The latest bounce of a mail.
pub fn latest(conn: &mut Conn<'_>, mail: MailId) -> Result<Option<Bounce>, StoreError> {
    let row: Option<Row> = bounces::table
        .left_join(accounts::table.on(accounts::id.nullable().eq(bounces::noted_by)))
        .filter(bounces::mail_id.eq(mail.0))
        .order(bounces::id.desc())
        .select(columns!())
        .first(conn.0)
        .optional()?;
    Ok(row.map(bounce))
}

/// The latest open bounce of somebody, if there is one.
pub fn open_of(conn: &mut Conn<'_>, account: AccountId) -> Result<Option<Bounce>, StoreError> {
    let row: Option<Row> = bounces::table
        .left_join(accounts::table.on(accounts::id.nullable().eq(bounces::noted_by)))
        .filter(bounces::account_id.eq(account.0))
        .filter(bounces::resolved_at.is_null())
        .order(bounces::id.desc())
        .select(columns!())
        .first(conn.0)
        .optional()?;
    Ok(row.map(bounce))
}

/// Those of some people whose mail came back, and that nobody has looked after yet.
pub fn open_among(conn: &mut Conn<'_>, accounts: &[AccountId]) -> Result<BTreeSet<AccountId>, StoreError> {
    let ids: Vec<i64> = accounts.iter().map(|id| id.0).collect();
    let open: Vec<i64> = bounces::table
        .filter(bounces::account_id.eq_any(ids))
        .filter(bounces::resolved_at.is_null())
        .select(bounces::account_id)
        .load(conn.0)?;
    Ok(open.into_iter().map(AccountId).collect())
}

/// How many bounces are open that somebody noted or a report told, up to `most`: what the mail server refused counts as failed already.
pub fn open_up_to(conn: &mut Conn<'_>, most: i64) -> Result<i64, StoreError> {
    let open: Vec<i64> = bounces::table
        .filter(bounces::noted_by.is_not_null().or(bounces::reported))
        .filter(bounces::resolved_at.is_null())
        .select(bounces::mail_id)
        .limit(most)
        .load(conn.0)?;
    Ok(i64::try_from(open.len()).unwrap_or(most))
}

/// Records that a recipient says the address is right. Gives whether there was anything to say it about.
pub fn confirm(conn: &mut Conn<'_>, account: AccountId, now: NaiveDateTime) -> Result<bool, StoreError> {
    let open = bounces::table
        .filter(bounces::account_id.eq(account.0))
        .filter(bounces::resolved_at.is_null())
        .filter(bounces::confirmed_at.is_null());
    Ok(diesel::update(open).set(bounces::confirmed_at.eq(Some(now))).execute(conn.0)? > 0)
}

/// Looks after the bounce of one mail. Gives whether one was open.
pub fn resolve(
    conn: &mut Conn<'_>,
    mail: MailId,
    how: Resolution,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    let open = bounces::table.filter(bounces::mail_id.eq(mail.0)).filter(bounces::resolved_at.is_null());
    let resolved = (bounces::resolved_at.eq(Some(now)), bounces::resolution.eq(Some(how.code())));
    Ok(diesel::update(open).set(resolved).execute(conn.0)? > 0)
}

/// Looks after every bounce of somebody whose address has changed.
pub fn address_changed(
    conn: &mut Conn<'_>,
    account: AccountId,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let open =
        bounces::table.filter(bounces::account_id.eq(account.0)).filter(bounces::resolved_at.is_null());
    let how = Resolution::AddressChanged.code();
    diesel::update(open)
        .set((bounces::resolved_at.eq(Some(now)), bounces::resolution.eq(Some(how))))
        .execute(conn.0)?;
    Ok(())
}
