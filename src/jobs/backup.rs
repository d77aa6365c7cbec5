//! The nightly backup, as a job.

use std::path::Path;

use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::portal::Portal;
use crate::upkeep::BackupError;
use crate::upkeep::evidence_copies::CopiesReport;
use crate::upkeep::nightly_backup::{Nightly, nightly};
use crate::upkeep::nightly_copies::{NightlyCopies, nightly_copies};

/// Bytes in a megabyte, as people read sizes of files.
const MEGABYTE: u64 = 1_000_000;

/// Makes the backup of today.
///
/// # Errors
/// The store's while it is busy. Whatever else goes wrong is told in the report and in the log.
pub(super) fn job(portal: &Portal, watch: Watch<'_>) -> Result<JobReport, ActionError> {
    let made = match portal.store.file() {
        Some(_) => nightly(portal, &mut |_, _| watch()).map(|made| {
            log_lost(&made.evidence, &made.copies);
            log_faults(&made);
            in_words(&made)
        }),
        None => nightly_copies(portal, &mut |_, _| watch()).map(|made| {
            made.iter().for_each(|made| log_lost(&made.evidence, &made.folder));
            copies_alone_in_words(made.as_ref())
        }),
    };
    match made {
        // also where evidence is lost or something stays: another run in a few minutes would find the same
        Ok(summary) => Ok(JobReport { summary, complete: true }),
        Err(BackupError::Store(error)) => Err(error.into()),
        Err(error) => {
            tracing::error!(%error, folder = %portal.config.backups.display(), "THE NIGHTLY BACKUP FAILED");
            Ok(JobReport { summary: format!("There is no new backup: {error}."), complete: false })
        }
    }
}

/// Evidence that somebody has to look after.
fn log_lost(evidence: &CopiesReport, copies: &Path) {
    let copies = copies.display();
    if !evidence.missing.is_empty() {
        tracing::error!(
            missing = evidence.missing.len(),
            "the backup lacks evidence that is missing or altered, or whose copy cannot be kept"
        );
    }
    if evidence.only_here > 0 {
        tracing::error!(
            files = evidence.only_here,
            %copies,
            "evidence is missing or altered in the data folder; the copies of the backup are whole"
        );
    }
    if evidence.mended > 0 {
        tracing::warn!(files = evidence.mended, %copies, "copies of evidence were damaged and were made anew");
    }
}

/// What else somebody has to look after.
fn log_faults(made: &Nightly) {
    let (clearing, copies) = (&made.clearing, made.copies.display());
    if clearing.foreign > 0 {
        tracing::warn!(things = clearing.foreign, %copies, "something in the folder of copies is none of ours, or cannot be looked at, and stays");
    }
    if !clearing.unreadable.is_empty() {
        tracing::warn!(
            files = clearing.unreadable.len(),
            "a backup cannot be read, so no copy of evidence is cleared away"
        );
    }
    if let Some(problem) = &clearing.problem {
        tracing::error!(%problem, "the backup is made; something that is kept no longer could not be cleared away");
    }
}

/// A number of bytes in megabytes, rounded up.
#[must_use]
pub(super) fn megabytes(bytes: u64) -> u64 {
    bytes.div_ceil(MEGABYTE)
}

fn in_words(made: &Nightly) -> String {
    let (evidence, clearing) = (&made.evidence, &made.clearing);
    let mut words = format!("{}: the database, {} MB. ", made.file.display(), megabytes(made.bytes));
    words.push_str(&match &made.bucket {
        Some(bucket) => format!(
            "Evidence is in {bucket} and is the bucket's own to keep (versioning, replication): nothing of it was copied."
        ),
        None => copies_in_words(evidence, &made.copies),
    });
    for (number, what) in lost(evidence).into_iter().chain([
        (made.cleared, "Older backups cleared away"),
        (clearing.cleared, "Copies cleared away that no backup names"),
        (
            clearing.foreign,
            "Things in the folder of copies that are not the portal's or cannot be looked at, left alone",
        ),
        (clearing.unreadable.len(), "Backups that cannot be read, so that no copy was cleared away"),
    ]) {
        if number > 0 {
            words.push_str(&format!(" {what}: {number}."));
        }
    }
    if let Some(first) = clearing.unreadable.first() {
        words.push_str(&format!(" The first of those is {first}: mend it, or move it elsewhere."));
    }
    if let Some(problem) = &clearing.problem {
        words.push_str(&format!(
            " Not everything could be cleared away, and the next night tries again: {problem}."
        ));
    }
    words
}

/// Evidence that has no copy, or only that, in numbers.
const fn lost(evidence: &CopiesReport) -> [(usize, &'static str); 3] {
    [
        (evidence.missing.len(), "Evidence files without a whole copy in it"),
        (evidence.only_here, "Evidence files that are whole in the backup only"),
        (evidence.mended, "Damaged copies made anew"),
    ]
}

fn copies_in_words(evidence: &CopiesReport, folder: &Path) -> String {
    format!(
        "Evidence in {}: {} new, {} MB; {} in all, {} MB; {} read again.",
        folder.display(),
        evidence.new,
        megabytes(evidence.new_bytes),
        evidence.there.len(),
        megabytes(evidence.bytes()),
        evidence.read_again,
    )
}

/// What was copied where the database is on a server; `None` where a bucket keeps the evidence.
fn copies_alone_in_words(made: Option<&NightlyCopies>) -> String {
    let mut words = "The database is on a server: whoever runs that makes its backups. ".to_owned();
    match made {
        None => words.push_str("Evidence is in a bucket, which keeps it by itself."),
        Some(NightlyCopies { folder, evidence }) => {
            words.push_str(&copies_in_words(evidence, folder));
            for (number, what) in lost(evidence).into_iter().filter(|(number, _)| *number > 0) {
                words.push_str(&format!(" {what}: {number}."));
            }
        }
    }
    words
}
