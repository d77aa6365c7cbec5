//! The nightly backup, as a job.

use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::portal::Portal;
use crate::upkeep::BackupError;
use crate::upkeep::nightly_backup::{Nightly, nightly};

/// Bytes in a megabyte, as people read sizes of files.
const MEGABYTE: u64 = 1_000_000;

/// Makes the backup of today.
///
/// # Errors
/// The store's while it is busy. Whatever else goes wrong is told in the report and in the log.
pub(super) fn job(portal: &Portal, watch: Watch<'_>) -> Result<JobReport, ActionError> {
    if portal.store.file().is_none() {
        let summary = "The database is on a server: whoever runs that server makes its backups.".to_owned();
        return Ok(JobReport { summary, complete: true });
    }
    match nightly(portal, &mut |_, _| watch()) {
        Ok(made) => {
            log_faults(&made);
            // also where evidence is lost or something stays: another run in a few minutes would find the same
            Ok(JobReport { summary: in_words(&made), complete: true })
        }
        Err(BackupError::Store(error)) => Err(error.into()),
        Err(error) => {
            tracing::error!(%error, folder = %portal.config.backups.display(), "THE NIGHTLY BACKUP FAILED");
            Ok(JobReport { summary: format!("There is no new backup: {error}."), complete: false })
        }
    }
}

/// What somebody has to look after.
fn log_faults(made: &Nightly) {
    let (evidence, clearing) = (&made.evidence, &made.clearing);
    let copies = made.copies.display();
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
        None => copies_in_words(made),
    });
    for (number, what) in [
        (evidence.missing.len(), "Evidence files without a whole copy in it"),
        (evidence.only_here, "Evidence files that are whole in the backup only"),
        (evidence.mended, "Damaged copies made anew"),
        (made.cleared, "Older backups cleared away"),
        (clearing.cleared, "Copies cleared away that no backup names"),
        (
            clearing.foreign,
            "Things in the folder of copies that are not the portal's or cannot be looked at, left alone",
        ),
        (clearing.unreadable.len(), "Backups that cannot be read, so that no copy was cleared away"),
    ] {
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

fn copies_in_words(made: &Nightly) -> String {
    let evidence = &made.evidence;
    format!(
        "Evidence in {}: {} new, {} MB; {} in all, {} MB; {} read again.",
        made.copies.display(),
        evidence.new,
        megabytes(evidence.new_bytes),
        evidence.there.len(),
        megabytes(evidence.bytes()),
        evidence.read_again,
    )
}
