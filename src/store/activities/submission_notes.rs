//! What looked unlikely when a version of a report was sent, and what the holder said to it. Append-only.

use crate::domain::ids::ActivityId;
use crate::store::engine::prelude::*;
use crate::store::schema::remarks;
use crate::store::{Conn, StoreError};

/// The remarks on one version of a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// The version.
    pub version: i64,
    /// What the portal told the holder, sentence by sentence.
    pub hints: Vec<String>,
    /// What the holder said to it.
    pub explanation: String,
}

impl Remarks {
    /// Whether there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.hints.is_empty() && self.explanation.is_empty()
    }
}

/// Keeps the remarks on a version.
///
/// # Errors
/// `StoreError::Constraint` when this version has remarks already.
pub fn add(conn: &mut Conn<'_>, activity: ActivityId, said: &Remarks) -> Result<(), StoreError> {
    let hints = serde_json::to_string(&said.hints).map_err(|_| StoreError::Unreadable("remarks"))?;
    diesel::insert_into(remarks::table)
        .values((
            remarks::activity_id.eq(activity.0),
            remarks::version.eq(said.version),
            remarks::hints.eq(hints),
            remarks::explanation.eq(&said.explanation),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// The remarks on every version of a report that has some, from the first.
pub fn of_activity(conn: &mut Conn<'_>, activity: ActivityId) -> Result<Vec<Remarks>, StoreError> {
    let rows: Vec<(i64, String, String)> = remarks::table
        .filter(remarks::activity_id.eq(activity.0))
        .order(remarks::version)
        .select((remarks::version, remarks::hints, remarks::explanation))
        .load(conn.0)?;
    rows.into_iter()
        .map(|(version, hints, explanation)| {
            let hints = serde_json::from_str(&hints).map_err(|_| StoreError::Unreadable("remarks"))?;
            Ok(Remarks { version, hints, explanation })
        })
        .collect()
}
