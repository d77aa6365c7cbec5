//! What a backup looks like: a zip file with a list of contents, the database, and the evidence under its hashes.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::files::FilesError;
use crate::store::StoreError;

/// The list of contents.
pub(super) const CONTENTS: &str = "cpe-portal-backup.json";
/// The database.
pub(super) const DATABASE: &str = "portal.sqlite";
/// Folder of the evidence.
pub(super) const EVIDENCE: &str = "evidence/";
/// The form that this version writes and reads.
pub(super) const FORM: u32 = 1;

const AT_ONCE: usize = 64 * 1024;

/// Why a backup could not be made or put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file is no backup of this portal, or not a whole one.
    #[error("this is not a whole backup of a portal: {0}")]
    NotWhole(String),
    /// The backup comes from a newer version of the portal.
    #[error("this backup was made by a newer version of the portal; update this one first")]
    Newer,
    /// The data folder has something in it.
    #[error(
        "the data folder {0} is not empty; a backup is put back into an empty one, while no portal uses it"
    )]
    NotEmpty(String),
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
            let contents = zip
                .by_name(CONTENTS)
                .map_err(|_| BackupError::NotWhole("it has no list of contents".to_owned()))?;
            contents.take(1 << 30).read_to_string(&mut text).map_err(unreadable)?;
        }
        let contents: Contents = serde_json::from_str(&text)
            .map_err(|_| BackupError::NotWhole("its list of contents cannot be read".to_owned()))?;
        if contents.form > FORM {
            return Err(BackupError::Newer);
        }
        Ok(Archive { zip, contents })
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

    fn copy(&mut self, name: &str, sha256: &str, out: &mut dyn Write) -> Result<(), BackupError> {
        let mut entry =
            self.zip.by_name(name).map_err(|_| BackupError::NotWhole(format!("{name} is missing")))?;
        let hash = copy_hashed(&mut entry, out).map_err(|error| match error {
            Copying::From(error) => BackupError::NotWhole(format!("{name}: {error}")),
            Copying::To(error) => BackupError::Disk(error),
        })?;
        if hash == sha256 { Ok(()) } else { Err(BackupError::NotWhole(format!("{name} is altered"))) }
    }

    /// Reads everything and compares it with its hashes.
    pub(super) fn examine(&mut self) -> Result<(), BackupError> {
        self.database_to(&mut io::sink())?;
        for sha256 in self.contents.evidence.clone() {
            self.evidence_to(&sha256, &mut io::sink())?;
        }
        Ok(())
    }
}

fn not_whole(error: ZipError) -> BackupError {
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => BackupError::Disk(error),
        other => BackupError::NotWhole(other.to_string()),
    }
}

fn unreadable(error: io::Error) -> BackupError {
    BackupError::NotWhole(error.to_string())
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
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
