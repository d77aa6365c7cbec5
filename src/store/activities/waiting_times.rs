//! How long reports have waited for staff, as it is kept with each of them.

use chrono::NaiveDateTime;

use crate::domain::activities::waiting_time::WaitingTime;
use crate::domain::ids::ActivityId;
use crate::store::engine::prelude::*;
use crate::store::schema::activities;
use crate::store::{Conn, StoreError};

/// A waiting time as the columns of a report say it.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = activities, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(in crate::store) struct WaitingColumns {
    waiting_since: Option<NaiveDateTime>,
    returned_at: Option<NaiveDateTime>,
    /// In seconds.
    holders_turn: i64,
}

impl From<WaitingTime> for WaitingColumns {
    fn from(waiting: WaitingTime) -> WaitingColumns {
        WaitingColumns {
            waiting_since: waiting.since,
            returned_at: waiting.returned_at,
            holders_turn: waiting.holders_turn.num_seconds(),
        }
    }
}

/// Begins the wait of a report anew: it was decided, and something else than that verdict is waited for now.
pub fn wait_anew(conn: &mut Conn<'_>, id: ActivityId, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(activities::table.find(id.0))
        .set(WaitingColumns::from(WaitingTime::from_submission(Some(now))))
        .execute(conn.0)?;
    Ok(())
}
