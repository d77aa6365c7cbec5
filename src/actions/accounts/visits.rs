//! Visits of a holder to the dashboard: what has happened since the last one is told there.

use chrono::{NaiveDateTime, TimeDelta};

use crate::actions::ActionError;
use crate::domain::roles::Holder;
use crate::portal::Portal;
use crate::store::accounts::visits::{self, Visit};
use crate::store::{Conn, StoreError};

/// A visit is over when the dashboard was not opened for so long. Until then what it tells stays, however often it is opened and on whatever
/// device.
pub const VISIT_ENDS: TimeDelta = TimeDelta::hours(1);
/// A look is recorded at most once in this time: otherwise every look would be a write. What happens in between may be told twice, never not
/// at all.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(3);

/// The visit that a look at a moment belongs to; none when nothing of it has to be noted.
fn goes_on(before: Option<Visit>, now: NaiveDateTime) -> Option<Visit> {
    let Some(before) = before else { return Some(Visit { since: now, seen_at: now }) };
    match now - before.seen_at {
        // what happened within that second is told, too
        away if away >= VISIT_ENDS => {
            Some(Visit { since: before.seen_at - TimeDelta::seconds(1), seen_at: now })
        }
        away if away >= NOTED_EVERY => Some(Visit { seen_at: now, ..before }),
        _ => None,
    }
}

/// Notes that a holder looks at the dashboard, and gives when the visit before this one ended (UTC).
///
/// # Errors
/// `ActionError::Store`.
pub fn look(portal: &Portal, holder: Holder) -> Result<NaiveDateTime, ActionError> {
    let now = portal.clock.now();
    let before = portal.store.read(|conn| visits::find(conn, holder.id))?;
    let Some(visit) = goes_on(before, now) else {
        return Ok(before.map_or(now, |before| before.since));
    };
    let note = |conn: &mut Conn<'_>| visits::note(conn, holder.id, visit);
    let noted = match before {
        // what happens from now on is told only to whoever was here before
        None => portal.store.write(note),
        // not worth waiting for: the next look notes it
        Some(_) => portal.store.write_if_free(note),
    };
    // not worth refusing a page for
    match noted {
        Ok(()) | Err(StoreError::Busy) => {}
        Err(error) => tracing::warn!(%error, "a look at the dashboard could not be noted"),
    }
    Ok(visit.since)
}
