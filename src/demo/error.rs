//! Why the demonstration could not be made.

use chrono::NaiveDate;

use crate::actions::ActionError;
use crate::files::FilesError;
use crate::secrets::SecretsError;
use crate::store::StoreError;

/// Why the demonstration could not be made.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// There is something in the portal already.
    #[error("the data folder has a portal with people in it; a demonstration needs an empty folder")]
    NotEmpty,
    /// A step of a story was refused.
    #[error("on {0}, {1}: {2}")]
    Step(NaiveDate, String, ActionError),
    /// The database.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// An action.
    #[error("{0}")]
    Action(#[from] ActionError),
    /// The evidence folder.
    #[error("{0}")]
    Files(#[from] FilesError),
    /// Random numbers.
    #[error("{0}")]
    Secrets(#[from] SecretsError),
}
