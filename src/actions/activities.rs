//! Reporting: drafts, reports, changes, answers and withdrawals by the holder.

use chrono::{NaiveDate, NaiveDateTime};

use super::evidence::{self, Proofs};
use super::report_form::{Rules, Setting, Strictness, Typed, read};
use super::{ActionError, questions, queue, verdict_mails};
use crate::domain::activity::{Activity, ActivityStatus, Facts};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::policy::Policies;
use crate::portal::Portal;
use crate::store::history::{self, Event};
use crate::store::{Conn, StoreError, activities, activity_versions, files, policies};

/// What the holder wants done with the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Keep it for later.
    Draft,
    /// Report it.
    Submit,
}

/// A report form as it was sent.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// Its fields.
    pub typed: &'a Typed,
    /// Its files.
    pub proofs: &'a Proofs<'a>,
    /// What to do with it.
    pub intent: Intent,
}

/// The facts of a form, fit for what is to be done with it.
pub(in crate::actions) fn checked(
    form: &Form<'_>,
    setting: &Setting,
    strictness: Strictness,
) -> Result<Facts, ActionError> {
    let mut reading = read(form.typed, setting, strictness);
    reading.errors.extend(form.proofs.refused.iter().map(|message| ("evidence", message.clone())));
    if reading.errors.is_empty() { Ok(reading.facts) } else { Err(ActionError::Invalid(reading.errors)) }
}

/// Keeps or reports a new activity of the holder's own.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form.
pub fn report(portal: &Portal, holder: HolderId, form: &Form<'_>) -> Result<ActivityId, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    let rules = portal.store.read(Rules::load)?;
    portal.store.write(|conn| {
        let setting = Setting::under(rules, conn, holder, today)?;
        report_within(conn, &setting, form, now)
    })
}

/// The part of a write that keeps or reports a new activity.
pub(in crate::actions) fn report_within(
    conn: &mut Conn<'_>,
    setting: &Setting,
    form: &Form<'_>,
    now: NaiveDateTime,
) -> Result<ActivityId, ActionError> {
    let (strictness, status) = match form.intent {
        Intent::Draft => (Strictness::Draft, ActivityStatus::Draft),
        Intent::Submit => (Strictness::Report, ActivityStatus::Submitted),
    };
    let facts = checked(form, setting, strictness)?;
    let id = add(conn, setting, &facts, status, now)?;
    evidence::settle(conn, setting.file.holder, id, form.proofs, now)?;
    questions::attach(conn, setting.file.holder, id, &form.typed.question)?;
    Ok(id)
}

/// Adds an activity whose facts have been checked: a part of [`report`], for callers that add many in one write.
///
/// # Errors
/// `ActionError::Store`.
pub fn add(
    conn: &mut Conn<'_>,
    setting: &Setting,
    facts: &Facts,
    status: ActivityStatus,
    now: NaiveDateTime,
) -> Result<ActivityId, ActionError> {
    let holder = setting.file.holder;
    let submitted = status == ActivityStatus::Submitted;
    let new = activities::NewActivity {
        holder,
        status,
        facts,
        reported_at: submitted.then_some(now),
        decided_at: None,
        import_key: None,
    };
    let id = activities::add(conn, &new, now)?;
    activity_versions::add(conn, id, 1, status, facts, holder, now)?;
    let event = if submitted { HistoryEvent::ActivitySubmitted } else { HistoryEvent::ActivityDrafted };
    note(conn, holder, id, event, facts.title.clone(), now)?;
    if submitted && let Some(report) = facts.report(id, status, now) {
        queue::refresh(conn, &setting.file.with(report), &setting.policies, setting.today)?;
    }
    Ok(id)
}

/// Changes an activity of the holder's own. A draft stays one unless it is submitted; anything reported is reported again, which answers
/// a returned one. It keeps the day on which it was first reported.
///
/// # Errors
/// `ActionError::NotFound` for somebody else's; `StoreError::Changed` when it changed since version `version` was read, or is decided;
/// `ActionError::Invalid` with what is wrong in the form.
pub fn edit(
    portal: &Portal,
    holder: HolderId,
    id: ActivityId,
    version: i64,
    form: &Form<'_>,
) -> Result<(), ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let setting = Setting::load(conn, holder, today)?;
        edit_within(conn, portal, &setting, id, version, form, now)
    })
}

/// The part of a write that changes an activity.
pub(in crate::actions) fn edit_within(
    conn: &mut Conn<'_>,
    portal: &Portal,
    setting: &Setting,
    id: ActivityId,
    version: i64,
    form: &Form<'_>,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let holder = setting.file.holder;
    let before = editable(conn, holder, id, version)?;
    let stays_draft = before.status == ActivityStatus::Draft && form.intent == Intent::Draft;
    let (strictness, status) = if stays_draft {
        (Strictness::Draft, ActivityStatus::Draft)
    } else {
        (Strictness::Report, ActivityStatus::Submitted)
    };
    let facts = checked(form, setting, strictness)?;
    let event = match (before.status, status) {
        (_, ActivityStatus::Draft) => HistoryEvent::DraftChanged,
        (ActivityStatus::Draft, _) => HistoryEvent::ActivitySubmitted,
        (ActivityStatus::Returned, _) => HistoryEvent::ActivityAnswered,
        _ => HistoryEvent::ActivityChanged,
    };
    evidence::settle(conn, holder, id, form.proofs, now)?;
    save(conn, &before, status, &facts, now)?;
    note(conn, holder, id, event, changes(&before.facts, &facts), now)?;
    verdict_mails::answered(conn, portal, holder, id, now)?;
    refresh(conn, holder, &setting.policies, setting.today)
}

/// Takes an activity back, as long as it is not decided.
///
/// # Errors
/// `ActionError::NotFound` for somebody else's; `StoreError::Changed` when it changed since, or is decided.
pub fn withdraw(
    portal: &Portal,
    holder: HolderId,
    id: ActivityId,
    version: i64,
) -> Result<bool, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let before = editable(conn, holder, id, version)?;
        save(conn, &before, ActivityStatus::Withdrawn, &before.facts, now)?;
        let event = if before.reported_at.is_some() {
            HistoryEvent::ActivityWithdrawn
        } else {
            HistoryEvent::DraftDeleted
        };
        note(conn, holder, id, event, String::new(), now)?;
        // a share of a publication's cap may have become free for other reports (G4)
        let policies = policies::all(conn)?;
        refresh(conn, holder, &policies, today)?;
        verdict_mails::answered(conn, portal, holder, id, now)?;
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
    let change = activities::Change {
        before,
        status,
        facts,
        awarded: None,
        reported_at: before.reported_at.or(reported.then_some(now)),
        decided_at: before.decided_at,
    };
    activities::change(conn, &change, now)?;
    let version = before.version.saturating_add(1);
    Ok(activity_versions::add(conn, before.id, version, status, facts, before.holder, now)?)
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
    let file = files::of_holder(conn, holder, today)?;
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
