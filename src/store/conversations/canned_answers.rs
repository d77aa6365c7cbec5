//! Answers that staff give again and again.

use crate::store::engine::prelude::*;
use crate::store::schema::canned_answers;
use crate::store::{Conn, StoreError};

/// An answer to begin from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannedAnswer {
    /// Its identity.
    pub id: i64,
    /// How staff find it.
    pub title: String,
    /// The words.
    pub words: String,
    /// Counts up with every change.
    pub version: i64,
}

fn answer((id, title, words, version): (i64, String, String, i64)) -> CannedAnswer {
    CannedAnswer { id, title, words, version }
}

/// All of them, by title.
pub fn all(conn: &mut Conn<'_>) -> Result<Vec<CannedAnswer>, StoreError> {
    let rows: Vec<(i64, String, String, i64)> =
        canned_answers::table.order((canned_answers::title, canned_answers::id)).load(conn.0)?;
    Ok(rows.into_iter().map(answer).collect())
}

/// One of them.
pub fn find(conn: &mut Conn<'_>, id: i64) -> Result<Option<CannedAnswer>, StoreError> {
    let row: Option<(i64, String, String, i64)> = canned_answers::table.find(id).first(conn.0).optional()?;
    Ok(row.map(answer))
}

/// Adds one.
pub fn add(conn: &mut Conn<'_>, title: &str, words: &str) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(canned_answers::table)
        .values((
            canned_answers::title.eq(title),
            canned_answers::words.eq(words),
            canned_answers::version.eq(1),
        ))
        .returning(canned_answers::id)
        .get_result(conn.0)?)
}

/// Changes one, if nobody changed it since `version`.
///
/// # Errors
/// `StoreError::Changed`.
pub fn update(
    conn: &mut Conn<'_>,
    id: i64,
    version: i64,
    title: &str,
    words: &str,
) -> Result<(), StoreError> {
    let seen = canned_answers::table.find(id).filter(canned_answers::version.eq(version));
    let changed = diesel::update(seen)
        .set((
            canned_answers::title.eq(title),
            canned_answers::words.eq(words),
            canned_answers::version.eq(version.saturating_add(1)),
        ))
        .execute(conn.0)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Changed) }
}

/// Removes one.
pub fn remove(conn: &mut Conn<'_>, id: i64) -> Result<(), StoreError> {
    diesel::delete(canned_answers::table.find(id)).execute(conn.0)?;
    Ok(())
}
