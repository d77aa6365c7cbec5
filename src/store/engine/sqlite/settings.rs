//! What a connection was promised when it was opened, as the database tells it.

use diesel::sql_types::{BigInt, Bool, Text};

use crate::store::engine::prelude::*;
use crate::store::{Conn, StoreError};

/// The settings of one connection.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub struct ConnectionSettings {
    /// `wal`: readers do not wait for the writer.
    #[diesel(sql_type = Text)]
    pub journal_mode: String,
    /// 2 is FULL: what a commit acknowledged survives a power cut.
    #[diesel(sql_type = BigInt)]
    pub synchronous: i64,
    /// Whether references are checked.
    #[diesel(sql_type = Bool)]
    pub foreign_keys: bool,
    /// Milliseconds to wait for another process's lock.
    #[diesel(sql_type = BigInt)]
    pub busy_timeout: i64,
    /// Whether it refuses to write.
    #[diesel(sql_type = Bool)]
    pub reads_only: bool,
}

/// Pages in the log from which on a commit helps to move them into the database.
#[derive(QueryableByName)]
struct LogPages {
    #[diesel(sql_type = BigInt)]
    wal_autocheckpoint: i64,
}

/// How long the log of the connection that is lent may become, in pages.
pub fn log_pages(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    Ok(diesel::sql_query("PRAGMA wal_autocheckpoint").get_result::<LogPages>(conn.0)?.wal_autocheckpoint)
}

/// The settings of the connection that is lent.
pub fn settings(conn: &mut Conn<'_>) -> Result<ConnectionSettings, StoreError> {
    let question = diesel::sql_query(
        "SELECT journal_mode, synchronous, foreign_keys, timeout AS busy_timeout, query_only AS reads_only \
         FROM pragma_journal_mode, pragma_synchronous, pragma_foreign_keys, pragma_busy_timeout, pragma_query_only",
    );
    Ok(question.get_result(conn.0)?)
}
