//! Everything an action needs, built once.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::badges::BadgeError;
use crate::badges::keys::Keys;
use crate::badges::origin::Origin;
use crate::clock::Clock;
use crate::config::{Config, DatabasePlace};
use crate::files::{EvidenceFiles, FilesError, permissions};
use crate::mail::{Mailbox, Mailer, MailerProblem};
use crate::secrets::Passwords;
use crate::store::activities::reviews::RecentWaits;
use crate::store::badges::signed_badges;
use crate::store::engine::sqlite::transfer::{arriving, moved_note, moved_to};
use crate::store::mail::mail_holds;
use crate::store::{Opening, Patience, Store, StoreError, StoreSize};

/// The database in the data folder.
pub const DATABASE_FILE: &str = "portal.sqlite";
/// The note beside it that says how far it is (see `store/engine/sqlite/log_mark.rs`).
pub const MARK_FILE: &str = "portal.sqlite-mark";
/// Where a backup is unpacked until it is whole, in the data folder.
pub const RESTORING: &str = ".restoring";

/// The use of a data folder by this process: a lock of the operating system on the folder itself, which ends with the process however
/// it ends. Portals and commands use a folder together; a backup is put back by one that is alone with it.
#[derive(Clone, Debug)]
pub struct FolderUse(#[allow(dead_code)] Arc<File>);

impl FolderUse {
    /// Uses a folder beside others; `None` when somebody is alone with it.
    ///
    /// # Errors
    /// The operating system's.
    pub fn together(folder: &Path) -> io::Result<Option<FolderUse>> {
        let file = File::open(folder)?;
        let locked = file.try_lock_shared();
        FolderUse::of(file, locked)
    }

    /// Uses a folder alone; `None` when anybody uses it.
    ///
    /// # Errors
    /// The operating system's.
    pub fn alone(folder: &Path) -> io::Result<Option<FolderUse>> {
        let file = File::open(folder)?;
        let locked = file.try_lock();
        FolderUse::of(file, locked)
    }

    /// Makes the use one that nobody shares; `false` when somebody else uses the folder, too.
    ///
    /// # Errors
    /// The operating system's.
    pub fn alone_from_now_on(&self) -> io::Result<bool> {
        match self.0.try_lock() {
            Ok(()) => Ok(true),
            Err(TryLockError::WouldBlock) => {
                // the try may have cost the use that we had
                self.share();
                Ok(false)
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Shares the use again.
    pub fn share(&self) {
        // where that fails somebody is alone with the folder, and we end soon
        let _ = self.0.try_lock_shared();
    }

    fn of(file: File, locked: Result<(), TryLockError>) -> io::Result<Option<FolderUse>> {
        match locked {
            Ok(()) => Ok(Some(FolderUse(Arc::new(file)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// The portal's parts. Cheap to clone.
#[derive(Clone)]
pub struct Portal {
    /// The checked configuration.
    pub config: Arc<Config>,
    /// The only place that tells the time.
    pub clock: Clock,
    /// The database.
    pub store: Store,
    /// Evidence bytes, in the data folder or in a bucket.
    pub files: EvidenceFiles,
    /// The way mails leave.
    pub mailer: Mailer,
    /// Where mails come back to; none when nothing is fetched.
    pub mailbox: Option<Mailbox>,
    /// Password hashing, bounded.
    pub passwords: Arc<Passwords>,
    /// How long reviews took lately.
    pub recent_waits: Arc<RecentWaits>,
    /// The public origin that stands in every badge.
    pub origin: Origin,
    /// Where the badge keys are.
    pub key_file: PathBuf,
    /// Keys that are nowhere, for a rehearsal where there is no file of keys.
    rehearsed_keys: Option<Keys>,
    /// Whether the process was told to stop.
    pub stopping: Stopping,
    /// As long as this portal is open, no backup is put back into its folder; `None` where the disk knows no locks.
    #[allow(dead_code, reason = "held, not read: dropping it opens the folder to others")]
    pub folder_use: Option<FolderUse>,
}

/// Whether the process was told to stop: long work asks between two steps, and leaves the rest to its next run.
#[derive(Clone, Debug, Default)]
pub struct Stopping(Arc<AtomicBool>);

impl Stopping {
    /// The process was told to.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it was.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// How a portal is opened.
#[derive(Clone, Copy, Debug)]
pub struct PortalOpening {
    /// How long to wait for a database that others are busy with.
    pub patience: Patience,
    /// Whether a database on a server may be an empty one, in which the portal is made.
    pub database: Opening,
    /// Whether it is only looked at: nothing is made that is missing, and nothing closed that is open.
    pub reads_only: bool,
}

/// Why the portal cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be made or written.
    #[error("the data folder {0} cannot be used: {1}")]
    Folder(String, std::io::Error),
    /// A backup is being put back, or was not put back whole.
    #[error("{0}")]
    Restoring(String),
    /// The database was moved to a server, or is being moved from one.
    #[error("{0}")]
    Moved(String),
    /// The database cannot be opened or migrated.
    #[error("the database cannot be opened: {0}")]
    Store(#[from] StoreError),
    /// The evidence folder cannot be used.
    #[error("the evidence folder cannot be used: {0}")]
    Files(#[from] FilesError),
    /// The mail settings cannot be used.
    #[error("mail cannot be set up: {0}")]
    Mail(#[from] MailerProblem),
    /// A database on a server is signed for with keys that are not here: this would be another machine, and each would sign every badge anew.
    #[error(
        "the database on the server has badges that were signed with keys, and {0} is not there: put the file of the machine that signed them there"
    )]
    NoKeys(String),
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
        let (patience, database) = (Patience::OF_A_PAGE, Opening::Making);
        Portal::open_as(config, clock, PortalOpening { patience, database, reads_only: false })
    }

    /// The same, in the way that a command needs.
    ///
    /// # Errors
    /// As [`Portal::open`].
    pub fn open_as(config: Config, clock: Clock, opening: PortalOpening) -> Result<Portal, StartError> {
        // what can be wrong without touching the data comes first
        let (mailer, origin) = (Mailer::new(&config)?, Origin::of(&config.url)?);
        if !opening.reads_only {
            make_folder(&config.data)
                .map_err(|error| StartError::Folder(config.data.display().to_string(), error))?;
        }
        let folder_use = use_folder(&config.data)?;
        if config.database == DatabasePlace::File {
            refuse_moved(&config.data.join(DATABASE_FILE))?;
        }
        if !opening.reads_only {
            close_folder(&config.data);
        }
        let size = StoreSize { readers: config.sizes.readers, log_pages: config.sizes.log_pages };
        let store = match &config.database {
            DatabasePlace::File => {
                Store::open_sized(&config.data.join(DATABASE_FILE), opening.patience, size)?
            }
            DatabasePlace::Server(address) => {
                Store::open_on_server(address, opening.database, opening.patience, size)?
            }
        };
        if !opening.reads_only && store.came_alone() {
            take_over(&store, &clock)?;
        }
        let files = match opening.reads_only {
            true => EvidenceFiles::found_in(&config.data),
            false => EvidenceFiles::new(&config.data)?,
        };
        let files = files.kept_at(&config.evidence);
        let passwords = Arc::new(Passwords::new(config.password_cost, config.sizes.hashers));
        let key_file = config.data.join("keys").join("badges.json");
        let used = if key_file.exists() { Vec::new() } else { store.read(signed_badges::key_names)? };
        let rehearsed_keys = match opening.reads_only && !key_file.exists() {
            true => Some(Keys::rehearsed(&key_file, clock.today(), &used)?),
            false => None,
        };
        if rehearsed_keys.is_none() {
            if !used.is_empty() && store.file().is_none() {
                return Err(StartError::NoKeys(key_file.display().to_string()));
            }
            if !used.is_empty() {
                tracing::warn!(
                    "the file of badge keys is gone: a new key is made, and every badge is signed anew with it"
                );
            }
            Keys::open(&key_file, clock.today(), &used)?;
        }
        Ok(Portal {
            mailbox: config.bounces.clone().map(Mailbox::new),
            config: Arc::new(config),
            clock,
            store,
            files,
            mailer,
            passwords,
            recent_waits: Arc::default(),
            stopping: Stopping::default(),
            origin,
            key_file,
            rehearsed_keys,
            folder_use,
        })
    }

    /// The badge keys as they are now: read from their file each time, because a command may have changed them.
    ///
    /// # Errors
    /// `BadgeError::KeyFile`.
    pub fn badge_keys(&self) -> Result<Keys, BadgeError> {
        self.rehearsed_keys.as_ref().map_or_else(|| Keys::read(&self.key_file), |keys| Ok(keys.clone()))
    }
}

/// Makes the data folder where it is missing. Its name reaches the disk at once: everything in it would be lost with it in a power cut.
fn make_folder(folder: &Path) -> std::io::Result<()> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|part| !part.exists()).collect();
    permissions::make_folder(folder)?;
    for made in missing {
        let above = made.parent().filter(|above| !above.as_os_str().is_empty());
        std::fs::File::open(above.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

/// Nobody else is to read what the portal keeps about people, whoever made the folder and however.
fn close_folder(data: &Path) {
    match permissions::close(data) {
        Ok(0) => {}
        Ok(many) => tracing::warn!(
            many,
            "other people of this machine could read files or folders in the data folder: it is closed to them now"
        ),
        // a portal that serves is worth more
        Err(error) => {
            tracing::warn!(%error, "the data folder cannot be closed to other people of this machine")
        }
    }
}

/// What a database needs that came without the note beside it, from a replica or a copied disk: its mail is held, because the portal that it
/// was copied from may have sent what waits here.
fn take_over(store: &Store, clock: &Clock) -> Result<(), StoreError> {
    let now = clock.now();
    if let Some(hold) = store.write(|conn| mail_holds::take_over(conn, now))? {
        tracing::warn!(
            known_until = %hold.backup_made_at,
            "the database came without the file portal.sqlite-mark, as a replica or a copied disk does: mail is held until an administrator \
             says what becomes of it"
        );
    }
    store.note_as_found()
}

/// Refuses a file from which the database was moved to a server, and one that is not whole yet.
fn refuse_moved(database: &Path) -> Result<(), StartError> {
    if let Some(place) = moved_to(database)? {
        return Err(StartError::Moved(format!(
            "the database was moved to {place}: name that with CPE_PORTAL_DATABASE. To go on with the file all the same, as it was then, \
             remove {}",
            moved_note(database).display()
        )));
    }
    let arriving = arriving(database);
    if arriving.exists() && !database.exists() {
        return Err(StartError::Moved(format!(
            "the database is being moved here from a server, and is not whole yet: run cpe-portal move --to file once more, which goes on \
             with the rest. To give that up, remove {}",
            arriving.display()
        )));
    }
    Ok(())
}

/// Takes part in the use of a data folder, and refuses one into which a backup was put back by half.
fn use_folder(data: &Path) -> Result<Option<FolderUse>, StartError> {
    let folder_use = match FolderUse::together(data) {
        Ok(Some(folder_use)) => Some(folder_use),
        Ok(None) => {
            let words = format!(
                "a command uses the data folder {} that has to be alone with it: a backup is being put back, or the database or proofs moved",
                data.display()
            );
            return Err(StartError::Restoring(words));
        }
        // a portal that serves is worth more than a lock that only a restore asks for
        Err(error) => {
            tracing::warn!(%error, "the data folder cannot be locked: do not put back a backup while the portal serves");
            None
        }
    };
    let left = data.join(RESTORING);
    if left.is_dir() {
        if !data.join(DATABASE_FILE).exists() {
            return Err(StartError::Restoring(format!(
                "a backup was not put back whole into the data folder {}: put it back again",
                data.display()
            )));
        }
        // the restore had come to its end, only its own folder was left
        if let Err(error) = std::fs::remove_dir_all(&left) {
            tracing::warn!(%error, "what a restore left could not be removed");
        }
    }
    Ok(folder_use)
}
