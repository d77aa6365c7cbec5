//! Reports that were returned with a question and wait for their holders, those that have waited longest first.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::activities::category::Category;
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::review::ReasonCode;
use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::store::engine::codes::read;
use crate::store::engine::paging::{Page, Place};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, reviews};
use crate::store::{Conn, StoreError};

/// A returned report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnedReport {
    /// The report.
    pub id: ActivityId,
    /// Its title.
    pub title: String,
    /// Its kind.
    pub category: Category,
    /// How much was reported.
    pub quantity: Quantity,
    /// The last day of the activity.
    pub completed_on: NaiveDate,
    /// Whose it is.
    pub holder: HolderId,
    /// Their name.
    pub holder_name: String,
    /// Since when it is the holder's turn (UTC).
    pub since: NaiveDateTime,
    /// What was asked, as a kind.
    pub code: Option<ReasonCode>,
}

/// A place in the list: since when, and which.
pub type ReturnedKey = (NaiveDateTime, i64);

/// A page of them.
pub fn list(
    conn: &mut Conn<'_>,
    place: &Place<ReturnedKey>,
    size: i64,
) -> Result<Page<ReturnedReport>, StoreError> {
    let asked = reviews::table
        .filter(reviews::activity_id.eq(activities::id))
        .order(reviews::id.desc())
        .select(reviews::reason_code)
        .limit(1)
        .single_value();
    let query = activities::table
        .inner_join(accounts::table)
        // said literally, so that the partial index serves it
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("activities.status = 'returned'"))
        .select((
            activities::id,
            activities::title,
            activities::category,
            activities::quantity,
            activities::completed_on,
            accounts::id,
            accounts::name,
            activities::returned_at,
            asked,
        ))
        .limit(size.saturating_add(1));
    let rows: Vec<Row> = match place {
        Place::Start => query.order((activities::returned_at, activities::id)).load(conn.0)?,
        Place::After((at, id)) => query
            .filter(activities::returned_at.ge(*at))
            .filter(activities::returned_at.gt(*at).or(activities::id.gt(*id).nullable()))
            .order((activities::returned_at, activities::id))
            .load(conn.0)?,
        Place::Before((at, id)) => query
            .filter(activities::returned_at.le(*at))
            .filter(activities::returned_at.lt(*at).or(activities::id.lt(*id).nullable()))
            .order((activities::returned_at.desc(), activities::id.desc()))
            .load(conn.0)?,
    };
    let rows = rows.into_iter().map(returned).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::new(rows, place, size))
}

#[derive(Queryable)]
struct Row {
    id: i64,
    title: String,
    category: Option<String>,
    quantity: Option<i64>,
    completed_on: Option<NaiveDate>,
    holder: i64,
    holder_name: String,
    since: Option<NaiveDateTime>,
    code: Option<String>,
}

fn returned(row: Row) -> Result<ReturnedReport, StoreError> {
    let unreadable = || StoreError::Unreadable("activities");
    let category = row.category.as_deref().and_then(Category::from_code).ok_or_else(unreadable)?;
    let amount = row.quantity.ok_or_else(unreadable)?;
    Ok(ReturnedReport {
        id: ActivityId(row.id),
        title: row.title,
        category,
        quantity: Quantity::new(amount, category.unit()).map_err(|_| unreadable())?,
        completed_on: row.completed_on.ok_or_else(unreadable)?,
        holder: AccountId(row.holder),
        holder_name: row.holder_name,
        since: row.since.ok_or_else(unreadable)?,
        code: row.code.map(|code| read(&code, "reviews.reason_code")).transpose()?,
    })
}
