//! What can go wrong with evidence.

use std::io;

use thiserror::Error;

use super::bounds::LARGEST_FILE;

/// Why evidence could not be stored or read.
#[derive(Debug, Error)]
pub enum FilesError {
    /// More bytes than [`LARGEST_FILE`].
    #[error("the file is larger than {} MB", LARGEST_FILE / (1024 * 1024))]
    TooLarge,
    /// The disk or a quota is full; the write can be tried again when there is room.
    #[error("no room on the disk while {doing}: {source}")]
    Full {
        /// What was being done.
        doing: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// The disk refused.
    #[error("{doing}: {source}")]
    Disk {
        /// What was being done.
        doing: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// The store of proofs does not answer in time, or does not do what it is asked. Nothing is known to be stored then.
    #[error("{doing}: {reason}")]
    Unreachable {
        /// What was being done.
        doing: &'static str,
        /// What the store did, in words for people who run the portal.
        reason: String,
    },
    /// No evidence is stored under this hash.
    #[error("no evidence is stored under this hash")]
    Missing,
    /// What is free on the disk is kept for the database; uploads have to wait until there is more.
    #[error("the disk has only its reserve left")]
    Reserve,
    /// What is stored is not what was brought.
    #[error("stored evidence does not fit its hash")]
    Altered,
    /// The operating system gave no random numbers for a temporary name.
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

impl FilesError {
    /// What the disk says while `doing` something: full, or another trouble.
    pub fn disk(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { doing, source },
            _ => Self::Disk { doing, source },
        }
    }
}
