//! To whom a report that waits for review was given. Anybody may still decide it: it says whose it is, and forbids nothing.

use chrono::NaiveDateTime;

use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, assignments, staff_notes};
use crate::store::{Conn, StoreError};

/// A report that was given to somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Who has it.
    pub assignee: AccountId,
    /// Their name.
    pub assignee_name: String,
    /// Who gave it.
    pub by: AccountId,
    /// Their name.
    pub by_name: String,
    /// When (UTC).
    pub at: NaiveDateTime,
    /// What was said with it; empty without any.
    pub words: String,
}

/// Who has a report, if it was given to anybody.
pub fn find(conn: &mut Conn<'_>, activity: ActivityId) -> Result<Option<Assignment>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        assignee: i64,
        assignee_name: String,
        by: i64,
        by_name: String,
        at: NaiveDateTime,
        words: Option<String>,
    }
    let givers = diesel::alias!(accounts as givers);
    let row: Option<Row> = assignments::table
        .inner_join(accounts::table.on(assignments::assignee_id.eq(accounts::id)))
        .inner_join(givers.on(assignments::assigned_by.eq(givers.field(accounts::id))))
        .left_join(staff_notes::table.on(assignments::note_id.eq(staff_notes::id.nullable())))
        .filter(assignments::activity_id.eq(activity.0))
        .select((
            assignments::assignee_id,
            accounts::name,
            assignments::assigned_by,
            givers.field(accounts::name),
            assignments::assigned_at,
            staff_notes::words.nullable(),
        ))
        .first(conn.0)
        .optional()?;
    Ok(row.map(|row| Assignment {
        assignee: AccountId(row.assignee),
        assignee_name: row.assignee_name,
        by: AccountId(row.by),
        by_name: row.by_name,
        at: row.at,
        words: row.words.unwrap_or_default(),
    }))
}

/// An assignment as it is made.
#[derive(Clone, Copy, Debug)]
pub struct NewAssignment {
    /// Which report.
    pub activity: ActivityId,
    /// To whom.
    pub assignee: AccountId,
    /// By whom.
    pub by: AccountId,
    /// What was said with it.
    pub note: Option<i64>,
}

/// Gives a report to somebody, in place of whoever had it.
pub fn put(conn: &mut Conn<'_>, new: &NewAssignment, now: NaiveDateTime) -> Result<(), StoreError> {
    clear(conn, new.activity)?;
    diesel::insert_into(assignments::table)
        .values((
            assignments::activity_id.eq(new.activity.0),
            assignments::assignee_id.eq(new.assignee.0),
            assignments::assigned_by.eq(new.by.0),
            assignments::note_id.eq(new.note),
            assignments::assigned_at.eq(now),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// Nobody has a report any more.
pub fn clear(conn: &mut Conn<'_>, activity: ActivityId) -> Result<(), StoreError> {
    diesel::delete(assignments::table.find(activity.0)).execute(conn.0)?;
    Ok(())
}

/// The reports that somebody has, each with whose it is.
pub fn of_assignee(
    conn: &mut Conn<'_>,
    assignee: AccountId,
) -> Result<Vec<(ActivityId, HolderId)>, StoreError> {
    let rows: Vec<(i64, i64)> = assignments::table
        .inner_join(activities::table)
        .filter(assignments::assignee_id.eq(assignee.0))
        .order(assignments::activity_id)
        .select((assignments::activity_id, activities::holder_id))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(activity, holder)| (ActivityId(activity), AccountId(holder))).collect())
}

/// How many reports somebody has.
pub fn count(conn: &mut Conn<'_>, assignee: AccountId) -> Result<i64, StoreError> {
    Ok(assignments::table.filter(assignments::assignee_id.eq(assignee.0)).count().get_result(conn.0)?)
}

/// Who has a report, by name.
pub fn assignees(conn: &mut Conn<'_>) -> Result<Vec<(AccountId, String)>, StoreError> {
    let rows: Vec<(i64, String)> = assignments::table
        .inner_join(accounts::table.on(assignments::assignee_id.eq(accounts::id)))
        .select((accounts::id, accounts::name))
        .distinct()
        .order((accounts::name, accounts::id))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(id, name)| (AccountId(id), name)).collect())
}
