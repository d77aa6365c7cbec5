//! A job's lease while the job runs: one process does it at a time, and one that died gives way by itself.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::Job;
use crate::portal::Portal;
use crate::store::{Conn, StoreError, leases};

/// For the timetable, some of whose jobs have steps that take a while.
const LONG: Lasting = Lasting { lasts: TimeDelta::seconds(120), renew_after: Duration::from_secs(20) };
/// For a command whose steps are short: whoever stops it by force and starts it again waits no longer than this.
const SHORT: Lasting = Lasting { lasts: TimeDelta::seconds(5), renew_after: Duration::from_secs(1) };

#[derive(Clone, Copy, Debug)]
struct Lasting {
    lasts: TimeDelta,
    renew_after: Duration,
}

/// The right to run a job, until it is given back or was not renewed in time.
#[derive(Debug)]
pub struct Hold {
    lease: String,
    owner: String,
    renewed: Instant,
    lasting: Lasting,
}

impl Hold {
    /// Takes the lease of a job, in the caller's transaction. `None` while somebody else runs it.
    pub fn take(conn: &mut Conn<'_>, portal: &Portal, job: &Job) -> Result<Option<Hold>, StoreError> {
        Hold::take_for(conn, portal, job, LONG)
    }

    /// As [`Hold::take`], for a command that asks [`Hold::renew`] several times a second.
    pub fn take_short(conn: &mut Conn<'_>, portal: &Portal, job: &Job) -> Result<Option<Hold>, StoreError> {
        Hold::take_for(conn, portal, job, SHORT)
    }

    fn take_for(
        conn: &mut Conn<'_>,
        portal: &Portal,
        job: &Job,
        lasting: Lasting,
    ) -> Result<Option<Hold>, StoreError> {
        let hold = Hold {
            lease: format!("job {}", job.name.code()),
            owner: uuid::Uuid::new_v4().simple().to_string(),
            renewed: Instant::now(),
            lasting,
        };
        Ok(hold.reach(conn, portal)?.then_some(hold))
    }

    /// Asked between two steps: renews the lease when its time has come, and says stop when it was lost.
    pub fn renew(&mut self, portal: &Portal) -> ControlFlow<()> {
        if self.renewed.elapsed() <= self.lasting.renew_after {
            return ControlFlow::Continue(());
        }
        self.renewed = Instant::now();
        // a database that is busy for a moment takes nothing away
        if portal.store.write(|conn| self.reach(conn, portal)).unwrap_or(true) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    }

    /// Gives the lease back, in the caller's transaction.
    pub fn give_back(&self, conn: &mut Conn<'_>) -> Result<(), StoreError> {
        leases::give_back(conn, &self.lease, &self.owner)
    }

    fn reach(&self, conn: &mut Conn<'_>, portal: &Portal) -> Result<bool, StoreError> {
        let now = portal.clock.machine_now();
        leases::take(conn, &self.lease, &self.owner, now, now + self.lasting.lasts)
    }
}
