//! Activities of a holder: changed and withdrawn by the holder. See `submission` for how they begin.

pub mod answer;
pub mod autosave;
pub mod correction;
pub mod evidence;
pub mod form;
pub mod preview;
pub mod submission;

use chrono::{NaiveDate, NaiveDateTime};

use self::form::{Setting, Typed};
use super::ActionError;
use super::reviews::{queue, verdict_mails};
use crate::domain::activities::activity::{Activity, ActivityStatus, Facts};
use crate::domain::certification::policy::Policies;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::roles::Holder;
use crate::portal::Portal;
use crate::store::activities::activity_versions::NewVersion;
use crate::store::activities::{self, activity_versions, draft_texts};
use crate::store::certification::{catalogue, policies};
use crate::store::records::history::{self, Event};
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError};

/// Changes an activity of the holder's own, whose facts have been checked.
pub(super) fn change(
    conn: &mut Conn<'_>,
    portal: &Portal,
    setting: &Setting,
    before: &Activity,
    status: ActivityStatus,
    facts: &Facts,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let event = match (before.status, status) {
        (_, ActivityStatus::Draft) => HistoryEvent::DraftChanged,
        (ActivityStatus::Draft, _) => HistoryEvent::ActivitySubmitted,
        (ActivityStatus::Returned, _) => HistoryEvent::ActivityAnswered,
        _ => HistoryEvent::ActivityChanged,
    };
    let (id, holder) = (before.id, before.holder);
    save(conn, before, status, facts, now)?;
    draft_texts::forget(conn, id)?;
    note(conn, holder, id, event, changes(&before.facts, facts), now)?;
    verdict_mails::answered(conn, portal, holder, id, now)?;
    refresh(conn, holder, &setting.policies, setting.today)
}

/// A report of the holder's as the form would have it typed once more: with other days, and confirmed anew.
///
/// # Errors
/// `ActionError::NotFound` for somebody else's, and for a draft, which is not reported yet.
pub fn once_more(conn: &mut Conn<'_>, holder: HolderId, id: ActivityId) -> Result<Typed, ActionError> {
    let reported =
        activities::find_of_holder(conn, holder, id)?.filter(|report| report.reported_at.is_some());
    let facts = reported.ok_or(ActionError::NotFound)?.facts;
    let facts = Facts { started_on: None, completed_on: None, not_regular_job: false, ..facts };
    Ok(Typed::of(&facts, &catalogue::fields(conn)?))
}

/// Takes an activity back, as long as it is not decided.
///
/// # Errors
/// `ActionError::NotFound` for somebody else's; `StoreError::Changed` when it changed since, or is decided.
pub fn withdraw(portal: &Portal, holder: Holder, id: ActivityId, version: i64) -> Result<bool, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let before = editable(conn, holder.id, id, version)?;
        save(conn, &before, ActivityStatus::Withdrawn, &before.facts, now)?;
        draft_texts::forget(conn, id)?;
        let event = if before.reported_at.is_some() {
            HistoryEvent::ActivityWithdrawn
        } else {
            HistoryEvent::DraftDeleted
        };
        note(conn, holder.id, id, event, String::new(), now)?;
        // a share of a publication's cap may have become free for other reports (G4)
        let policies = policies::all(conn)?;
        refresh(conn, holder.id, &policies, today)?;
        verdict_mails::answered(conn, portal, holder.id, id, now)?;
        Ok(before.reported_at.is_some())
    })
}

/// Counts an activity's version up because something that belongs to it changed.
///
/// # Errors
/// `StoreError::Changed` when it is decided already.
pub(in crate::actions) fn touch(
    conn: &mut Conn<'_>,
    holder: HolderId,
    id: ActivityId,
    event: HistoryEvent,
    detail: String,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let before = activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?;
    if !before.status.editable() {
        return Err(StoreError::Changed.into());
    }
    save(conn, &before, before.status, &before.facts, now)?;
    note(conn, holder, id, event, detail, now)?;
    let policies = policies::all(conn)?;
    refresh(conn, holder, &policies, today)
}

fn editable(
    conn: &mut Conn<'_>,
    holder: HolderId,
    id: ActivityId,
    version: i64,
) -> Result<Activity, ActionError> {
    let activity = activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?;
    if activity.version != version || !activity.status.editable() {
        return Err(StoreError::Changed.into());
    }
    Ok(activity)
}

fn save(
    conn: &mut Conn<'_>,
    before: &Activity,
    status: ActivityStatus,
    facts: &Facts,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let reported = status.undecided();
    let change = activities::ActivityChange {
        before,
        status,
        facts,
        awarded: None,
        reported_at: before.reported_at.or(reported.then_some(now)),
        decided_at: before.decided_at,
    };
    activities::change(conn, &change, now)?;
    let version = before.version.saturating_add(1);
    let by = Some(before.holder);
    Ok(activity_versions::add(
        conn,
        &NewVersion { activity: before.id, number: version, status, facts, awarded: None, by },
        now,
    )?)
}

fn note(
    conn: &mut Conn<'_>,
    holder: HolderId,
    id: ActivityId,
    event: HistoryEvent,
    detail: String,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let event =
        Event { actor: Some(holder), holder: Some(holder), activity: Some(id), detail, ..Event::of(event) };
    Ok(history::record(conn, &event, now)?)
}

fn refresh(
    conn: &mut Conn<'_>,
    holder: HolderId,
    policies: &Policies,
    today: NaiveDate,
) -> Result<(), ActionError> {
    let file = holder_records::of_holder(conn, holder, today)?;
    queue::refresh(conn, &file, policies, today)
}

/// What a change touched, in words for the history.
pub(in crate::actions) fn changes(before: &Facts, after: &Facts) -> String {
    let touched = [
        ("kind", before.category != after.category),
        ("title", before.title != after.title),
        ("organiser", before.organiser != after.organiser),
        ("field", before.field != after.field),
        ("days", (before.started_on, before.completed_on) != (after.started_on, after.completed_on)),
        ("quantity", before.quantity != after.quantity),
        ("publication", before.publication != after.publication),
        ("explanation", before.relevance != after.relevance),
    ];
    let touched: Vec<&str> =
        touched.into_iter().filter(|(_, changed)| *changed).map(|(word, _)| word).collect();
    if touched.is_empty() { String::new() } else { format!("Changed: {}", touched.join(", ")) }
}
