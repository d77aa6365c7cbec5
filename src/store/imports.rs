//! What only imports ask of activities: which rows are there already, and what was awarded elsewhere.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::schema::activities;
use super::{Conn, StoreError};
use crate::domain::activity::{ActivityStatus, Facts};
use crate::domain::category::Category;
use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::domain::publication::fold_title;
use crate::domain::quantity::Quantity;

/// What makes two imported rows of one holder the same: category, title, last day and quantity.
pub fn import_key(facts: &Facts) -> String {
    let category = facts.category.map_or("", Category::code);
    key_of(category, &facts.title, facts.completed_on, facts.quantity.map_or(0, Quantity::amount))
}

fn key_of(category: &str, title: &str, completed_on: Option<NaiveDate>, quantity: i64) -> String {
    let day = completed_on.map(|day| day.to_string()).unwrap_or_default();
    format!("{category}|{}|{day}|{quantity}", fold_title(title))
}

/// The keys (see [`import_key`]) of everything some holders have reported or imported, except what they withdrew themselves.
///
/// # Errors
/// `StoreError`.
pub fn reported_keys(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
) -> Result<Vec<(HolderId, String)>, StoreError> {
    type Row = (i64, Option<String>, String, Option<NaiveDate>, Option<i64>, Option<String>);
    let rows: Vec<Row> = activities::table
        .filter(activities::holder_id.eq_any(holders.iter().map(|h| h.0).collect::<Vec<_>>()))
        .filter(activities::import_key.is_not_null().or(activities::status.eq_any([
            "submitted",
            "returned",
            "approved",
            "rejected",
        ])))
        .select((
            activities::holder_id,
            activities::category,
            activities::title,
            activities::completed_on,
            activities::quantity,
            activities::import_key,
        ))
        .load(conn.0)?;
    Ok(rows
        .into_iter()
        .map(|(holder, category, title, completed_on, quantity, key)| {
            let made =
                || key_of(&category.unwrap_or_default(), &title, completed_on, quantity.unwrap_or_default());
            (AccountId(holder), key.unwrap_or_else(made))
        })
        .collect())
}

/// Notes what a reviewer elsewhere awarded for an approved activity that an import brings.
///
/// # Errors
/// `StoreError::Changed` when it is not approved.
pub fn award(conn: &mut Conn<'_>, id: ActivityId, awarded: Quantity) -> Result<(), StoreError> {
    let approved =
        activities::table.find(id.0).filter(activities::status.eq(ActivityStatus::Approved.code()));
    let changed =
        diesel::update(approved).set(activities::awarded.eq(Some(awarded.amount()))).execute(conn.0)?;
    if changed == 1 { Ok(()) } else { Err(StoreError::Changed) }
}
