//! Why an import could not be done.

use crate::actions::ActionError;

/// Why an import could not be done, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read at all; nothing was changed.
    #[error("{0}")]
    Unreadable(String),
    /// Something else than the file failed. Rows before this line are in; running the import again brings the others.
    #[error(
        "stopped at line {line}: {error}. Run the import again to go on; rows that are in already are recognised"
    )]
    Stopped {
        /// The first line of the batch that failed; nothing of that batch was changed.
        line: u64,
        /// What failed.
        error: ActionError,
    },
}

impl ImportError {
    /// The disk did not give the file.
    pub(super) fn from_disk(error: std::io::Error) -> Self {
        ImportError::Unreadable(format!("The file cannot be read: {error}."))
    }
}
