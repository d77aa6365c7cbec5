//! Mails to holders that are held: all of them until the portal is live, and those to somebody who was never invited.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::sql;
use diesel::sql_types::Text;

use super::year_notices::{self, YearNoticeKind};
use crate::domain::codes::{Stored, codes_of};
use crate::domain::ids::{AccountId, CertificateId, MailId};
use crate::domain::notices::delivery::MailState;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::store::engine::prelude::*;
use crate::store::schema::{
    certificates, discarded_mails, grants_told, holder_mail_holds, mails, notices_about_years as notices,
};
use crate::store::{Conn, StoreError};

/// Where a page or a command says how many mails, or other things, wait, they are counted up to so many.
pub const MOST_COUNTED: i64 = 100_000;

/// A hold of mails to holders that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HolderHold {
    /// Since when (UTC); none when it began with the portal.
    pub held_at: Option<NaiveDateTime>,
    /// Who said so; none when it began with the portal, or by a command.
    pub held_by: Option<AccountId>,
}

/// Mails of one kind that are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldKind {
    /// The notice's kind.
    pub kind: Stored<NoticeKind>,
    /// How many.
    pub mails: i64,
    /// When the first of them was written (UTC).
    pub oldest: NaiveDateTime,
    /// When the last of them was written (UTC).
    pub newest: NaiveDateTime,
}

/// A mail to one person that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldMail {
    /// The mail.
    pub id: MailId,
    /// The notice's kind.
    pub kind: Stored<NoticeKind>,
    /// When it was written (UTC).
    pub created_at: NaiveDateTime,
}

/// Waiting mails to holders, said literally: a bound value would keep the partial index from serving it.
fn to_holders() -> Literally {
    literally(
        "mails.state = 'pending' AND mails.to_holder = 1",
        "mails.state = 'pending' AND mails.to_holder",
    )
}

/// Those of them whose recipient was never invited.
fn to_uninvited() -> Literally {
    literally(
        "mails.state = 'pending' AND mails.uninvited = 1",
        "mails.state = 'pending' AND mails.uninvited",
    )
}

/// The hold in force; none when the portal is live.
pub fn in_force(conn: &mut Conn<'_>) -> Result<Option<HolderHold>, StoreError> {
    let row: Option<(Option<NaiveDateTime>, Option<i64>)> = holder_mail_holds::table
        .filter(holder_mail_holds::ended_at.is_null())
        .select((holder_mail_holds::held_at, holder_mail_holds::held_by))
        .first(conn.0)
        .optional()?;
    Ok(row.map(|(held_at, by)| HolderHold { held_at, held_by: by.map(AccountId) }))
}

/// Whether mails to holders are held.
pub fn is_held(conn: &mut Conn<'_>) -> Result<bool, StoreError> {
    let open = holder_mail_holds::table.filter(holder_mail_holds::ended_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(open.select(holder_mail_holds::id))).get_result(conn.0)?)
}

/// Holds mails to holders from now on.
///
/// # Errors
/// `StoreError::Constraint` when they are held already.
pub fn begin(conn: &mut Conn<'_>, by: Option<AccountId>, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::insert_into(holder_mail_holds::table)
        .values((holder_mail_holds::held_at.eq(Some(now)), holder_mail_holds::held_by.eq(by.map(|id| id.0))))
        .execute(conn.0)?;
    Ok(())
}

/// Ends the hold.
///
/// # Errors
/// `StoreError::Changed` when somebody was first.
pub fn end(
    conn: &mut Conn<'_>,
    by: Option<AccountId>,
    discarded: usize,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let ended = diesel::update(holder_mail_holds::table.filter(holder_mail_holds::ended_at.is_null()))
        .set((
            holder_mail_holds::ended_at.eq(Some(now)),
            holder_mail_holds::ended_by.eq(by.map(|id| id.0)),
            holder_mail_holds::discarded.eq(Some(i64::try_from(discarded).unwrap_or(i64::MAX))),
        ))
        .execute(conn.0)?;
    if ended == 1 { Ok(()) } else { Err(StoreError::Changed) }
}

/// What would leave if the portal were live, by kind.
pub fn waiting(conn: &mut Conn<'_>) -> Result<Vec<HeldKind>, StoreError> {
    let rows: Vec<(String, i64, Option<NaiveDateTime>, Option<NaiveDateTime>)> = mails::table
        .filter(to_holders())
        .filter(mails::uninvited.eq(false))
        .group_by(mails::kind)
        .select((
            mails::kind,
            diesel::dsl::count_star(),
            diesel::dsl::min(mails::created_at),
            diesel::dsl::max(mails::created_at),
        ))
        .order(mails::kind)
        .load(conn.0)?;
    Ok(rows
        .into_iter()
        .filter_map(|(kind, mails, oldest, newest)| {
            Some(HeldKind { kind: Stored::of(kind), mails, oldest: oldest?, newest: newest? })
        })
        .collect())
}

/// How many mails wait until their recipient is invited, counted up to `most`.
pub fn uninvited_up_to(conn: &mut Conn<'_>, most: i64) -> Result<i64, StoreError> {
    let ids: Vec<i64> = mails::table.filter(to_uninvited()).select(mails::id).limit(most).load(conn.0)?;
    Ok(i64::try_from(ids.len()).unwrap_or(most))
}

/// How many mails are held, for whichever reason, counted up to `most`.
pub fn held_up_to(conn: &mut Conn<'_>, most: i64) -> Result<i64, StoreError> {
    if !is_held(conn)? {
        return uninvited_up_to(conn, most);
    }
    let ids: Vec<i64> = mails::table.filter(to_holders()).select(mails::id).limit(most).load(conn.0)?;
    Ok(i64::try_from(ids.len()).unwrap_or(most))
}

/// How many mails to holders were put aside since the hold in force began.
pub fn discarded_since_held(conn: &mut Conn<'_>) -> Result<usize, StoreError> {
    let Some(hold) = in_force(conn)? else { return Ok(0) };
    let count: i64 = boxed!(conn.0, Engine, first, {
        let mut query = discarded_mails::table
            .inner_join(mails::table.on(mails::id.eq(discarded_mails::mail_id)))
            .filter(mails::to_holder.eq(true))
            .select(diesel::dsl::count_star())
            .into_boxed::<Engine>();
        if let Some(since) = hold.held_at {
            query = query.filter(discarded_mails::discarded_at.ge(since));
        }
        query
    })?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// When the last hold ended (UTC); none when there was none.
pub fn last_ended(conn: &mut Conn<'_>) -> Result<Option<NaiveDateTime>, StoreError> {
    Ok(holder_mail_holds::table.select(diesel::dsl::max(holder_mail_holds::ended_at)).first(conn.0)?)
}

/// Lets the mails of somebody leave who may be written to from now on: from `now` on they are late when they do not leave.
pub fn let_leave(conn: &mut Conn<'_>, account: AccountId, now: NaiveDateTime) -> Result<(), StoreError> {
    let theirs = mails::table.filter(to_uninvited()).filter(mails::account_id.eq(account.0));
    diesel::update(theirs)
        .set((mails::uninvited.eq(false), mails::next_attempt_at.eq(now)))
        .execute(conn.0)?;
    Ok(())
}

/// Whether something waits until this person is invited.
pub fn waits_for_invitation(conn: &mut Conn<'_>, account: AccountId) -> Result<bool, StoreError> {
    let theirs = mails::table.filter(to_uninvited()).filter(mails::account_id.eq(account.0));
    Ok(diesel::select(diesel::dsl::exists(theirs.select(mails::id))).get_result(conn.0)?)
}

/// The held mails of one person of some kinds, from the first.
pub fn of_account(
    conn: &mut Conn<'_>,
    account: AccountId,
    kinds: &[NoticeKind],
) -> Result<Vec<HeldMail>, StoreError> {
    let rows: Vec<(i64, String, NaiveDateTime)> = mails::table
        .filter(mails::account_id.eq(account.0))
        .filter(to_holders())
        .filter(mails::kind.eq_any(codes_of(kinds)))
        .order(mails::id)
        .select((mails::id, mails::kind, mails::created_at))
        .load(conn.0)?;
    let mail = |(id, kind, created_at)| HeldMail { id: MailId(id), kind: Stored::of(kind), created_at };
    Ok(rows.into_iter().map(mail).collect())
}

/// People with held mails of some kinds that would leave if the portal were live, in order of their id, after `after`.
pub fn recipients(
    conn: &mut Conn<'_>,
    kinds: &[NoticeKind],
    after: AccountId,
    limit: i64,
) -> Result<Vec<AccountId>, StoreError> {
    // the plus keeps SQLite's index of kinds out of it: that of accounts gives them in order
    let ids: Vec<i64> = mails::table
        .filter(to_holders())
        .filter(mails::uninvited.eq(false))
        .filter(per_engine(sql::<Text>("+mails.kind"), sql::<Text>("mails.kind")).eq_any(codes_of(kinds)))
        .filter(mails::account_id.gt(after.0))
        .select(mails::account_id)
        .distinct()
        .order(mails::account_id)
        .limit(limit)
        .load(conn.0)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// The certification years that some reminders were about.
pub fn reminded_years(
    conn: &mut Conn<'_>,
    of: &[MailId],
) -> Result<Vec<(CertificateId, i64, NaiveDate)>, StoreError> {
    let ids: Vec<Option<i64>> = of.iter().map(|id| Some(id.0)).collect();
    let rows: Vec<(i64, i64, NaiveDate)> = notices::table
        .filter(notices::mail_id.eq_any(ids))
        .filter(notices::stage.is_not_null())
        .select((notices::certificate_id, notices::year, notices::deadline.assume_not_null()))
        .distinct()
        .load(conn.0)?;
    Ok(rows
        .into_iter()
        .map(|(certificate, year, deadline)| (CertificateId(certificate), year, deadline))
        .collect())
}

/// The certification years that a mail was about, other than a reminder.
pub fn told_years(conn: &mut Conn<'_>, mail: MailId) -> Result<Vec<(CertificateId, i64)>, StoreError> {
    year_notices::years_of_mail(conn, mail, YearNoticeKind::Mail)
}

/// Records which certificate a mail congratulates on.
pub fn record_grant(conn: &mut Conn<'_>, mail: MailId, certificate: CertificateId) -> Result<(), StoreError> {
    diesel::insert_into(grants_told::table)
        .values((grants_told::mail_id.eq(mail.0), grants_told::certificate_id.eq(certificate.0)))
        .execute(conn.0)?;
    Ok(())
}

/// Whether the certificate that a mail congratulates on is in force still.
pub fn grant_stands(conn: &mut Conn<'_>, mail: MailId) -> Result<bool, StoreError> {
    let ended = certificates::table
        .filter(certificates::decertified_on.is_not_null())
        .filter(certificates::id.eq_any(
            grants_told::table.filter(grants_told::mail_id.eq(mail.0)).select(grants_told::certificate_id),
        ))
        .select(certificates::id);
    Ok(!diesel::select(diesel::dsl::exists(ended)).get_result::<bool>(conn.0)?)
}

/// Writes a mail anew that has not left: its words, and the day they are of.
///
/// # Errors
/// `StoreError::Changed` when it does not wait any more.
pub fn rewrite(
    conn: &mut Conn<'_>,
    id: MailId,
    (subject, text, html): (&str, &str, &str),
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let waits = mails::table.find(id.0).filter(mails::state.eq(MailState::Pending.code()));
    let changed = diesel::update(waits)
        .set((
            mails::subject.eq(subject),
            mails::body_text.eq(text),
            mails::body_html.eq(html),
            mails::created_at.eq(now),
            mails::updated_at.eq(now),
        ))
        .execute(conn.0)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Changed) }
}

/// Decides that a waiting mail is not sent. It stays in the log with the reason.
pub fn discard(conn: &mut Conn<'_>, id: MailId, reason: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    let waits = mails::table.find(id.0).filter(mails::state.eq(MailState::Pending.code()));
    let discarded = diesel::update(waits)
        .set((
            mails::state.eq(MailState::Failed.code()),
            mails::last_error.eq(reason),
            mails::updated_at.eq(now),
        ))
        .execute(conn.0)?;
    if discarded == 1 {
        diesel::insert_into(discarded_mails::table)
            .values((discarded_mails::mail_id.eq(id.0), discarded_mails::discarded_at.eq(now)))
            .execute(conn.0)?;
    }
    Ok(())
}

/// The held mails of one kind up to `up_to`, of people who were invited.
pub fn of_kind(
    conn: &mut Conn<'_>,
    kind: &Stored<NoticeKind>,
    up_to: MailId,
) -> Result<Vec<MailId>, StoreError> {
    let ids: Vec<i64> = mails::table
        .filter(to_holders())
        .filter(mails::uninvited.eq(false))
        .filter(mails::kind.eq(kind.code()))
        .filter(mails::id.le(up_to.0))
        .order(mails::id)
        .select(mails::id)
        .load(conn.0)?;
    Ok(ids.into_iter().map(MailId).collect())
}
