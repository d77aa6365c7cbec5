//! What can go wrong in the store. Narrow on purpose: callers tell people to try again, or that somebody was first.

use super::log_mark::Names;
use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// Why the store could not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection became free in time, or another process holds the write lock: try again (503).
    #[error("the database is busy")]
    Busy,
    /// Another process, or this one, does the same thing already (503).
    #[error("this is under way already")]
    UnderWay,
    /// The disk is full (507).
    #[error("the disk is full")]
    Full,
    /// A "once" of the schema was broken; the text names the columns.
    #[error("already there: {0}")]
    Taken(String),
    /// The row changed since it was read.
    #[error("changed meanwhile")]
    Changed,
    /// The same form has been sent before, and has made what it makes.
    #[error("sent before")]
    SentBefore,
    /// A stored value that the domain does not know.
    #[error("unreadable value in {0}")]
    Unreadable(&'static str),
    /// The database has less in it than was told to be done: how many changes are missing.
    #[error("the last {1} changes are missing from {0}. {advice}", advice = .0.advice())]
    ChangesMissing(Names, i64),
    /// The database or its write-ahead log is not the one that was in use.
    #[error("{0}: these files do not belong together. {advice}", advice = .0.advice())]
    LogForeign(Names),
    /// Anything else.
    #[error("database: {0}")]
    Database(String),
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                StoreError::Taken(info.message().to_owned())
            }
            DieselError::DatabaseError(_, info) => of_text(info.message().to_owned()),
            other => StoreError::Database(other.to_string()),
        }
    }
}

/// What `SQLite` says in words.
pub(super) fn of_text(text: String) -> StoreError {
    if text.contains("database or disk is full") {
        StoreError::Full
    } else if text.contains("is locked") || text.contains("is busy") {
        StoreError::Busy
    } else {
        StoreError::Database(text)
    }
}

impl From<diesel::r2d2::PoolError> for StoreError {
    fn from(_: diesel::r2d2::PoolError) -> Self {
        StoreError::Busy
    }
}
