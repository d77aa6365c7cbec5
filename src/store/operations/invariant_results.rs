//! What the checks of the whole data found, so that pages and machines can ask without checking again.

use chrono::NaiveDateTime;

use crate::store::engine::prelude::*;
use crate::store::schema::{data_check_findings as findings, data_checks};
use crate::store::{Conn, StoreError};

/// A check that came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataCheck {
    /// Its identity.
    pub id: i64,
    /// When it began (UTC).
    pub started_at: NaiveDateTime,
    /// When it was done (UTC).
    pub finished_at: NaiveDateTime,
    /// How many invariants it checked.
    pub invariants: i64,
    /// How many of them do not hold.
    pub broken: i64,
}

impl DataCheck {
    /// Whether everything held.
    pub const fn ok(&self) -> bool {
        self.broken == 0
    }
}

/// Something that breaks an invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The invariant.
    pub invariant: String,
    /// What breaks it.
    pub found: String,
}

#[derive(Queryable)]
struct Row {
    id: i64,
    started_at: NaiveDateTime,
    finished_at: NaiveDateTime,
    invariants: i64,
    broken: i64,
}

fn data_check(Row { id, started_at, finished_at, invariants, broken }: Row) -> DataCheck {
    DataCheck { id, started_at, finished_at, invariants, broken }
}

/// Records a check and what it found.
pub fn record(
    conn: &mut Conn<'_>,
    started_at: NaiveDateTime,
    finished_at: NaiveDateTime,
    (invariants, broken): (usize, usize),
    found: &[Finding],
) -> Result<(), StoreError> {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let id: i64 = diesel::insert_into(data_checks::table)
        .values((
            data_checks::started_at.eq(started_at),
            data_checks::finished_at.eq(finished_at),
            data_checks::invariants.eq(count(invariants)),
            data_checks::broken.eq(count(broken)),
        ))
        .returning(data_checks::id)
        .get_result(conn.0)?;
    for (place, finding) in found.iter().enumerate() {
        diesel::insert_into(findings::table)
            .values((
                findings::check_id.eq(id),
                findings::place.eq(count(place)),
                findings::invariant.eq(&finding.invariant),
                findings::found.eq(&finding.found),
            ))
            .execute(conn.0)?;
    }
    Ok(())
}

/// The last check; none when there never was one.
pub fn last(conn: &mut Conn<'_>) -> Result<Option<DataCheck>, StoreError> {
    let row: Option<Row> = data_checks::table.order(data_checks::id.desc()).first(conn.0).optional()?;
    Ok(row.map(data_check))
}

/// The latest checks, the newest first.
pub fn latest(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<DataCheck>, StoreError> {
    let rows: Vec<Row> = data_checks::table.order(data_checks::id.desc()).limit(limit).load(conn.0)?;
    Ok(rows.into_iter().map(data_check).collect())
}

/// What a check found, in the order of its invariants.
pub fn findings_of(conn: &mut Conn<'_>, check: i64) -> Result<Vec<Finding>, StoreError> {
    let rows: Vec<(String, String)> = findings::table
        .filter(findings::check_id.eq(check))
        .order(findings::place)
        .select((findings::invariant, findings::found))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(invariant, found)| Finding { invariant, found }).collect())
}

/// Forgets checks that began before `moment`, but never the last one. Gives their number.
pub fn clear_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    let last: Option<i64> = data_checks::table.select(diesel::dsl::max(data_checks::id)).first(conn.0)?;
    let old = data_checks::table
        .filter(data_checks::started_at.lt(moment))
        .filter(data_checks::id.ne(last.unwrap_or_default()));
    Ok(diesel::delete(old).execute(conn.0)?)
}
