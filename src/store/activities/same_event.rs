//! Reports of one day that wait for review: among them are those of the same event.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::domain::activities::category::Category;
use crate::domain::activities::quantity::Quantity;
use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::store::schema::{accounts, activities};
use crate::store::{Conn, StoreError};

/// A report that waits, among those of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameDay {
    /// The report.
    pub id: ActivityId,
    /// Its version, so that a verdict on an older one is refused.
    pub version: i64,
    /// Its title.
    pub title: String,
    /// Who held the event.
    pub organiser: String,
    /// Its kind.
    pub category: Category,
    /// How much was reported.
    pub quantity: Quantity,
    /// Whose it is.
    pub holder: HolderId,
    /// Their name.
    pub holder_name: String,
}

/// Reports waiting for review and were completed on `day`, whoever's they are except the reviewer's own; at most `most`.
pub fn completed_on(
    conn: &mut Conn<'_>,
    reviewer: AccountId,
    day: NaiveDate,
    most: i64,
) -> Result<Vec<SameDay>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        id: i64,
        version: i64,
        title: String,
        organiser: String,
        category: Option<String>,
        quantity: Option<i64>,
        holder: i64,
        holder_name: String,
    }
    let rows: Vec<Row> = activities::table
        .inner_join(accounts::table)
        .filter(activities::queue_rank.is_not_null())
        .filter(activities::completed_on.eq(day))
        .filter(activities::holder_id.ne(reviewer.0))
        .order((accounts::name_fold, activities::id))
        .select((
            activities::id,
            activities::version,
            activities::title,
            activities::organiser,
            activities::category,
            activities::quantity,
            activities::holder_id,
            accounts::name,
        ))
        .limit(most)
        .load(conn.0)?;
    rows.into_iter()
        .map(|Row { id, version, title, organiser, category, quantity, holder, holder_name }| {
            let unreadable = || StoreError::Unreadable("activities");
            let category = category.as_deref().and_then(Category::from_code).ok_or_else(unreadable)?;
            let amount = quantity.ok_or_else(unreadable)?;
            Ok(SameDay {
                id: ActivityId(id),
                version,
                title,
                organiser,
                category,
                quantity: Quantity::new(amount, category.unit()).map_err(|_| unreadable())?,
                holder: AccountId(holder),
                holder_name,
            })
        })
        .collect()
}
