//! What the holder told, version by version. Append-only.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::schema::activity_versions;
use super::{Conn, StoreError};
use crate::domain::activity::{ActivityStatus, Facts};
use crate::domain::category::Category;
use crate::domain::ids::{AccountId, ActivityId};
use crate::domain::quantity::Quantity;

/// Keeps what an activity says in a version.
///
/// # Errors
/// `StoreError::Taken` when this version is kept already.
pub fn add(
    conn: &mut Conn<'_>,
    activity: ActivityId,
    version: i64,
    status: ActivityStatus,
    facts: &Facts,
    by: AccountId,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let told = serde_json::json!({
        "status": status.code(),
        "category": facts.category.map(Category::code),
        "title": facts.title,
        "organiser": facts.organiser,
        "field_id": facts.field.map(|field| field.0),
        "started_on": facts.started_on.map(|day| day.to_string()),
        "completed_on": facts.completed_on.map(|day| day.to_string()),
        "quantity": facts.quantity.map(Quantity::amount),
        "publication": facts.publication,
        "relevance": facts.relevance,
        "not_regular_job": facts.not_regular_job,
    });
    diesel::insert_into(activity_versions::table)
        .values((
            activity_versions::activity_id.eq(activity.0),
            activity_versions::version.eq(version),
            activity_versions::changed_by.eq(by.0),
            activity_versions::changed_at.eq(now),
            activity_versions::facts.eq(told.to_string()),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// The versions kept of an activity, from the first: number and what it said, as JSON.
///
/// # Errors
/// `StoreError`.
pub fn of_activity(conn: &mut Conn<'_>, activity: ActivityId) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(activity_versions::table
        .filter(activity_versions::activity_id.eq(activity.0))
        .order(activity_versions::version)
        .select((activity_versions::version, activity_versions::facts))
        .load(conn.0)?)
}
