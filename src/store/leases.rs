//! Leases: who does a thing that only one process may do at a time. A row with an end, renewed while the work goes on, so that a process
//! that died gives way by itself.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;

use super::schema::leases;
use super::{Conn, StoreError};

/// The furthest that a lease may reach: twice the longest that anybody takes. One beyond it was written by a clock that was wrong.
const FURTHEST: TimeDelta = TimeDelta::seconds(240);

/// Takes or renews a lease. Gives `false` when somebody else holds it. One that reaches further than any lease taken now would was
/// written by a clock that was wrong, and binds nobody.
pub fn take(
    conn: &mut Conn<'_>,
    name: &str,
    owner: &str,
    now: NaiveDateTime,
    until: NaiveDateTime,
) -> Result<bool, StoreError> {
    let impossible = now + FURTHEST;
    let free = leases::table
        .filter(leases::name.eq(name))
        .filter(leases::owner.eq(owner).or(leases::until.le(now)).or(leases::until.gt(impossible)));
    let renewed =
        diesel::update(free).set((leases::owner.eq(owner), leases::until.eq(until))).execute(conn.0)?;
    if renewed == 1 {
        return Ok(true);
    }
    let taken = diesel::insert_into(leases::table)
        .values((leases::name.eq(name), leases::owner.eq(owner), leases::until.eq(until)))
        .on_conflict_do_nothing()
        .execute(conn.0)?;
    Ok(taken == 1)
}

/// Gives a lease back.
pub fn give_back(conn: &mut Conn<'_>, name: &str, owner: &str) -> Result<(), StoreError> {
    diesel::delete(leases::table.filter(leases::name.eq(name)).filter(leases::owner.eq(owner)))
        .execute(conn.0)?;
    Ok(())
}

/// Removes leases that ended before `moment`. Gives their number.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(leases::table.filter(leases::until.lt(moment))).execute(conn.0)?)
}
