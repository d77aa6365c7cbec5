//! Failed sign-ins, by key: an account, a network address, or a pair of both. Keys are hashes.

use chrono::NaiveDateTime;

use crate::store::engine::prelude::*;
use crate::store::schema::sign_in_failures;
use crate::store::{Conn, StoreError};

/// How often it went wrong, and when last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failures {
    /// How often, weighed by time.
    pub failures: i64,
    /// When it last went wrong (UTC).
    pub last_failed_at: NaiveDateTime,
}

/// What is known of a key.
pub fn find(conn: &mut Conn<'_>, key: &str) -> Result<Option<Failures>, StoreError> {
    let row: Option<(i64, NaiveDateTime)> = sign_in_failures::table
        .find(key)
        .select((sign_in_failures::failures, sign_in_failures::last_failed_at))
        .first(conn.0)
        .optional()?;
    Ok(row.map(|(failures, last_failed_at)| Failures { failures, last_failed_at }))
}

/// Records how often it has gone wrong now.
pub fn record(conn: &mut Conn<'_>, key: &str, failures: i64, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::insert_into(sign_in_failures::table)
        .values((
            sign_in_failures::key.eq(key),
            sign_in_failures::failures.eq(failures),
            sign_in_failures::last_failed_at.eq(now),
        ))
        .on_conflict(sign_in_failures::key)
        .do_update()
        .set((sign_in_failures::failures.eq(failures), sign_in_failures::last_failed_at.eq(now)))
        .execute(conn.0)?;
    Ok(())
}

/// Forgets a key.
pub fn forget(conn: &mut Conn<'_>, key: &str) -> Result<(), StoreError> {
    diesel::delete(sign_in_failures::table.find(key)).execute(conn.0)?;
    Ok(())
}

/// Forgets whatever has not gone wrong since a moment. Gives the number of keys.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(sign_in_failures::table.filter(sign_in_failures::last_failed_at.lt(moment)))
        .execute(conn.0)?)
}
