//! `backup` and `restore`: the whole of a portal in one file, made while it serves, and put back into an empty data folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::archive::{Archive, CONTENTS, Contents, DATABASE, EVIDENCE, FORM, copy_hashed};
use crate::files::{Condition, EvidenceFiles, FilesError};
use crate::portal::Portal;
use crate::store::checks;

pub use super::archive::BackupError;

/// Where a backup is unpacked until it is whole.
const RESTORING: &str = ".restoring";
const EVIDENCE_FOLDER: &str = "evidence";

/// What a backup holds, or what was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// When the backup was made (UTC).
    pub made_at: String,
    /// How many evidence files it holds.
    pub evidence: usize,
    /// Hashes of evidence that the database names and that was missing or altered when the backup was made.
    pub missing: Vec<String>,
}

impl From<Contents> for Kept {
    fn from(contents: Contents) -> Self {
        Kept { made_at: contents.made_at, evidence: contents.evidence.len(), missing: contents.missing }
    }
}

/// Removes a file or folder of our own when it goes out of scope.
struct Scrap(PathBuf);

impl Drop for Scrap {
    fn drop(&mut self) {
        // what the disk keeps now is overwritten or refused by the next try
        let _ = fs::remove_file(&self.0).or_else(|_| fs::remove_dir_all(&self.0));
    }
}

/// Writes a backup of everything to `target`, reads it again, and gives it its name only when it is whole.
///
/// # Errors
/// `BackupError`; then `target` is as it was.
pub fn backup(
    portal: &Portal,
    target: &Path,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Kept, BackupError> {
    let part = Scrap(super::unfinished(target));
    let copy = Scrap(super::unfinished(&part.0));
    remove_leftover(&copy.0)?;
    portal.store.copy_to(&copy.0)?;
    let facts = checks::look_into(&copy.0)?;
    if let Some(damage) = facts.damage.first() {
        return Err(BackupError::Damaged(damage.clone()));
    }
    let mut evidence = Vec::with_capacity(facts.evidence.len());
    let mut missing = Vec::new();
    for sha256 in facts.evidence {
        match portal.files.verify(&sha256)? {
            Condition::Intact => evidence.push(sha256),
            Condition::Missing | Condition::Altered => missing.push(sha256),
        }
    }
    let contents = Contents {
        form: FORM,
        made_at: portal.clock.now().format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        schema: facts.schema,
        database: copy_hashed(&mut File::open(&copy.0)?, &mut io::sink())?,
        evidence,
        missing,
    };
    write(portal, &contents, &copy.0, &part.0, progress)?;
    Archive::open(&part.0)?.examine()?;
    fs::rename(&part.0, target)?;
    sync_folder_of(target)?;
    Ok(contents.into())
}

fn write(
    portal: &Portal,
    contents: &Contents,
    database: &Path,
    part: &Path,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(), BackupError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // a backup holds everything that the portal holds about people
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(part)?;
    let mut zip = ZipWriter::new(BufWriter::new(&file));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    // evidence is compressed already, most of it
    let as_it_is = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file(CONTENTS, packed)?;
    zip.write_all(&serde_json::to_vec_pretty(contents).map_err(io::Error::other)?)?;
    zip.start_file(DATABASE, packed.large_file(true))?;
    copy_hashed(&mut File::open(database)?, &mut zip)?;
    for (done, sha256) in contents.evidence.iter().enumerate() {
        progress(done, contents.evidence.len());
        zip.start_file(format!("{EVIDENCE}{sha256}"), as_it_is)?;
        copy_hashed(&mut portal.files.open(sha256)?, &mut zip)?;
    }
    zip.finish()?.flush()?;
    file.sync_all()?;
    Ok(())
}

/// Puts a backup back into the data folder `data`, which has to be empty or not there yet. The backup is examined whole before anything is
/// put in its place.
///
/// # Errors
/// `BackupError`; then the data folder is as it was.
pub fn restore(source: &Path, data: &Path) -> Result<Kept, BackupError> {
    let mut archive = Archive::open(source)?;
    let made_folder = check_empty(data)?;
    let unpacked = unpack(&mut archive, data);
    // the folder made by us goes again; one that was there stays
    if unpacked.is_err() && made_folder {
        let _ = fs::remove_dir(data);
    }
    unpacked?;
    Ok(archive.contents.into())
}

/// Makes the data folder where it is missing, and says whether it did.
fn check_empty(data: &Path) -> Result<bool, BackupError> {
    let not_empty = || BackupError::NotEmpty(data.display().to_string());
    match fs::read_dir(data) {
        Ok(entries) => {
            for entry in entries {
                // what an interrupted restore left is ours
                if entry?.file_name() != RESTORING {
                    return Err(not_empty());
                }
            }
            Ok(false)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(data)?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(not_empty()),
        Err(error) => Err(error.into()),
    }
}

fn unpack(archive: &mut Archive, data: &Path) -> Result<(), BackupError> {
    let scrap = Scrap(data.join(RESTORING));
    if scrap.0.exists() {
        fs::remove_dir_all(&scrap.0)?;
    }
    fs::create_dir(&scrap.0)?;
    let database = scrap.0.join(DATABASE);
    let mut file = File::create_new(&database)?;
    archive.database_to(&mut file)?;
    file.sync_all()?;
    let facts = checks::look_into(&database)
        .map_err(|_| BackupError::NotWhole("its database is none of a portal".to_owned()))?;
    if let Some(damage) = facts.damage.first() {
        return Err(BackupError::NotWhole(format!("its database is damaged: {damage}")));
    }
    if facts.schema > checks::newest_schema()? {
        return Err(BackupError::Newer);
    }
    let files = EvidenceFiles::new(&scrap.0)?;
    for sha256 in archive.contents.evidence.clone() {
        let mut incoming = Taking(files.incoming()?);
        archive.evidence_to(&sha256, &mut incoming)?;
        incoming.0.finish()?;
    }
    // the database comes last: without it the folder is no portal's yet
    fs::rename(scrap.0.join(EVIDENCE_FOLDER), data.join(EVIDENCE_FOLDER))?;
    if let Err(error) = fs::rename(&database, data.join(DATABASE)) {
        let _ = fs::remove_dir_all(data.join(EVIDENCE_FOLDER));
        return Err(error.into());
    }
    File::open(data)?.sync_all()?;
    Ok(())
}

/// An arriving evidence file as something to write into.
struct Taking(crate::files::Incoming);

impl Write for Taking {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write_chunk(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(FilesError::Full { source, .. } | FilesError::Disk { source, .. }) => Err(source),
            Err(other) => Err(io::Error::other(other)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn remove_leftover(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
