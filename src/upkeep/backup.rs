//! `backup`: the whole of a portal in one file, made while it serves.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::FlockOperation;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::archive::{Archive, CONTENTS, Contents, DATABASE, EVIDENCE, FORM, copy_hashed};
use super::{Progress, Scrap, sync_folder, unfinished};
use crate::files::EvidenceCondition;
use crate::portal::Portal;
use crate::store::engine::copies;

pub use super::archive::BackupError;

/// What a backup holds, or what was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBackup {
    /// When the backup was made (UTC).
    pub made_at: String,
    /// How many evidence files it holds.
    pub evidence: usize,
    /// Hashes of evidence that the database names and that was missing or altered when the backup was made.
    pub missing: Vec<String>,
}

impl From<Contents> for KeptBackup {
    fn from(contents: Contents) -> Self {
        KeptBackup { made_at: contents.made_at, evidence: contents.evidence.len(), missing: contents.missing }
    }
}

/// The steps of a backup: three for the database, three for each evidence file.
struct Steps<'a> {
    done: usize,
    all: usize,
    progress: Progress<'a>,
}

impl Steps<'_> {
    fn one(&mut self) -> Result<(), BackupError> {
        self.done += 1;
        match (self.progress)(self.done, self.all) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(BackupError::Stopped),
        }
    }
}

/// Writes a backup of everything to `target`, reads it again, and gives it its name only when it is whole. The keys that sign badges
/// are not in it: whoever finds a backup could sign badges with them.
///
/// # Errors
/// `BackupError`; then `target` is as it was.
pub fn backup(portal: &Portal, target: &Path, progress: Progress<'_>) -> Result<KeptBackup, BackupError> {
    // dropped from the last to the first: ours is removed while it is still ours
    let (file, mut part) = claim(target)?;
    let copy = Scrap(unfinished(&part.0));
    remove_leftover(&copy.0)?;
    portal.store.copy_to(&copy.0)?;
    let facts = copies::look_into(&copy.0)?;
    if let Some(damage) = facts.damage.first() {
        return Err(BackupError::Damaged(damage.clone()));
    }
    let mut steps = Steps { done: 0, all: 3 * (facts.evidence.len() + 1), progress };
    steps.one()?;
    let mut evidence = Vec::with_capacity(facts.evidence.len());
    let mut missing = Vec::new();
    for sha256 in facts.evidence {
        match portal.files.patient().verify(&sha256)? {
            EvidenceCondition::Intact => evidence.push(sha256),
            EvidenceCondition::Missing | EvidenceCondition::Altered => missing.push(sha256),
        }
        steps.one()?;
    }
    // what is missing is neither packed nor read again
    steps.all -= 2 * missing.len();
    let contents = Contents {
        form: FORM,
        made_at: portal.clock.now().format(super::archive::INSTANT).to_string(),
        schema: facts.schema,
        database: copy_hashed(&mut File::open(&copy.0)?, &mut io::sink())?,
        evidence,
        missing,
    };
    write(portal, &contents, &copy.0, &file, &mut steps)?;
    let mut archive = Archive::open(&part.0)?;
    archive.examine(&mut || steps.one())?;
    fs::rename(&part.0, target)?;
    // what has that name from now on is somebody else's
    part.0 = PathBuf::new();
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    sync_folder(folder.unwrap_or(Path::new(".")))?;
    Ok(contents.into())
}

fn write(
    portal: &Portal,
    contents: &Contents,
    database: &Path,
    file: &File,
    steps: &mut Steps<'_>,
) -> Result<(), BackupError> {
    let mut zip = ZipWriter::new(BufWriter::new(file));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    // evidence is compressed already, most of it
    let as_it_is = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file(CONTENTS, packed)?;
    zip.write_all(&serde_json::to_vec_pretty(contents).map_err(io::Error::other)?)?;
    zip.start_file(DATABASE, packed.large_file(true))?;
    copy_hashed(&mut File::open(database)?, &mut zip)?;
    steps.one()?;
    for sha256 in &contents.evidence {
        zip.start_file(format!("{EVIDENCE}{sha256}"), as_it_is)?;
        copy_hashed(&mut portal.files.patient().open(sha256)?, &mut zip)?;
        steps.one()?;
    }
    zip.finish()?.flush()?;
    file.sync_all()?;
    Ok(())
}

/// The evidence that a database names must be in the backup, or be told as missing.
pub(super) fn all_there(named: &[String], contents: &Contents) -> bool {
    let listed: BTreeSet<&String> = contents.evidence.iter().chain(&contents.missing).collect();
    named.iter().all(|sha256| listed.contains(sha256))
}

/// The unfinished file beside `target`, empty and ours until we close it: two backups to one name would give it half of the other.
fn claim(target: &Path) -> Result<(File, Scrap), BackupError> {
    let path = unfinished(target);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    // a backup holds everything that the portal holds about people
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    loop {
        let file = options.open(&path)?;
        if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Err(BackupError::UnderWay(target.display().to_string()));
        }
        // whoever had it before may have given it its name, or removed it, in between
        if fs::metadata(&path).is_ok_and(|there| same(&there, &file)) {
            file.set_len(0)?;
            return Ok((file, Scrap(path)));
        }
    }
}

fn same(there: &Metadata, file: &File) -> bool {
    file.metadata().is_ok_and(|ours| (ours.dev(), ours.ino()) == (there.dev(), there.ino()))
}

fn remove_leftover(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
