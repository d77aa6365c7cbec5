//! The deadline run as a job.

use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::actions::deadlines::{RunOptions, run};
use crate::portal::Portal;

/// Runs the deadlines of today.
///
/// # Errors
/// The run's.
pub(super) fn job(portal: &Portal, watch: Watch<'_>) -> Result<JobReport, ActionError> {
    let report = run(portal, RunOptions::today(portal), &mut |_, _| watch())?;
    Ok(JobReport { summary: report.summary(), complete: !report.counts.stopped && report.counts.failed == 0 })
}
