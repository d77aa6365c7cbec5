//! Single-use links: invitations and password resets. Only the hash of a token is kept.

use chrono::NaiveDateTime;

use crate::domain::codes::codes;
use crate::domain::ids::AccountId;
use crate::store::engine::prelude::*;
use crate::store::schema::tokens;
use crate::store::{Conn, StoreError};

codes! {
    /// What a link is for.
    pub enum Purpose {
        /// The first password.
        Invitation = "invitation",
        /// Another password.
        PasswordReset = "password_reset",
    }
}

/// Adds a link.
pub fn add(
    conn: &mut Conn<'_>,
    account: AccountId,
    purpose: Purpose,
    hash: &str,
    now: NaiveDateTime,
    expires_at: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(tokens::table)
        .values((
            tokens::account_id.eq(account.0),
            tokens::purpose.eq(purpose.code()),
            tokens::token_hash.eq(hash),
            tokens::created_at.eq(now),
            tokens::expires_at.eq(expires_at),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// Whose link it is, if it still works.
pub fn account_of(
    conn: &mut Conn<'_>,
    purpose: Purpose,
    hash: &str,
    now: NaiveDateTime,
) -> Result<Option<AccountId>, StoreError> {
    let found: Option<i64> = tokens::table
        .filter(tokens::token_hash.eq(hash))
        .filter(tokens::purpose.eq(purpose.code()))
        .filter(tokens::used_at.is_null())
        .filter(tokens::expires_at.gt(now))
        .select(tokens::account_id)
        .first(conn.0)
        .optional()?;
    Ok(found.map(AccountId))
}

/// Makes links of an account stop working: all of them, or those of one purpose.
pub fn retire(
    conn: &mut Conn<'_>,
    account: AccountId,
    purpose: Option<Purpose>,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let open = tokens::table.filter(tokens::account_id.eq(account.0)).filter(tokens::used_at.is_null());
    match purpose {
        Some(purpose) => diesel::update(open.filter(tokens::purpose.eq(purpose.code())))
            .set(tokens::used_at.eq(now))
            .execute(conn.0)?,
        None => diesel::update(open).set(tokens::used_at.eq(now)).execute(conn.0)?,
    };
    Ok(())
}

/// How many links of a purpose an account was given since a moment.
pub fn count_since(
    conn: &mut Conn<'_>,
    account: AccountId,
    purpose: Purpose,
    since: NaiveDateTime,
) -> Result<i64, StoreError> {
    Ok(tokens::table
        .filter(tokens::account_id.eq(account.0))
        .filter(tokens::purpose.eq(purpose.code()))
        .filter(tokens::created_at.gt(since))
        .count()
        .get_result(conn.0)?)
}

/// Whether an account has an invitation that still works.
pub fn is_invited(conn: &mut Conn<'_>, account: AccountId, now: NaiveDateTime) -> Result<bool, StoreError> {
    let open = tokens::table
        .filter(tokens::account_id.eq(account.0))
        .filter(tokens::purpose.eq(Purpose::Invitation.code()))
        .filter(tokens::used_at.is_null())
        .filter(tokens::expires_at.gt(now));
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(conn.0)?)
}

/// Removes links that stopped working before a moment. Gives their number.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(tokens::table.filter(tokens::expires_at.lt(moment))).execute(conn.0)?)
}
