//! The words that the review form offers for each reason, where staff have changed them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::prepared_words;
use super::{Conn, StoreError};
use crate::domain::ids::AccountId;
use crate::domain::review::ReasonCode;

/// The words for every reason, in the order of the form: staff's own, or the first ones.
///
/// # Errors
/// `StoreError`.
pub fn list(conn: &mut Conn<'_>) -> Result<Vec<(ReasonCode, String)>, StoreError> {
    let changed: Vec<(String, String)> =
        prepared_words::table.select((prepared_words::reason_code, prepared_words::words)).load(conn.0)?;
    Ok(ReasonCode::ALL
        .into_iter()
        .map(|code| {
            let own = changed.iter().find(|(reason, _)| reason == code.code());
            (code, own.map_or_else(|| code.first_words().to_owned(), |(_, words)| words.clone()))
        })
        .collect())
}

/// Keeps words for a reason; none takes staff's own away, so that the first ones are offered again.
///
/// # Errors
/// `StoreError`.
pub fn keep(
    conn: &mut Conn<'_>,
    code: ReasonCode,
    words: Option<&str>,
    by: AccountId,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::delete(prepared_words::table.find(code.code())).execute(conn.0)?;
    if let Some(words) = words {
        diesel::insert_into(prepared_words::table)
            .values((
                prepared_words::reason_code.eq(code.code()),
                prepared_words::words.eq(words),
                prepared_words::changed_by.eq(by.0),
                prepared_words::changed_at.eq(now),
            ))
            .execute(conn.0)?;
    }
    Ok(())
}
