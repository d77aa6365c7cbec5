//! The nightly backup: one file for each day in a folder of its own, old ones cleared away once the new one is whole.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};

use super::archive::INSTANT;
use super::backup::{BackupError, backup};
use super::{Progress, UNFINISHED};
use crate::clock::Clock;
use crate::domain::retention::superseded;
use crate::files::room;
use crate::portal::Portal;
use crate::store::operations::invariants;

const BEGINS: &str = "cpe-portal-";
const ENDS: &str = ".zip";
const DAY: &str = "%Y-%m-%d";
/// Besides what the backup itself needs, so much of the disk stays free for the portal: 64 MiB.
const LEFT_FREE: u64 = 64 << 20;

/// What a nightly backup did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nightly {
    /// The file.
    pub file: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// How many evidence files it holds.
    pub evidence: usize,
    /// How many evidence files were missing or altered.
    pub missing: usize,
    /// How many old backups were cleared away.
    pub cleared: usize,
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

impl NightlyFile {
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
/// `BackupError`, also when there is too little room; then every older backup is still there.
pub fn nightly(portal: &Portal, progress: Progress<'_>) -> Result<Nightly, BackupError> {
    let folder = &portal.config.backups;
    make_private(folder)?;
    clear_unfinished(folder)?;
    enough_room(portal, folder)?;
    let today = portal.clock.today();
    let file = place(folder, today);
    let kept = backup(portal, &file, progress)?;
    date(&file, &kept.made_at)?;
    let mut days = BTreeSet::new();
    for name in names(folder)? {
        days.extend(day_of(&name));
    }
    let mut cleared = 0;
    for day in superseded(&days, today) {
        fs::remove_file(place(folder, day))?;
        cleared += 1;
    }
    Ok(Nightly {
        bytes: fs::metadata(&file)?.len(),
        file,
        evidence: kept.evidence,
        missing: kept.missing.len(),
        cleared,
    })
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

fn make_private(folder: &Path) -> io::Result<()> {
    let mut making = fs::DirBuilder::new();
    making.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut making, 0o700);
    making.create(folder)
}

/// What a run that was killed left: the job's lease sees to it that no other run is under way.
fn clear_unfinished(folder: &Path) -> io::Result<()> {
    for name in names(folder)? {
        let ours = name.strip_suffix(UNFINISHED).map(|name| name.strip_suffix(UNFINISHED).unwrap_or(name));
        if ours.is_some_and(|name| day_of(name).is_some()) {
            fs::remove_file(folder.join(name))?;
        }
    }
    Ok(())
}

/// A backup needs room for a copy of the database, for the file that is made of it, and for the evidence.
fn enough_room(portal: &Portal, folder: &Path) -> Result<(), BackupError> {
    let database = fs::metadata(portal.store.path())?.len();
    let evidence = portal.store.read(invariants::evidence_bytes)?;
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
