//! What was wrong with the file that somebody imported or rehearsed last, to be fetched by them.

use chrono::NaiveDateTime;

use crate::domain::ids::AccountId;
use crate::store::engine::prelude::*;
use crate::store::schema::import_problems;
use crate::store::{Conn, StoreError};

/// A file with problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemFile {
    /// The name of the file that was imported.
    pub file_name: String,
    /// The file with its problems, compressed with gzip.
    pub content: Vec<u8>,
}

/// Keeps a file for an account, in the place of an earlier one.
pub fn keep(
    conn: &mut Conn<'_>,
    account: AccountId,
    file: &ProblemFile,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let kept = (
        import_problems::file_name.eq(&file.file_name),
        import_problems::made_at.eq(now),
        import_problems::content.eq(&file.content),
    );
    diesel::insert_into(import_problems::table)
        .values((import_problems::account_id.eq(account.0), kept))
        .on_conflict(import_problems::account_id)
        .do_update()
        .set(kept)
        .execute(conn.0)?;
    Ok(())
}

/// The file that is kept for an account.
pub fn find(conn: &mut Conn<'_>, account: AccountId) -> Result<Option<ProblemFile>, StoreError> {
    let row: Option<(String, Vec<u8>)> = import_problems::table
        .find(account.0)
        .select((import_problems::file_name, import_problems::content))
        .first(conn.0)
        .optional()?;
    Ok(row.map(|(file_name, content)| ProblemFile { file_name, content }))
}

/// Removes files made before `moment`. Gives their number.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    let old = import_problems::table.filter(import_problems::made_at.lt(moment));
    Ok(diesel::delete(old).execute(conn.0)?)
}
