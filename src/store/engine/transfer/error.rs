//! Why a database was not moved.

use crate::store::StoreError;

/// Why a database was not moved.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseTransferError {
    /// One of the two databases.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// It must not be begun, in whole sentences; nothing was changed.
    #[error("{0}")]
    Refused(String),
    /// What arrived is not what was sent: the first row that differs.
    #[error("{0} is not as it was sent")]
    Different(String),
    /// Somebody told it to stop.
    #[error("it was stopped before its end")]
    Stopped,
}

impl From<diesel::result::Error> for DatabaseTransferError {
    fn from(error: diesel::result::Error) -> Self {
        DatabaseTransferError::Store(error.into())
    }
}

/// What comes of a step.
pub(in crate::store) type Moving<T> = Result<T, DatabaseTransferError>;

/// Refuses in whole sentences.
pub(in crate::store) fn refused<T>(why: String) -> Moving<T> {
    Err(DatabaseTransferError::Refused(why))
}
