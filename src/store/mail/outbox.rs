//! The outbox: mails written with their cause, delivered by a job in stages.

use chrono::NaiveDateTime;

use super::holder_holds;
use super::outbox_delivery::{leaving, pending};
use crate::domain::codes::codes_of;
use crate::domain::ids::{AccountId, MailId};
use crate::domain::notices::delivery::{MailState, is_to_holder};
use crate::domain::notices::notice_kind::NoticeKind;
use crate::domain::roles::Role;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, mails};
use crate::store::{Conn, StoreError};

/// A mail to be written into the outbox.
#[derive(Clone, Debug)]
pub struct NewMail<'a> {
    /// Who gets it.
    pub account: AccountId,
    /// The notice's kind.
    pub kind: NoticeKind,
    /// The recipient's name.
    pub to_name: &'a str,
    /// The recipient's address.
    pub to_address: &'a str,
    /// Subject; no personal data.
    pub subject: &'a str,
    /// The text body.
    pub text: &'a str,
    /// The same as HTML.
    pub html: &'a str,
    /// Fixed for good, so that a receiver can tell a repetition.
    pub message_id: &'a str,
}

/// Writes a mail into the outbox, to be delivered as soon as its cause has committed. One to a holder waits for the portal to be live
/// and for its recipient to be invited.
///
/// # Errors
/// `StoreError::Constraint` when the Message-ID is in use.
pub fn add(conn: &mut Conn<'_>, mail: &NewMail<'_>, now: NaiveDateTime) -> Result<MailId, StoreError> {
    let (role, invited): (String, bool) = accounts::table
        .find(mail.account.0)
        .select((
            accounts::role,
            accounts::password_hash.is_not_null().or(accounts::invited_at.is_not_null()),
        ))
        .first(conn.0)?;
    let role = Role::from_code(&role).ok_or(StoreError::Unreadable("accounts.role"))?;
    let to_holder = is_to_holder(mail.kind, role);
    let id = diesel::insert_into(mails::table)
        .values((
            mails::account_id.eq(mail.account.0),
            mails::kind.eq(mail.kind.code()),
            mails::to_name.eq(mail.to_name),
            mails::to_address.eq(mail.to_address),
            mails::subject.eq(mail.subject),
            mails::body_text.eq(mail.text),
            mails::body_html.eq(mail.html),
            mails::message_id.eq(mail.message_id),
            mails::state.eq(MailState::Pending.code()),
            mails::attempts.eq(0),
            mails::next_attempt_at.eq(now),
            mails::created_at.eq(now),
            mails::updated_at.eq(now),
            mails::to_holder.eq(to_holder),
            mails::uninvited.eq(to_holder && !invited),
        ))
        .returning(mails::id)
        .get_result(conn.0)?;
    Ok(MailId(id))
}

/// Sends what has yet to leave for one person to their new address. What is about the old address stays with it: that it was changed, and
/// links that do not work any more.
pub fn readdress(
    conn: &mut Conn<'_>,
    account: AccountId,
    (name, address): (&str, &str),
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::update(
        mails::table
            .filter(mails::account_id.eq(account.0))
            .filter(pending())
            .filter(mails::kind.ne(NoticeKind::AccountChanged.code()))
            .filter(mails::kind.ne_all(codes_of(&NoticeKind::SECRET))),
    )
    .set((mails::to_name.eq(name), mails::to_address.eq(address), mails::updated_at.eq(now)))
    .execute(conn.0)?;
    Ok(())
}

/// Since when the oldest mail could leave that has yet to (UTC): since it was written, or since what held it ended.
pub fn oldest_waiting(conn: &mut Conn<'_>) -> Result<Option<NaiveDateTime>, StoreError> {
    let leaving = leaving(conn)?;
    let oldest: Option<(NaiveDateTime, NaiveDateTime, i64, bool)> = mails::table
        .filter(leaving)
        .order(mails::id)
        .select((mails::created_at, mails::next_attempt_at, mails::attempts, mails::to_holder))
        .first(conn.0)
        .optional()?;
    let Some((written, first_try, attempts, to_holder)) = oldest else { return Ok(None) };
    // a first try is due when the mail may leave; a later one says nothing about that
    let since = if attempts == 0 { written.max(first_try) } else { written };
    let held_until = if to_holder { holder_holds::last_ended(conn)? } else { None };
    Ok(Some(held_until.map_or(since, |ended| since.max(ended))))
}

/// How many mails have yet to leave, held ones among them, counted up to `most`.
pub fn waiting_up_to(conn: &mut Conn<'_>, most: i64) -> Result<i64, StoreError> {
    let ids: Vec<i64> = mails::table.filter(pending()).select(mails::id).limit(most).load(conn.0)?;
    Ok(i64::try_from(ids.len()).unwrap_or(most))
}
