//! The second part of a nightly backup: evidence copied once, looked after each night, and cleared with the last backup that names it.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::archive::{Archive, BackupError, is_foreign};
use super::rotation::WeekPart;
use crate::files::copies::{CopyFound, EvidenceCopies};
use crate::files::{EvidenceCondition, EvidenceFiles, FilesError};
use crate::portal::Portal;
use crate::store::operations::invariants;

/// Names of evidence that are read from the database at once.
pub(super) const NAMES_AT_ONCE: i64 = 1000;
/// Copies that are cleared in one night at most: each name is in memory until then. The next nights clear the rest.
const MOST_CLEARED: usize = 250_000;

/// How the copies of all evidence stand that one database names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopiesReport {
    /// The copies that are there, by hash, with their sizes in bytes.
    pub there: Vec<(String, u64)>,
    /// Hashes of which there is no whole copy, because the evidence is missing or altered, or because something that is none of ours, or that
    /// the disk does not let us look at, stands in the place of the copy.
    pub missing: Vec<String>,
    /// How many were copied for the first time.
    pub new: usize,
    /// Their size in bytes.
    pub new_bytes: u64,
    /// How many were read again.
    pub read_again: usize,
    /// How many of those were damaged and copied anew.
    pub mended: usize,
    /// How many are whole while the evidence itself is missing or has another size.
    pub only_here: usize,
}

impl CopiesReport {
    /// Takes in how other copies stand.
    pub(super) fn add(&mut self, other: CopiesReport) {
        self.there.extend(other.there);
        self.missing.extend(other.missing);
        self.new += other.new;
        self.new_bytes = self.new_bytes.saturating_add(other.new_bytes);
        self.read_again += other.read_again;
        self.mended += other.mended;
        self.only_here += other.only_here;
    }

    /// The size of all copies in bytes.
    pub fn bytes(&self) -> u64 {
        self.there.iter().map(|(_, bytes)| *bytes).fold(0, u64::saturating_add)
    }
}

/// What is known about one piece of evidence after its copy was looked at.
enum Outcome {
    There,
    New,
    Mended,
    Missing,
}

/// Copies what is not there yet, reads again whose turn it is and what looks strange, and mends what is damaged. `step` is asked after each.
/// When this returns, everything that it calls there is on the disk.
pub(super) fn copy_all(
    originals: &EvidenceFiles,
    copies: &EvidenceCopies,
    named: &[String],
    turn: &WeekPart,
    step: &mut dyn FnMut() -> Result<(), BackupError>,
) -> Result<CopiesReport, BackupError> {
    let mut report = CopiesReport::default();
    for sha256 in named {
        let outcome = copy_one(originals, copies, sha256, turn, &mut report)?;
        let bytes = match copies.find(sha256) {
            CopyFound::File(bytes) => bytes,
            CopyFound::Nothing | CopyFound::Foreign => 0,
        };
        match outcome {
            Outcome::There => {}
            Outcome::New => {
                report.new += 1;
                report.new_bytes = report.new_bytes.saturating_add(bytes);
            }
            Outcome::Mended => report.mended += 1,
            Outcome::Missing => {}
        }
        match outcome {
            Outcome::Missing => report.missing.push(sha256.clone()),
            Outcome::There | Outcome::New | Outcome::Mended => report.there.push((sha256.clone(), bytes)),
        }
        step()?;
    }
    let unsure = copies.sync()?;
    // what may be gone after a power cut is nothing that a backup may build on
    report.there.retain(|(sha256, _)| {
        let is_sure = !unsure.iter().any(|shelf| sha256.starts_with(shelf));
        if !is_sure {
            report.missing.push(sha256.clone());
        }
        is_sure
    });
    Ok(report)
}

fn copy_one(
    originals: &EvidenceFiles,
    copies: &EvidenceCopies,
    sha256: &str,
    turn: &WeekPart,
    report: &mut CopiesReport,
) -> Result<Outcome, FilesError> {
    let bytes = match copies.find(sha256) {
        CopyFound::Foreign => return Ok(Outcome::Missing),
        CopyFound::Nothing => {
            return Ok(match copied(originals, copies, sha256)? {
                true => Outcome::New,
                false => Outcome::Missing,
            });
        }
        CopyFound::File(bytes) => bytes,
    };
    // a size that the disk does not tell is as strange as another one
    let alike = originals.size(sha256).is_ok_and(|size| size == Some(bytes));
    if alike && !turn.includes(sha256) {
        return Ok(Outcome::There);
    }
    report.read_again += 1;
    if copies.verify(sha256) == EvidenceCondition::Intact {
        report.only_here += usize::from(!alike);
        return Ok(Outcome::There);
    }
    Ok(match copied(originals, copies, sha256)? {
        true => Outcome::Mended,
        false => Outcome::Missing,
    })
}

/// Copies one, when it is what its hash says.
fn copied(originals: &EvidenceFiles, copies: &EvidenceCopies, sha256: &str) -> Result<bool, FilesError> {
    // one that cannot be opened is told like one that is not there: the others are to be copied all the same
    let Ok(mut original) = originals.open(sha256) else { return Ok(false) };
    Ok(copies.take(sha256, &mut original)? == EvidenceCondition::Intact)
}

/// What the copies that are not there yet will take, in bytes.
pub(super) fn bytes_to_copy(portal: &Portal, copies: &EvidenceCopies) -> Result<u64, BackupError> {
    let (mut bytes, mut after) = (0_u64, String::new());
    loop {
        let named = portal.store.read(|conn| invariants::evidence_named(conn, &after, NAMES_AT_ONCE))?;
        let Some((last, ..)) = named.last() else { return Ok(bytes) };
        after.clone_from(last);
        for (sha256, _, most) in &named {
            if copies.find(sha256) == CopyFound::Nothing {
                bytes = bytes.saturating_add(u64::try_from(*most).unwrap_or_default());
            }
        }
    }
}

/// What clearing did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopiesCleared {
    /// How many copies went.
    pub cleared: usize,
    /// How many things in the folder are none of ours, or cannot be looked at, and stay.
    pub foreign: usize,
    /// The names of the backups that cannot be read: as long as there are any, nothing is cleared, because they may name it.
    pub unreadable: Vec<String>,
    /// What could not be cleared away, the first of it, in words; the next night tries again.
    pub problem: Option<String>,
}

impl CopiesCleared {
    /// Notes what could not be done, and gives what was.
    pub(super) fn note<T, E: Display>(&mut self, doing: &str, done: Result<T, E>) -> Option<T> {
        match done {
            Ok(done) => Some(done),
            Err(error) => {
                self.problem.get_or_insert_with(|| format!("{doing}: {error}"));
                None
            }
        }
    }
}

/// A zip file in the folder of backups.
pub(super) struct KeptZip {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it has the name of a nightly backup. What has another one may be somebody's own, or a backup under a name by which it stays.
    pub is_nightly: bool,
}

impl KeptZip {
    fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Removes the copies that neither `named` (sorted) names nor any of the backups that are kept; what is kept no longer has to be gone for
/// good before. `step` is asked after each backup that is read, and after each copy that goes.
///
/// # Errors
/// What `step` says, or that the folder of copies cannot be read; `report` says what was done until then.
pub(super) fn clear(
    copies: &EvidenceCopies,
    named: &[String],
    kept: &[KeptZip],
    report: &mut CopiesCleared,
    step: &mut dyn FnMut() -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    let mut unwanted = BTreeSet::new();
    report.foreign = copies.survey(&mut |sha256| {
        if named.binary_search(&sha256).is_err() {
            unwanted.insert(sha256);
        }
        match unwanted.len() {
            MOST_CLEARED.. => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    })?;
    if unwanted.is_empty() {
        return Ok(());
    }
    for zip in kept {
        match Archive::open(&zip.path).and_then(|mut archive| archive.beside()) {
            Ok(beside) => {
                for (sha256, _) in beside {
                    unwanted.remove(&sha256);
                }
            }
            Err(_) if !zip.is_nightly && is_foreign(&zip.path) => {}
            Err(_) => report.unreadable.push(zip.name()),
        }
        step()?;
    }
    if report.unreadable.is_empty() {
        for sha256 in &unwanted {
            let removed = report.note("a copy of evidence", copies.remove(sha256));
            report.cleared += usize::from(removed == Some(true));
            step()?;
        }
    }
    Ok(())
}
