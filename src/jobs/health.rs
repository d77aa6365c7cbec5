//! How the portal fares: what a machine that watches it and the page of the timetable want to know. Nothing about persons.

use chrono::{NaiveDateTime, TimeDelta};

use super::backup::megabytes;
use super::{Job, TIMETABLE};
use crate::actions::ActionError;
use crate::actions::badges::signing::list_is_old;
use crate::clock::Clock;
use crate::domain::job::{JobName, RunOutcome};
use crate::domain::plural::counted;
use crate::files::room;
use crate::portal::Portal;
use crate::store::certification::policies;
use crate::store::mail::{holder_holds, mail_holds, mail_log, mail_pauses, mailbox_progress, outbox};
use crate::store::operations::{invariant_results, job_runs};
use crate::store::{Conn, StoreError};
use crate::upkeep::bucket_owner::{BucketClaim, Claimant};
use crate::upkeep::{nightly_backup, replica};

/// Bytes free on the data folder's disk below which reports and files may soon be refused.
const LITTLE_ROOM: u64 = 1 << 30;
/// Bytes below which they will be.
const NO_ROOM: u64 = 64 << 20;
/// A mail that could leave and waits longer than this is worth a look.
const MAIL_IS_LATE: TimeDelta = TimeDelta::hours(1);
/// A mail that waits longer than this means that nobody is told anything.
const MAIL_IS_STUCK: TimeDelta = TimeDelta::hours(24);
/// A mailbox of bounces that was not read for longer than this is worth a look.
const MAILBOX_IS_LATE: TimeDelta = TimeDelta::hours(1);
/// One that was not read for longer than this: nobody is told that mails come back.
const MAILBOX_IS_SHUT: TimeDelta = TimeDelta::hours(24);
/// A check or a backup is older than this only when a night was missed.
const A_NIGHT_WAS_MISSED: TimeDelta = TimeDelta::hours(50);
/// Seconds from which on a replica that is behind is worth a look: it follows within one or two.
const REPLICA_IS_LATE: u64 = 60;
/// Seconds from which on it has stopped: what happens now is lost with the machine.
const REPLICA_HAS_STOPPED: u64 = 600;
/// How much later than its hour a job may be done.
const JOB_IS_LATE: TimeDelta = TimeDelta::hours(2);

/// How something fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// As it should be.
    Good,
    /// Worth a look; the portal does its work.
    Attention,
    /// Somebody has to mend it.
    Bad,
}

/// Something that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vital {
    /// Its name: `database`, `disk`, `mail`, `badges`, `check`, `backup`; `replica`, `bounces` and `evidence` where there is one; or a job's.
    pub name: &'static str,
    /// How it fares.
    pub condition: Condition,
    /// In words, for staff.
    pub words: String,
    /// What was measured: free bytes for `disk`, seconds that the oldest mail waits for `mail`, and for `check`, `backup`, `bounces` and jobs when
    /// the last good one was (seconds since 1970, UTC); seconds behind for `replica`.
    pub figure: Option<i64>,
}

impl Vital {
    fn new(name: &'static str, condition: Condition, words: impl Into<String>) -> Self {
        Self { name, condition, words: words.into(), figure: None }
    }

    fn at(self, figure: impl Into<Option<i64>>) -> Self {
        Self { figure: figure.into(), ..self }
    }
}

/// Everything that is watched. A database that cannot be read is told, and then nothing else that stands in it.
#[must_use]
pub fn vitals(portal: &Portal) -> Vec<Vital> {
    let mut vitals = vec![disk(portal)];
    match in_the_database(portal) {
        Ok(more) => {
            vitals.insert(0, database(portal));
            vitals.extend(more);
        }
        Err(error) => {
            tracing::error!(%error, "the database does not answer");
            vitals.insert(0, Vital::new("database", Condition::Bad, "does not answer; the log says why"));
        }
    }
    vitals.push(backup(portal));
    vitals.extend(replica_of(portal));
    vitals.extend(evidence(portal));
    vitals
}

fn database(portal: &Portal) -> Vital {
    match portal.store.found_uncounted_log() {
        false => Vital::new("database", Condition::Good, "answers"),
        true => Vital::new(
            "database",
            Condition::Attention,
            "answers; at the start there was a log beside it that holds none of the portal's own changes",
        ),
    }
}

/// The replica that Litestream keeps, where there is one.
fn replica_of(portal: &Portal) -> Option<Vital> {
    let behind = replica::behind(portal.store.file()?)?.as_secs();
    let (condition, words) = match behind {
        ..REPLICA_IS_LATE => (Condition::Good, "follows".to_owned()),
        REPLICA_IS_LATE..REPLICA_HAS_STOPPED => {
            (Condition::Attention, format!("{} behind", counted(behind, "second", "seconds")))
        }
        _ => {
            let behind = counted(behind / 60, "minute", "minutes");
            (Condition::Bad, format!("{behind} behind: Litestream has stopped"))
        }
    };
    Some(Vital::new("replica", condition, words).at(i64::try_from(behind).ok()))
}

/// The bucket of proofs, where there is one. What it last said is told, or what it says within a few seconds; and whose it is.
fn evidence(portal: &Portal) -> Option<Vital> {
    let told = |condition, words: String| Some(Vital::new("evidence", condition, words));
    if let Err(problem) = portal.files.bucket_condition()? {
        return told(Condition::Bad, format!("the store of proofs: {problem}"));
    }
    // a database that does not answer is told in its own line
    let Ok(claimant) = Claimant::of(&portal.store) else {
        return told(Condition::Good, "the store of proofs answers".to_owned());
    };
    let claim = match claimant.look_lately(&portal.files) {
        Ok(claim) => claim,
        Err(error) => {
            return told(Condition::Attention, format!("the store of proofs answers, but: {error}"));
        }
    };
    match claim.as_ref().and_then(BucketClaim::other) {
        None => told(Condition::Good, "the store of proofs answers".to_owned()),
        // whose it is cannot be said before an administrator has said what becomes of the mail
        Some(other) if claimant.held => told(
            Condition::Attention,
            format!(
                "the store of proofs belongs to another portal ({other}), and nothing is cleared from it"
            ),
        ),
        Some(other) => told(
            Condition::Bad,
            format!(
                "the store of proofs belongs to another portal ({other}), which may clear away what this one keeps there; once that one is \
                 stopped for good: cpe-portal evidence claim"
            ),
        ),
    }
}

fn disk(portal: &Portal) -> Vital {
    let Some(free) = room(&portal.config.data) else {
        return Vital::new("disk", Condition::Attention, "the system does not tell how much is free");
    };
    let condition = match free {
        ..NO_ROOM => Condition::Bad,
        NO_ROOM..LITTLE_ROOM => Condition::Attention,
        _ => Condition::Good,
    };
    Vital::new("disk", condition, format!("{} MB free", free >> 20)).at(i64::try_from(free).ok())
}

fn in_the_database(portal: &Portal) -> Result<Vec<Vital>, ActionError> {
    let now = portal.clock.now();
    let mut vitals = portal.store.read(|conn| {
        policies::all(conn)?;
        let mut vitals = vec![mail(conn, now)?, check(conn, now)?];
        if let Some(mailbox) = &portal.mailbox {
            vitals.push(bounces(conn, &mailbox.name(), now)?);
        }
        for job in &TIMETABLE {
            vitals.extend(on_time(conn, &portal.clock, job, now)?);
        }
        Ok::<_, StoreError>(vitals)
    })?;
    vitals.push(match list_is_old(portal)? {
        false => Vital::new(JobName::Badges.code(), Condition::Good, "the status list is signed"),
        true => Vital::new(
            JobName::Badges.code(),
            Condition::Bad,
            "the status list of badges was not signed for two days; after seven every badge fails",
        ),
    });
    Ok(vitals)
}

fn mail(conn: &mut Conn<'_>, now: NaiveDateTime) -> Result<Vital, StoreError> {
    if mail_holds::in_force(conn)?.is_some() {
        let words = "held after a restore or a takeover until an administrator says what becomes of it";
        return Ok(Vital::new(JobName::Mail.code(), Condition::Attention, words));
    }
    let oldest = outbox::oldest_waiting(conn)?;
    let waits = oldest.map_or(TimeDelta::zero(), |oldest| now - oldest);
    let mut condition = match waits {
        waits if waits > MAIL_IS_STUCK => Condition::Bad,
        waits if waits > MAIL_IS_LATE => Condition::Attention,
        _ => Condition::Good,
    };
    let mut words = vec![match oldest {
        Some(_) => format!(
            "the oldest one has been waiting for {}",
            counted(waits.num_minutes(), "minute", "minutes")
        ),
        None => "none waiting".to_owned(),
    }];
    let pauses = mail_pauses::in_force(conn, now)?;
    let domains = pauses.iter().filter(|pause| pause.domain != mail_pauses::WHOLE_SERVER).count();
    if domains < pauses.len() {
        condition = condition.max(Condition::Attention);
        words.push("the mail server takes none for now".to_owned());
    }
    if domains > 0 {
        let takes = counted(i64::try_from(domains).unwrap_or(i64::MAX), "domain takes", "domains take");
        words.push(format!("{takes} no mail for now"));
    }
    let (failed, uncertain) = mail_log::stuck(conn)?;
    let held = if holder_holds::is_held(conn)? {
        holder_holds::held_up_to(conn, holder_holds::MOST_COUNTED)?
    } else {
        0
    };
    for (number, what) in [
        (failed, "failed for good"),
        (uncertain, "uncertain"),
        (held, "to holders held until the portal is live"),
    ] {
        if number > 0 {
            condition = condition.max(Condition::Attention);
            words.push(format!("{number} {what}"));
        }
    }
    Ok(Vital::new(JobName::Mail.code(), condition, words.join(", ")).at(waits.num_seconds()))
}

/// The mailbox to which mails come back. Why it cannot be read stands with the job's runs: what a mail server says may name somebody.
fn bounces(conn: &mut Conn<'_>, mailbox: &str, now: NaiveDateTime) -> Result<Vital, StoreError> {
    let name = JobName::Bounces.code();
    let Some(known) = mailbox_progress::find(conn, mailbox)? else {
        return Ok(Vital::new(name, Condition::Attention, "the mailbox was not read yet"));
    };
    let since = known.read_at.or(known.failing_since).unwrap_or(now);
    let condition = match now - since {
        waits if waits > MAILBOX_IS_SHUT => Condition::Bad,
        waits if waits > MAILBOX_IS_LATE => Condition::Attention,
        _ => Condition::Good,
    };
    let minutes = (now - since).num_minutes();
    let words = match (condition, known.failing_since) {
        (Condition::Good, None) => "the mailbox is read".to_owned(),
        (Condition::Good, Some(_)) => "the mailbox could not be read just now".to_owned(),
        _ => format!("the mailbox was not read for {}", counted(minutes, "minute", "minutes")),
    };
    Ok(Vital::new(name, condition, words).at(known.read_at.map(|at| at.and_utc().timestamp())))
}

fn check(conn: &mut Conn<'_>, now: NaiveDateTime) -> Result<Vital, StoreError> {
    let Some(last) = invariant_results::last(conn)? else {
        return Ok(Vital::new(
            JobName::Check.code(),
            Condition::Attention,
            "the data has not been checked yet",
        ));
    };
    let (condition, words) = if !last.ok() {
        (Condition::Bad, format!("{} of {} invariants do not hold", last.broken, last.invariants))
    } else if now - last.finished_at > A_NIGHT_WAS_MISSED {
        (Condition::Bad, "the data has not been checked for two days".to_owned())
    } else {
        (Condition::Good, format!("all {} invariants hold", last.invariants))
    };
    Ok(Vital::new(JobName::Check.code(), condition, words).at(last.finished_at.and_utc().timestamp()))
}

/// The evidence that is copied each night when the database is on a server, whose owner makes the backups of that.
fn copies(portal: &Portal) -> Vital {
    let name = JobName::Backup.code();
    match portal.store.ask(|conn| job_runs::last_done(conn, JobName::Backup)) {
        Err(_) => Vital::new(name, Condition::Bad, "the database does not say when evidence was copied"),
        Ok(None) => Vital::new(name, Condition::Attention, "evidence has not been copied yet"),
        Ok(Some(run)) => {
            let condition = match portal.clock.now() - run.started_at > A_NIGHT_WAS_MISSED {
                true => Condition::Bad,
                false => Condition::Good,
            };
            let words = "evidence is copied; the database's own is made by whoever runs its server";
            Vital::new(name, condition, words).at(run.started_at.and_utc().timestamp())
        }
    }
}

fn backup(portal: &Portal) -> Vital {
    if portal.store.file().is_none() {
        return copies(portal);
    }
    match nightly_backup::newest(&portal.config.backups) {
        Err(_) => Vital::new(JobName::Backup.code(), Condition::Bad, "the folder of backups cannot be read"),
        Ok(None) => Vital::new(JobName::Backup.code(), Condition::Attention, "there is none yet"),
        Ok(Some(newest)) => {
            let made_at = newest.made_at(&portal.clock);
            let parts = newest.parts();
            let missing = parts.map_or(0, |parts| parts.missing);
            let condition = match missing > 0 || portal.clock.now() - made_at > A_NIGHT_WAS_MISSED {
                true => Condition::Bad,
                false => Condition::Good,
            };
            let mut words = format!("the newest is of {}", newest.day);
            if let Some(parts) = parts {
                words.push_str(&format!(
                    ": database {} MB, new evidence {} MB, evidence in all {} MB",
                    megabytes(parts.database),
                    megabytes(parts.new_evidence),
                    megabytes(parts.evidence),
                ));
            } else if portal.files.bucket_name().is_some() {
                words.push_str(": the database; evidence is the bucket's own to keep");
            }
            if missing > 0 {
                let lacks = counted(
                    u64::try_from(missing).unwrap_or(u64::MAX),
                    "evidence file has",
                    "evidence files have",
                );
                words.push_str(&format!("; {lacks} no whole copy in it"));
            }
            Vital::new(JobName::Backup.code(), condition, words).at(made_at.and_utc().timestamp())
        }
    }
}

/// A job of the timetable; `None` for one that is always due. It is late when it was not done since the latest hour that is so long past.
fn on_time(
    conn: &mut Conn<'_>,
    clock: &Clock,
    job: &Job,
    now: NaiveDateTime,
) -> Result<Option<Vital>, StoreError> {
    let (name, long_past) = (job.name, now - JOB_IS_LATE);
    let Some(due) = job.schedule.last_due(clock, long_past) else { return Ok(None) };
    let Some(done) = job_runs::last_done(conn, name)? else {
        return Ok(Some(match job_runs::last(conn, name)?.map(|run| run.outcome) {
            Some(RunOutcome::Failed) => Vital::new(name.code(), Condition::Bad, "it failed"),
            Some(RunOutcome::Running | RunOutcome::Done) | None => {
                Vital::new(name.code(), Condition::Attention, "it was not due yet")
            }
        }));
    };
    let on_time = job_runs::since(conn, name, due, now)?.is_some_and(|run| run.outcome == RunOutcome::Done);
    let vital = match on_time {
        true => Vital::new(name.code(), Condition::Good, "done when it was due"),
        false => Vital::new(name.code(), Condition::Bad, "it should have been done by now"),
    };
    Ok(Some(vital.at(done.started_at.and_utc().timestamp())))
}
