//! Accounts: people who can sign in, holders among them.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::accounts;
use super::{Conn, StoreError, fold};
use crate::domain::ids::AccountId;
use crate::domain::roles::{Actor, Role};

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

/// An address as it is compared: trimmed, without case.
pub fn normal_email(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Adds an account without a password.
///
/// # Errors
/// `StoreError::Taken` when the address has one already.
pub fn add(
    conn: &mut Conn<'_>,
    email: &str,
    name: &str,
    role: Role,
    now: NaiveDateTime,
) -> Result<AccountId, StoreError> {
    let id = diesel::insert_into(accounts::table)
        .values((
            accounts::email.eq(email.trim()),
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
///
/// # Errors
/// `StoreError`.
pub fn find(conn: &mut Conn<'_>, id: AccountId) -> Result<Option<Account>, StoreError> {
    accounts::table
        .find(id.0)
        .select(AccountRow::as_select())
        .first(conn.0)
        .optional()?
        .map(Account::try_from)
        .transpose()
}

/// Several accounts, in order of their id.
///
/// # Errors
/// `StoreError`.
pub fn find_several(conn: &mut Conn<'_>, ids: &[AccountId]) -> Result<Vec<Account>, StoreError> {
    accounts::table
        .filter(accounts::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
        .order(accounts::id)
        .select(AccountRow::as_select())
        .load(conn.0)?
        .into_iter()
        .map(Account::try_from)
        .collect()
}

/// The account of an address, compared without case.
///
/// # Errors
/// `StoreError`.
pub fn find_by_email(conn: &mut Conn<'_>, email: &str) -> Result<Option<Account>, StoreError> {
    accounts::table
        .filter(accounts::email_norm.eq(normal_email(email)))
        .select(AccountRow::as_select())
        .first(conn.0)
        .optional()?
        .map(Account::try_from)
        .transpose()
}

/// The accounts of some addresses (as [`normal_email`] gives them), by address.
///
/// # Errors
/// `StoreError`.
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
///
/// # Errors
/// `StoreError`.
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
