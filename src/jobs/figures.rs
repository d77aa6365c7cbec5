//! The figures of staff's charts and of the report to the board, as a job.

use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::actions::overview::board::count_for_board;
use crate::actions::overview::charts::count_anew;
use crate::domain::plural::counted;
use crate::portal::Portal;

/// Counts them where that is needed.
///
/// # Errors
/// The store's.
pub(super) fn job(portal: &Portal, watch: Watch<'_>) -> Result<JobReport, ActionError> {
    let found = count_anew(portal, &mut || watch().is_continue())?;
    let told = count_for_board(portal, &mut || watch().is_continue())?;
    Ok(match found.filter(|_| told) {
        None => JobReport { summary: "Stopped before the end.".to_owned(), complete: false },
        Some(0) => JobReport {
            summary: "Few enough to be counted whenever somebody looks.".to_owned(),
            complete: true,
        },
        Some(years) => {
            JobReport { summary: format!("{} counted.", counted(years, "year", "years")), complete: true }
        }
    })
}
