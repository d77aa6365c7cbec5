//! What was typed into a draft, while some of it cannot be read yet.

use crate::domain::ids::ActivityId;
use crate::store::engine::prelude::*;
use crate::store::schema::draft_texts;
use crate::store::{Conn, StoreError};

/// Names and values of the form's fields, for a draft that was not read whole.
pub fn find(conn: &mut Conn<'_>, draft: ActivityId) -> Result<Option<Vec<(String, String)>>, StoreError> {
    let fields: Option<String> =
        draft_texts::table.find(draft.0).select(draft_texts::fields).first(conn.0).optional()?;
    fields
        .map(|fields| serde_json::from_str(&fields).map_err(|_| StoreError::Unreadable("draft_texts.fields")))
        .transpose()
}

/// Keeps what was typed into a draft, in place of what was kept before.
pub fn keep(conn: &mut Conn<'_>, draft: ActivityId, fields: &[(&str, String)]) -> Result<(), StoreError> {
    let fields = serde_json::to_string(fields).map_err(|_| StoreError::Unreadable("fields of a draft"))?;
    diesel::insert_into(draft_texts::table)
        .values((draft_texts::activity_id.eq(draft.0), draft_texts::fields.eq(&fields)))
        .on_conflict(draft_texts::activity_id)
        .do_update()
        .set(draft_texts::fields.eq(&fields))
        .execute(conn.0)?;
    Ok(())
}

/// Forgets what was typed: the draft was read whole, or is none any more.
pub fn forget(conn: &mut Conn<'_>, draft: ActivityId) -> Result<(), StoreError> {
    diesel::delete(draft_texts::table.find(draft.0)).execute(conn.0)?;
    Ok(())
}
