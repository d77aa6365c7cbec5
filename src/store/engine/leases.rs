//! Leases: who does a thing that only one process may do at a time. A row with an end, renewed while the work goes on, so that a process
//! that died gives way by itself.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, TimeDelta};

use crate::domain::job::LeaseName;
use crate::store::engine::prelude::*;
use crate::store::schema::leases;
use crate::store::{Conn, StoreError};

/// The furthest that a lease may reach: twice the longest term. One beyond it was written by a clock that was wrong.
const FURTHEST: TimeDelta = TimeDelta::seconds(240);

/// How long a lease holds without being renewed, and how often its holder renews it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// From the last renewal until another process may take it.
    pub lasts: TimeDelta,
    /// A holder asked before this time has passed leaves the row alone.
    pub renew_after: Duration,
}

/// A lease that this process took: its right to do a thing, until it is given back or was not renewed in time. Each has an owner of its own,
/// so two leases of one process exclude each other, too.
#[derive(Debug)]
pub struct Lease {
    name: LeaseName,
    owner: String,
    term: Term,
    renewed: Mutex<Instant>,
}

impl Lease {
    /// Takes a lease, in the caller's transaction. `None` while somebody else holds it. `now` is the machine's time (UTC), which all
    /// processes share.
    pub fn take(
        conn: &mut Conn<'_>,
        name: LeaseName,
        term: Term,
        now: NaiveDateTime,
    ) -> Result<Option<Lease>, StoreError> {
        let owner = uuid::Uuid::new_v4().simple().to_string();
        let lease = Lease { name, owner, term, renewed: Mutex::new(Instant::now()) };
        Ok(lease.reach(conn, now)?.then_some(lease))
    }

    /// Whether the term asks for a renewal. The work between two steps asks this first, because a renewal is a write.
    pub fn is_old(&self) -> bool {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner).elapsed() > self.term.renew_after
    }

    /// Renews the lease, in the caller's transaction. `false` when it was lost to somebody else.
    pub fn renew(&self, conn: &mut Conn<'_>, now: NaiveDateTime) -> Result<bool, StoreError> {
        *self.renewed.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.reach(conn, now)
    }

    /// The name under which the holder marks what it has in hand.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Gives the lease back, in the caller's transaction.
    pub fn give_back(&self, conn: &mut Conn<'_>) -> Result<(), StoreError> {
        let own = leases::table
            .filter(leases::name.eq(self.name.code()))
            .filter(leases::owner.eq(self.owner.as_str()));
        diesel::delete(own).execute(conn.0)?;
        Ok(())
    }

    /// Takes or renews the row. One that reaches further than any lease taken now would was written by a clock that was wrong, and binds
    /// nobody.
    fn reach(&self, conn: &mut Conn<'_>, now: NaiveDateTime) -> Result<bool, StoreError> {
        // several machines share a server, and their clocks differ
        let now = conn.0.time()?.unwrap_or(now);
        let owner = self.owner.as_str();
        let until = now + self.term.lasts;
        let free = leases::table
            .filter(leases::name.eq(self.name.code()))
            .filter(leases::owner.eq(owner).or(leases::until.le(now)).or(leases::until.gt(now + FURTHEST)));
        let renewed =
            diesel::update(free).set((leases::owner.eq(owner), leases::until.eq(until))).execute(conn.0)?;
        if renewed == 1 {
            return Ok(true);
        }
        let taken = diesel::insert_into(leases::table)
            .values((leases::name.eq(self.name.code()), leases::owner.eq(owner), leases::until.eq(until)))
            .on_conflict_do_nothing()
            .execute(conn.0)?;
        Ok(taken == 1)
    }
}

/// Removes leases that ended before `moment`. Gives their number.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(leases::table.filter(leases::until.lt(moment))).execute(conn.0)?)
}
