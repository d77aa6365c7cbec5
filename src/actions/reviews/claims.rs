//! Claims: who reads which report now. Opening a report that nobody reads claims it, for a quarter of an hour; a colleague can take it
//! over. Reading it beside the list does not: it is claimed there when its reviewer begins to judge. Whoever decides what a colleague reads
//! takes it over, knowing that; the colleague is told when they decide.

use chrono::{NaiveDateTime, TimeDelta};

use crate::actions::ActionError;
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::review::ReadByColleague;
use crate::domain::ids::{AccountId, ActivityId};
use crate::domain::roles::Reviewer;
use crate::portal::Portal;
use crate::store::accounts::acquaintances;
use crate::store::activities::review_claims::{self, ReviewClaim};
use crate::store::{Conn, StoreError, activities};

/// How long a claim holds when its reviewer does nothing.
const HOLDS: TimeDelta = TimeDelta::minutes(15);
/// A claim with more than this left is not written again: looking twice costs nothing.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// What a reviewer who opens a report finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It is theirs to read.
    Yours,
    /// A colleague reads it already.
    Colleague(ReviewClaim),
    /// Nobody has claimed it yet.
    Free,
    /// It does not wait for review, is the reviewer's own or of a holder whom they know: they do not claim it.
    Nobody,
}

fn claimable(activity: &Activity, reviewer: Reviewer) -> bool {
    activity.status == ActivityStatus::Submitted && activity.holder != reviewer.id
}

/// The same, once who knows the holder was looked up.
fn may_claim(conn: &mut Conn<'_>, activity: &Activity, reviewer: Reviewer) -> Result<bool, StoreError> {
    Ok(claimable(activity, reviewer)
        && !acquaintances::known_by(conn, activity.holder)?.contains(&reviewer.id))
}

/// A report that was sent: drafts are the holder's own affair.
fn reported(conn: &mut Conn<'_>, id: ActivityId) -> Result<Activity, ActionError> {
    activities::find(conn, id)?.filter(|found| found.reported_at.is_some()).ok_or(ActionError::NotFound)
}

/// Who reads a report, for a reviewer who looks at it without claiming it.
///
/// # Errors
/// `ActionError::NotFound` when there is no such report; `ActionError::Store`.
pub fn look(
    conn: &mut Conn<'_>,
    reviewer: Reviewer,
    id: ActivityId,
    now: NaiveDateTime,
) -> Result<Reading, ActionError> {
    let activity = reported(conn, id)?;
    if !may_claim(conn, &activity, reviewer)? {
        return Ok(Reading::Nobody);
    }
    Ok(match review_claims::find(conn, id, now)? {
        Some(claim) if claim.reviewer == reviewer.id => Reading::Yours,
        Some(claim) => Reading::Colleague(claim),
        None => Reading::Free,
    })
}

/// Claims a report for a reviewer who opens it, unless a colleague reads it; `take_over` claims it nevertheless.
///
/// # Errors
/// `ActionError::NotFound` when there is no such report; `ActionError::Store`.
pub fn claim(
    portal: &Portal,
    reviewer: Reviewer,
    id: ActivityId,
    take_over: bool,
) -> Result<Reading, ActionError> {
    let now = portal.clock.now();
    // most looks find that there is nothing to write
    let found = portal.store.read(|conn| {
        let activity = reported(conn, id)?;
        if !may_claim(conn, &activity, reviewer)? {
            return Ok(Some(Reading::Nobody));
        }
        Ok::<_, ActionError>(match review_claims::find(conn, id, now)? {
            Some(claim) if claim.reviewer == reviewer.id && claim.ends_at - now > FRESH => {
                Some(Reading::Yours)
            }
            Some(claim) if claim.reviewer != reviewer.id && !take_over => Some(Reading::Colleague(claim)),
            _ => None,
        })
    })?;
    match found {
        Some(reading) => Ok(reading),
        None => portal.store.write(|conn| claim_within(conn, reviewer, id, take_over, now)),
    }
}

fn claim_within(
    conn: &mut Conn<'_>,
    reviewer: Reviewer,
    id: ActivityId,
    take_over: bool,
    now: NaiveDateTime,
) -> Result<Reading, ActionError> {
    let since = match review_claims::find(conn, id, now)? {
        Some(claim) if claim.reviewer == reviewer.id => claim.claimed_at,
        Some(claim) if !take_over => return Ok(Reading::Colleague(claim)),
        _ => now,
    };
    review_claims::put(conn, id, reviewer.id, since, now + HOLDS)?;
    Ok(Reading::Yours)
}

/// Takes a report over from the colleague who read it when the reviewer chose to, in order to decide it; from nobody else. Must run inside
/// the write that decides, which refuses whoever may not.
pub(super) fn take_over_within(
    conn: &mut Conn<'_>,
    reviewer: Reviewer,
    activity: &Activity,
    colleague: AccountId,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let still_theirs =
        review_claims::find(conn, activity.id, now)?.is_some_and(|claim| claim.reviewer == colleague);
    if still_theirs && may_claim(conn, activity, reviewer)? {
        claim_within(conn, reviewer, activity.id, true, now)?;
    }
    Ok(())
}

/// Nobody decides what a colleague reads. Must run inside the write that decides.
///
/// # Errors
/// `ActionError::ReadByColleague`.
pub(super) fn check_unread(
    conn: &mut Conn<'_>,
    reviewer: Reviewer,
    id: ActivityId,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    match review_claims::find(conn, id, now)?.filter(|claim| claim.reviewer != reviewer.id) {
        Some(claim) => Err(ReadByColleague(claim.name).into()),
        None => Ok(()),
    }
}

/// Gives a report back: the reviewer went on without deciding.
///
/// # Errors
/// `ActionError::Store`.
pub fn release(portal: &Portal, reviewer: Reviewer, id: ActivityId) -> Result<(), ActionError> {
    portal.store.write(|conn| Ok(review_claims::release(conn, id, reviewer.id)?))
}
