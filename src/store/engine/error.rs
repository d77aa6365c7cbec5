//! What can go wrong in the store. Narrow on purpose: callers tell people to try again, or that somebody was first. What the engines say in
//! words is read here and nowhere else.

use std::error::Error;
use std::sync::Arc;

use super::operation::Operation;
use super::sqlite::file_names::Names;
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
    /// A "once" of the schema would be broken; the text names the constraint or its columns.
    #[error("already there: {0}")]
    Constraint(String),
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
    /// The database on a server is not one that the portal can work with; why, and what to do.
    #[error("{0}")]
    Unsuitable(String),
    /// What was asked for is done with a file, and the database is on a server.
    #[error("the database is on a server: whoever runs that server makes copies of it, and puts them back")]
    OnServer,
    /// Anything else, with its cause.
    #[error("database: {doing}{}{source}", if doing.is_empty() { "" } else { ": " })]
    Database {
        /// What was being done: the function that read or wrote (see `operation.rs`), or in words. Empty outside of both.
        doing: &'static str,
        /// Why it could not be.
        #[source]
        source: Cause,
    },
}

/// A cause that several who waited for the same commit can be told.
pub type Cause = Arc<dyn Error + Send + Sync>;

impl StoreError {
    /// That something could not be done, for a cause that nobody can act on but whoever runs the portal. Without words for it the error says
    /// what is being read or written at this moment.
    pub fn database(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> StoreError {
        let doing = if doing.is_empty() { Operation::name() } else { doing };
        StoreError::Database { doing, source: Arc::from(source.into()) }
    }

    /// The same, where the cause may be that the database is busy or the disk full.
    pub(in crate::store) fn of_cause(
        doing: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> StoreError {
        let source = source.into();
        let text = source.to_string();
        if holds(&text, &IS_FULL) {
            StoreError::Full
        } else if holds(&text, &IS_BUSY) {
            StoreError::Busy
        } else {
            StoreError::database(doing, source)
        }
    }

    /// Whether the disk, the file on it or the server is at fault: whoever runs the portal can mend that, a defect not.
    pub fn is_disk_trouble(&self) -> bool {
        self.says(&SERVER_IS_AWAY)
            || self.says(&[
                DISK_FAILED,
                "unable to open database file",
                "readonly database",
                "disk image is malformed",
                "file is not a database",
            ])
    }

    /// Whether the disk failed, which is all that `SQLite` says when it cannot make the files that it needs beside the database.
    pub(in crate::store) fn is_disk_failure(&self) -> bool {
        self.says(&[DISK_FAILED])
    }

    /// Whether it is about what stands in the files, not about the machine.
    pub(in crate::store) fn is_damage(&self) -> bool {
        self.says(&["malformed", "not a database", "file is encrypted", "no such column"])
    }

    /// Whether the full-text index could not take a question for words.
    pub(in crate::store) fn is_no_question(&self) -> bool {
        self.says(&["fts5"])
    }

    /// The cause alone, in words for the log.
    pub(in crate::store) fn cause(&self) -> String {
        match self {
            StoreError::Database { source, .. } => source.to_string(),
            other => other.to_string(),
        }
    }

    fn says(&self, signs: &[&str]) -> bool {
        let StoreError::Database { source, .. } = self else { return false };
        holds(&source.to_string(), signs)
    }
}

fn holds(text: &str, signs: &[&str]) -> bool {
    signs.iter().any(|sign| text.contains(sign))
}

/// What each engine says. A server says it in English (see `postgres/connection.rs`), and Diesel hands on its words but not its codes.
const IS_FULL: [&str; 3] = ["database or disk is full", "No space left on device", "could not extend file"];
const IS_BUSY: [&str; 7] = [
    "is locked",
    "is busy",
    // 55P03, 40P01, 53300
    "due to lock timeout",
    "deadlock detected",
    "too many clients already",
    "too many connections",
    "remaining connection slots",
];
const SERVER_IS_AWAY: [&str; 8] = [
    "connection closed",
    "error communicating with the server",
    "terminating connection",
    "the database system is",
    "cannot be reached",
    "database server is lost",
    IN_A_STANDBY[0],
    IN_A_STANDBY[1],
];
const IN_A_STANDBY: [&str; 2] = ["during recovery", "in a read-only transaction"];
const DISK_FAILED: &str = "disk I/O error";

/// Whether a server refused because it is a standby, or has become one.
pub(in crate::store) fn is_standby(error: &DieselError) -> bool {
    holds(&error.to_string(), &IN_A_STANDBY)
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        match error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                StoreError::Constraint(info.constraint_name().unwrap_or(info.message()).to_owned())
            }
            // 40001: what was read has changed meanwhile
            DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => StoreError::Busy,
            other => StoreError::of_cause("", other),
        }
    }
}

impl From<diesel::r2d2::PoolError> for StoreError {
    fn from(error: diesel::r2d2::PoolError) -> Self {
        // it repeats why no connection could be made
        match holds(&error.to_string(), &SERVER_IS_AWAY) {
            true => StoreError::database("", error),
            false => StoreError::Busy,
        }
    }
}
