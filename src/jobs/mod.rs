//! The timetable, as data. Jobs only wake up: what is due is worked out from the data and the local hour, never from memory, so a run that
//! was missed while the portal was down is made up at its start, and one that ran is not run again.

pub mod bounces;
pub mod health;
pub mod lease;
pub mod manual_run;
mod search_index;

mod backup;
mod badges;
mod check;
pub mod deadlines;
pub mod delivery;
pub mod figures;
pub mod housekeeping;
mod run;
mod schedule;

use std::ops::ControlFlow;

use chrono::{NaiveDateTime, TimeDelta};

use crate::actions::ActionError;
use crate::domain::job::{JobName, RunOutcome};
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::operations::job_runs;

pub use run::{Job, JobReport, Watch};
pub use schedule::Schedule;

/// A job that failed is tried again after this long, within the same hour of the timetable.
const TRY_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);

/// Everything the portal does by itself.
pub const TIMETABLE: [Job; 9] = [
    Job {
        name: JobName::Mail,
        schedule: Schedule::EveryFewSeconds,
        purpose: "Delivers the emails waiting in the outbox.",
        run: delivery::job,
    },
    Job {
        name: JobName::Bounces,
        schedule: Schedule::EveryFewMinutes,
        purpose: "Fetches emails that came back from their mailbox, where the settings name one.",
        run: bounces::job,
    },
    Job {
        name: JobName::Deadlines,
        schedule: Schedule::LocalHours { from: 6, to: 22 },
        purpose: "Sends reminders, settles certification years, proposes flags and lifts them, keeps badges valid.",
        run: deadlines::job,
    },
    Job {
        name: JobName::Housekeeping,
        schedule: Schedule::LocalHours { from: 3, to: 3 },
        purpose: "Clears what has expired and tidies the database.",
        run: housekeeping::job,
    },
    Job {
        name: JobName::Search,
        schedule: Schedule::EveryFewSeconds,
        purpose: "Takes the titles of new reports into the index that staff search.",
        run: search_index::job,
    },
    Job {
        name: JobName::Badges,
        schedule: Schedule::LocalHours { from: 0, to: 23 },
        purpose: "Signs the status list of badges again each day, and badges whose words or key have changed.",
        run: badges::job,
    },
    Job {
        name: JobName::Figures,
        schedule: Schedule::LocalHours { from: 4, to: 4 },
        purpose: "Counts what the charts of staff show, where there is too much to count while somebody waits.",
        run: figures::job,
    },
    Job {
        name: JobName::Backup,
        schedule: Schedule::LocalHours { from: 2, to: 2 },
        purpose: "Writes the database to one file, reads it again, copies new evidence beside it, and clears away what is kept no longer.",
        run: backup::job,
    },
    Job {
        name: JobName::Check,
        schedule: Schedule::LocalHours { from: 5, to: 5 },
        purpose: "Verifies every invariant of the data.",
        run: check::job,
    },
];

/// What came of asking a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tick {
    /// Nothing was due.
    NotDue,
    /// Another process does it.
    Elsewhere,
    /// It ran.
    Ran(JobReport),
}

/// Runs one job if it is due. `stopping` is asked between the steps of the job.
///
/// # Errors
/// The job's, after it was recorded; or the store's.
pub fn tick(portal: &Portal, job: &Job, stopping: &dyn Fn() -> bool) -> Result<Tick, ActionError> {
    match job.schedule.last_due(&portal.clock, portal.clock.now()) {
        None => tick_often(portal, job, stopping),
        Some(since) => tick_hourly(portal, job, since, stopping),
    }
}

/// A job that runs all the time leaves a trace only when it did something.
fn tick_often(portal: &Portal, job: &Job, stopping: &dyn Fn() -> bool) -> Result<Tick, ActionError> {
    let started_at = portal.clock.now();
    let report = match (job.run)(portal, &mut || go_on(stopping)) {
        Ok(report) => report,
        Err(ActionError::Store(StoreError::Busy | StoreError::UnderWay)) => return Ok(Tick::Elsewhere),
        Err(error) => return Err(error),
    };
    if report.summary.is_empty() || says_it_again(portal, job, &report)? {
        return Ok(Tick::NotDue);
    }
    portal.store.write(|conn| {
        let id = job_runs::begin(conn, job.name, started_at)?;
        job_runs::finish(conn, id, report.complete, &report.summary, portal.clock.now())
    })?;
    tracing::info!(job = job.name.code(), report = %report.summary, "job");
    Ok(Tick::Ran(report))
}

/// Whether a run failed in the very way in which the last one did: what goes on for a day would fill the list of runs.
fn says_it_again(portal: &Portal, job: &Job, report: &JobReport) -> Result<bool, ActionError> {
    if report.complete || job.schedule != Schedule::EveryFewMinutes {
        return Ok(false);
    }
    let last = portal.store.read(|conn| job_runs::last(conn, job.name))?;
    Ok(last.is_some_and(|last| last.outcome == RunOutcome::Failed && last.report == report.summary))
}

/// A job of the timetable: once for each of its hours, by whichever process comes first.
fn tick_hourly(
    portal: &Portal,
    job: &Job,
    since: NaiveDateTime,
    stopping: &dyn Fn() -> bool,
) -> Result<Tick, ActionError> {
    let now = portal.clock.now();
    if !portal.store.read(|conn| due(conn, job, since, now))? {
        return Ok(Tick::NotDue);
    }
    let begun = portal.store.write(|conn| {
        let now = portal.clock.now();
        let Some(lease) = lease::take(conn, portal, job)? else { return Ok(None) };
        // somebody else may have done it since we asked
        if !due(conn, job, since, now)? {
            lease.give_back(conn)?;
            return Ok(None);
        }
        Ok::<_, StoreError>(Some((job_runs::begin(conn, job.name, now)?, lease)))
    })?;
    let Some((id, lease)) = begun else { return Ok(Tick::Elsewhere) };
    let ran = (job.run)(portal, &mut || {
        lease::renew(&lease, portal)?;
        go_on(stopping)
    });
    portal.store.give_memory_back();
    let (done, words) = match &ran {
        Ok(report) => (report.complete, report.summary.as_str()),
        Err(ActionError::Store(StoreError::Busy | StoreError::UnderWay)) => {
            (false, "Another run was under way, or the database was busy. Tried again in a few minutes.")
        }
        Err(_) => (false, "The run failed and is tried again in a few minutes. The log says why."),
    };
    portal.store.write(|conn| {
        lease.give_back(conn)?;
        job_runs::finish(conn, id, done, words, portal.clock.now())
    })?;
    tracing::info!(job = job.name.code(), done, report = words, "job");
    ran.map(Tick::Ran)
}

/// Due when no run since the hour began is done, and the last attempt is a while ago.
fn due(
    conn: &mut crate::store::Conn<'_>,
    job: &Job,
    since: NaiveDateTime,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    Ok(match job_runs::since(conn, job.name, since, now)? {
        None => true,
        Some(run) => match run.outcome {
            RunOutcome::Done => false,
            // one that still says running belongs to a process that died, unless the lease says otherwise
            RunOutcome::Running => true,
            RunOutcome::Failed => run.finished_at.unwrap_or(run.started_at) + TRY_AGAIN_AFTER <= now,
        },
    })
}

fn go_on(stopping: &dyn Fn() -> bool) -> ControlFlow<()> {
    if stopping() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
