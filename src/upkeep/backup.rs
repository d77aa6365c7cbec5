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

use super::archive::{
    Archive, BESIDE, CONTENTS, Contents, DATABASE, DATABASE_FORM, EVIDENCE, EvidenceBeside, INSTANT,
    TWO_PART_FORM, WHOLE_FORM, copy_hashed, list_of,
};
use super::evidence_copies::{CopiesReport, copy_all};
use super::rotation::WeekPart;
use super::{Progress, Scrap, sync_folder, unfinished};
use crate::files::EvidenceCondition;
use crate::files::copies::EvidenceCopies;
use crate::portal::Portal;
use crate::store::engine::sqlite::copies::{self, CopyFacts};

pub use super::archive::BackupError;

/// What a backup holds, or what was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBackup {
    /// When the backup was made (UTC).
    pub made_at: String,
    /// How many evidence files it holds, or lie beside it.
    pub evidence: usize,
    /// Hashes of evidence that the database names and that was missing or altered when the backup was made.
    pub missing: Vec<String>,
    /// The bucket in which all evidence stays, for a backup of the database alone.
    pub bucket: Option<String>,
}

impl From<Contents> for KeptBackup {
    fn from(contents: Contents) -> Self {
        let beside = contents.beside.map_or(0, |beside| beside.files);
        KeptBackup {
            made_at: contents.made_at,
            evidence: contents.evidence.len() + beside,
            missing: contents.missing,
            bucket: contents.bucket,
        }
    }
}

/// The steps of a backup: three for the database, and one for each look at an evidence file.
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

/// A backup that is being made: its unfinished file, and the database as of one moment in a file of its own. Both go with it.
struct Draft {
    // dropped from the first to the last: ours is removed while it is still ours
    copy: Scrap,
    part: Scrap,
    file: File,
    facts: CopyFacts,
    /// Everything that was done until then (UTC) is in it.
    made_at: String,
}

impl Draft {
    fn begin(portal: &Portal, target: &Path) -> Result<Draft, BackupError> {
        let (file, part) = claim(target)?;
        let copy = Scrap(unfinished(&part.0));
        remove_leftover(&copy.0)?;
        let made_at = portal.clock.now().format(INSTANT).to_string();
        portal.store.copy_to(&copy.0)?;
        let facts = copies::look_into(&copy.0)?;
        if let Some(damage) = facts.damage.first() {
            return Err(BackupError::Damaged(damage.clone()));
        }
        Ok(Draft { copy, part, file, facts, made_at })
    }

    /// The list of contents, before anything of the evidence is in it.
    fn contents(&self, form: u32) -> Result<Contents, BackupError> {
        Ok(Contents {
            form,
            made_at: self.made_at.clone(),
            schema: self.facts.schema.clone(),
            database: copy_hashed(&mut File::open(&self.copy.0)?, &mut io::sink())?,
            evidence: Vec::new(),
            missing: Vec::new(),
            beside: None,
            bucket: None,
        })
    }

    /// Writes the list of contents and the database.
    fn zip(&self, contents: &Contents) -> Result<ZipWriter<BufWriter<&File>>, BackupError> {
        let mut zip = ZipWriter::new(BufWriter::new(&self.file));
        zip.start_file(CONTENTS, packed())?;
        zip.write_all(&serde_json::to_vec_pretty(contents).map_err(io::Error::other)?)?;
        zip.start_file(DATABASE, packed().large_file(true))?;
        copy_hashed(&mut File::open(&self.copy.0)?, &mut zip)?;
        Ok(zip)
    }

    /// Reads what was written again, and gives it its name when it is whole.
    fn finish(mut self, target: &Path, steps: &mut Steps<'_>) -> Result<(), BackupError> {
        let mut archive = Archive::open(&self.part.0)?;
        archive.examine(&mut || steps.one())?;
        fs::rename(&self.part.0, target)?;
        // what has that name from now on is somebody else's
        self.part.0 = PathBuf::new();
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
        sync_folder(folder.unwrap_or(Path::new(".")))?;
        Ok(())
    }
}

fn packed() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

/// Writes a backup of everything to `target`, reads it again, and gives it its name only when it is whole. The keys that sign badges
/// are not in it: whoever finds a backup could sign badges with them.
///
/// # Errors
/// `BackupError`; then `target` is as it was.
pub fn backup(portal: &Portal, target: &Path, progress: Progress<'_>) -> Result<KeptBackup, BackupError> {
    let draft = Draft::begin(portal, target)?;
    let mut steps = Steps { done: 0, all: 3 * (draft.facts.evidence.len() + 1), progress };
    steps.one()?;
    let mut contents = draft.contents(WHOLE_FORM)?;
    let files = portal.files.patient();
    for sha256 in &draft.facts.evidence {
        match files.verify(sha256)? {
            EvidenceCondition::Intact => contents.evidence.push(sha256.clone()),
            EvidenceCondition::Missing | EvidenceCondition::Altered => contents.missing.push(sha256.clone()),
        }
        steps.one()?;
    }
    // what is missing is neither packed nor read again
    steps.all -= 2 * contents.missing.len();
    let mut zip = draft.zip(&contents)?;
    steps.one()?;
    // evidence is compressed already, most of it
    let as_it_is = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for sha256 in &contents.evidence {
        zip.start_file(format!("{EVIDENCE}{sha256}"), as_it_is)?;
        copy_hashed(&mut files.open(sha256)?, &mut zip)?;
        steps.one()?;
    }
    zip.finish()?.flush()?;
    draft.file.sync_all()?;
    draft.finish(target, &mut steps)?;
    Ok(contents.into())
}

/// A backup in two parts, as it was made; or of the database alone, and then without copies.
pub(super) struct TwoParts {
    /// When (UTC), as the list of contents writes it.
    pub made_at: String,
    /// The evidence that the database names, sorted.
    pub named: Vec<String>,
    /// How the copies stand.
    pub evidence: CopiesReport,
}

/// Writes a backup in two parts: evidence goes to the copies, where most of it lies already, and the database to `target`, with a list of
/// the evidence that belongs to it. The file gets its name last, when everything that it names is on the disk.
///
/// # Errors
/// `BackupError`; then `target` is as it was. Copies that were made stay: they are whole, and the next backup finds them.
pub(super) fn backup_in_two(
    portal: &Portal,
    target: &Path,
    copies: &EvidenceCopies,
    turn: &WeekPart,
    progress: Progress<'_>,
) -> Result<TwoParts, BackupError> {
    let draft = Draft::begin(portal, target)?;
    let mut steps = Steps { done: 0, all: draft.facts.evidence.len() + 3, progress };
    steps.one()?;
    let evidence = copy_all(&portal.files, copies, &draft.facts.evidence, turn, &mut || steps.one())?;
    let list = list_of(&evidence.there);
    let mut contents = draft.contents(TWO_PART_FORM)?;
    contents.missing.clone_from(&evidence.missing);
    contents.beside = Some(EvidenceBeside::of(&list, &evidence.there, (evidence.new, evidence.new_bytes)));
    let mut zip = draft.zip(&contents)?;
    zip.start_file(BESIDE, packed().large_file(true))?;
    zip.write_all(list.as_bytes())?;
    zip.finish()?.flush()?;
    draft.file.sync_all()?;
    steps.one()?;
    let named = draft.facts.evidence.clone();
    draft.finish(target, &mut steps)?;
    Ok(TwoParts { made_at: contents.made_at, named, evidence })
}

/// Writes a backup of the database alone to `target`, for a portal whose evidence is in `bucket`: that keeps it by itself.
///
/// # Errors
/// `BackupError`; then `target` is as it was.
pub(super) fn backup_of_database(
    portal: &Portal,
    target: &Path,
    bucket: String,
    progress: Progress<'_>,
) -> Result<TwoParts, BackupError> {
    let draft = Draft::begin(portal, target)?;
    let mut steps = Steps { done: 0, all: 3, progress };
    steps.one()?;
    let mut contents = draft.contents(DATABASE_FORM)?;
    contents.bucket = Some(bucket);
    draft.zip(&contents)?.finish()?.flush()?;
    draft.file.sync_all()?;
    steps.one()?;
    let named = draft.facts.evidence.clone();
    draft.finish(target, &mut steps)?;
    Ok(TwoParts { made_at: contents.made_at, named, evidence: CopiesReport::default() })
}

/// The evidence that a database names must be in the backup or `beside` it, or be told as missing; or a bucket keeps all of it.
pub(super) fn all_there(named: &[String], contents: &Contents, beside: &[(String, u64)]) -> bool {
    if contents.bucket.is_some() {
        return true;
    }
    let beside = beside.iter().map(|(sha256, _)| sha256);
    let listed: BTreeSet<&String> = contents.evidence.iter().chain(&contents.missing).chain(beside).collect();
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
