//! Evidence, in a folder or in a bucket: bytes kept under their own SHA-256, so that the same proof is stored once and a changed byte
//! shows. What a file is allowed to be is decided in [`media_type`], what it is called in [`file_name`].

pub mod permissions;

mod bounds;
mod bucket;
mod bucket_evidence;
mod clearing;
pub mod copies;
mod error;
pub mod file_name;
pub mod media_type;
pub mod pdf;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

pub use bounds::{LARGEST_FILE, MOST_FILES, reserve_of};
use bucket::Bucket;
pub use bucket_evidence::BucketOwner;
pub use error::FilesError;
use media_type::{MediaRefusal, MediaType};

use crate::config::EvidencePlace;

/// Bytes read at a time when a file is hashed again.
const READ_AT_ONCE: usize = 64 * 1024;
/// How long somebody before a page waits for a bucket.
const OF_A_PAGE: Duration = Duration::from_secs(20);
/// How long a command or a job waits for it, with each proof.
const OF_A_LONG_RUN: Duration = Duration::from_secs(120);

/// Evidence that is safely on disk: synced, named, and its folder synced too.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StoredFile {
    /// The content's SHA-256 in 64 lower-case hexadecimal digits: its name from now on.
    pub sha256: String,
    /// Size in bytes.
    pub size: u64,
}

/// What checking stored evidence against its hash found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum EvidenceCondition {
    /// Every byte as it was stored.
    Intact,
    /// There is no such file.
    Missing,
    /// There is a file, with other content.
    Altered,
}

/// The evidence of a portal. Cheap to clone; safe to use from several processes at once.
#[derive(Clone, Debug)]
pub struct EvidenceFiles {
    /// The folder of evidence. What is on its way is here also where evidence is kept in a bucket.
    folder: PathBuf,
    /// Bytes that uploads leave free; `None` for what suits the disk.
    reserve: Option<u64>,
    /// Where evidence is kept, when that is not the folder.
    bucket: Option<Arc<Bucket>>,
    /// How long a bucket is waited for.
    patience: Duration,
}

impl EvidenceFiles {
    /// The evidence inside the data folder `data`, in `data/evidence`; makes the folder when it is not there.
    ///
    /// # Errors
    /// [`FilesError`] when the folder cannot be made.
    pub fn new(data: &Path) -> Result<Self, FilesError> {
        let files = Self::found_in(data);
        for folder in [files.folder.clone(), files.incoming_folder()] {
            permissions::make_folder(&folder).map_err(FilesError::disk("making the evidence folder"))?;
        }
        sync_folder(data)?;
        sync_folder(&files.folder)?;
        Ok(files)
    }

    /// The evidence inside the data folder `data`, as it is there or not; nothing is made.
    #[must_use]
    pub fn found_in(data: &Path) -> Self {
        Self { folder: data.join("evidence"), reserve: None, bucket: None, patience: OF_A_PAGE }
    }

    /// The same, kept at this place. A bucket is not asked anything yet.
    #[must_use]
    pub fn kept_at(self, place: &EvidencePlace) -> Self {
        let bucket = match place {
            EvidencePlace::Folder => None,
            EvidencePlace::Bucket(address) => Some(Arc::new(Bucket::new(address.clone()))),
        };
        Self { bucket, ..self }
    }

    /// The same for a command or a job, which waits longer for a bucket than a person does.
    #[must_use]
    pub fn patient(&self) -> Self {
        self.clone().with_patience(OF_A_LONG_RUN)
    }

    /// The same, where a bucket is waited for so long.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The same folder, where uploads leave this many bytes of the disk free.
    #[must_use]
    pub fn leaving_free(self, bytes: u64) -> Self {
        Self { reserve: Some(bytes), ..self }
    }

    /// Refuses what would use the reserve of the disk.
    fn refuse_reserve(&self) -> Result<(), FilesError> {
        // a disk that does not tell is used until it is full
        let Ok(disk) = rustix::fs::statvfs(&self.folder) else { return Ok(()) };
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        let reserve = self.reserve.unwrap_or_else(|| reserve_of(disk.f_blocks.saturating_mul(disk.f_frsize)));
        if free < reserve { Err(FilesError::Reserve) } else { Ok(()) }
    }

    /// Begins to take in a file whose bytes arrive piece by piece. Nothing is stored before [`Incoming::finish`].
    ///
    /// # Errors
    /// [`FilesError`] when the temporary file cannot be made.
    pub fn incoming(&self) -> Result<Incoming, FilesError> {
        let (path, file) = self.begin_file()?;
        Ok(Incoming { files: self.clone(), path, file, hash: Sha256::new(), size: 0 })
    }

    /// A new file of a name that nobody has, among what is on its way.
    fn begin_file(&self) -> Result<(PathBuf, File), FilesError> {
        self.refuse_reserve()?;
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        let path = self.incoming_folder().join(hex::encode(random));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(FilesError::disk("beginning an evidence file"))?;
        Ok((path, file))
    }

    /// Stores bytes that are already in memory. The same content twice is stored once.
    ///
    /// # Errors
    /// As [`Incoming::write_chunk`] and [`Incoming::finish`].
    pub fn store(&self, bytes: &[u8]) -> Result<StoredFile, FilesError> {
        let mut incoming = self.incoming()?;
        incoming.write_chunk(bytes)?;
        incoming.finish()
    }

    /// Opens stored evidence for reading. Out of a bucket it is fetched whole before, and compared with its hash.
    ///
    /// # Errors
    /// [`FilesError::Missing`] when nothing is stored under `sha256` (or it is no hash at all). Out of a bucket also
    /// [`FilesError::Altered`] and [`FilesError::Unreachable`].
    pub fn open(&self, sha256: &str) -> Result<File, FilesError> {
        if let Some(bucket) = &self.bucket {
            return self.fetch(bucket, sha256);
        }
        File::open(self.place(sha256).ok_or(FilesError::Missing)?).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => FilesError::Missing,
            _ => FilesError::disk("opening evidence")(error),
        })
    }

    /// Opens stored evidence for giving it out, only when every byte is as it was stored. Nothing of it stays in memory.
    ///
    /// # Errors
    /// [`FilesError::Missing`], [`FilesError::Altered`], or [`FilesError::Disk`] when the disk cannot tell.
    pub fn open_intact(&self, sha256: &str) -> Result<File, FilesError> {
        let mut file = self.open(sha256)?;
        if self.bucket.is_none() && hash_of(&mut file)? != sha256 {
            return Err(FilesError::Altered);
        }
        file.seek(SeekFrom::Start(0)).map_err(FilesError::disk("reading evidence"))?;
        Ok(file)
    }

    /// Reads stored evidence again and compares it with its hash.
    ///
    /// # Errors
    /// [`FilesError::Disk`] when the disk cannot tell, [`FilesError::Unreachable`] when a bucket cannot.
    pub fn verify(&self, sha256: &str) -> Result<EvidenceCondition, FilesError> {
        let mut file = match self.open(sha256) {
            Ok(file) => file,
            Err(FilesError::Missing) => return Ok(EvidenceCondition::Missing),
            Err(FilesError::Altered) => return Ok(EvidenceCondition::Altered),
            Err(error) => return Err(error),
        };
        // out of a bucket it was compared already
        let intact = self.bucket.is_some() || hash_of(&mut file)? == sha256;
        Ok(if intact { EvidenceCondition::Intact } else { EvidenceCondition::Altered })
    }

    /// The size of stored evidence in bytes, without reading it; `None` when nothing is stored under `sha256`.
    ///
    /// # Errors
    /// [`FilesError::Disk`] when the disk cannot tell, [`FilesError::Unreachable`] when a bucket cannot.
    pub fn size(&self, sha256: &str) -> Result<Option<u64>, FilesError> {
        let place = self.place(sha256).ok_or(FilesError::Missing)?;
        if let Some(bucket) = &self.bucket {
            return Ok(bucket.held(sha256, self.patience)?.map(|held| held.size));
        }
        match fs::metadata(place) {
            Ok(found) => Ok(Some(found.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(FilesError::disk("looking at evidence")(error)),
        }
    }

    /// The hashes of everything stored, sorted.
    ///
    /// # Errors
    /// [`FilesError::Disk`] when a folder cannot be read, [`FilesError::Unreachable`] when a bucket cannot.
    pub fn list(&self) -> Result<Vec<String>, FilesError> {
        let mut hashes = Vec::new();
        for digit in "0123456789abcdef".chars() {
            hashes.extend(self.sizes(digit)?.into_keys());
        }
        Ok(hashes)
    }

    /// What is stored under hashes that begin with `digit`: each hash, and how many bytes there are.
    ///
    /// # Errors
    /// As [`EvidenceFiles::list`].
    pub fn sizes(&self, digit: char) -> Result<BTreeMap<String, u64>, FilesError> {
        if let Some(bucket) = &self.bucket {
            return self.sizes_in(bucket, digit);
        }
        let mut sizes = BTreeMap::new();
        for shelf in self.shelves(digit)? {
            let folder = self.folder.join(&shelf);
            for rest in names_in(&folder)? {
                let name = format!("{shelf}{rest}");
                // one that is gone meanwhile is not there
                let Ok(found) = fs::metadata(folder.join(&rest)) else { continue };
                if is_hash(&name) && found.is_file() {
                    sizes.insert(name, found.len());
                }
            }
        }
        Ok(sizes)
    }

    /// The names of the folder's shelves that begin with `digit`.
    fn shelves(&self, digit: char) -> Result<Vec<String>, FilesError> {
        let mut names = names_in(&self.folder)?;
        names.retain(|name| name.len() == 2 && name.starts_with(digit));
        Ok(names)
    }

    fn incoming_folder(&self) -> PathBuf {
        self.folder.join("incoming")
    }

    /// `None` for what is no hash, so that no path can be smuggled in.
    fn place(&self, sha256: &str) -> Option<PathBuf> {
        if !is_hash(sha256) {
            return None;
        }
        sha256.split_at_checked(2).map(|(shelf, rest)| self.folder.join(shelf).join(rest))
    }
}

/// A file that is arriving, in a temporary place of the same file system. Dropping it leaves nothing behind.
#[derive(Debug)]
pub struct Incoming {
    files: EvidenceFiles,
    path: PathBuf,
    file: File,
    hash: Sha256,
    size: u64,
}

impl Incoming {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// [`FilesError::TooLarge`] as soon as there are more than [`LARGEST_FILE`]; [`FilesError::Reserve`], [`FilesError::Full`] or
    /// [`FilesError::Disk`] when they cannot be written.
    pub fn write_chunk(&mut self, bytes: &[u8]) -> Result<(), FilesError> {
        let more = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let size = self.size.saturating_add(more);
        if size > LARGEST_FILE {
            return Err(FilesError::TooLarge);
        }
        self.files.refuse_reserve()?;
        self.file.write_all(bytes).map_err(FilesError::disk("writing an evidence file"))?;
        self.hash.update(bytes);
        self.size = size;
        Ok(())
    }

    /// Bytes taken so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Says what the content is, whatever the file is called. To be asked when all bytes have arrived.
    ///
    /// # Errors
    /// [`FilesError::Disk`] when the bytes cannot be read again. What is no accepted kind of file is no error of ours:
    /// it is the inner [`MediaRefusal`], in words for the person.
    pub fn recognise(&mut self) -> Result<Result<MediaType, MediaRefusal>, FilesError> {
        let reading = || FilesError::disk("reading an evidence file");
        self.file.seek(SeekFrom::Start(0)).map_err(reading())?;
        let found = media_type::recognise(&mut self.file).map_err(reading())?;
        self.file.seek(SeekFrom::End(0)).map_err(reading())?;
        Ok(found)
    }

    /// The bytes that have arrived, from the beginning, for reading them without keeping them.
    ///
    /// # Errors
    /// [`FilesError::Disk`] when they cannot be read again.
    pub fn content(&mut self) -> Result<&mut File, FilesError> {
        self.file.seek(SeekFrom::Start(0)).map_err(FilesError::disk("reading an uploaded file"))?;
        Ok(&mut self.file)
    }

    /// Puts the file in its place. When this returns, it survives a power cut: the bytes, its name and its folder's
    /// name have reached the disk, or a bucket says that it has them. Content that is stored already is written over
    /// with itself, which also mends a damaged copy; in a bucket that is done when it is half a day old.
    ///
    /// # Errors
    /// [`FilesError`]; then nothing is stored.
    pub fn finish(mut self) -> Result<StoredFile, FilesError> {
        let storing = || FilesError::disk("storing an evidence file");
        let sha256 = hex::encode(self.hash.clone().finalize());
        if let Some(bucket) = self.files.bucket.clone() {
            self.files.put_into(&bucket, &sha256, &mut self.file, self.size)?;
            return Ok(StoredFile { sha256, size: self.size });
        }
        self.file.sync_all().map_err(storing())?;
        let place = self.files.place(&sha256).ok_or(FilesError::Missing)?;
        let shelf = place.parent().ok_or(FilesError::Missing)?;
        permissions::make_folder(shelf).map_err(storing())?;
        // The folder's own entry first: a synced name in a folder that is lost would be lost with it. Synced each
        // time, because another upload may have made the folder a moment ago and not got as far as syncing it.
        sync_folder(&self.files.folder)?;
        fs::rename(&self.path, &place).map_err(storing())?;
        sync_folder(shelf)?;
        Ok(StoredFile { sha256, size: self.size })
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // After `finish` the temporary name is gone and this finds nothing; what a failing disk keeps,
        // `clear_abandoned` removes later.
        let _ = fs::remove_file(&self.path);
    }
}

/// The hash of what a file still has to give.
fn hash_of(file: &mut File) -> Result<String, FilesError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; READ_AT_ONCE];
    loop {
        let read = file.read(&mut buffer).map_err(FilesError::disk("reading evidence"))?;
        match buffer.get(..read) {
            Some(bytes) if !bytes.is_empty() => hash.update(bytes),
            _ => return Ok(hex::encode(hash.finalize())),
        }
    }
}

/// Bytes that are free for us on the disk of a folder; `None` where the system cannot tell.
#[must_use]
pub fn room(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Makes names in a folder survive a power cut.
fn sync_folder(folder: &Path) -> Result<(), FilesError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(FilesError::disk("syncing the evidence folder"))
}

fn names_in(folder: &Path) -> Result<Vec<String>, FilesError> {
    let reading = || FilesError::disk("reading the evidence folder");
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(reading())? {
        // Names that are not text are not ours.
        if let Ok(name) = entry.map_err(reading())?.file_name().into_string() {
            names.push(name);
        }
    }
    Ok(names)
}

/// Whether a text is a SHA-256 as evidence is named: 64 lower-case hexadecimal digits.
#[must_use]
pub fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
