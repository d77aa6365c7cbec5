//! Who on staff said that they know which holder.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;

use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, HolderId};
use crate::domain::roles::Role;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, acquaintances, history};
use crate::store::{Conn, StoreError};

/// Somebody on staff knows a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acquaintance {
    /// Who.
    pub reviewer: AccountId,
    /// Their name.
    pub name: String,
    /// What they said about it; empty when they said nothing.
    pub reason: String,
    /// Since when (UTC).
    pub declared_at: NaiveDateTime,
}

/// Those who know a holder, in the order in which they said so.
pub fn of_holder(conn: &mut Conn<'_>, holder: HolderId) -> Result<Vec<Acquaintance>, StoreError> {
    let rows: Vec<(i64, String, String, NaiveDateTime)> = acquaintances::table
        .inner_join(accounts::table.on(acquaintances::reviewer_id.eq(accounts::id)))
        .filter(acquaintances::holder_id.eq(holder.0))
        .filter(acquaintances::ended_at.is_null())
        .order(acquaintances::id)
        .select((
            acquaintances::reviewer_id,
            accounts::name,
            acquaintances::reason,
            acquaintances::declared_at,
        ))
        .load(conn.0)?;
    Ok(rows
        .into_iter()
        .map(|(reviewer, name, reason, declared_at)| Acquaintance {
            reviewer: AccountId(reviewer),
            name,
            reason,
            declared_at,
        })
        .collect())
}

/// Those who know a holder.
pub fn known_by(conn: &mut Conn<'_>, holder: HolderId) -> Result<Vec<AccountId>, StoreError> {
    let ids: Vec<i64> = acquaintances::table
        .filter(acquaintances::holder_id.eq(holder.0))
        .filter(acquaintances::ended_at.is_null())
        .order(acquaintances::reviewer_id)
        .select(acquaintances::reviewer_id)
        .load(conn.0)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// The holders whom somebody knows.
pub fn known_to(conn: &mut Conn<'_>, reviewer: AccountId) -> Result<BTreeSet<HolderId>, StoreError> {
    let ids: Vec<i64> = acquaintances::table
        .filter(acquaintances::reviewer_id.eq(reviewer.0))
        .filter(acquaintances::ended_at.is_null())
        .select(acquaintances::holder_id)
        .load(conn.0)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// The names of the administrators who could decide about a holder beside somebody: who can sign in, is neither of the two, and has not said
/// that they know the holder.
pub fn impartial_administrators(
    conn: &mut Conn<'_>,
    beside: AccountId,
    holder: HolderId,
) -> Result<Vec<String>, StoreError> {
    let known = acquaintances::table
        .filter(acquaintances::reviewer_id.eq(accounts::id))
        .filter(acquaintances::holder_id.eq(holder.0))
        .filter(acquaintances::ended_at.is_null());
    Ok(accounts::table
        .filter(accounts::role.eq(Role::Administrator.code()))
        .filter(accounts::deactivated_at.is_null())
        .filter(accounts::password_hash.is_not_null())
        .filter(accounts::id.ne(beside.0))
        .filter(accounts::id.ne(holder.0))
        .filter(diesel::dsl::not(diesel::dsl::exists(known)))
        .order((accounts::name_fold, accounts::id))
        .select(accounts::name)
        .load(conn.0)?)
}

/// Whether somebody else could decide about a holder than a person: an impartial administrator, or one whom that person put out of the way
/// since a moment (UTC), so that nobody makes themselves the only one who is left.
pub fn others_could(
    conn: &mut Conn<'_>,
    person: AccountId,
    holder: HolderId,
    since: NaiveDateTime,
) -> Result<bool, StoreError> {
    if !impartial_administrators(conn, person, holder)?.is_empty() {
        return Ok(true);
    }
    let administrator = Role::Administrator.code();
    let demoted = history::event
        .eq(HistoryEvent::RoleChanged.code())
        .and(history::detail.like(format!("from {administrator} to %")));
    let closed = history::event.eq(HistoryEvent::AccountClosed.code()).and(accounts::role.eq(administrator));
    let put_out = history::table
        .inner_join(accounts::table.on(history::holder_id.eq(accounts::id.nullable())))
        .filter(history::actor_id.eq(person.0))
        .filter(history::at.ge(since))
        .filter(accounts::id.ne(person.0))
        .filter(accounts::id.ne(holder.0))
        .filter(accounts::password_hash.is_not_null())
        .filter(demoted.or(closed));
    Ok(diesel::select(diesel::dsl::exists(put_out)).get_result(conn.0)?)
}

/// Records that somebody knows a holder.
///
/// # Errors
/// `StoreError::Constraint` when they have said so already.
pub fn declare(
    conn: &mut Conn<'_>,
    reviewer: AccountId,
    holder: HolderId,
    reason: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(acquaintances::table)
        .values((
            acquaintances::reviewer_id.eq(reviewer.0),
            acquaintances::holder_id.eq(holder.0),
            acquaintances::reason.eq(reason),
            acquaintances::declared_at.eq(now),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// Records that it is over. Gives whether it was in force.
pub fn end(
    conn: &mut Conn<'_>,
    reviewer: AccountId,
    holder: HolderId,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    let in_force = acquaintances::table
        .filter(acquaintances::reviewer_id.eq(reviewer.0))
        .filter(acquaintances::holder_id.eq(holder.0))
        .filter(acquaintances::ended_at.is_null());
    Ok(diesel::update(in_force).set(acquaintances::ended_at.eq(now)).execute(conn.0)? > 0)
}
