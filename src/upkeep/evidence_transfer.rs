//! Evidence carried from one place to another: between the data folder and a bucket. What is there already is not carried again, so a run
//! that was cut off is simply done once more. Nothing is removed before everything was read again where it is to be.

use std::collections::BTreeMap;
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
    /// Hashes that the database names and that are not at the old place, or not as they were stored.
    pub missing: Vec<String>,
}

/// Brings everything that the database names from one place to another.
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
    let mut there = (None, BTreeMap::new());
    each_named(portal, progress, &mut |sha256, size| {
        let digit = sha256.chars().next();
        if let Some(digit) = digit.filter(|_| there.0 != digit) {
            there = (Some(digit), to.sizes(digit)?);
        }
        if there.1.get(sha256) == Some(&size) {
            done.there += 1;
            return Ok(());
        }
        match bring(from, to, sha256) {
            Ok(()) => done.copied += 1,
            Err(TransferError::Files(FilesError::Missing | FilesError::Altered)) => {
                done.missing.push(sha256.to_owned());
            }
            Err(error) => return Err(error),
        }
        Ok(())
    })?;
    Ok(done)
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
        match to.verify(sha256)? {
            EvidenceCondition::Intact => done.there += 1,
            EvidenceCondition::Missing | EvidenceCondition::Altered => done.missing.push(sha256.to_owned()),
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

fn bring(from: &EvidenceFiles, to: &EvidenceFiles, sha256: &str) -> Result<(), TransferError> {
    let mut file = from.open_intact(sha256)?;
    let mut incoming = to.incoming()?;
    let mut buffer = vec![0; BYTES_AT_ONCE];
    loop {
        let read = file.read(&mut buffer).map_err(FilesError::disk("reading evidence"))?;
        match buffer.get(..read) {
            Some(bytes) if !bytes.is_empty() => incoming.write_chunk(bytes)?,
            _ => break,
        }
    }
    if incoming.finish()?.sha256 == sha256 { Ok(()) } else { Err(TransferError::Changed(sha256.to_owned())) }
}
