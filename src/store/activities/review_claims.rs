//! Who reads which report now, so that two people do not read the same. A claim ends by itself.

use chrono::NaiveDateTime;

use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, review_claims};
use crate::store::{Conn, StoreError};

/// Somebody reads a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewClaim {
    /// Who.
    pub reviewer: AccountId,
    /// Their name.
    pub name: String,
    /// Since when (UTC).
    pub claimed_at: NaiveDateTime,
    /// When the claim ends by itself (UTC).
    pub ends_at: NaiveDateTime,
}

/// Who reads a report at this moment, if anybody does.
pub fn find(
    conn: &mut Conn<'_>,
    activity: ActivityId,
    now: NaiveDateTime,
) -> Result<Option<ReviewClaim>, StoreError> {
    let row: Option<(i64, String, NaiveDateTime, NaiveDateTime)> = review_claims::table
        .inner_join(accounts::table.on(review_claims::reviewer_id.eq(accounts::id)))
        .filter(review_claims::activity_id.eq(activity.0))
        .filter(review_claims::ends_at.gt(now))
        .select((
            review_claims::reviewer_id,
            accounts::name,
            review_claims::claimed_at,
            review_claims::ends_at,
        ))
        .first(conn.0)
        .optional()?;
    Ok(row.map(|(reviewer, name, claimed_at, ends_at)| ReviewClaim {
        reviewer: AccountId(reviewer),
        name,
        claimed_at,
        ends_at,
    }))
}

/// Who reads some report at this moment, by name.
pub fn readers(conn: &mut Conn<'_>, now: NaiveDateTime) -> Result<Vec<(AccountId, String)>, StoreError> {
    let rows: Vec<(i64, String)> = review_claims::table
        .inner_join(accounts::table.on(review_claims::reviewer_id.eq(accounts::id)))
        .filter(review_claims::ends_at.gt(now))
        .select((accounts::id, accounts::name))
        .distinct()
        .order((accounts::name, accounts::id))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(id, name)| (AccountId(id), name)).collect())
}

/// Puts a claim on a report, in place of whatever claim there was.
pub fn put(
    conn: &mut Conn<'_>,
    activity: ActivityId,
    reviewer: AccountId,
    claimed_at: NaiveDateTime,
    ends_at: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::delete(review_claims::table.find(activity.0)).execute(conn.0)?;
    diesel::insert_into(review_claims::table)
        .values((
            review_claims::activity_id.eq(activity.0),
            review_claims::reviewer_id.eq(reviewer.0),
            review_claims::claimed_at.eq(claimed_at),
            review_claims::ends_at.eq(ends_at),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// Takes a reviewer's claim on a report away, if it is theirs.
pub fn release(conn: &mut Conn<'_>, activity: ActivityId, reviewer: AccountId) -> Result<(), StoreError> {
    let own = review_claims::table.find(activity.0).filter(review_claims::reviewer_id.eq(reviewer.0));
    diesel::delete(own).execute(conn.0)?;
    Ok(())
}

/// Takes every claim of a reviewer away. Gives their number.
pub fn release_all(conn: &mut Conn<'_>, reviewer: AccountId) -> Result<usize, StoreError> {
    let own = review_claims::table.filter(review_claims::reviewer_id.eq(reviewer.0));
    Ok(diesel::delete(own).execute(conn.0)?)
}

/// Takes a reviewer's claims on the reports of one holder away.
pub fn release_of_holder(
    conn: &mut Conn<'_>,
    reviewer: AccountId,
    holder: HolderId,
) -> Result<(), StoreError> {
    let reports = activities::table.filter(activities::holder_id.eq(holder.0)).select(activities::id);
    let own = review_claims::table
        .filter(review_claims::reviewer_id.eq(reviewer.0))
        .filter(review_claims::activity_id.eq_any(reports));
    diesel::delete(own).execute(conn.0)?;
    Ok(())
}

/// How many claims a reviewer has.
pub fn count(conn: &mut Conn<'_>, reviewer: AccountId) -> Result<i64, StoreError> {
    let own = review_claims::table.filter(review_claims::reviewer_id.eq(reviewer.0));
    Ok(own.count().get_result(conn.0)?)
}

/// Takes any claim on a report away: it is decided.
pub fn clear(conn: &mut Conn<'_>, activity: ActivityId) -> Result<(), StoreError> {
    diesel::delete(review_claims::table.find(activity.0)).execute(conn.0)?;
    Ok(())
}

/// Forgets claims that ended before `moment`. Gives their number.
pub fn clear_ended(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::delete(review_claims::table.filter(review_claims::ends_at.lt(moment))).execute(conn.0)?)
}
