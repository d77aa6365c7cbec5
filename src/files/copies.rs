//! Copies of evidence in a folder of their own, as nightly backups keep them: each once, under its hash, laid out like the evidence of a
//! data folder, so that a person can put the whole folder in its place. Nothing that is a link is followed, and nothing is written over or
//! removed but a file that is named as evidence is.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use sha2::{Digest, Sha256};

use super::{
    EvidenceCondition, EvidenceFiles, FilesError, LARGEST_FILE, READ_AT_ONCE, hash_of, is_hash, names_in,
    sync_folder,
};

/// The folder of the copies, beside the nightly backups.
pub const COPIES_FOLDER: &str = "evidence";
/// Where a copy is written until it is whole.
const UNFINISHED_COPIES: &str = "incoming";
/// Hexadecimal digits of the name of an unfinished copy.
const NAME_DIGITS: usize = 32;

/// What stands where a copy belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyFound {
    /// Nothing.
    Nothing,
    /// A file of this many bytes.
    File(u64),
    /// A folder, a link or something else that is none of ours, or its shelf is; or the disk cannot tell.
    Foreign,
}

/// A folder of copies.
#[derive(Debug)]
pub struct EvidenceCopies {
    folder: PathBuf,
    /// The lock of whoever writes. It ends with the process, however that ends.
    #[allow(dead_code, reason = "held, not read: dropping it lets others write")]
    lock: Option<File>,
}

impl EvidenceCopies {
    /// The copies in the folder of backups, for this process alone; makes their folder when it is not there, and clears what a run that was
    /// killed left unfinished. `None` while another process is at it.
    ///
    /// # Errors
    /// [`FilesError::Disk`], also when the folder is a link, or is the very folder of the evidence that is to be copied.
    pub fn alone(backups: &Path, originals: &EvidenceFiles) -> Result<Option<Self>, FilesError> {
        let making = || FilesError::disk("making the folder of copied evidence");
        let copies = Self::found_in(&backups.join(COPIES_FOLDER));
        for folder in [copies.folder.clone(), copies.incoming()] {
            match DirBuilder::new().mode(0o700).create(&folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(making()(error)),
                _ => {}
            }
            let found = fs::symlink_metadata(&folder).map_err(making())?;
            if !found.is_dir() {
                let words = format!("{} is no folder of the portal's", folder.display());
                return Err(making()(io::Error::other(words)));
            }
            if same(&found, &originals.folder) {
                let words = format!(
                    "{} is the evidence itself: CPE_PORTAL_BACKUPS has to name another folder",
                    folder.display()
                );
                return Err(making()(io::Error::other(words)));
            }
        }
        let lock = File::open(&copies.folder).map_err(making())?;
        if rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Ok(None);
        }
        sync_folder(backups)?;
        sync_folder(&copies.folder)?;
        copies.clear_unfinished()?;
        Ok(Some(Self { lock: Some(lock), ..copies }))
    }

    /// The copies in a folder, for reading; nothing is made.
    #[must_use]
    pub fn found_in(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), lock: None }
    }

    /// Where they are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What stands where the copy of this hash belongs. What the disk cannot tell of counts as none of ours: nobody writes over it.
    #[must_use]
    pub fn find(&self, sha256: &str) -> CopyFound {
        let Ok((shelf, place)) = self.place(sha256) else { return CopyFound::Nothing };
        // a shelf that is a link would lead out of the folder
        for (path, is_place) in [(shelf, false), (place, true)] {
            match fs::symlink_metadata(&path) {
                Ok(found) if is_place && found.is_file() => return CopyFound::File(found.len()),
                Ok(found) if !is_place && found.is_dir() => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return CopyFound::Nothing,
                Ok(_) | Err(_) => return CopyFound::Foreign,
            }
        }
        CopyFound::Nothing
    }

    /// Opens a copy for reading.
    ///
    /// # Errors
    /// [`FilesError::Missing`] when there is no file; [`FilesError::Disk`].
    pub fn open(&self, sha256: &str) -> Result<File, FilesError> {
        match self.find(sha256) {
            CopyFound::File(_) => {
                File::open(self.place(sha256)?.1).map_err(FilesError::disk("opening copied evidence"))
            }
            CopyFound::Nothing | CopyFound::Foreign => Err(FilesError::Missing),
        }
    }

    /// Reads a copy and compares it with its hash. One that the disk does not give back counts as altered.
    #[must_use]
    pub fn verify(&self, sha256: &str) -> EvidenceCondition {
        match self.find(sha256) {
            CopyFound::Nothing | CopyFound::Foreign => return EvidenceCondition::Missing,
            CopyFound::File(bytes) if bytes > LARGEST_FILE => return EvidenceCondition::Altered,
            CopyFound::File(_) => {}
        }
        let hash = self.open(sha256).and_then(|mut file| hash_of(&mut file));
        match hash.is_ok_and(|hash| hash == sha256) {
            true => EvidenceCondition::Intact,
            false => EvidenceCondition::Altered,
        }
    }

    /// Copies evidence to its place, over a copy that is there, only when every byte is as its hash says. Its bytes are on the disk then; its
    /// name is after [`EvidenceCopies::sync`]. An original that cannot be read counts as altered. Where the shelf takes no file, as one that
    /// belongs to somebody else, there is no copy: [`EvidenceCondition::Missing`].
    ///
    /// # Errors
    /// [`FilesError`] when the copy cannot be written anywhere; then what stood in its place still does.
    pub fn take(&self, sha256: &str, original: &mut File) -> Result<EvidenceCondition, FilesError> {
        let writing = || FilesError::disk("copying evidence");
        let (shelf, place) = self.place(sha256)?;
        let mut random = [0; NAME_DIGITS / 2];
        getrandom::fill(&mut random)?;
        let part = Unfinished(self.incoming().join(hex::encode(random)));
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part.0).map_err(writing())?;
        if copied(original, &mut file).map_err(writing())?.is_none_or(|hash| hash != sha256) {
            return Ok(EvidenceCondition::Altered);
        }
        file.sync_all().map_err(writing())?;
        let shelved = match DirBuilder::new().mode(0o700).create(&shelf) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => fs::rename(&part.0, &place),
        };
        match shelved.map_err(writing()) {
            Ok(()) => Ok(EvidenceCondition::Intact),
            Err(full @ FilesError::Full { .. }) => Err(full),
            Err(_) => Ok(EvidenceCondition::Missing),
        }
    }

    /// Makes the names of all copies survive a power cut, also those that a run before this one did not come to. Gives the shelves of which the
    /// disk does not say that they do.
    ///
    /// # Errors
    /// [`FilesError::Disk`] when that is so of the whole folder.
    pub fn sync(&self) -> Result<Vec<String>, FilesError> {
        let mut unsure = names_in(&self.folder)?;
        unsure.retain(|name| self.is_shelf(name) && sync_folder(&self.folder.join(name)).is_err());
        sync_folder(&self.folder)?;
        Ok(unsure)
    }

    /// Tells the hash of every copy, in no order, and gives how many other things lie in the folder, or cannot be looked at. `each` may end it.
    ///
    /// # Errors
    /// [`FilesError::Disk`] when the folder cannot be read.
    pub fn survey(&self, each: &mut dyn FnMut(String) -> ControlFlow<()>) -> Result<usize, FilesError> {
        let mut foreign = 0;
        for shelf in names_in(&self.folder)? {
            if shelf == UNFINISHED_COPIES {
                continue;
            }
            if !self.is_shelf(&shelf) {
                foreign += 1;
                continue;
            }
            let Ok(names) = names_in(&self.folder.join(&shelf)) else {
                foreign += 1;
                continue;
            };
            for rest in names {
                let name = format!("{shelf}{rest}");
                if !is_hash(&name) || !matches!(self.find(&name), CopyFound::File(_)) {
                    foreign += 1;
                } else if each(name).is_break() {
                    return Ok(foreign);
                }
            }
        }
        Ok(foreign)
    }

    /// Removes a copy. Gives whether there was one.
    ///
    /// # Errors
    /// [`FilesError::Disk`].
    pub fn remove(&self, sha256: &str) -> Result<bool, FilesError> {
        if !matches!(self.find(sha256), CopyFound::File(_)) {
            return Ok(false);
        }
        fs::remove_file(self.place(sha256)?.1).map_err(FilesError::disk("clearing copied evidence"))?;
        Ok(true)
    }

    fn clear_unfinished(&self) -> Result<(), FilesError> {
        for name in names_in(&self.incoming())? {
            let path = self.incoming().join(&name);
            let ours = name.len() == NAME_DIGITS
                && name.bytes().all(|byte| byte.is_ascii_hexdigit())
                && fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
            if ours {
                // what the disk does not let go is in nobody's way
                let _ = fs::remove_file(&path);
            }
        }
        Ok(())
    }

    /// A folder of ours, and no link to one.
    fn is_shelf(&self, name: &str) -> bool {
        name.len() == 2 && fs::symlink_metadata(self.folder.join(name)).is_ok_and(|found| found.is_dir())
    }

    fn incoming(&self) -> PathBuf {
        self.folder.join(UNFINISHED_COPIES)
    }

    /// The shelf of a hash and the place on it.
    fn place(&self, sha256: &str) -> Result<(PathBuf, PathBuf), FilesError> {
        let (shelf, rest) =
            sha256.split_at_checked(2).filter(|_| is_hash(sha256)).ok_or(FilesError::Missing)?;
        let shelf = self.folder.join(shelf);
        let place = shelf.join(rest);
        Ok((shelf, place))
    }
}

/// An unfinished copy; what is left of it goes when it goes out of scope.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // after its rename there is nothing under this name; what a failing disk keeps, the next run clears
        let _ = fs::remove_file(&self.0);
    }
}

/// Copies bytes and gives their hash; `None` when they cannot be read, or are more than any evidence has.
fn copied(from: &mut File, to: &mut File) -> io::Result<Option<String>> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; READ_AT_ONCE];
    let mut size = 0_u64;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return Ok(None),
        };
        size = size.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        match buffer.get(..read) {
            _ if size > LARGEST_FILE => return Ok(None),
            Some(bytes) if !bytes.is_empty() => {
                hash.update(bytes);
                to.write_all(bytes)?;
            }
            _ => return Ok(Some(hex::encode(hash.finalize()))),
        }
    }
}

/// Whether what was found is this folder, whichever way leads to it.
fn same(found: &fs::Metadata, folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|other| (other.dev(), other.ino()) == (found.dev(), found.ino()))
}
