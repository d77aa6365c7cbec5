//! The timetable's memory: when each job ran and what came of it.

use chrono::NaiveDateTime;

use crate::domain::codes::Stored;
use crate::domain::job::{JobName, RunOutcome};
use crate::store::engine::codes::read;
use crate::store::engine::prelude::*;
use crate::store::schema::job_runs;
use crate::store::{Conn, StoreError};

/// A run of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRun {
    /// Its place.
    pub id: i64,
    /// The job's name.
    pub job: Stored<JobName>,
    /// When it began (UTC).
    pub started_at: NaiveDateTime,
    /// When it ended (UTC).
    pub finished_at: Option<NaiveDateTime>,
    /// Where it stands.
    pub outcome: RunOutcome,
    /// What it did, in words for staff.
    pub report: String,
}

#[derive(Queryable)]
struct Row {
    id: i64,
    job: String,
    started_at: NaiveDateTime,
    finished_at: Option<NaiveDateTime>,
    outcome: String,
    report: String,
}

fn run(Row { id, job, started_at, finished_at, outcome, report }: Row) -> Result<JobRun, StoreError> {
    let outcome = read(&outcome, "job_runs.outcome")?;
    Ok(JobRun { id, job: Stored::of(job), started_at, finished_at, outcome, report })
}

/// Records that a job begins. Whatever the same job left running before was interrupted.
pub fn begin(conn: &mut Conn<'_>, job: JobName, now: NaiveDateTime) -> Result<i64, StoreError> {
    let left = job_runs::table
        .filter(job_runs::job.eq(job.code()))
        .filter(job_runs::outcome.eq(RunOutcome::Running.code()));
    diesel::update(left)
        .set((
            job_runs::outcome.eq(RunOutcome::Failed.code()),
            job_runs::report.eq("Interrupted before its end."),
        ))
        .execute(conn.0)?;
    Ok(diesel::insert_into(job_runs::table)
        .values((
            job_runs::job.eq(job.code()),
            job_runs::started_at.eq(now),
            job_runs::outcome.eq(RunOutcome::Running.code()),
        ))
        .returning(job_runs::id)
        .get_result(conn.0)?)
}

/// Records how a run ended.
pub fn finish(
    conn: &mut Conn<'_>,
    id: i64,
    done: bool,
    report: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let outcome = if done { RunOutcome::Done } else { RunOutcome::Failed };
    diesel::update(job_runs::table.find(id))
        .set((
            job_runs::finished_at.eq(Some(now)),
            job_runs::outcome.eq(outcome.code()),
            job_runs::report.eq(report),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// The latest run of a job that began from `moment` to `now`: one that is done, if there is one. A run that began later than now was
/// recorded by a clock that was wrong, and says nothing about today.
pub fn since(
    conn: &mut Conn<'_>,
    job: JobName,
    moment: NaiveDateTime,
    now: NaiveDateTime,
) -> Result<Option<JobRun>, StoreError> {
    let row: Option<Row> = job_runs::table
        .filter(job_runs::job.eq(job.code()))
        .filter(job_runs::started_at.ge(moment))
        .filter(job_runs::started_at.le(now))
        .order((job_runs::outcome.eq(RunOutcome::Done.code()).desc(), job_runs::id.desc()))
        .first(conn.0)
        .optional()?;
    row.map(run).transpose()
}

/// The latest runs of all jobs but one, the newest first.
pub fn latest_of_others(conn: &mut Conn<'_>, but: JobName, limit: i64) -> Result<Vec<JobRun>, StoreError> {
    let others = job_runs::table.filter(job_runs::job.ne(but.code()));
    let rows: Vec<Row> = others.order(job_runs::id.desc()).limit(limit).load(conn.0)?;
    rows.into_iter().map(run).collect()
}

/// The latest run of one job.
pub fn last(conn: &mut Conn<'_>, job: JobName) -> Result<Option<JobRun>, StoreError> {
    let row: Option<Row> = job_runs::table
        .filter(job_runs::job.eq(job.code()))
        .order(job_runs::id.desc())
        .first(conn.0)
        .optional()?;
    row.map(run).transpose()
}

/// The latest runs of one job, the newest first.
pub fn of_job(conn: &mut Conn<'_>, job: JobName, limit: i64) -> Result<Vec<JobRun>, StoreError> {
    let rows: Vec<Row> = job_runs::table
        .filter(job_runs::job.eq(job.code()))
        .order(job_runs::id.desc())
        .limit(limit)
        .load(conn.0)?;
    rows.into_iter().map(run).collect()
}

/// The latest run of one job that came to its end.
pub fn last_done(conn: &mut Conn<'_>, job: JobName) -> Result<Option<JobRun>, StoreError> {
    let row: Option<Row> = job_runs::table
        .filter(job_runs::job.eq(job.code()))
        .filter(job_runs::outcome.eq(RunOutcome::Done.code()))
        .order(job_runs::id.desc())
        .first(conn.0)
        .optional()?;
    row.map(run).transpose()
}

/// Forgets runs that began before `moment`. Gives their number.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(job_runs::table.filter(job_runs::started_at.lt(moment))).execute(conn.0)?)
}
