//! Running a job because an administrator asks, beside its timetable.

use super::{Job, JobReport, go_on, lease};
use crate::actions::ActionError;
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::operations::job_runs;

/// Runs a job now and records the run. What is due is worked out from the data, so an extra run does no harm.
///
/// # Errors
/// The job's, after it was recorded; `StoreError::UnderWay` when it is under way already.
pub fn run_now(portal: &Portal, job: &Job) -> Result<JobReport, ActionError> {
    let (id, lease) = portal.store.write(|conn| {
        // whoever has it is running the job, and does what is due
        let lease = lease::take(conn, portal, job)?.ok_or(StoreError::UnderWay)?;
        Ok::<_, StoreError>((job_runs::begin(conn, job.name, portal.clock.now())?, lease))
    })?;
    let ran = (job.run)(portal, &mut || {
        lease::renew(&lease, portal)?;
        go_on(&|| portal.stopping.has_begun())
    });
    let (done, words) = match &ran {
        Ok(report) => (report.complete, report.summary.clone()),
        Err(error) => (false, error.to_string()),
    };
    portal.store.write(|conn| {
        job_runs::finish(conn, id, done, &words, portal.clock.now())?;
        lease.give_back(conn)
    })?;
    ran
}
