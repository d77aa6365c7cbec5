//! Policy versions.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::activities::category::Category;
use crate::domain::activities::credits::Credits;
use crate::domain::certification::policy::{Minimums, Policies, Policy, Rate, Rates};
use crate::domain::ids::{AccountId, PolicyId};
use crate::store::engine::prelude::*;
use crate::store::schema::policies;
use crate::store::{Conn, StoreError};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = policies)]
struct PolicyRow {
    version: i64,
    first_day: NaiveDate,
    minimum_practitioner: i64,
    minimum_expert: i64,
    minimum_certified_officer: i64,
    rate_attending: i64,
    rate_reading: i64,
    rate_writing: i64,
    rate_teaching: i64,
    rate_course_material: i64,
    rate_unregistered: i64,
    publication_cap: i64,
    stages: String,
    notice_days: i64,
    carry_over: i64,
    created_at: NaiveDateTime,
    created_by: Option<i64>,
}

fn policy(id: i64, row: &PolicyRow) -> Result<Policy, StoreError> {
    let rate =
        |category, units| Rate::new(category, units).map_err(|_| StoreError::Unreadable("policies.rate"));
    let stages = row
        .stages
        .split(',')
        .map(|days| days.trim().parse().map_err(|_| StoreError::Unreadable("policies.stages")))
        .collect::<Result<Vec<i64>, StoreError>>()?;
    Ok(Policy {
        id: PolicyId(id),
        version: row.version,
        first_day: row.first_day,
        minimums: Minimums {
            practitioner: Credits::from_parts(row.minimum_practitioner),
            expert: Credits::from_parts(row.minimum_expert),
            certified_officer: Credits::from_parts(row.minimum_certified_officer),
        },
        rates: Rates {
            attending: rate(Category::Attending, row.rate_attending)?,
            reading: rate(Category::Reading, row.rate_reading)?,
            writing: rate(Category::Writing, row.rate_writing)?,
            teaching: rate(Category::Teaching, row.rate_teaching)?,
            course_material: rate(Category::CourseMaterial, row.rate_course_material)?,
            unregistered: rate(Category::Unregistered, row.rate_unregistered)?,
        },
        publication_cap: Credits::from_parts(row.publication_cap),
        stages: Policy::checked_stages(stages).map_err(|_| StoreError::Unreadable("policies.stages"))?,
        notice_days: row.notice_days,
        carry_over: Credits::from_parts(row.carry_over),
    })
}

/// Every version.
pub fn all(conn: &mut Conn<'_>) -> Result<Policies, StoreError> {
    let rows: Vec<(i64, PolicyRow)> = policies::table
        .select((policies::id, PolicyRow::as_select()))
        .order(policies::first_day)
        .load(conn.0)?;
    let versions = rows.iter().map(|(id, row)| policy(*id, row)).collect::<Result<Vec<_>, _>>()?;
    Policies::new(versions).ok_or(StoreError::Unreadable("policies"))
}

/// Records a new version. Its `id` is chosen here.
///
/// # Errors
/// `StoreError::Constraint` when its number or first day is in use.
pub fn add(
    conn: &mut Conn<'_>,
    policy: &Policy,
    by: AccountId,
    now: NaiveDateTime,
) -> Result<PolicyId, StoreError> {
    let row = PolicyRow {
        version: policy.version,
        first_day: policy.first_day,
        minimum_practitioner: policy.minimums.practitioner.parts(),
        minimum_expert: policy.minimums.expert.parts(),
        minimum_certified_officer: policy.minimums.certified_officer.parts(),
        rate_attending: policy.rates.attending.units_per_credit(),
        rate_reading: policy.rates.reading.units_per_credit(),
        rate_writing: policy.rates.writing.units_per_credit(),
        rate_teaching: policy.rates.teaching.units_per_credit(),
        rate_course_material: policy.rates.course_material.units_per_credit(),
        rate_unregistered: policy.rates.unregistered.units_per_credit(),
        publication_cap: policy.publication_cap.parts(),
        stages: policy.stages.iter().map(i64::to_string).collect::<Vec<_>>().join(","),
        notice_days: policy.notice_days,
        carry_over: policy.carry_over.parts(),
        created_at: now,
        created_by: Some(by.0),
    };
    let id = diesel::insert_into(policies::table).values(&row).returning(policies::id).get_result(conn.0)?;
    // years that start under the new version look at their stages anew, from their first day
    super::years::look_again_from(conn, policy.first_day)?;
    Ok(PolicyId(id))
}

/// Removes a version that is not in force on `today`.
///
/// # Errors
/// `StoreError::Changed` when it is in force, or gone.
pub fn remove_future(conn: &mut Conn<'_>, id: PolicyId, today: NaiveDate) -> Result<(), StoreError> {
    let future = policies::table.filter(policies::id.eq(id.0)).filter(policies::first_day.gt(today));
    if diesel::delete(future).execute(conn.0)? == 1 { Ok(()) } else { Err(StoreError::Changed) }
}
