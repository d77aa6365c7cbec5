//! When holders last looked at their dashboard.

use chrono::NaiveDateTime;

use crate::domain::ids::HolderId;
use crate::store::engine::prelude::*;
use crate::store::schema::visits;
use crate::store::{Conn, StoreError};

/// A visit of a holder to the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = visits)]
pub struct Visit {
    /// When the visit before it ended (UTC); of the first one, when it began.
    pub since: NaiveDateTime,
    /// When the dashboard was last opened (UTC), to some minutes.
    pub seen_at: NaiveDateTime,
}

/// The latest visit of a holder; none before the first.
pub fn find(conn: &mut Conn<'_>, holder: HolderId) -> Result<Option<Visit>, StoreError> {
    Ok(visits::table.find(holder.0).select(Visit::as_select()).first(conn.0).optional()?)
}

/// Notes the visit of a holder in place of the one before.
pub fn note(conn: &mut Conn<'_>, holder: HolderId, visit: Visit) -> Result<(), StoreError> {
    diesel::insert_into(visits::table)
        .values((visits::holder_id.eq(holder.0), visit))
        .on_conflict(visits::holder_id)
        .do_update()
        .set(visit)
        .execute(conn.0)?;
    Ok(())
}
