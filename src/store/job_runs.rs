//! The timetable's memory: when each job ran and what came of it.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::job_runs;
use super::{Conn, StoreError};

/// A run of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRun {
    /// Its place.
    pub id: i64,
    /// The job's name.
    pub job: String,
    /// When it began (UTC).
    pub started_at: NaiveDateTime,
    /// When it ended (UTC).
    pub finished_at: Option<NaiveDateTime>,
    /// `running`, `done` or `failed`.
    pub outcome: String,
    /// What it did, in words for staff.
    pub report: String,
}

type Row = (i64, String, NaiveDateTime, Option<NaiveDateTime>, String, String);

fn run((id, job, started_at, finished_at, outcome, report): Row) -> JobRun {
    JobRun { id, job, started_at, finished_at, outcome, report }
}

/// Records that a job begins. Whatever the same job left running before was interrupted.
///
/// # Errors
/// `StoreError`.
pub fn begin(conn: &mut Conn<'_>, job: &str, now: NaiveDateTime) -> Result<i64, StoreError> {
    let left = job_runs::table.filter(job_runs::job.eq(job)).filter(job_runs::outcome.eq("running"));
    diesel::update(left)
        .set((job_runs::outcome.eq("failed"), job_runs::report.eq("Interrupted before its end.")))
        .execute(conn.0)?;
    Ok(diesel::insert_into(job_runs::table)
        .values((job_runs::job.eq(job), job_runs::started_at.eq(now), job_runs::outcome.eq("running")))
        .returning(job_runs::id)
        .get_result(conn.0)?)
}

/// Records how a run ended.
///
/// # Errors
/// `StoreError`.
pub fn finish(
    conn: &mut Conn<'_>,
    id: i64,
    done: bool,
    report: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::update(job_runs::table.find(id))
        .set((
            job_runs::finished_at.eq(Some(now)),
            job_runs::outcome.eq(if done { "done" } else { "failed" }),
            job_runs::report.eq(report),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// The latest run of a job that began from `moment` to `now`: one that is done, if there is one. A run that began later than now was
/// recorded by a clock that was wrong, and says nothing about today.
///
/// # Errors
/// `StoreError`.
pub fn since(
    conn: &mut Conn<'_>,
    job: &str,
    moment: NaiveDateTime,
    now: NaiveDateTime,
) -> Result<Option<JobRun>, StoreError> {
    let row: Option<Row> = job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::started_at.ge(moment))
        .filter(job_runs::started_at.le(now))
        .order((job_runs::outcome.eq("done").desc(), job_runs::id.desc()))
        .first(conn.0)
        .optional()?;
    Ok(row.map(run))
}

/// The latest runs of all jobs but one, the newest first.
///
/// # Errors
/// `StoreError`.
pub fn latest(conn: &mut Conn<'_>, but: &str, limit: i64) -> Result<Vec<JobRun>, StoreError> {
    let others = job_runs::table.filter(job_runs::job.ne(but));
    let rows: Vec<Row> = others.order(job_runs::id.desc()).limit(limit).load(conn.0)?;
    Ok(rows.into_iter().map(run).collect())
}

/// The latest run of one job.
///
/// # Errors
/// `StoreError`.
pub fn last(conn: &mut Conn<'_>, job: &str) -> Result<Option<JobRun>, StoreError> {
    let row: Option<Row> =
        job_runs::table.filter(job_runs::job.eq(job)).order(job_runs::id.desc()).first(conn.0).optional()?;
    Ok(row.map(run))
}

/// The latest runs of one job, the newest first.
///
/// # Errors
/// `StoreError`.
pub fn of_job(conn: &mut Conn<'_>, job: &str, limit: i64) -> Result<Vec<JobRun>, StoreError> {
    let rows: Vec<Row> =
        job_runs::table.filter(job_runs::job.eq(job)).order(job_runs::id.desc()).limit(limit).load(conn.0)?;
    Ok(rows.into_iter().map(run).collect())
}

/// The latest run of one job that came to its end.
///
/// # Errors
/// `StoreError`.
pub fn last_done(conn: &mut Conn<'_>, job: &str) -> Result<Option<JobRun>, StoreError> {
    let row: Option<Row> = job_runs::table
        .filter(job_runs::job.eq(job))
        .filter(job_runs::outcome.eq("done"))
        .order(job_runs::id.desc())
        .first(conn.0)
        .optional()?;
    Ok(row.map(run))
}

/// Forgets runs that began before `moment`. Gives their number.
///
/// # Errors
/// `StoreError`.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(job_runs::table.filter(job_runs::started_at.lt(moment))).execute(conn.0)?)
}
