//! The report that a form has become, so that the same form sent twice makes one report.

use chrono::NaiveDateTime;

use crate::domain::ids::{ActivityId, HolderId};
use crate::store::engine::prelude::*;
use crate::store::schema::form_keys;
use crate::store::{Conn, StoreError};

/// What a form of a holder's has become: the activity, and the version that it wrote last.
pub fn find(
    conn: &mut Conn<'_>,
    holder: HolderId,
    key: &str,
) -> Result<Option<(ActivityId, i64)>, StoreError> {
    let found: Option<(i64, i64)> = form_keys::table
        .find((holder.0, key))
        .select((form_keys::activity_id, form_keys::version))
        .first(conn.0)
        .optional()?;
    Ok(found.map(|(activity, version)| (ActivityId(activity), version)))
}

/// Records what a form has become now.
pub fn record(
    conn: &mut Conn<'_>,
    holder: HolderId,
    key: &str,
    (activity, version): (ActivityId, i64),
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(form_keys::table)
        .values((
            form_keys::holder_id.eq(holder.0),
            form_keys::form_key.eq(key),
            form_keys::activity_id.eq(activity.0),
            form_keys::version.eq(version),
            form_keys::used_at.eq(now),
        ))
        .on_conflict((form_keys::holder_id, form_keys::form_key))
        .do_update()
        .set((form_keys::version.eq(version), form_keys::used_at.eq(now)))
        .execute(conn.0)?;
    Ok(())
}

/// Forgets forms last used before `moment`. Gives their number.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(form_keys::table.filter(form_keys::used_at.lt(moment))).execute(conn.0)?)
}
