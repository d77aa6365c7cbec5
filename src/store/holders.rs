//! Holders, as staff look for them.

use diesel::prelude::*;

use super::accounts::{Account, AccountRow, normal_email};
use super::certificates::folded_number;
use super::paging::{Page, Place};
use super::schema::{accounts, certificates};
use super::{Conn, StoreError, containing, containing_exactly};
use crate::domain::ids::{AccountId, HolderId};
use crate::domain::roles::Role;

/// A page of holders by name: accounts with the role holder or with certificates. `search` finds a part of a name, an address or a
/// certificate number; empty finds all. Places are accounts.
///
/// # Errors
/// `StoreError`.
pub fn list(
    conn: &mut Conn<'_>,
    search: &str,
    place: &Place<AccountId>,
    size: i64,
) -> Result<Page<Account>, StoreError> {
    let holds = diesel::dsl::exists(certificates::table.filter(certificates::holder_id.eq(accounts::id)));
    let mut query = accounts::table
        .filter(accounts::role.eq(Role::Holder.code()).or(holds))
        .limit(size.saturating_add(1))
        .select(AccountRow::as_select())
        .into_boxed();
    if !search.trim().is_empty() {
        let name = containing(search);
        let address = containing_exactly(&normal_email(search));
        let number = containing_exactly(&folded_number(search));
        let with_number = certificates::table
            .filter(certificates::number_fold.like(number).escape('\\'))
            .select(certificates::holder_id);
        query = query.filter(
            accounts::name_fold
                .like(name)
                .escape('\\')
                .or(accounts::email_norm.like(address).escape('\\'))
                .or(accounts::id.eq_any(with_number)),
        );
    }
    let key = match place {
        Place::Start => None,
        Place::After(id) | Place::Before(id) => accounts::table
            .find(id.0)
            .select((accounts::name_fold, accounts::id))
            .first::<(String, i64)>(conn.0)
            .optional()?,
    };
    query = match (key, place.backwards()) {
        (None, false) => query.order((accounts::name_fold, accounts::id)),
        (None, true) => query.order((accounts::name_fold.desc(), accounts::id.desc())),
        (Some((name, id)), false) => query
            .filter(
                accounts::name_fold
                    .gt(name.clone())
                    .or(accounts::name_fold.eq(name).and(accounts::id.gt(id))),
            )
            .order((accounts::name_fold, accounts::id)),
        (Some((name, id)), true) => query
            .filter(
                accounts::name_fold
                    .lt(name.clone())
                    .or(accounts::name_fold.eq(name).and(accounts::id.lt(id))),
            )
            .order((accounts::name_fold.desc(), accounts::id.desc())),
    };
    let rows: Vec<AccountRow> = query.load(conn.0)?;
    let rows = rows.into_iter().map(Account::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::new(rows, place, size))
}

/// Some holders by their ids, in any order.
///
/// # Errors
/// `StoreError`.
pub fn named(conn: &mut Conn<'_>, ids: &[HolderId]) -> Result<Vec<Account>, StoreError> {
    accounts::table
        .filter(accounts::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
        .select(AccountRow::as_select())
        .load(conn.0)?
        .into_iter()
        .map(Account::try_from)
        .collect()
}

/// Holders with certificates who cannot sign in yet: no password, and not deactivated. In order of their id, after `after`.
///
/// # Errors
/// `StoreError`.
pub fn without_password(
    conn: &mut Conn<'_>,
    after: AccountId,
    limit: i64,
) -> Result<Vec<AccountId>, StoreError> {
    let holds = diesel::dsl::exists(certificates::table.filter(certificates::holder_id.eq(accounts::id)));
    let ids: Vec<i64> = accounts::table
        .filter(accounts::id.gt(after.0))
        .filter(accounts::password_hash.is_null())
        .filter(accounts::deactivated_at.is_null())
        .filter(holds)
        .order(accounts::id)
        .limit(limit)
        .select(accounts::id)
        .load(conn.0)?;
    Ok(ids.into_iter().map(AccountId).collect())
}

/// Corrects a holder's name and address, under the condition that nobody changed the account since it was read.
///
/// # Errors
/// `StoreError::Taken` when another account has the address, `StoreError::Changed` when somebody was first.
pub fn correct(
    conn: &mut Conn<'_>,
    id: HolderId,
    version: i64,
    name: &str,
    email: &str,
) -> Result<(), StoreError> {
    let unchanged = accounts::table.filter(accounts::id.eq(id.0)).filter(accounts::version.eq(version));
    let changed = diesel::update(unchanged)
        .set((
            accounts::name.eq(name),
            accounts::name_fold.eq(super::fold(name)),
            accounts::email.eq(email),
            accounts::email_norm.eq(super::accounts::normal_email(email)),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(conn.0)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Changed) }
}
