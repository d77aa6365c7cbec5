//! The check of the whole data, as a job.

use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::portal::Portal;
use crate::upkeep::check::{check_of_the_night, record};

/// Checks every invariant and records what it found. What is broken is an alarm in the log, one line for each invariant, without anybody's
/// data.
///
/// # Errors
/// The store's, when the result cannot be recorded.
pub(super) fn job(portal: &Portal, watch: Watch<'_>) -> Result<JobReport, ActionError> {
    let started_at = portal.clock.now();
    let Ok(checked) = check_of_the_night(portal, &mut |_, _| watch()) else {
        return Ok(JobReport { summary: "Stopped before the end.".to_owned(), complete: false });
    };
    let broken: Vec<_> = checked.iter().filter(|invariant| !invariant.problems.is_empty()).collect();
    for invariant in &broken {
        tracing::error!(
            invariant = invariant.name,
            problems = invariant.problems.len(),
            "THE DATA IS NOT SOUND"
        );
    }
    record(portal, started_at, &checked)?;
    let summary = match broken.as_slice() {
        [] => format!("All {} invariants hold.", checked.len()),
        [one] => format!("1 of {} invariants does not hold: {}.", checked.len(), one.name),
        many => format!("{} of {} invariants do not hold.", many.len(), checked.len()),
    };
    // it came to its end: doing it again in a few minutes would find the same
    Ok(JobReport { summary, complete: true })
}
