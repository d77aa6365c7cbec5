//! How long reports have waited for staff, as it is kept with each of them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::domain::activities::waiting_time::WaitingTime;
use crate::domain::ids::ActivityId;
use crate::store::schema::activities;
use crate::store::{Conn, StoreError};

type Kept = (
    diesel::dsl::Eq<activities::waiting_since, Option<NaiveDateTime>>,
    diesel::dsl::Eq<activities::returned_at, Option<NaiveDateTime>>,
    diesel::dsl::Eq<activities::holders_turn, i64>,
);

/// A waiting time as the columns of a report keep it.
pub(in crate::store) fn kept(waiting: &WaitingTime) -> Kept {
    (
        activities::waiting_since.eq(waiting.since),
        activities::returned_at.eq(waiting.returned_at),
        activities::holders_turn.eq(waiting.holders_turn.num_seconds()),
    )
}

/// Begins the wait of a report anew: it was decided, and something else than that verdict is waited for now.
pub fn wait_anew(conn: &mut Conn<'_>, id: ActivityId, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(activities::table.find(id.0))
        .set(kept(&WaitingTime::from_submission(Some(now))))
        .execute(conn.0)?;
    Ok(())
}
