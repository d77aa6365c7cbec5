//! The nightly backup, as a job.

use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::domain::plural::counted;
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
    match nightly(portal, &mut |_, _| watch()) {
        Ok(made) => {
            if made.missing > 0 {
                tracing::error!(
                    missing = made.missing,
                    "the backup lacks evidence that is missing or altered on the disk"
                );
            }
            Ok(JobReport { summary: in_words(&made), complete: made.missing == 0 })
        }
        Err(BackupError::Store(error)) => Err(error.into()),
        Err(error) => {
            tracing::error!(%error, folder = %portal.config.backups.display(), "THE NIGHTLY BACKUP FAILED");
            Ok(JobReport { summary: format!("There is no new backup: {error}."), complete: false })
        }
    }
}

fn in_words(made: &Nightly) -> String {
    let mut words = format!(
        "{}, {} MB, with {}.",
        made.file.display(),
        made.bytes.div_ceil(MEGABYTE),
        counted(made.evidence, "evidence file", "evidence files"),
    );
    if made.missing > 0 {
        words.push_str(&format!(
            " {} missing or altered.",
            counted(made.missing, "evidence file was", "evidence files were")
        ));
    }
    if made.cleared > 0 {
        words.push_str(&format!(" Older backups cleared away: {}.", made.cleared));
    }
    words
}
