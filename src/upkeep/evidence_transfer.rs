//! Evidence carried from one place to another: between the data folder and a bucket. What is there already is not carried again, so a run
//! that was cut off is simply done once more. Nothing is removed before everything was read again where it is to be.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::ops::ControlFlow;

use super::Progress;
use crate::files::{EvidenceCondition, EvidenceFiles, FilesError};
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::operations::invariants;

/// Names that are read from the database at once.
const NAMES_AT_ONCE: i64 = 1000;
/// Bytes that are copied at once.
const BYTES_AT_ONCE: usize = 64 * 1024;

/// Why evidence could not be carried.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The database.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// One of the two places.
    #[error("{0}")]
    Files(#[from] FilesError),
    /// What arrived is not what was sent.
    #[error("evidence {0} arrived as something else")]
    Changed(String),
    /// Somebody told it to stop.
    #[error("it was stopped before its end")]
    Stopped,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transfer {
    /// How many were at the new place already.
    pub there: usize,
    /// How many were brought there.
    pub copied: usize,
    /// How many were removed from the old place.
    pub removed: usize,
    /// What the database names and could not be brought, or is not at the new place: each with its hash and why.
    pub missing: Vec<LackingProof>,
}

/// A proof that is not there as it was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LackingProof {
    /// Its hash.
    pub sha256: String,
    /// Why, as the end of a sentence that begins with it.
    pub why: String,
}

impl LackingProof {
    fn new(sha256: &str, why: impl Into<String>) -> Self {
        Self { sha256: sha256.to_owned(), why: why.into() }
    }

    fn unreadable(sha256: &str, error: &FilesError) -> Self {
        Self::new(sha256, format!("cannot be read: {error}"))
    }
}

impl fmt::Display for LackingProof {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.sha256, self.why)
    }
}

const NOT_AS_STORED: &str = "is missing or altered";

/// Brings everything that the database names from one place to another. A proof that cannot be read at the old place is told, and the others
/// are brought all the same.
///
/// # Errors
/// `TransferError`; what has arrived stays.
pub fn copy(
    portal: &Portal,
    from: &EvidenceFiles,
    to: &EvidenceFiles,
    progress: Progress<'_>,
) -> Result<Transfer, TransferError> {
    let mut done = Transfer::default();
    let mut there = Arrived { at: to, digit: None, sizes: BTreeMap::new() };
    each_named(portal, progress, &mut |sha256, size| {
        if there.has(sha256, size)? {
            done.there += 1;
            return Ok(());
        }
        match bring(from, to, sha256)? {
            None => done.copied += 1,
            Some(lacking) => done.missing.push(lacking),
        }
        Ok(())
    })?;
    Ok(done)
}

/// What is at the new place.
struct Arrived<'a> {
    at: &'a EvidenceFiles,
    digit: Option<char>,
    sizes: BTreeMap<String, u64>,
}

impl Arrived<'_> {
    /// Whether a proof is there. A store compared it with its hash when it came; in a folder that is done here, because a disk that was full
    /// or failed leaves files of the right size, too.
    fn has(&mut self, sha256: &str, size: u64) -> Result<bool, FilesError> {
        let digit = sha256.chars().next();
        if let Some(first) = digit.filter(|_| self.digit != digit) {
            (self.digit, self.sizes) = (digit, self.at.sizes(first)?);
        }
        if self.sizes.get(sha256) != Some(&size) {
            return Ok(false);
        }
        // what cannot be read there is brought once more
        Ok(self.at.bucket_name().is_some() || matches!(self.at.verify(sha256), Ok(EvidenceCondition::Intact)))
    }
}

/// Removes evidence from the old place, after all that the database names was read at the new place and found to be what was stored. Gives how
/// many were removed; what is not at the new place is told, and then nothing is removed.
///
/// # Errors
/// `TransferError`; what is still at the old place is at both.
pub fn remove(
    portal: &Portal,
    from: &EvidenceFiles,
    to: &EvidenceFiles,
    progress: Progress<'_>,
) -> Result<Transfer, TransferError> {
    let mut done = Transfer::default();
    each_named(portal, progress, &mut |sha256, _| {
        match to.verify(sha256) {
            Ok(EvidenceCondition::Intact) => done.there += 1,
            Ok(EvidenceCondition::Missing | EvidenceCondition::Altered) => {
                done.missing.push(LackingProof::new(sha256, NOT_AS_STORED));
            }
            Err(error) if is_about_one(to, &error) => {
                done.missing.push(LackingProof::unreadable(sha256, &error));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    })?;
    if !done.missing.is_empty() {
        return Ok(done);
    }
    if from.bucket_name().is_none() {
        // what people took away lies there, too, and nobody would clear it any more
        for digit in "0123456789abcdef".chars() {
            for sha256 in from.sizes(digit)?.keys() {
                from.remove(sha256)?;
                done.removed += 1;
            }
        }
        return Ok(done);
    }
    // a bucket may hold what others put there
    each_named(portal, progress, &mut |sha256, size| {
        if from.has(sha256, size)? {
            from.remove(sha256)?;
            done.removed += 1;
        }
        Ok(())
    })?;
    Ok(done)
}

/// Calls `each` with every hash that the database names and its size, in order.
fn each_named(
    portal: &Portal,
    progress: Progress<'_>,
    each: &mut dyn FnMut(&str, u64) -> Result<(), TransferError>,
) -> Result<(), TransferError> {
    let all = portal.store.read(invariants::evidence_files)?;
    let (mut done, mut after) = (0, String::new());
    loop {
        let named = portal.store.read(|conn| invariants::evidence_named(conn, &after, NAMES_AT_ONCE))?;
        let Some((last, ..)) = named.last() else { return Ok(()) };
        after.clone_from(last);
        for (sha256, _, most) in named {
            each(&sha256, u64::try_from(most).unwrap_or_default())?;
            done += 1;
            if let ControlFlow::Break(()) = progress(done, all.max(done)) {
                return Err(TransferError::Stopped);
            }
        }
    }
}

/// Whether an error while reading is about one proof alone: another one at the same place may be read all the same.
fn is_about_one(place: &EvidenceFiles, error: &FilesError) -> bool {
    match error {
        FilesError::Missing | FilesError::Altered => true,
        // out of a bucket it comes through our own disk, which every other one does, too
        FilesError::Disk { .. } => place.bucket_name().is_none(),
        FilesError::Unreachable { .. } => place.answers(),
        FilesError::TooLarge | FilesError::Full { .. } | FilesError::Reserve | FilesError::Random(_) => false,
    }
}

/// Brings one proof; gives it when it cannot be read where it is.
fn bring(
    from: &EvidenceFiles,
    to: &EvidenceFiles,
    sha256: &str,
) -> Result<Option<LackingProof>, TransferError> {
    let unreadable = |error: FilesError| match error {
        FilesError::Missing | FilesError::Altered => Ok(Some(LackingProof::new(sha256, NOT_AS_STORED))),
        error if is_about_one(from, &error) => Ok(Some(LackingProof::unreadable(sha256, &error))),
        error => Err(error.into()),
    };
    let mut file = match from.open_intact(sha256) {
        Ok(file) => file,
        Err(error) => return unreadable(error),
    };
    let mut incoming = to.incoming()?;
    let mut buffer = vec![0; BYTES_AT_ONCE];
    loop {
        let read = match file.read(&mut buffer).map_err(FilesError::disk("reading evidence")) {
            Ok(read) => read,
            Err(error) => return unreadable(error),
        };
        match buffer.get(..read) {
            Some(bytes) if !bytes.is_empty() => incoming.write_chunk(bytes)?,
            _ => break,
        }
    }
    match incoming.finish()?.sha256 == sha256 {
        true => Ok(None),
        false => Err(TransferError::Changed(sha256.to_owned())),
    }
}
