//! A job's lease while the job runs: one process does it at a time, and one that died gives way by itself.

use std::ops::ControlFlow;
use std::time::Duration;

use chrono::TimeDelta;

use super::Job;
use crate::portal::Portal;
use crate::store::engine::leases::{Lease, Term};
use crate::store::{Conn, StoreError};

/// For the timetable, some of whose jobs have steps that take a while.
const LONG: Term = Term { lasts: TimeDelta::seconds(120), renew_after: Duration::from_secs(20) };
/// For a command whose steps are short: whoever stops it by force and starts it again waits no longer than this.
const SHORT: Term = Term { lasts: TimeDelta::seconds(5), renew_after: Duration::from_secs(1) };

/// Takes the lease of a job, in the caller's transaction. `None` while somebody else runs it.
pub fn take(conn: &mut Conn<'_>, portal: &Portal, job: &Job) -> Result<Option<Lease>, StoreError> {
    Lease::take(conn, job.name.lease(), LONG, portal.clock.machine_now())
}

/// As [`take`], for a command that asks [`renew`] several times a second.
pub fn take_short(conn: &mut Conn<'_>, portal: &Portal, job: &Job) -> Result<Option<Lease>, StoreError> {
    Lease::take(conn, job.name.lease(), SHORT, portal.clock.machine_now())
}

/// Asked between two steps: renews the lease when its time has come, and says stop when it was lost.
pub fn renew(lease: &Lease, portal: &Portal) -> ControlFlow<()> {
    if !lease.is_old() {
        return ControlFlow::Continue(());
    }
    // a database that is busy for a moment takes nothing away
    if portal.store.write(|conn| lease.renew(conn, portal.clock.machine_now())).unwrap_or(true) {
        ControlFlow::Continue(())
    } else {
        ControlFlow::Break(())
    }
}
