//! The nightly backup, in two parts: one file for each day with the database, old ones cleared away once the new one is whole; and beside
//! them the evidence that they name, each copied once. Where evidence is in a bucket nothing of it is copied: that is the bucket's own to keep.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};

use super::archive::{EvidenceBeside, INSTANT, parts_of};
use super::backup::{BackupError, backup_in_two, backup_of_database};
use super::evidence_copies::{CopiesCleared, CopiesReport, KeptZip, bytes_to_copy, clear};
use super::rotation::WeekPart;
use super::{Progress, UNFINISHED, sync_folder};
use crate::clock::Clock;
use crate::domain::retention::superseded;
use crate::files::copies::EvidenceCopies;
use crate::files::room;
use crate::portal::Portal;

const BEGINS: &str = "cpe-portal-";
const ENDS: &str = ".zip";
const DAY: &str = "%Y-%m-%d";
/// Besides what the backup itself needs, so much of the disk stays free for the portal: 64 MiB.
pub(super) const LEFT_FREE: u64 = 64 << 20;

/// What a nightly backup did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nightly {
    /// The file.
    pub file: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// Where the copies of the evidence are.
    pub copies: PathBuf,
    /// The bucket that keeps the evidence by itself, where there is one: then nothing was copied.
    pub bucket: Option<String>,
    /// How they stand.
    pub evidence: CopiesReport,
    /// How many old backups were cleared away.
    pub cleared: usize,
    /// What became of the copies that no backup names any more.
    pub clearing: CopiesCleared,
}

/// A nightly backup that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NightlyFile {
    /// The local day it is of.
    pub day: NaiveDate,
    /// The file.
    pub file: PathBuf,
    /// When the file says that it was written.
    modified: Option<SystemTime>,
}

/// How large the parts of a nightly backup are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NightlyParts {
    /// Bytes of the file with the database.
    pub database: u64,
    /// Bytes of the evidence that was copied for it.
    pub new_evidence: u64,
    /// Bytes of all evidence that belongs to it.
    pub evidence: u64,
    /// How many evidence files should belong to it, and had no whole copy.
    pub missing: usize,
}

/// A file as it was when it was read: where it was, its size in bytes, and when it was written.
type FileStamp = (PathBuf, u64, SystemTime);

/// What the newest backup was found to say. Whoever watches asks every few seconds, and the file changes once a day.
static LAST_READ: Mutex<Option<(FileStamp, Option<NightlyParts>)>> = Mutex::new(None);

impl NightlyFile {
    /// How large its parts are; `None` for one in one part, as earlier versions made it and as a bucket of evidence needs it, or one that cannot
    /// be read.
    #[must_use]
    pub fn parts(&self) -> Option<NightlyParts> {
        let found = fs::metadata(&self.file).ok()?;
        let stamp = (self.file.clone(), found.len(), found.modified().ok()?);
        let mut last_read = LAST_READ.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, parts)) = last_read.as_ref().filter(|(last, _)| *last == stamp) {
            return *parts;
        }
        let parts = parts_of(&self.file).map(|(EvidenceBeside { bytes, new_bytes, .. }, missing)| {
            NightlyParts { database: found.len(), new_evidence: new_bytes, evidence: bytes, missing }
        });
        *last_read = Some((stamp, parts));
        parts
    }

    /// The moment (UTC) as of which it holds the portal. A file that was copied without its time says nothing about that: then it is the
    /// beginning of its day.
    #[must_use]
    pub fn made_at(&self, clock: &Clock) -> NaiveDateTime {
        let day_begins = clock.start_of(self.day);
        // one that was begun before midnight may be written after it
        let latest = day_begins + TimeDelta::days(2);
        self.modified
            .map(|modified| DateTime::<Utc>::from(modified).naive_utc())
            .and_then(|modified| modified.with_nanosecond(0))
            .filter(|modified| (day_begins..latest).contains(modified))
            .unwrap_or(day_begins)
    }
}

/// Where the backup of a day stands.
#[must_use]
pub fn place(folder: &Path, day: NaiveDate) -> PathBuf {
    folder.join(format!("{BEGINS}{}{ENDS}", day.format(DAY)))
}

fn day_of(name: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(name.strip_prefix(BEGINS)?.strip_suffix(ENDS)?, DAY).ok()
}

/// Makes the backup of today in the folder of backups, and then clears away what is kept no longer, and what earlier runs left unfinished.
///
/// # Errors
/// `BackupError`, also when there is too little room; then every older backup is still there, with all its evidence. What cannot be cleared
/// away is no error: the backup is made, and [`Nightly::clearing`] tells it.
pub fn nightly(portal: &Portal, progress: Progress<'_>) -> Result<Nightly, BackupError> {
    let folder = &portal.config.backups;
    make_private(folder)?;
    // whoever clears copies away must not meet somebody whose backup is about to name them
    let Some(copies) = EvidenceCopies::alone(folder, &portal.files)? else {
        return Err(BackupError::UnderWay(folder.display().to_string()));
    };
    let mut clearing = CopiesCleared::default();
    clear_unfinished(folder, &mut clearing)?;
    enough_room(portal, folder, &copies)?;
    let today = portal.clock.today();
    let turn = WeekPart::since(last_reading(folder, today)?, today);
    let file = place(folder, today);
    let bucket = portal.files.bucket_name();
    let made = match &bucket {
        None => backup_in_two(portal, &file, &copies, &turn, progress)?,
        Some(bucket) => backup_of_database(portal, &file, bucket.clone(), progress)?,
    };
    clearing.note("the time of the backup", date(&file, &made.made_at));
    let cleared = clear_superseded(folder, today, &mut clearing);
    // a copy goes only when the backups that named it are surely gone
    if let Some(kept) = cleared.and_then(|_| clearing.note("the folder of backups", kept_zips(folder))) {
        let done = clear(&copies, &made.named, &kept, &mut clearing, &mut || match progress(1, 1) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(BackupError::Stopped),
        });
        // what was not cleared today is cleared tomorrow
        if !matches!(done, Err(BackupError::Stopped)) {
            clearing.note("copies of evidence", done);
        }
    }
    Ok(Nightly {
        bytes: fs::metadata(&file).map_or(0, |found| found.len()),
        file,
        copies: copies.folder().to_owned(),
        bucket,
        evidence: made.evidence,
        cleared: cleared.unwrap_or_default(),
        clearing,
    })
}

/// The day of the latest backup before today that read copies again, which every one in two parts does.
fn last_reading(folder: &Path, today: NaiveDate) -> io::Result<Option<NaiveDate>> {
    let days = names(folder)?.into_iter().filter_map(|name| day_of(&name));
    let latest = days.filter(|day| *day < today).max();
    Ok(latest.filter(|day| parts_of(&place(folder, *day)).is_some()))
}

/// Removes the backups that are kept no longer, for good: a power cut must not bring one back whose evidence is gone. Gives their number;
/// none when it is not sure that they are gone.
fn clear_superseded(folder: &Path, today: NaiveDate, report: &mut CopiesCleared) -> Option<usize> {
    let names = report.note("the folder of backups", names(folder))?;
    let days: BTreeSet<NaiveDate> = names.iter().filter_map(|name| day_of(name)).collect();
    let superseded = superseded(&days, today);
    let mut cleared = 0;
    for day in &superseded {
        let old = place(folder, *day);
        let removed = report.note(&old.display().to_string(), fs::remove_file(&old));
        cleared += usize::from(removed.is_some());
    }
    if cleared > 0 {
        report.note("the folder of backups", sync_folder(folder))?;
    }
    Some(cleared)
}

/// Every zip file in the folder: also one to which somebody gave another name, in whatever script, so that it stays, may name evidence.
fn kept_zips(folder: &Path) -> io::Result<Vec<KeptZip>> {
    let mut zips = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        if name.as_encoded_bytes().to_ascii_lowercase().ends_with(ENDS.as_bytes()) {
            let is_nightly = name.to_str().is_some_and(|name| day_of(name).is_some());
            zips.push(KeptZip { path: folder.join(&name), is_nightly });
        }
    }
    Ok(zips)
}

/// The newest nightly backup that is there.
///
/// # Errors
/// The operating system's.
pub fn newest(folder: &Path) -> io::Result<Option<NightlyFile>> {
    let newest = match names(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        names => names?.iter().filter_map(|name| day_of(name)).max(),
    };
    Ok(newest.map(|day| {
        let file = place(folder, day);
        let modified = fs::metadata(&file).and_then(|facts| facts.modified()).ok();
        NightlyFile { day, file, modified }
    }))
}

/// Gives a backup the time as of which it holds the portal, so that whoever looks at the file need not open it.
fn date(file: &Path, made_at: &str) -> io::Result<()> {
    let made_at = NaiveDateTime::parse_from_str(made_at, INSTANT).map_err(io::Error::other)?;
    fs::OpenOptions::new().write(true).open(file)?.set_modified(made_at.and_utc().into())
}

pub(super) fn make_private(folder: &Path) -> io::Result<()> {
    let mut making = fs::DirBuilder::new();
    making.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut making, 0o700);
    making.create(folder)
}

/// What a run that was killed left: the job's lease sees to it that no other run is under way. What cannot be removed is in nobody's way, unless
/// it is in that of today.
fn clear_unfinished(folder: &Path, report: &mut CopiesCleared) -> io::Result<()> {
    for name in names(folder)? {
        let ours = name.strip_suffix(UNFINISHED).map(|name| name.strip_suffix(UNFINISHED).unwrap_or(name));
        if ours.is_some_and(|name| day_of(name).is_some()) {
            let removed = fs::remove_file(folder.join(&name));
            report.note(&name, removed);
        }
    }
    Ok(())
}

/// A backup needs room for a copy of the database, for the file that is made of it, and for the evidence that was not copied before.
fn enough_room(portal: &Portal, folder: &Path, copies: &EvidenceCopies) -> Result<(), BackupError> {
    let database = portal.store.file().map_or(Ok(0), |file| fs::metadata(file).map(|file| file.len()))?;
    let evidence = match portal.files.bucket_name() {
        None => bytes_to_copy(portal, copies)?,
        Some(_) => 0,
    };
    let needed = database.saturating_mul(2).saturating_add(evidence).saturating_add(LEFT_FREE);
    match room(folder) {
        Some(room) if room < needed => Err(BackupError::NoRoom { needed, room }),
        _ => Ok(()),
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.extend(entry?.file_name().into_string());
    }
    Ok(names)
}
