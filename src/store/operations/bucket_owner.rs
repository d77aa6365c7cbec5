//! The name by which a database owns the bucket of its proofs.

use diesel::prelude::*;

use crate::store::schema::{database_marks, mail_holds};
use crate::store::{Conn, StoreError};

/// The name: the database's mark, which a restore makes anew, and the number of the last hold of its mail, because a copy that was taken over
/// has the mark of the one that it was copied from.
pub fn name(conn: &mut Conn<'_>) -> Result<String, StoreError> {
    let mark: String = database_marks::table.select(database_marks::mark).first(conn.0)?;
    let last_hold: Option<i64> = mail_holds::table.select(diesel::dsl::max(mail_holds::id)).first(conn.0)?;
    Ok(format!("{mark}-{}", last_hold.unwrap_or_default()))
}
