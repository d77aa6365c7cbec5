//! Staff's verdicts, append-only.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDateTime;

use crate::domain::activities::past_reports::KeptVerdict;
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::review::{ReasonCode, ReviewDecision, Verdict};
use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::store::engine::codes::read;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, reviews};
use crate::store::{Conn, StoreError};

/// A recorded verdict, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// The version of the activity that was looked at.
    pub activity_version: i64,
    /// What was decided.
    pub decision: ReviewDecision,
    /// What was awarded when it differs from what was reported, in the category's unit.
    pub quantity: Option<i64>,
    /// The kind of reason; none for most approvals.
    pub code: Option<ReasonCode>,
    /// In words; empty for most approvals.
    pub reason: String,
    /// Who decided; `None` for a report that an import brought in approved.
    pub reviewer_name: Option<String>,
    /// When (UTC).
    pub reviewed_at: NaiveDateTime,
}

/// Verdicts that were recorded together, from the first to the last: their numbers follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewRange {
    first: i64,
    last: i64,
}

impl ReviewRange {
    /// One verdict.
    #[must_use]
    pub const fn of(review: i64) -> Self {
        Self { first: review, last: review }
    }

    /// The same with one more.
    #[must_use]
    pub const fn with(self, review: i64) -> Self {
        Self { first: self.first, last: review }
    }
}

/// As it stands in an address: "12-14".
impl fmt::Display for ReviewRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

/// The text is no range of verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoReviewRange;

impl FromStr for ReviewRange {
    type Err = NoReviewRange;

    fn from_str(text: &str) -> Result<Self, NoReviewRange> {
        let (first, last) = text.split_once('-').ok_or(NoReviewRange)?;
        let number = |text: &str| text.parse::<i64>().map_err(|_| NoReviewRange);
        Ok(Self { first: number(first)?, last: number(last)? })
    }
}

/// A verdict as somebody gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewGiven {
    /// On which report.
    pub activity: ActivityId,
    /// The version of the report that was looked at; the verdict made it the next one.
    pub activity_version: i64,
}

/// The verdicts of a range that this reviewer gave, at most `most`.
pub fn given(
    conn: &mut Conn<'_>,
    range: ReviewRange,
    reviewer: AccountId,
    most: i64,
) -> Result<Vec<ReviewGiven>, StoreError> {
    let rows: Vec<(i64, i64)> = reviews::table
        .filter(reviews::id.between(range.first, range.last))
        .filter(reviews::reviewer_id.eq(reviewer.0))
        .order(reviews::id)
        .limit(most)
        .select((reviews::activity_id, reviews::activity_version))
        .load(conn.0)?;
    let given =
        |(activity, activity_version)| ReviewGiven { activity: ActivityId(activity), activity_version };
    Ok(rows.into_iter().map(given).collect())
}

/// Records a verdict. Gives its number.
pub fn add(
    conn: &mut Conn<'_>,
    activity: ActivityId,
    activity_version: i64,
    verdict: &Verdict,
    reviewer: Option<AccountId>,
    now: NaiveDateTime,
) -> Result<i64, StoreError> {
    let (quantity, code, reason) = match verdict {
        Verdict::Approve { awarded, reason } => (awarded.map(Quantity::amount), None, reason),
        Verdict::Return { code, reason } | Verdict::Reject { code, reason } => {
            (None, Some(code.code()), reason)
        }
    };
    Ok(diesel::insert_into(reviews::table)
        .values((
            reviews::activity_id.eq(activity.0),
            reviews::activity_version.eq(activity_version),
            reviews::decision.eq(verdict.decision().code()),
            reviews::quantity.eq(quantity),
            reviews::reason_code.eq(code),
            reviews::reason.eq(reason.trim()),
            reviews::reviewer_id.eq(reviewer.map(|id| id.0)),
            reviews::reviewed_at.eq(now),
        ))
        .returning(reviews::id)
        .get_result(conn.0)?)
}

/// Every verdict on an activity, from the first.
pub fn of_activity(conn: &mut Conn<'_>, activity: ActivityId) -> Result<Vec<Review>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        activity_version: i64,
        decision: String,
        quantity: Option<i64>,
        code: Option<String>,
        reason: String,
        reviewer_name: Option<String>,
        reviewed_at: NaiveDateTime,
    }
    let rows: Vec<Row> = reviews::table
        .left_join(accounts::table.on(reviews::reviewer_id.eq(accounts::id.nullable())))
        .filter(reviews::activity_id.eq(activity.0))
        .order(reviews::id)
        .select((
            reviews::activity_version,
            reviews::decision,
            reviews::quantity,
            reviews::reason_code,
            reviews::reason,
            accounts::name.nullable(),
            reviews::reviewed_at,
        ))
        .load(conn.0)?;
    rows.into_iter()
        .map(|Row { activity_version, decision, quantity, code, reason, reviewer_name, reviewed_at }| {
            Ok(Review {
                activity_version,
                decision: read(&decision, "reviews.decision")?,
                quantity,
                code: code.map(|code| read(&code, "reviews.reason_code")).transpose()?,
                reason,
                reviewer_name,
                reviewed_at,
            })
        })
        .collect()
}

/// Every verdict on a holder's activities, each with its activity, from the first.
pub fn of_holder(
    conn: &mut Conn<'_>,
    holder: HolderId,
) -> Result<Vec<(ActivityId, KeptVerdict)>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        activity: i64,
        on_version: i64,
        decision: String,
        awarded: Option<i64>,
        at: NaiveDateTime,
    }
    let rows: Vec<Row> = reviews::table
        .inner_join(activities::table)
        .filter(activities::holder_id.eq(holder.0))
        .order(reviews::id)
        .select((
            reviews::activity_id,
            reviews::activity_version,
            reviews::decision,
            reviews::quantity,
            reviews::reviewed_at,
        ))
        .load(conn.0)?;
    rows.into_iter()
        .map(|Row { activity, on_version, decision, awarded, at }| {
            let decision = read(&decision, "reviews.decision")?;
            Ok((ActivityId(activity), KeptVerdict { on_version, at, decision, awarded }))
        })
        .collect()
}

/// Most verdicts that are read at once for their holder.
const MOST_RECENT: i64 = 500;

/// The verdicts of people on a holder's reports after a moment (UTC), the latest first: each with its report.
pub fn of_holder_since(
    conn: &mut Conn<'_>,
    holder: HolderId,
    since: NaiveDateTime,
) -> Result<Vec<(ActivityId, RecentVerdict)>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        activity: i64,
        decision: String,
        code: Option<String>,
        reason: String,
        reviewed_at: NaiveDateTime,
    }
    let rows: Vec<Row> = reviews::table
        .inner_join(activities::table)
        .filter(activities::holder_id.eq(holder.0))
        .filter(reviews::reviewer_id.is_not_null())
        .filter(reviews::reviewed_at.gt(since))
        .order(reviews::id.desc())
        .limit(MOST_RECENT)
        .select((
            reviews::activity_id,
            reviews::decision,
            reviews::reason_code,
            reviews::reason,
            reviews::reviewed_at,
        ))
        .load(conn.0)?;
    rows.into_iter()
        .map(|Row { activity, decision, code, reason, reviewed_at }| {
            let decision = read(&decision, "reviews.decision")?;
            let code = code.map(|code| read(&code, "reviews.reason_code")).transpose()?;
            Ok((ActivityId(activity), RecentVerdict { decision, code, reason, reviewed_at }))
        })
        .collect()
}

/// What was decided lately about a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentVerdict {
    /// What was decided.
    pub decision: ReviewDecision,
    /// The kind of reason; none for most approvals.
    pub code: Option<ReasonCode>,
    /// In words; empty for most approvals.
    pub reason: String,
    /// When (UTC).
    pub reviewed_at: NaiveDateTime,
}

/// From when until when (UTC) recent reports waited for a verdict of a person, and since when those wait that have waited longest. Every
/// page of somebody who waits says how long that usually takes, so it is kept, and read again only when there is a newer verdict.
#[derive(Debug, Default)]
pub struct RecentWaits(Mutex<(Option<i64>, Waits)>);

/// When reports began to wait and when they were decided, the latest decision first (UTC); those without an end still wait.
pub type Waits = Arc<[(NaiveDateTime, Option<NaiveDateTime>)]>;

/// Verdicts that say what is usual, and the most reports of those that wait for one.
const RECENT: i64 = 50;

impl RecentWaits {
    /// The latest ones, as the view of this connection has them.
    pub fn get(&self, conn: &mut Conn<'_>) -> Result<Waits, StoreError> {
        let newest: Option<i64> = reviews::table.select(diesel::dsl::max(reviews::id)).get_result(conn.0)?;
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if kept.0 == newest {
            return Ok(kept.1);
        }
        type Row = (Option<NaiveDateTime>, Option<NaiveDateTime>, NaiveDateTime);
        let rows: Vec<Row> = reviews::table
            .inner_join(activities::table)
            .filter(reviews::reviewer_id.is_not_null())
            // a question ends no wait: it goes on when the holder has answered
            .filter(reviews::decision.ne(ReviewDecision::Return.code()))
            .order(reviews::id.desc())
            .limit(RECENT)
            .select((activities::waiting_since, activities::reported_at, reviews::reviewed_at))
            .load(conn.0)?;
        let wait = |(since, reported, reviewed): Row| Some((since.or(reported)?, Some(reviewed)));
        let waiting: Vec<Option<NaiveDateTime>> = activities::table
            .filter(activities::queue_rank.is_not_null())
            .filter(activities::waiting_since.is_not_null())
            .order(activities::waiting_since)
            .limit(RECENT)
            .select(activities::waiting_since)
            .load(conn.0)?;
        let waiting = waiting.into_iter().flatten().map(|since| (since, None));
        let waits: Waits = rows.into_iter().filter_map(wait).chain(waiting).collect();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (newest, Arc::clone(&waits));
        Ok(waits)
    }
}
