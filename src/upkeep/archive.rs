//! What a backup looks like: a zip file with a list of contents, the database, and the evidence under its hashes; or, instead of the
//! evidence, the list of what lies beside it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::ZipArchive;
use zip::read::read_zipfile_from_stream;
use zip::result::ZipError;

use crate::files::{FilesError, is_hash};
use crate::store::StoreError;

/// The list of contents.
pub(super) const CONTENTS: &str = "cpe-portal-backup.json";
/// The database.
pub(super) const DATABASE: &str = "portal.sqlite";
/// Folder of the evidence.
pub(super) const EVIDENCE: &str = "evidence/";
/// The evidence that lies beside the backup: a line for each, its hash and its size in bytes.
pub(super) const BESIDE: &str = "evidence.txt";
/// The form of a backup with everything in one file.
pub(super) const WHOLE_FORM: u32 = 1;
/// The form of a backup whose evidence lies beside it.
pub(super) const TWO_PART_FORM: u32 = 2;
/// The form of a backup whose evidence is a bucket's own to keep; the newest that this version reads.
pub(super) const DATABASE_FORM: u32 = 3;

/// How the list of contents writes an instant (UTC).
pub(super) const INSTANT: &str = "%Y-%m-%dT%H:%M:%SZ";

const AT_ONCE: usize = 64 * 1024;
/// A part that would grow more than this many times is no database and no list: those grow a few dozen times at the most.
const MOST_GROWTH: u64 = 250;
/// The list of contents is read into memory. It is nearly all hashes, which grow by half.
const MOST_GROWTH_OF_CONTENTS: u64 = 10;
/// A list of contents up to this size is read to tell how a backup fares: it may name 200 000 files that are missing. A longer one names the
/// evidence of a backup in one part, and takes too long.
const SHORT_CONTENTS: u64 = 16 << 20;
/// How every zip file begins, but for one of nothing.
const ZIP_BEGINS: [u8; 4] = *b"PK\x03\x04";
/// A part below this size does no harm, however much it grows.
const SMALL: u64 = 1 << 20;

/// Why a backup could not be made or put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file is no backup of this portal, or not a whole one.
    #[error("this is not a whole backup of a portal: {0}")]
    NotWhole(String),
    /// The backup comes from a newer version of the portal.
    #[error("this backup was made by a newer version of the portal; update this one first")]
    Newer,
    /// A portal, or a command of one, uses the data folder.
    #[error("the data folder {0} is in use; stop the portal that serves from it first")]
    InUse(String),
    /// Another process makes a backup of this name.
    #[error("another backup to {0} is under way; wait for it, or choose another name")]
    UnderWay(String),
    /// Too little room on the disk.
    #[error("there is too little room on the disk: {needed} bytes are needed, {room} are free")]
    NoRoom {
        /// Bytes needed.
        needed: u64,
        /// Bytes free.
        room: u64,
    },
    /// Somebody told it to stop.
    #[error("it was stopped before its end")]
    Stopped,
    /// The data folder has something in it.
    #[error(
        "the data folder {0} is not empty; a backup is put back into an empty one, while no portal uses it"
    )]
    NotEmpty(String),
    /// Evidence that belongs to the backup is not in the folder beside it.
    #[error(
        "evidence that belongs to it is missing or altered in {folder}, {lacking} of {all}; name the folder with the copies by --evidence, or \
         put a good copy there as {first}; to go on without it, put portal.sqlite out of the backup into an empty data folder, and beside it \
         the keys and that folder with the name evidence, and start: check then names what is missing"
    )]
    EvidenceLacking {
        /// How many are missing or altered.
        lacking: usize,
        /// How many there should be.
        all: usize,
        /// Where they were looked for.
        folder: String,
        /// The places in it of the first of them, in words.
        first: String,
    },
    /// The backup has no evidence, because a bucket keeps it, and a folder was to take it.
    #[error(
        "it holds the database only; its evidence is in {0}, so CPE_PORTAL_EVIDENCE has to name that bucket, or one that holds a copy of it"
    )]
    EvidenceInBucket(String),
    /// The database is damaged, so that a copy of it would be worth nothing.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The database.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The evidence.
    #[error("{0}")]
    Files(#[from] FilesError),
    /// The disk.
    #[error("{0}")]
    Disk(#[from] io::Error),
    /// The zip file could not be written.
    #[error("{0}")]
    Zip(#[from] ZipError),
}

/// The list of contents.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Contents {
    /// Which form the backup has.
    pub form: u32,
    /// When it was made (UTC).
    pub made_at: String,
    /// The newest migration of the database.
    pub schema: String,
    /// SHA-256 of the database.
    pub database: String,
    /// Hashes of the evidence in it.
    pub evidence: Vec<String>,
    /// Hashes of evidence that the database names and that could not be found.
    pub missing: Vec<String>,
    /// What lies beside it, for a backup in two parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beside: Option<EvidenceBeside>,
    /// The bucket that keeps all evidence by itself, for a backup of the database alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
}

/// What lies beside a backup in two parts.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct EvidenceBeside {
    /// SHA-256 of the list that names it.
    list: String,
    /// How many evidence files.
    pub files: usize,
    /// Their size in bytes.
    pub bytes: u64,
    /// How many of them were copied for this backup.
    pub new: usize,
    /// Their size in bytes.
    pub new_bytes: u64,
}

impl EvidenceBeside {
    /// Of this list, whose last `new` files of `new_bytes` bytes were copied for this backup.
    pub(super) fn of(list: &str, files: &[(String, u64)], new: (usize, u64)) -> EvidenceBeside {
        EvidenceBeside {
            list: hex::encode(Sha256::digest(list)),
            files: files.len(),
            bytes: files.iter().map(|(_, bytes)| *bytes).fold(0, u64::saturating_add),
            new: new.0,
            new_bytes: new.1,
        }
    }
}

/// The list of what lies beside a backup, as it stands in it.
pub(super) fn list_of(files: &[(String, u64)]) -> String {
    files.iter().map(|(sha256, bytes)| format!("{sha256} {bytes}\n")).collect()
}

/// What a backup in two parts says about its parts, and of how much evidence it has no copy; `None` for one in one part, or one that cannot be
/// read. Only its beginning is read, where the list of contents stands: the list of all parts, at its end, may be as long as the evidence.
pub(super) fn parts_of(path: &Path) -> Option<(EvidenceBeside, usize)> {
    let mut beginning = BufReader::new(File::open(path).ok()?).take(SHORT_CONTENTS);
    let contents = read_zipfile_from_stream(&mut beginning).ok()??;
    if contents.name().ok()? != CONTENTS || contents.size() > SHORT_CONTENTS {
        return None;
    }
    let contents: Contents = serde_json::from_reader(BufReader::new(contents.take(SHORT_CONTENTS))).ok()?;
    Some((contents.beside?, contents.missing.len()))
}

/// Whether what has this name is surely no backup, nor what is left of one: no file, no zip file by its first bytes, or a zip file that can be
/// read to its end and has none of a backup's parts. What cannot be read, and a zip file that is damaged or was copied by half, may be one.
pub(super) fn is_foreign(path: &Path) -> bool {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => has_foreign_bytes(path).unwrap_or(false),
        found => found.is_ok(),
    }
}

fn has_foreign_bytes(path: &Path) -> Option<bool> {
    let mut file = File::open(path).ok()?;
    let mut begins = [0; ZIP_BEGINS.len()];
    // shorter than that, or nothing but zeros: room that is not filled yet
    file.read_exact(&mut begins).ok()?;
    if begins != ZIP_BEGINS {
        return Some(begins != [0; ZIP_BEGINS.len()]);
    }
    let zip = ZipArchive::new(BufReader::new(file)).ok()?;
    // one that begins further on is a part of what was cut off: evidence may be a zip file, too
    let parts: Option<Vec<bool>> =
        zip.file_names().map(|name| Some([CONTENTS, BESIDE].contains(&name.ok()?.as_ref()))).collect();
    Some(zip.offset() == 0 && !parts?.contains(&true))
}

/// A backup that is open for reading.
pub(super) struct Archive {
    zip: ZipArchive<BufReader<File>>,
    /// What it says it holds.
    pub contents: Contents,
}

impl Archive {
    /// Opens a backup and reads its list of contents.
    pub(super) fn open(path: &Path) -> Result<Self, BackupError> {
        let mut zip = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(not_whole)?;
        let mut text = String::new();
        {
            let contents =
                zip.by_name(CONTENTS).map_err(|error| absent(error, "it has no list of contents"))?;
            let size = contents.size();
            grows_sensibly(CONTENTS, size, contents.compressed_size(), MOST_GROWTH_OF_CONTENTS)?;
            // what is longer than it says ends in the middle, and is no list
            contents.take(size).read_to_string(&mut text).map_err(|error| unreadable(error, ""))?;
        }
        let contents: Contents = serde_json::from_str(&text)
            .map_err(|_| BackupError::NotWhole("its list of contents cannot be read".to_owned()))?;
        if contents.form > DATABASE_FORM {
            return Err(BackupError::Newer);
        }
        let archive = Archive { zip, contents };
        archive.only_its_own()?;
        Ok(archive)
    }

    /// Every part is one that the list of contents names, under a name that leads nowhere else, and each is there once.
    fn only_its_own(&self) -> Result<(), BackupError> {
        let evidence = self.contents.evidence.iter().map(|sha256| format!("{EVIDENCE}{sha256}"));
        let mut expected: BTreeSet<String> = evidence.collect();
        let distinct = expected.len();
        expected.extend([CONTENTS.to_owned(), DATABASE.to_owned()]);
        expected.extend(self.contents.beside.iter().map(|_| BESIDE.to_owned()));
        if distinct != self.contents.evidence.len()
            || self.contents.evidence.iter().any(|sha256| !is_hash(sha256))
        {
            return Err(BackupError::NotWhole("its list of contents names what is no evidence".to_owned()));
        }
        for name in self.zip.file_names() {
            let name = name.map_err(not_whole)?;
            if !expected.contains(name.as_ref()) {
                return Err(BackupError::NotWhole(format!("{name:?} is no part of a backup")));
            }
        }
        Ok(())
    }

    /// When it was made (UTC).
    pub(super) fn made_at(&self) -> Result<NaiveDateTime, BackupError> {
        NaiveDateTime::parse_from_str(&self.contents.made_at, INSTANT)
            .map_err(|_| BackupError::NotWhole("it does not say when it was made".to_owned()))
    }

    /// What everything in it takes when it is unpacked, in bytes, as it says itself; a part never becomes larger than it says.
    pub(super) fn unpacked_bytes(&mut self) -> u64 {
        let sizes = (0..self.zip.len()).map(|part| self.zip.by_index_raw(part).map_or(0, |part| part.size()));
        sizes.fold(0, u64::saturating_add)
    }

    /// What its database takes when it is unpacked, in bytes, as it says itself.
    pub(super) fn database_bytes(&mut self) -> u64 {
        self.zip.by_name(DATABASE).map_or(0, |part| part.size())
    }

    /// Writes the database out and compares it with its hash.
    pub(super) fn database_to(&mut self, out: &mut dyn Write) -> Result<(), BackupError> {
        let expected = self.contents.database.clone();
        self.copy(DATABASE, &expected, out)
    }

    /// Writes one evidence file out and compares it with its hash.
    pub(super) fn evidence_to(&mut self, sha256: &str, out: &mut dyn Write) -> Result<(), BackupError> {
        self.copy(&format!("{EVIDENCE}{sha256}"), sha256, out)
    }

    /// The evidence that lies beside it, by hash, with sizes in bytes; none for a backup in one part.
    pub(super) fn beside(&mut self) -> Result<Vec<(String, u64)>, BackupError> {
        let Some(beside) = self.contents.beside.clone() else { return Ok(Vec::new()) };
        {
            let missing = |error| absent(error, &format!("{BESIDE} is missing"));
            let entry = self.zip.by_name(BESIDE).map_err(missing)?;
            grows_sensibly(BESIDE, entry.size(), entry.compressed_size(), MOST_GROWTH_OF_CONTENTS)?;
        }
        let mut text = Vec::new();
        self.copy(BESIDE, &beside.list, &mut text)?;
        let lines = std::str::from_utf8(&text).unwrap_or_default().lines();
        let files: Option<Vec<(String, u64)>> = lines
            .map(|line| {
                let (sha256, bytes) = line.split_once(' ').filter(|(sha256, _)| is_hash(sha256))?;
                Some((sha256.to_owned(), bytes.parse().ok()?))
            })
            .collect();
        match files.filter(|files| files.len() == beside.files) {
            Some(files) => Ok(files),
            None => Err(BackupError::NotWhole(format!("{BESIDE} names what is no evidence"))),
        }
    }

    fn copy(&mut self, name: &str, sha256: &str, out: &mut dyn Write) -> Result<(), BackupError> {
        let entry = self.zip.by_name(name).map_err(|error| absent(error, &format!("{name} is missing")))?;
        let size = entry.size();
        grows_sensibly(name, size, entry.compressed_size(), MOST_GROWTH)?;
        // one byte more than it says shows as another hash
        let hash =
            copy_hashed(&mut entry.take(size.saturating_add(1)), out).map_err(|error| match error {
                Copying::From(error) => unreadable(error, &format!("{name}: ")),
                Copying::To(error) => BackupError::Disk(error),
            })?;
        if hash == sha256 { Ok(()) } else { Err(BackupError::NotWhole(format!("{name} is altered"))) }
    }

    /// Reads everything and compares it with its hashes. `step` is asked after each part.
    pub(super) fn examine(
        &mut self,
        step: &mut dyn FnMut() -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        self.database_to(&mut io::sink())?;
        step()?;
        for sha256 in self.contents.evidence.clone() {
            self.evidence_to(&sha256, &mut io::sink())?;
            step()?;
        }
        self.beside()?;
        Ok(())
    }
}

fn grows_sensibly(name: &str, size: u64, packed: u64, most: u64) -> Result<(), BackupError> {
    if size > SMALL && size / packed.max(1) > most {
        return Err(BackupError::NotWhole(format!("{name} would grow to {size} bytes out of {packed}")));
    }
    Ok(())
}

fn not_whole(error: ZipError) -> BackupError {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => BackupError::Disk(error),
        other => BackupError::NotWhole(other.to_string()),
    }
}

/// What came of looking for a part.
fn absent(error: ZipError, words: &str) -> BackupError {
    match error {
        ZipError::Io(error) if error.raw_os_error().is_some() => BackupError::Disk(error),
        _ => BackupError::NotWhole(words.to_owned()),
    }
}

/// What came of reading a part: what the operating system says is about the disk, everything else about the bytes.
fn unreadable(error: io::Error, of: &str) -> BackupError {
    match error.raw_os_error() {
        Some(_) => BackupError::Disk(error),
        None => BackupError::NotWhole(format!("{of}{error}")),
    }
}

/// Which end of a copy failed.
pub(super) enum Copying {
    From(io::Error),
    To(io::Error),
}

impl From<Copying> for BackupError {
    fn from(error: Copying) -> Self {
        match error {
            Copying::From(error) | Copying::To(error) => BackupError::Disk(error),
        }
    }
}

/// Copies bytes and gives their SHA-256.
pub(super) fn copy_hashed(from: &mut dyn Read, to: &mut dyn Write) -> Result<String, Copying> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; AT_ONCE];
    loop {
        let read = from.read(&mut buffer).map_err(Copying::From)?;
        match buffer.get(..read) {
            Some(bytes) if !bytes.is_empty() => {
                hash.update(bytes);
                to.write_all(bytes).map_err(Copying::To)?;
            }
            _ => break,
        }
    }
    Ok(hex::encode(hash.finalize()))
}
