//! Everything an action needs, built once.

use std::path::PathBuf;
use std::sync::Arc;

use crate::badges::BadgeError;
use crate::badges::keys::Keys;
use crate::badges::origin::Origin;
use crate::clock::Clock;
use crate::config::Config;
use crate::files::{EvidenceFiles, FilesError};
use crate::mail::{Mailer, MailerProblem};
use crate::secrets::Passwords;
use crate::store::{Store, StoreError, signed_badges};

/// The portal's parts. Cheap to clone.
#[derive(Clone)]
pub struct Portal {
    /// The checked configuration.
    pub config: Arc<Config>,
    /// The only place that tells the time.
    pub clock: Clock,
    /// The database.
    pub store: Store,
    /// Evidence bytes on disk.
    pub files: EvidenceFiles,
    /// The way mails leave.
    pub mailer: Mailer,
    /// Password hashing, bounded.
    pub passwords: Arc<Passwords>,
    /// The public origin that stands in every badge.
    pub origin: Origin,
    /// Where the badge keys are.
    pub key_file: PathBuf,
}

/// Why the portal cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be made or written.
    #[error("the data folder {0} cannot be used: {1}")]
    Folder(String, std::io::Error),
    /// The database cannot be opened or migrated.
    #[error("the database cannot be opened: {0}")]
    Store(#[from] StoreError),
    /// The evidence folder cannot be used.
    #[error("the evidence folder cannot be used: {0}")]
    Files(#[from] FilesError),
    /// The mail settings cannot be used.
    #[error("mail cannot be set up: {0}")]
    Mail(#[from] MailerProblem),
    /// The badge keys or the portal's address cannot be used.
    #[error("badges cannot be signed: {0}")]
    Badges(#[from] BadgeError),
}

impl Portal {
    /// Opens the data folder (made when it is missing), brings the database up to date, and connects the parts.
    ///
    /// # Errors
    /// `StartError` with one clear line.
    pub fn open(config: Config, clock: Clock) -> Result<Portal, StartError> {
        std::fs::create_dir_all(&config.data)
            .map_err(|error| StartError::Folder(config.data.display().to_string(), error))?;
        let store = Store::open(&config.data.join("portal.sqlite"))?;
        let files = EvidenceFiles::new(&config.data)?;
        let mailer = Mailer::new(&config)?;
        let passwords = Arc::new(Passwords::new(config.password_cost));
        let origin = Origin::of(&config.url)?;
        let key_file = config.data.join("keys").join("badges.json");
        let used = if key_file.exists() { Vec::new() } else { store.read(signed_badges::key_names)? };
        if !used.is_empty() {
            tracing::warn!(
                "the file of badge keys is gone: a new key is made, and every badge is signed anew with it"
            );
        }
        Keys::open(&key_file, clock.today(), &used)?;
        Ok(Portal { config: Arc::new(config), clock, store, files, mailer, passwords, origin, key_file })
    }

    /// The badge keys as they are now: read from their file each time, because a command may have changed them.
    ///
    /// # Errors
    /// `BadgeError::KeyFile`.
    pub fn badge_keys(&self) -> Result<Keys, BadgeError> {
        Keys::read(&self.key_file)
    }
}
