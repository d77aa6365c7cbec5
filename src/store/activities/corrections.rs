//! What holders ask to have changed in reports that are decided, and the answers.

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::Bool;

use super::activity_versions::{facts_of, told};
use crate::domain::activities::activity::Facts;
use crate::domain::activities::correction::CorrectionState;
use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::store::engine::codes::read;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, corrections};
use crate::store::{Conn, StoreError};

/// A request for a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Its identity.
    pub id: i64,
    /// The report.
    pub activity: ActivityId,
    /// The title that the report has now.
    pub title: String,
    /// Whose it is.
    pub holder: HolderId,
    /// The holder's name.
    pub holder_name: String,
    /// The version of the report that it would change.
    pub version: i64,
    /// What the report should say.
    pub facts: Facts,
    /// Why, in the holder's words.
    pub reason: String,
    /// When it was asked for (UTC).
    pub asked_at: NaiveDateTime,
    /// Where it stands.
    pub state: CorrectionState,
    /// Staff's words; empty while it is open.
    pub answer: String,
    /// When it was answered (UTC).
    pub answered_at: Option<NaiveDateTime>,
}

#[derive(Queryable)]
struct Row {
    id: i64,
    activity_id: i64,
    title: String,
    holder_id: i64,
    holder_name: String,
    activity_version: i64,
    facts: String,
    reason: String,
    asked_at: NaiveDateTime,
    state: String,
    answer: String,
    answered_at: Option<NaiveDateTime>,
}

impl TryFrom<Row> for Correction {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Correction {
            id: row.id,
            activity: ActivityId(row.activity_id),
            title: row.title,
            holder: AccountId(row.holder_id),
            holder_name: row.holder_name,
            version: row.activity_version,
            facts: facts_of(&row.facts)?,
            reason: row.reason,
            asked_at: row.asked_at,
            state: read(&row.state, "corrections.state")?,
            answer: row.answer,
            answered_at: row.answered_at,
        })
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn rows() -> _ {
    corrections::table
        .inner_join(activities::table)
        .inner_join(accounts::table.on(corrections::holder_id.eq(accounts::id)))
        .select((
            corrections::id,
            corrections::activity_id,
            activities::title,
            corrections::holder_id,
            accounts::name,
            corrections::activity_version,
            corrections::facts,
            corrections::reason,
            corrections::asked_at,
            corrections::state,
            corrections::answer,
            corrections::answered_at,
        ))
}

/// Asks for a correction of a version of a report.
///
/// # Errors
/// `StoreError::Constraint` when one is open already.
pub fn add(
    conn: &mut Conn<'_>,
    (activity, version, holder): (ActivityId, i64, HolderId),
    facts: &Facts,
    reason: &str,
    now: NaiveDateTime,
) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(corrections::table)
        .values((
            corrections::activity_id.eq(activity.0),
            corrections::holder_id.eq(holder.0),
            corrections::activity_version.eq(version),
            corrections::facts.eq(told(CorrectionState::Asked.code(), facts)?),
            corrections::reason.eq(reason),
            corrections::asked_at.eq(now),
            corrections::state.eq(CorrectionState::Asked.code()),
        ))
        .returning(corrections::id)
        .get_result(conn.0)?)
}

/// One request.
pub fn find(conn: &mut Conn<'_>, id: i64) -> Result<Option<Correction>, StoreError> {
    let row: Option<Row> = rows().filter(corrections::id.eq(id)).first(conn.0).optional()?;
    row.map(Correction::try_from).transpose()
}

/// The requests about a report, from the first.
pub fn of_activity(conn: &mut Conn<'_>, activity: ActivityId) -> Result<Vec<Correction>, StoreError> {
    let found: Vec<Row> =
        rows().filter(corrections::activity_id.eq(activity.0)).order(corrections::id).load(conn.0)?;
    found.into_iter().map(Correction::try_from).collect()
}

/// A bound value would keep the partial indexes from serving it.
fn in_state(state: &str) -> SqlLiteral<Bool> {
    sql(state)
}

/// The requests that wait for staff, the oldest first.
pub fn waiting(conn: &mut Conn<'_>, most: i64) -> Result<Vec<Correction>, StoreError> {
    let found: Vec<Row> = rows()
        .filter(in_state("corrections.state = 'asked'"))
        .order((corrections::asked_at, corrections::id))
        .limit(most)
        .load(conn.0)?;
    found.into_iter().map(Correction::try_from).collect()
}

/// The requests that were answered last.
pub fn answered(conn: &mut Conn<'_>, most: i64) -> Result<Vec<Correction>, StoreError> {
    let found: Vec<Row> = rows()
        .filter(in_state("corrections.state <> 'asked'"))
        .order((corrections::answered_at.desc(), corrections::id.desc()))
        .limit(most)
        .load(conn.0)?;
    found.into_iter().map(Correction::try_from).collect()
}

/// Answers a request that is open.
///
/// # Errors
/// `StoreError::Changed` when somebody answered it before.
pub fn answer(
    conn: &mut Conn<'_>,
    id: i64,
    state: CorrectionState,
    words: &str,
    by: AccountId,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let open = corrections::table.find(id).filter(corrections::state.eq(CorrectionState::Asked.code()));
    let answered = diesel::update(open)
        .set((
            corrections::state.eq(state.code()),
            corrections::answer.eq(words),
            corrections::answered_by.eq(Some(by.0)),
            corrections::answered_at.eq(Some(now)),
        ))
        .execute(conn.0)?;
    if answered == 1 { Ok(()) } else { Err(StoreError::Changed) }
}
