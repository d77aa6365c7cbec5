//! The name by which a database owns the bucket of its proofs.

use chrono::NaiveDateTime;

use crate::store::engine::prelude::*;
use crate::store::schema::{database_marks, mail_holds};
use crate::store::{Conn, StoreError};

/// The name: the database's mark, which a restore makes anew, and the last hold of its mail, because a copy that was taken over has the mark
/// of the one that it was copied from; with when that began, because two copies of one database count their holds alike.
pub fn name(conn: &mut Conn<'_>) -> Result<String, StoreError> {
    let mark: String = database_marks::table.select(database_marks::mark).first(conn.0)?;
    let last_hold: Option<(i64, NaiveDateTime)> = mail_holds::table
        .order(mail_holds::id.desc())
        .select((mail_holds::id, mail_holds::held_at))
        .first(conn.0)
        .optional()?;
    Ok(match last_hold {
        Some((id, held_at)) => format!("{mark}-{id}-{}", held_at.and_utc().timestamp()),
        None => format!("{mark}-0"),
    })
}
