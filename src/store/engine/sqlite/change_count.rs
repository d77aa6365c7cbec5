//! How far a database is: every change counts, in the transaction that makes it (see `log_mark.rs`).

use diesel::prelude::*;

use crate::store::StoreError;
use crate::store::schema::database_marks;

/// Which database this is, and how many changes were committed to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Count {
    pub(in crate::store) mark: String,
    pub(in crate::store) changes: i64,
}

/// How far the database is.
pub(in crate::store) fn count(conn: &mut SqliteConnection) -> QueryResult<Count> {
    let (mark, changes) =
        database_marks::table.select((database_marks::mark, database_marks::changes)).first(conn)?;
    Ok(Count { mark, changes })
}

/// Counts a change, in the transaction that makes it.
pub(in crate::store) fn count_on(conn: &mut SqliteConnection) -> Result<Count, StoreError> {
    let (mark, changes) = diesel::update(database_marks::table)
        .set(database_marks::changes.eq(database_marks::changes + 1))
        .returning((database_marks::mark, database_marks::changes))
        .get_result(conn)?;
    Ok(Count { mark, changes })
}

/// Gives a copy that becomes a database of its own a name of its own: the logs of the one it was copied from are none of its.
pub(in crate::store) fn rename_copy(conn: &mut SqliteConnection) -> QueryResult<usize> {
    diesel::sql_query("UPDATE database_marks SET mark = lower(hex(randomblob(8)))").execute(conn)
}

diesel::define_sql_function! {
    /// Rows changed by this connection so far.
    fn total_changes() -> Integer;
}

/// Rows changed by this connection so far: whether there is a change to be counted.
pub(in crate::store) fn changed_so_far(conn: &mut SqliteConnection) -> Result<i32, StoreError> {
    Ok(diesel::select(total_changes()).get_result(conn)?)
}
