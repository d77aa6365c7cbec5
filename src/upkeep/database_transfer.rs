//! The database moved between the data folder and a server, while nobody uses the folder. Mail is held afterwards, until an administrator has
//! said what becomes of what waits.

use chrono::NaiveDateTime;

use super::Progress;
use crate::config::{Config, DatabasePlace};
use crate::portal::{DATABASE_FILE, FolderUse};
use crate::store::Patience;
use crate::store::engine::transfer::error::DatabaseTransferError;
use crate::store::engine::transfer::{DatabaseTransfer, TransferBeginning};
use crate::store::mail::mail_holds;

/// A database that is being moved.
pub struct DatabaseMove {
    transfer: DatabaseTransfer,
    /// Nobody begins to use the folder before it is done.
    _alone: FolderUse,
}

impl DatabaseMove {
    /// Begins to move the database of this configuration to another place, or goes on with that.
    ///
    /// # Errors
    /// `DatabaseTransferError::Refused`, also when anybody uses the data folder; nothing was changed then.
    pub fn begin(
        config: &Config,
        to: &DatabasePlace,
        patience: Patience,
    ) -> Result<DatabaseMove, DatabaseTransferError> {
        let folder = config.data.display();
        if !config.data.is_dir() {
            let words = format!("There is no data folder {folder}. Name it with --data.");
            return Err(DatabaseTransferError::Refused(words));
        }
        let alone = match FolderUse::alone(&config.data) {
            Ok(Some(alone)) => alone,
            Ok(None) => {
                let words =
                    format!("A portal uses the data folder {folder}. Stop it first: nothing was changed.");
                return Err(DatabaseTransferError::Refused(words));
            }
            Err(error) => {
                let words = format!(
                    "The disk of the data folder {folder} knows no locks ({error}), so nobody can see whether a portal uses it. Move the database \
                     from a copy of the folder on another disk."
                );
                return Err(DatabaseTransferError::Refused(words));
            }
        };
        // what the other place notes of it is read by somebody who stands elsewhere
        let file = config.data.join(DATABASE_FILE);
        let file = std::path::absolute(&file).unwrap_or(file);
        let transfer = DatabaseTransfer::begin(&config.database, to, &file, patience)?;
        Ok(DatabaseMove { transfer, _alone: alone })
    }

    /// How it begins.
    #[must_use]
    pub const fn beginning(&self) -> TransferBeginning {
        self.transfer.beginning()
    }

    /// How many rows there are to be moved.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.transfer.rows()
    }

    /// How many tables there are.
    #[must_use]
    pub const fn tables(&self) -> usize {
        self.transfer.tables()
    }

    /// Copies the rows that are not there yet.
    ///
    /// # Errors
    /// `DatabaseTransferError`; what has arrived stays.
    pub fn copy(&mut self, progress: Progress<'_>) -> Result<(), DatabaseTransferError> {
        self.transfer.copy(progress)
    }

    /// Compares every row of both places.
    ///
    /// # Errors
    /// `DatabaseTransferError::Different` with the first row that is not as it was sent.
    pub fn compare(&mut self, progress: Progress<'_>) -> Result<(), DatabaseTransferError> {
        self.transfer.compare(progress)
    }

    /// Leaves the old place and makes the new one a portal's, with its mail held. `now` is in UTC.
    ///
    /// # Errors
    /// `DatabaseTransferError`; the same move goes on with what is left to do.
    pub fn finish(self, now: NaiveDateTime) -> Result<(), DatabaseTransferError> {
        self.transfer.finish(|conn| mail_holds::hold_all(conn, now, now))
    }
}
