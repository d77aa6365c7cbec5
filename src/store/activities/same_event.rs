//! Reports of one day that wait for review: among them are those of the same event.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::domain::activities::category::Category;
use crate::domain::activities::quantity::Quantity;
use crate::domain::ids::{AccountId, ActivityId, EvidenceId, HolderId};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, acquaintances, activities, activity_versions, evidence, fields};
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
    /// Whether the reviewer said that they know the holder.
    pub known: bool,
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
        known: bool,
    }
    let known = acquaintances::table
        .filter(acquaintances::holder_id.eq(activities::holder_id))
        .filter(acquaintances::reviewer_id.eq(reviewer.0))
        .filter(acquaintances::ended_at.is_null());
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
            diesel::dsl::exists(known),
        ))
        .limit(most)
        .load(conn.0)?;
    rows.into_iter()
        .map(|Row { id, version, title, organiser, category, quantity, holder, holder_name, known }| {
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
                known,
            })
        })
        .collect()
}

/// What shows a report, and what its holder ticked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportProofs {
    /// Its field.
    pub field: String,
    /// Whether its holder confirmed that it was not part of the regular job: who imports a report cannot say it for them.
    pub confirmed: bool,
    /// Its files, in the order they were brought.
    pub files: Vec<(EvidenceId, String)>,
}

/// What shows several reports, by report.
pub fn proofs_of(
    conn: &mut Conn<'_>,
    reports: &[ActivityId],
) -> Result<BTreeMap<ActivityId, ReportProofs>, StoreError> {
    let ids: Vec<i64> = reports.iter().map(|id| id.0).collect();
    let changed: BTreeSet<i64> = activity_versions::table
        .filter(activity_versions::activity_id.eq_any(&ids))
        .filter(activity_versions::version.gt(1))
        .select(activity_versions::activity_id)
        .load::<i64>(conn.0)?
        .into_iter()
        .collect();
    let rows: Vec<(i64, Option<String>, bool, Option<String>)> = activities::table
        .left_join(fields::table.on(activities::field_id.eq(fields::id.nullable())))
        .filter(activities::id.eq_any(&ids))
        .select((
            activities::id,
            fields::title.nullable(),
            activities::not_regular_job,
            activities::import_key,
        ))
        .load(conn.0)?;
    let mut all = BTreeMap::new();
    for (id, field, ticked, imported) in rows {
        let confirmed = ticked && (imported.is_none() || changed.contains(&id));
        let proofs = ReportProofs { field: field.unwrap_or_default(), confirmed, files: Vec::new() };
        all.insert(ActivityId(id), proofs);
    }
    let files: Vec<(Option<i64>, i64, String)> = evidence::table
        .filter(evidence::activity_id.eq_any(ids.into_iter().map(Some)))
        .filter(evidence::removed_at.is_null())
        .order(evidence::id)
        .select((evidence::activity_id, evidence::id, evidence::name))
        .load(conn.0)?;
    for (report, file, name) in files {
        if let Some(proofs) = report.and_then(|report| all.get_mut(&ActivityId(report))) {
            proofs.files.push((EvidenceId(file), name));
        }
    }
    Ok(all)
}
