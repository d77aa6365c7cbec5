//! Private addresses from which calendars read dates: one for each account, of which only the hash is kept.

use chrono::NaiveDateTime;

use crate::domain::ids::AccountId;
use crate::store::engine::prelude::*;
use crate::store::schema::calendar_feeds;
use crate::store::{Conn, StoreError};

/// Gives an account an address; one that it had stops working.
pub fn make(
    conn: &mut Conn<'_>,
    account: AccountId,
    hash: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    revoke(conn, account)?;
    diesel::insert_into(calendar_feeds::table)
        .values((
            calendar_feeds::account_id.eq(account.0),
            calendar_feeds::token_hash.eq(hash),
            calendar_feeds::made_at.eq(now),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// Takes the address of an account away, if it has one.
pub fn revoke(conn: &mut Conn<'_>, account: AccountId) -> Result<(), StoreError> {
    diesel::delete(calendar_feeds::table.find(account.0)).execute(conn.0)?;
    Ok(())
}

/// Since when an account has an address (UTC), if it has one.
pub fn made_at(conn: &mut Conn<'_>, account: AccountId) -> Result<Option<NaiveDateTime>, StoreError> {
    Ok(calendar_feeds::table.find(account.0).select(calendar_feeds::made_at).first(conn.0).optional()?)
}

/// Whose address it is, by the hash of its token.
pub fn account_of(conn: &mut Conn<'_>, hash: &str) -> Result<Option<AccountId>, StoreError> {
    let found: Option<i64> = calendar_feeds::table
        .filter(calendar_feeds::token_hash.eq(hash))
        .select(calendar_feeds::account_id)
        .first(conn.0)
        .optional()?;
    Ok(found.map(AccountId))
}
