//! The deadline run: reminders, the table at year end, badges signed again (G11–G13, "Reminders", "The portal flags; people decide").
//!
//! A run has four steps. It *finds* the holders that have something due, *plans* by reading them in chunks, lets the *guard* decide about
//! the flags of the whole run, and *records* in chunks, each one write that reads and decides again. What is due is worked out from the
//! data alone, so a run is safe to repeat, to miss, to stop in the middle, and to start twice at once. A dry run ends after the guard:
//! the same code has decided what it announces.

mod notices;
mod outcome;
pub mod year_lines;

mod guard;
mod plan;
mod record;
mod run;

use std::ops::ControlFlow;
use std::time::Duration;

use chrono::{Months, TimeDelta};

use super::ActionError;
use crate::domain::dates::plus_days;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::HolderId;
use crate::domain::job::LeaseName;
use crate::domain::roles::Administrator;
use crate::portal::Portal;
use crate::store::certification::{held_flags, policies, years};
use crate::store::engine::leases::{Lease, Term};
use crate::store::records::history::{self, Event};
use crate::store::{StoreError, accounts, badges};

use guard::Guard;
pub use outcome::{ReminderLine, RunLine, RunReport};
use plan::Plan;
use run::Run;
pub use run::RunOptions;

/// A badge is signed again when fewer days than this are left.
const BADGE_DAYS_LEFT: i64 = 30;
/// How many holders are read at a time.
const READ_AT_ONCE: usize = 500;
/// How many holders are recorded in one write: short enough that nobody's report waits for it noticeably.
const WRITE_AT_ONCE: usize = 50;
/// The lease that lets one run go at a time outlives any one chunk by far, and is renewed with each.
const TERM: Term = Term { lasts: TimeDelta::seconds(60), renew_after: Duration::ZERO };

/// Told how far a run is: holders done, holders in all. `Break` stops the run between two chunks; what is done stays done, and the next
/// run does the rest.
pub type RunProgress<'a> = &'a mut dyn FnMut(usize, usize) -> ControlFlow<()>;

/// Goes on to the end without telling anybody.
pub fn to_the_end(_: usize, _: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Runs the deadlines.
///
/// # Errors
/// `StoreError::UnderWay` when another run is under way, `StoreError::Busy` when the database did not answer in time. What was recorded before stays recorded.
pub fn run(
    portal: &Portal,
    options: RunOptions,
    progress: RunProgress<'_>,
) -> Result<RunReport, ActionError> {
    let policies = portal.store.read(policies::all)?;
    let run = Run { portal, options, policies };
    if options.dry_run {
        return run.go(None, progress);
    }
    let lease = portal
        .store
        .write(|conn| Lease::take(conn, LeaseName::DeadlineRun, TERM, portal.clock.machine_now()))?;
    let Some(lease) = lease else { return Err(StoreError::UnderWay.into()) };
    let report = run.go(Some(&lease), progress);
    let given_back = portal.store.write(|conn| lease.give_back(conn));
    let report = report?;
    given_back?;
    Ok(report)
}

/// Confirms every held flag; the next run flags these years.
///
/// # Errors
/// `ActionError::Store`.
pub fn confirm_held(portal: &Portal, by: Administrator) -> Result<usize, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let confirmed = held_flags::confirm_all(conn, by.id, now)?;
        if confirmed > 0 {
            let event = Event {
                actor: Some(by.id),
                detail: match confirmed {
                    1 => "1 flag".to_owned(),
                    many => format!("{many} flags"),
                },
                ..Event::of(HistoryEvent::HeldFlagsConfirmed)
            };
            history::record(conn, &event, now)?;
        }
        Ok(confirmed)
    })
}

impl Run<'_> {
    /// Goes through the steps of a run. Without a lease nothing is recorded.
    fn go(&self, lease: Option<&Lease>, progress: RunProgress<'_>) -> Result<RunReport, ActionError> {
        let today = self.options.today;
        let (due, renewals) = self.due()?;
        let closed = self.portal.store.read(accounts::closed)?;
        let held = self.portal.store.read(held_flags::all)?;
        let total = due.len();
        let mut plan = Plan::new(renewals, closed);
        let mut done = 0;
        for chunk in due.chunks(READ_AT_ONCE) {
            if progress(done, total).is_break() {
                return Ok(RunReport::stopped(today, self.options.dry_run));
            }
            plan.add(self, chunk)?;
            done += chunk.len();
        }
        let guard = Guard::decide(&plan.shorts, plan.judged, &held, self.options.confirm_mass_flag);
        let mut report = plan.report(&guard, today, self.options.dry_run);
        if let Some(lease) = lease {
            let to_record = plan.to_record(&guard);
            self.record(&to_record, lease, (&plan, &guard), &mut report, progress)?;
            self.forget_held(&held, &guard)?;
        }
        report.sort();
        Ok(report)
    }

    /// Holders with something due today, the certificates whose badges are signed again.
    fn due(&self) -> Result<(Vec<HolderId>, Vec<badges::BadgeEnding>), ActionError> {
        let today = self.options.today;
        // rows reach through the year after the one in progress
        let rows_until = today.checked_add_months(Months::new(12)).unwrap_or(today);
        let (mut due, renewals) = self.portal.store.read(|conn| {
            let due = years::holders_to_look_at(conn, today, rows_until)?;
            let renewals = badges::ending_before(conn, plus_days(today, BADGE_DAYS_LEFT))?;
            Ok::<_, StoreError>((due, renewals))
        })?;
        due.extend(renewals.iter().map(|ending| ending.holder));
        due.sort_unstable();
        due.dedup();
        Ok((due, renewals))
    }
}
