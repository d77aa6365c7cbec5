//! Sessions: who is signed in where. Only the hash of a session's token is kept.
//!
//! An ordinary session ends when it was not used for a while, and the day after the sign-in at the latest. A session that is kept on a device
//! ends at a moment that was fixed at the sign-in, however much it is used, and is in force only while its account is a holder's.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::{exists, sql};
use diesel::sql_types::{BigInt, Text};

use super::list_density::ListDensity;
use super::{Account, AccountRow};
use crate::domain::ids::AccountId;
use crate::domain::roles::Role;
use crate::store::engine::codes::read;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, certificates, mail_holds, past_sessions, sessions};
use crate::store::{Conn, StoreError};

/// An ordinary session ends after this many hours without a request.
pub const IDLE_HOURS: i64 = 2;
/// An ordinary session ends this many hours after the sign-in, whatever happens in it.
pub const ABSOLUTE_HOURS: i64 = 12;
/// A session that is kept on a device ends this many days after the sign-in, whatever happens in it.
pub const KEPT_DAYS: i64 = 30;

/// When sessions end that are in force at a moment.
#[derive(Clone, Copy)]
struct Limits {
    /// An ordinary session that began then is over.
    began: NaiveDateTime,
    /// An ordinary session that was used last then is over.
    seen: NaiveDateTime,
    now: NaiveDateTime,
}

impl Limits {
    fn at(now: NaiveDateTime) -> Self {
        let ago = |hours| now - TimeDelta::hours(hours);
        Self { began: ago(ABSOLUTE_HOURS), seen: ago(IDLE_HOURS), now }
    }

    /// Whether a session of these moments is in force.
    fn admit(self, began: NaiveDateTime, seen: NaiveDateTime, kept_until: Option<NaiveDateTime>) -> bool {
        match kept_until {
            Some(until) => until > self.now,
            None => began > self.began && seen > self.seen,
        }
    }
}

/// The condition that [`Limits::admit`] is, for the database. The role stands beside it: whoever is staff is kept signed in nowhere.
macro_rules! in_force {
    ($limits:expr) => {{
        let Limits { began, seen, now } = $limits;
        let holder = accounts::role.eq(Role::Holder.code());
        let kept = sessions::kept_until.is_not_null().and(sessions::kept_until.assume_not_null().gt(now));
        let ordinary = sessions::created_at.gt(began).and(sessions::seen_at.gt(seen));
        kept.and(holder).or(sessions::kept_until.is_null().and(ordinary))
    }};
}

/// A session in force, with the account it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its identity.
    pub id: i64,
    /// Who is signed in.
    pub account: Account,
    /// Whether this person holds certificates, whatever the role.
    pub has_certificates: bool,
    /// The token that its forms carry.
    pub csrf_token: String,
    /// When it was last used (UTC), to some minutes.
    pub seen_at: NaiveDateTime,
    /// Whether mail is held after a restore: staff see it on every page.
    pub mail_held: bool,
    /// How this person wants lists; of use for staff.
    pub density: ListDensity,
    /// For staff: how many reports wait for review, counted up to [`MOST_WAITING`]. 0 for everybody else.
    pub waiting: i64,
    /// How many of those were given to this person, counted up to the same.
    pub given: i64,
}

/// Waiting reports are counted up to here for the menu: it stands on every page.
pub const MOST_WAITING: i64 = 100;

/// A session as its owner sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = sessions)]
pub struct ListedSession {
    /// Its identity.
    pub id: i64,
    /// What the browser calls itself.
    pub browser: String,
    /// When it began (UTC).
    pub created_at: NaiveDateTime,
    /// When it was last used (UTC), to some minutes.
    pub seen_at: NaiveDateTime,
    /// Until when it is kept on its device (UTC); an ordinary one has no such moment.
    pub kept_until: Option<NaiveDateTime>,
}

/// A session that begins.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// Whose.
    pub account: AccountId,
    /// The hash of its token.
    pub token_hash: &'a str,
    /// The token that its forms carry.
    pub csrf_token: &'a str,
    /// What the browser calls itself.
    pub browser: &'a str,
    /// Until when it is kept on its device (UTC); an ordinary one has no such moment.
    pub kept_until: Option<NaiveDateTime>,
}

/// Begins a session.
pub fn add(conn: &mut Conn<'_>, session: &NewSession<'_>, now: NaiveDateTime) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(sessions::table)
        .values((
            sessions::account_id.eq(session.account.0),
            sessions::token_hash.eq(session.token_hash),
            sessions::csrf_token.eq(session.csrf_token),
            sessions::browser.eq(session.browser),
            sessions::created_at.eq(now),
            sessions::seen_at.eq(now),
            sessions::kept_until.eq(session.kept_until),
        ))
        .returning(sessions::id)
        .get_result(conn.0)?)
}

/// The session of a token, if it is still in force and its account may sign in.
pub fn find(
    conn: &mut Conn<'_>,
    token_hash: &str,
    now: NaiveDateTime,
) -> Result<Option<Session>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        id: i64,
        csrf_token: String,
        seen_at: NaiveDateTime,
        account: AccountRow,
        has_certificates: bool,
        mail_held: bool,
        density: String,
        waiting: i64,
        given: i64,
    }
    let row: Option<Row> = sessions::table
        .inner_join(accounts::table)
        .filter(sessions::token_hash.eq(token_hash))
        .filter(in_force!(Limits::at(now)))
        .filter(accounts::deactivated_at.is_null())
        .select((
            sessions::id,
            sessions::csrf_token,
            sessions::seen_at,
            AccountRow::as_select(),
            exists(certificates::table.filter(certificates::holder_id.eq(accounts::id))),
            exists(mail_holds::table.filter(mail_holds::ended_at.is_null())),
            accounts::list_density,
            // only staff review; a count that stops early costs the same however much waits
            sql::<BigInt>("CASE WHEN accounts.role = ")
                .bind::<Text, _>(Role::Holder.code())
                .sql(
                    " THEN 0 ELSE (SELECT COUNT(*) FROM (SELECT 1 FROM activities WHERE queue_rank IS NOT NULL \
                     LIMIT ",
                )
                .bind::<BigInt, _>(MOST_WAITING)
                .sql(") AS waiting) END"),
            // an assignment ends with the verdict, so each of them waits
            sql::<BigInt>("(SELECT COUNT(*) FROM (SELECT 1 FROM assignments WHERE assignee_id = accounts.id LIMIT ")
                .bind::<BigInt, _>(MOST_WAITING)
                .sql(") AS given)"),
        ))
        .first(conn.0)
        .optional()?;
    row.map(|row| {
        Ok(Session {
            id: row.id,
            account: row.account.try_into()?,
            has_certificates: row.has_certificates,
            csrf_token: row.csrf_token,
            seen_at: row.seen_at,
            mail_held: row.mail_held,
            density: read(&row.density, "accounts.list_density")?,
            waiting: row.waiting,
            given: row.given,
        })
    })
    .transpose()
}

/// Records that a session was used.
pub fn touch(conn: &mut Conn<'_>, id: i64, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(sessions::table.find(id)).set(sessions::seen_at.eq(now)).execute(conn.0)?;
    Ok(())
}

/// The sessions of an account that are in force, the latest used first.
pub fn of_account(
    conn: &mut Conn<'_>,
    account: AccountId,
    now: NaiveDateTime,
) -> Result<Vec<ListedSession>, StoreError> {
    Ok(sessions::table
        .inner_join(accounts::table)
        .filter(sessions::account_id.eq(account.0))
        .filter(in_force!(Limits::at(now)))
        .select(ListedSession::as_select())
        .order((sessions::seen_at.desc(), sessions::id.desc()))
        .load(conn.0)?)
}

/// Ends one session of an account. Gives whether there was one.
pub fn end(conn: &mut Conn<'_>, account: AccountId, id: i64) -> Result<bool, StoreError> {
    let ended = diesel::delete(sessions::table.find(id).filter(sessions::account_id.eq(account.0)))
        .execute(conn.0)?;
    Ok(ended > 0)
}

/// Ends all sessions of an account but one.
pub fn end_all(conn: &mut Conn<'_>, account: AccountId, but: Option<i64>) -> Result<usize, StoreError> {
    // ids count from 1
    let kept = but.unwrap_or_default();
    Ok(diesel::delete(
        sessions::table.filter(sessions::account_id.eq(account.0)).filter(sessions::id.ne(kept)),
    )
    .execute(conn.0)?)
}

/// Removes sessions that are no longer in force. Gives their number.
pub fn clear_ended(conn: &mut Conn<'_>, now: NaiveDateTime) -> Result<usize, StoreError> {
    let Limits { began, seen, now } = Limits::at(now);
    let ordinary = sessions::created_at.le(began).or(sessions::seen_at.le(seen));
    let kept = sessions::kept_until.is_not_null().and(sessions::kept_until.assume_not_null().le(now));
    let ended = sessions::kept_until.is_null().and(ordinary).or(kept);
    Ok(diesel::delete(sessions::table.filter(ended)).execute(conn.0)?)
}

/// Whose forms carried a token, and whether that session is still in force. Sessions that have ended are remembered for a while.
pub fn of_form_token(
    conn: &mut Conn<'_>,
    csrf_token: &str,
    now: NaiveDateTime,
) -> Result<Option<(AccountId, bool)>, StoreError> {
    let there: Option<(i64, ListedSession)> = sessions::table
        .filter(sessions::csrf_token.eq(csrf_token))
        .select((sessions::account_id, ListedSession::as_select()))
        .first(conn.0)
        .optional()?;
    if let Some((account, found)) = there {
        let in_force = Limits::at(now).admit(found.created_at, found.seen_at, found.kept_until);
        return Ok(Some((AccountId(account), in_force)));
    }
    let past: Option<i64> =
        past_sessions::table.find(csrf_token).select(past_sessions::account_id).first(conn.0).optional()?;
    Ok(past.map(|account| (AccountId(account), false)))
}

/// Forgets whose forms carried the tokens of sessions last used before `moment`. Gives their number.
pub fn forget_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(past_sessions::table.filter(past_sessions::seen_at.lt(moment))).execute(conn.0)?)
}
