//! Accounts: people who can sign in, holders among them.

pub mod acquaintances;
pub mod calendar_feeds;
pub mod form_receipts;
pub mod list_density;
pub mod saved_forms;
pub mod sessions;
pub mod sign_in_failures;
pub mod tokens;
pub mod visits;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;

use super::mail::holder_holds;
use super::schema::accounts;
use super::{Conn, StoreError, containing, containing_exactly, fold};
use crate::domain::address;
use crate::domain::ids::AccountId;
use crate::domain::roles::{Actor, Role};
use crate::store::engine::prelude::*;

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its identity.
    pub id: AccountId,
    /// The address as it was given.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// What the account is for.
    pub role: Role,
    /// Whether a password has been set.
    pub has_password: bool,
    /// Whether it can no longer sign in.
    pub deactivated: bool,
    /// Counts up with every change.
    pub version: i64,
    /// When it was made (UTC).
    pub created_at: NaiveDateTime,
}

impl Account {
    /// The account as the rules see it.
    pub const fn actor(&self) -> Actor {
        Actor { id: self.id, role: self.role }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
pub(in crate::store) struct AccountRow {
    id: i64,
    email: String,
    name: String,
    role: String,
    password_hash: Option<String>,
    version: i64,
    created_at: NaiveDateTime,
    deactivated_at: Option<NaiveDateTime>,
}

impl TryFrom<AccountRow> for Account {
    type Error = StoreError;
    fn try_from(row: AccountRow) -> Result<Self, StoreError> {
        Ok(Account {
            id: AccountId(row.id),
            email: row.email,
            name: row.name,
            role: Role::from_code(&row.role).ok_or(StoreError::Unreadable("accounts.role"))?,
            has_password: row.password_hash.is_some(),
            deactivated: row.deactivated_at.is_some(),
            version: row.version,
            created_at: row.created_at,
        })
    }
}

/// An address as it is compared: see [`address`].
pub fn normal_email(email: &str) -> String {
    address::compared(email)
}

/// Adds an account without a password.
///
/// # Errors
/// `StoreError::Constraint` when the address has one already.
pub fn add(
    conn: &mut Conn<'_>,
    email: &str,
    name: &str,
    role: Role,
    now: NaiveDateTime,
) -> Result<AccountId, StoreError> {
    let id = diesel::insert_into(accounts::table)
        .values((
            accounts::email.eq(address::kept(email)),
            accounts::email_norm.eq(normal_email(email)),
            accounts::name.eq(name.trim()),
            accounts::name_fold.eq(fold(name)),
            accounts::role.eq(role.code()),
            accounts::version.eq(1),
            accounts::created_at.eq(now),
        ))
        .returning(accounts::id)
        .get_result(conn.0)?;
    Ok(AccountId(id))
}

/// The account, if there is one.
pub fn find(conn: &mut Conn<'_>, id: AccountId) -> Result<Option<Account>, StoreError> {
    accounts::table
        .find(id.0)
        .select(AccountRow::as_select())
        .first::<AccountRow>(conn.0)
        .optional()?
        .map(Account::try_from)
        .transpose()
}

/// Whether an account is closed. One that is not there is not closed.
pub fn is_closed(conn: &mut Conn<'_>, id: AccountId) -> Result<bool, StoreError> {
    let closed = accounts::table.find(id.0).filter(accounts::deactivated_at.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(closed)).get_result(conn.0)?)
}

/// Several accounts, in order of their id.
pub fn find_several(conn: &mut Conn<'_>, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
    accounts::table
        .filter(accounts::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
        .order(accounts::id)
        .select(AccountRow::as_select())
        .load::<AccountRow>(conn.0)?
        .into_iter()
        .map(Account::try_from)
        .collect()
}

/// Every account that is closed.
pub fn closed(conn: &mut Conn<'_>) -> Result<BTreeSet<AccountId>, StoreError> {
    let ids: Vec<i64> =
        accounts::table.filter(accounts::deactivated_at.is_not_null()).select(accounts::id).load(conn.0)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// The account of an address, compared without case and without what nobody sees. Where two accounts of earlier days differ in that alone,
/// whoever types theirs exactly gets theirs.
pub fn find_by_email(conn: &mut Conn<'_>, email: &str) -> Result<Option<Account>, StoreError> {
    let (as_typed, normal) = (address::compared_as_typed(email), normal_email(email));
    accounts::table
        .filter(accounts::email_norm.eq_any([&normal, &as_typed]))
        .order((accounts::email_norm.ne(&as_typed), accounts::id))
        .select(AccountRow::as_select())
        .first::<AccountRow>(conn.0)
        .optional()?
        .map(Account::try_from)
        .transpose()
}

/// The accounts of some addresses (as [`normal_email`] gives them).
pub fn of_emails(conn: &mut Conn<'_>, emails: &[String]) -> Result<Vec<Account>, StoreError> {
    accounts::table
        .filter(accounts::email_norm.eq_any(emails))
        .select(AccountRow::as_select())
        .load::<AccountRow>(conn.0)?
        .into_iter()
        .map(Account::try_from)
        .collect()
}

/// The accounts of some addresses (as [`normal_email`] gives them), by address.
pub fn ids_of_emails(
    conn: &mut Conn<'_>,
    emails: &[String],
) -> Result<BTreeMap<String, AccountId>, StoreError> {
    let rows: Vec<(String, i64)> = accounts::table
        .filter(accounts::email_norm.eq_any(emails))
        .select((accounts::email_norm, accounts::id))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(email, id)| (email, AccountId(id))).collect())
}

/// Gives an account another name.
pub fn rename(conn: &mut Conn<'_>, id: AccountId, name: &str) -> Result<(), StoreError> {
    diesel::update(accounts::table.find(id.0))
        .set((
            accounts::name.eq(name.trim()),
            accounts::name_fold.eq(fold(name)),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// The stored password hash of an account; `None` when it has none.
pub fn password_hash(conn: &mut Conn<'_>, id: AccountId) -> Result<Option<String>, StoreError> {
    Ok(accounts::table.find(id.0).select(accounts::password_hash).first(conn.0).optional()?.flatten())
}

/// Records that somebody was invited: from now on the portal may write to them.
pub fn set_invited(conn: &mut Conn<'_>, id: AccountId, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(accounts::table.find(id.0)).set(accounts::invited_at.eq(Some(now))).execute(conn.0)?;
    holder_holds::let_leave(conn, id, now)
}

/// Records that somebody who cannot sign in yet has no invitation that works.
pub fn forget_invitation(conn: &mut Conn<'_>, id: AccountId) -> Result<(), StoreError> {
    diesel::update(accounts::table.find(id.0).filter(accounts::password_hash.is_null()))
        .set(accounts::invited_at.eq(None::<NaiveDateTime>))
        .execute(conn.0)?;
    Ok(())
}

/// Gives an account another password. Whoever has one need not be invited.
pub fn set_password_hash(
    conn: &mut Conn<'_>,
    id: AccountId,
    hash: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    holder_holds::let_leave(conn, id, now)?;
    diesel::update(accounts::table.find(id.0))
        .set((accounts::password_hash.eq(hash), accounts::version.eq(accounts::version + 1)))
        .execute(conn.0)?;
    Ok(())
}

/// Gives an account another role, if nobody changed it since `version`.
///
/// # Errors
/// `StoreError::Changed`.
pub fn set_role(conn: &mut Conn<'_>, id: AccountId, version: i64, role: Role) -> Result<(), StoreError> {
    let changed = diesel::update(accounts::table.find(id.0).filter(accounts::version.eq(version)))
        .set((accounts::role.eq(role.code()), accounts::version.eq(version + 1)))
        .execute(conn.0)?;
    if changed == 0 { Err(StoreError::Changed) } else { Ok(()) }
}

/// Closes an account from `since` on, or opens it again with `None`, if nobody changed it since `version`.
///
/// # Errors
/// `StoreError::Changed`.
pub fn set_deactivated(
    conn: &mut Conn<'_>,
    id: AccountId,
    version: i64,
    since: Option<NaiveDateTime>,
) -> Result<(), StoreError> {
    let changed = diesel::update(accounts::table.find(id.0).filter(accounts::version.eq(version)))
        .set((accounts::deactivated_at.eq(since), accounts::version.eq(version + 1)))
        .execute(conn.0)?;
    if changed == 0 { Err(StoreError::Changed) } else { Ok(()) }
}

/// How many administrators can sign in, or could once they have a password.
pub fn administrators(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    Ok(accounts::table
        .filter(accounts::role.eq(Role::Administrator.code()))
        .filter(accounts::deactivated_at.is_null())
        .count()
        .get_result(conn.0)?)
}

/// Everybody on staff whose account is open, by name.
pub fn staff(conn: &mut Conn<'_>) -> Result<Vec<Account>, StoreError> {
    accounts::table
        .filter(accounts::role.ne(Role::Holder.code()))
        .filter(accounts::deactivated_at.is_null())
        .order((accounts::name_fold, accounts::id))
        .select(AccountRow::as_select())
        .load::<AccountRow>(conn.0)?
        .into_iter()
        .map(Account::try_from)
        .collect()
}

/// Where a page of accounts begins: after this name and identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountPlace {
    /// The folded name.
    pub name: String,
    /// The identity.
    pub id: AccountId,
}

impl AccountPlace {
    /// The place of an account.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        Self { name: fold(&account.name), id: account.id }
    }
}

/// Accounts by name, of one role or of all, found by a part of the name or the address.
pub fn list(
    conn: &mut Conn<'_>,
    search: &str,
    role: Option<Role>,
    after: Option<&AccountPlace>,
    limit: i64,
) -> Result<Vec<Account>, StoreError> {
    let rows: Vec<AccountRow> = boxed!(conn.0, Engine, load, {
        let mut query = accounts::table
            .select(AccountRow::as_select())
            .order((accounts::name_fold, accounts::id))
            .limit(limit)
            .into_boxed::<Engine>();
        if !search.trim().is_empty() {
            let address = containing_exactly(&normal_email(search));
            query = query.filter(
                accounts::name_fold
                    .like(containing(search))
                    .escape('\\')
                    .or(accounts::email_norm.like(address).escape('\\')),
            );
        }
        if let Some(role) = role {
            query = query.filter(accounts::role.eq(role.code()));
        }
        if let Some(after) = after {
            query = query.filter(
                accounts::name_fold
                    .gt(after.name.clone())
                    .or(accounts::name_fold.eq(after.name.clone()).and(accounts::id.gt(after.id.0))),
            );
        }
        query
    })?;
    rows.into_iter().map(Account::try_from).collect()
}
