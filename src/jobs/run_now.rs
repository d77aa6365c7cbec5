//! Running a job because an administrator asks, beside its timetable.

use super::{Job, JobReport, LEASE_LASTS, go_on};
use crate::actions::ActionError;
use crate::portal::Portal;
use crate::store::{StoreError, job_runs, leases};

/// Runs a job now and records the run. What is due is worked out from the data, so an extra run does no harm.
///
/// # Errors
/// The job's, after it was recorded; `StoreError::Busy` when it is under way already.
pub fn run_now(portal: &Portal, job: &Job) -> Result<JobReport, ActionError> {
    let owner = uuid::Uuid::new_v4().simple().to_string();
    let lease = format!("job {}", job.name);
    let id = portal.store.write(|conn| {
        let now = portal.clock.machine_now();
        // whoever has it is running the job, and does what is due
        if !leases::take(conn, &lease, &owner, now, now + LEASE_LASTS)? {
            return Err(StoreError::Busy);
        }
        job_runs::begin(conn, job.name, portal.clock.now())
    })?;
    let ran = (job.run)(portal, &mut || go_on(&|| portal.stopping.has_begun()));
    let (done, words) = match &ran {
        Ok(report) => (report.complete, report.summary.clone()),
        Err(error) => (false, error.to_string()),
    };
    portal.store.write(|conn| {
        job_runs::finish(conn, id, done, &words, portal.clock.now())?;
        leases::give_back(conn, &lease, &owner)
    })?;
    ran
}
