//! How reports come in. A form is read once before the write; inside it once, however often it is sent, with a look at what is unlikely.
//! Whatever brings a new report (a form, an import, the demonstration) ends in [`enter`].

use chrono::{NaiveDate, NaiveDateTime};

use super::evidence::{self, Proofs};
use super::form::{ParsedForm, Rules, Setting, Typed, long_text, parse};
use super::{change, withdraw};
use crate::actions::ActionError;
use crate::actions::conversations::inquiry;
use crate::actions::reviews::queue;
use crate::domain::activities::activity::{Activity, ActivityStatus, Facts};
use crate::domain::activities::eligibility::may_report;
use crate::domain::activities::plausibility::{Hint, hints};
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::submission::Intent;
use crate::domain::dates::Lean;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::roles::{Administrator, Holder};
use crate::portal::Portal;
use crate::store::activities::NewActivity;
use crate::store::activities::activity_versions::NewVersion;
use crate::store::activities::submission_notes::{self, Remarks};
use crate::store::activities::{self, activity_versions, form_keys};
use crate::store::records::history::{self, Event};
use crate::store::{Conn, StoreError};

/// Most characters of a form's key.
const LONGEST_KEY: usize = 64;

/// What a report form says.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// Its fields.
    pub typed: &'a Typed,
    /// Its files.
    pub proofs: &'a Proofs<'a>,
    /// What to do with it.
    pub intent: Intent,
}

/// Which form it is, and what was shown in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct FormOrigin<'a> {
    /// What the form was given when it was opened; the same form has the same key. Empty for a form without one.
    pub key: &'a str,
    /// The activity that it changes; `None` for a new one.
    pub id: Option<ActivityId>,
    /// The version of it that the form shows.
    pub version: i64,
    /// The hints that the holder has read.
    pub hints_seen: &'a [String],
    /// What the holder says to them.
    pub explanation: &'a str,
    /// Whether it only answers a reviewer's question. No fact changes then, so what is unlikely was asked about before.
    pub answers: bool,
}

impl<'a> FormOrigin<'a> {
    /// The key, if it can be one of ours.
    pub(in crate::actions) fn usable_key(&self) -> Option<&'a str> {
        let usable = (8..=LONGEST_KEY).contains(&self.key.len())
            && self.key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        usable.then_some(self.key)
    }
}

/// What became of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is kept or reported; and where the activity stood before, if there was one.
    Done(ActivityId, Option<ActivityStatus>),
    /// Something looks unlikely: nothing is sent until the holder has seen it. Meanwhile it is this draft, with its files, at this version;
    /// none when a report that came back is being changed, which stands as it is until then.
    Unsure(Vec<String>, Option<(ActivityId, i64)>),
    /// This very form, with other words, is a report already; here with its title.
    Already(ActivityId, String),
}

/// Keeps or reports what the form says: a new activity, or the one that this form has become before.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form; `NotFound` for somebody else's; `StoreError::Changed` when it changed since the
/// version that the form shows, or is decided.
pub fn send(
    portal: &Portal,
    holder: Holder,
    origin: &FormOrigin<'_>,
    form: &Form<'_>,
) -> Result<Sent, ActionError> {
    write(portal, holder, origin, form, |submission, conn, found, now| {
        submission.settle(conn, portal, found, now)
    })
}

/// Keeps or reports a new activity of the holder's own, without a look at what is unlikely: nobody is there to be asked.
///
/// # Errors
/// As [`send`].
pub fn report(portal: &Portal, holder: Holder, form: &Form<'_>) -> Result<ActivityId, ActionError> {
    record_plainly(portal, holder, &FormOrigin::default(), form)
}

/// Changes an activity of the holder's own in the same way. A draft stays one unless it is submitted; anything reported is reported again,
/// which answers a returned one. It keeps the day on which it was first reported.
///
/// # Errors
/// As [`send`].
pub fn edit(
    portal: &Portal,
    holder: Holder,
    id: ActivityId,
    version: i64,
    form: &Form<'_>,
) -> Result<(), ActionError> {
    let origin = FormOrigin { id: Some(id), version, ..FormOrigin::default() };
    record_plainly(portal, holder, &origin, form).map(|_| ())
}

fn record_plainly(
    portal: &Portal,
    holder: Holder,
    origin: &FormOrigin<'_>,
    form: &Form<'_>,
) -> Result<ActivityId, ActionError> {
    write(portal, holder, origin, form, |submission, conn, found, now| {
        submission.check(found)?;
        Ok(submission.record(conn, portal, found, found.status, now)?.0)
    })
}

/// Throws away the draft that a form has become, whatever the form has kept of itself since.
///
/// # Errors
/// `ActionError::NotFound` when it has become none; `StoreError::Changed` when that was changed elsewhere, or is reported.
pub fn throw_away(portal: &Portal, holder: Holder, origin: &FormOrigin<'_>) -> Result<(), ActionError> {
    let key = origin.usable_key().ok_or(ActionError::NotFound)?;
    let (id, version) = portal.store.read(|conn| {
        let (id, version) = form_keys::find(conn, holder.id, key)?.ok_or(ActionError::NotFound)?;
        let draft = activities::find_of_holder(conn, holder.id, id)?.ok_or(ActionError::NotFound)?;
        match draft.status {
            ActivityStatus::Draft => Ok((id, version)),
            _ => Err(ActionError::from(StoreError::Changed)),
        }
    })?;
    withdraw(portal, holder, id, version).map(|_| ())
}

/// Reads the form, and only then takes the write lock to find what it meets and to do something with it.
fn write<T>(
    portal: &Portal,
    holder: Holder,
    origin: &FormOrigin<'_>,
    form: &Form<'_>,
    what: impl FnOnce(&Submission<'_>, &mut Conn<'_>, &Found, NaiveDateTime) -> Result<T, ActionError>,
) -> Result<T, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    let rules = portal.store.read(Rules::load)?;
    let submission = Submission::read(origin, form, &rules, today);
    portal.store.write(|conn| {
        let found = submission.find(conn, holder.id, rules, today)?;
        what(&submission, conn, &found, now)
    })
}

/// A form that was read, before anything is known of what it changes.
struct Submission<'a> {
    origin: &'a FormOrigin<'a>,
    parsed: ParsedForm,
    /// What the holder says to hints, or what is wrong with it.
    explanation: Result<String, String>,
    proofs: &'a Proofs<'a>,
    intent: Intent,
    /// The question that was asked beforehand about it.
    question: &'a str,
}

/// What a submission meets.
struct Found {
    setting: Setting,
    /// The activity that it changes.
    before: Option<Activity>,
    /// What this very form has become before, and at which version.
    became: Option<(ActivityId, i64)>,
    /// Where the activity will stand.
    status: ActivityStatus,
}

impl<'a> Submission<'a> {
    fn read(origin: &'a FormOrigin<'a>, form: &Form<'a>, rules: &Rules, today: NaiveDate) -> Submission<'a> {
        Submission {
            origin,
            parsed: parse(form.typed, rules.fields(), today, Lean::Back),
            explanation: long_text(origin.explanation),
            proofs: form.proofs,
            intent: form.intent,
            question: &form.typed.question,
        }
    }

    fn find(
        &self,
        conn: &mut Conn<'_>,
        holder: HolderId,
        rules: Rules,
        today: NaiveDate,
    ) -> Result<Found, ActionError> {
        let became = match self.origin.usable_key() {
            Some(key) => form_keys::find(conn, holder, key)?,
            None => None,
        };
        let became = became.filter(|(id, _)| self.origin.id.is_none_or(|changing| changing == *id));
        let before = match became.map(|(id, _)| id).or(self.origin.id) {
            Some(id) => Some(activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?),
            None => None,
        };
        let status = self.intent.next(before.as_ref().map(|before| before.status));
        Ok(Found { setting: Setting::under(rules, conn, holder, today)?, before, became, status })
    }

    /// Wrong fields come before anything unlikely, and that nothing can be reported at all before both.
    fn check(&self, found: &Found) -> Result<(), ActionError> {
        may_report(&found.setting.file, found.setting.today)?;
        let mut problems = match found.status {
            ActivityStatus::Draft => self.parsed.draft_problems(),
            _ => self.parsed.report_problems(&found.setting),
        };
        problems.extend(self.proofs.refused.iter().map(|message| ("evidence", message.clone())));
        problems.extend(self.explanation.as_ref().err().map(|problem| ("explanation", problem.clone())));
        if problems.is_empty() { Ok(()) } else { Err(ActionError::Invalid(problems)) }
    }

    /// A question is answered by words, by a change, or by a file.
    fn says_something(&self, found: &Found) -> Result<(), ActionError> {
        let unanswered = |before: &Activity| {
            before.status == ActivityStatus::Returned
                && self.proofs.is_empty()
                && before.facts == self.parsed.facts
        };
        let silent = self.explanation.as_ref().is_ok_and(String::is_empty);
        if !silent || !found.before.as_ref().is_some_and(unanswered) {
            return Ok(());
        }
        let problem = match self.origin.answers {
            true => "Write an answer, or add a file.",
            false => "Answer the question here, change the report, or add a file; then send it again.",
        };
        Err(ActionError::invalid("explanation", problem))
    }

    fn settle(
        &self,
        conn: &mut Conn<'_>,
        portal: &Portal,
        found: &Found,
        now: NaiveDateTime,
    ) -> Result<Sent, ActionError> {
        let (facts, before) = (&self.parsed.facts, found.before.as_ref());
        let stood = before.map(|before| before.status);
        if self.origin.answers && stood != Some(ActivityStatus::Returned) {
            return Err(StoreError::Changed.into());
        }
        self.check(found)?;
        let stays_draft = found.status == ActivityStatus::Draft;
        if let (Some(before), Some((_, written))) = (before, found.became)
            && before.status != ActivityStatus::Draft
        {
            let nothing_new =
                before.status == found.status && before.facts == *facts && self.proofs.is_empty();
            if before.version == written && nothing_new {
                // a second press of the form that made it leads where the first one led
                return Ok(Sent::Done(before.id, stood.filter(|_| self.origin.id.is_some())));
            }
            if self.origin.id.is_none() {
                return Ok(Sent::Already(before.id, before.facts.title.clone()));
            }
        }
        let key = self.origin.usable_key();
        let explanation = self.explanation.clone().unwrap_or_default();
        // a form without a key was not shown by us: a script sends it, and nobody is there to be asked
        let asks = key.is_some() && !stays_draft;
        if asks || self.origin.answers {
            self.says_something(found)?;
        }
        let hints = match stays_draft {
            true => Vec::new(),
            false => unlikely(conn, &found.setting, facts, before.map(|before| before.id))?,
        };
        let hints: Vec<String> = hints.iter().map(Hint::to_string).collect();
        if asks && !hints.iter().all(|hint| self.origin.hints_seen.contains(hint)) {
            // whoever turns away from the question has lost nothing
            let may_stay_draft = stood.is_none_or(|status| status == ActivityStatus::Draft);
            let draft = match key.filter(|_| may_stay_draft) {
                Some(key) => {
                    let draft = self.record(conn, portal, found, ActivityStatus::Draft, now)?;
                    form_keys::record(conn, found.setting.file.holder, key, draft, now)?;
                    Some(draft)
                }
                None => None,
            };
            return Ok(Sent::Unsure(hints, draft));
        }
        let (id, version) = self.record(conn, portal, found, found.status, now)?;
        let said = Remarks { version, hints, explanation };
        if !said.is_empty() {
            submission_notes::add(conn, id, &said)?;
        }
        if let Some(key) = key {
            form_keys::record(conn, found.setting.file.holder, key, (id, version), now)?;
        }
        Ok(Sent::Done(id, stood))
    }

    /// Writes it; gives the activity and its version.
    fn record(
        &self,
        conn: &mut Conn<'_>,
        portal: &Portal,
        found: &Found,
        status: ActivityStatus,
        now: NaiveDateTime,
    ) -> Result<(ActivityId, i64), ActionError> {
        let (facts, holder) = (&self.parsed.facts, found.setting.file.holder);
        let Some(before) = &found.before else {
            let id = enter(conn, &NewReport { holder, facts, status, origin: ReportOrigin::Form }, now)?;
            if let Some(report) =
                facts.report(id, status, now).filter(|_| status == ActivityStatus::Submitted)
            {
                let Setting { file, policies, today, .. } = &found.setting;
                queue::refresh(conn, &file.with(report), policies, *today)?;
            }
            evidence::settle(conn, holder, id, self.proofs, now)?;
            inquiry::attach(conn, holder, id, self.question)?;
            return Ok((id, 1));
        };
        let version = found.became.map_or(self.origin.version, |(_, written)| written);
        if before.version != version || !before.status.editable() {
            return Err(StoreError::Changed.into());
        }
        evidence::settle(conn, holder, before.id, self.proofs, now)?;
        change(conn, portal, &found.setting, before, status, facts, now)?;
        Ok((before.id, version.saturating_add(1)))
    }
}

/// A new report, or a draft of one, whose facts have been checked.
#[derive(Clone, Debug)]
pub struct NewReport<'a> {
    /// Whose.
    pub holder: HolderId,
    /// What it says.
    pub facts: &'a Facts,
    /// Where it stands.
    pub status: ActivityStatus,
    /// Who brings it.
    pub origin: ReportOrigin<'a>,
}

/// Who brings a new report.
#[derive(Clone, Copy, Debug)]
pub enum ReportOrigin<'a> {
    /// Its holder.
    Form,
    /// An import.
    Import {
        /// The administrator who runs it; a command has none.
        by: Option<Administrator>,
        /// See `imports::import_key`.
        key: &'a str,
        /// What was awarded elsewhere, when that differs from what was reported.
        awarded: Option<Quantity>,
    },
}

/// Records a new report with its first version and its history. Whoever calls gives the holder's queue its order.
///
/// # Errors
/// `ActionError::Store`.
pub fn enter(
    conn: &mut Conn<'_>,
    report: &NewReport<'_>,
    now: NaiveDateTime,
) -> Result<ActivityId, ActionError> {
    let (id, version, event) = add(conn, report, now)?;
    activity_versions::add(conn, &version, now)?;
    history::record(conn, &event, now)?;
    Ok(id)
}

/// Records many new reports, as [`enter`] records one; gives their ids in the same order.
///
/// # Errors
/// `StoreError::Constraint` when an import brings the same row again.
pub fn enter_all(
    conn: &mut Conn<'_>,
    reports: &[NewReport<'_>],
    now: NaiveDateTime,
) -> Result<Vec<ActivityId>, ActionError> {
    let (mut ids, mut versions, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for report in reports {
        let (id, version, event) = add(conn, report, now)?;
        ids.push(id);
        versions.push(version);
        events.push(event);
    }
    activity_versions::add_all(conn, &versions, now)?;
    history::record_all(conn, &events, now)?;
    Ok(ids)
}

/// Adds the activity; gives what else is to be recorded about it.
fn add<'a>(
    conn: &mut Conn<'_>,
    report: &NewReport<'a>,
    now: NaiveDateTime,
) -> Result<(ActivityId, NewVersion<'a>, Event), StoreError> {
    let &NewReport { holder, facts, status, origin } = report;
    let (by, import_key, awarded) = match origin {
        ReportOrigin::Form => (Some(holder), None, None),
        ReportOrigin::Import { by, key, awarded } => (by.map(|by| by.id), Some(key), awarded),
    };
    let (event, detail) = match (origin, status) {
        (ReportOrigin::Import { .. }, _) => (HistoryEvent::ActivityImported, status.code().to_owned()),
        (ReportOrigin::Form, ActivityStatus::Draft) => (HistoryEvent::ActivityDrafted, facts.title.clone()),
        (ReportOrigin::Form, _) => (HistoryEvent::ActivitySubmitted, facts.title.clone()),
    };
    let reported_at = (status != ActivityStatus::Draft).then_some(now);
    let decided_at = (status == ActivityStatus::Approved).then_some(now);
    let new = NewActivity { holder, status, facts, awarded, reported_at, decided_at, import_key };
    let id = activities::add(conn, &new, now)?;
    let version = NewVersion { activity: id, number: 1, status, facts, awarded, by };
    let event = Event { actor: by, holder: Some(holder), activity: Some(id), detail, ..Event::of(event) };
    Ok((id, version, event))
}

/// What looks unlikely about facts, beside the holder's other reports.
pub fn unlikely(
    conn: &mut Conn<'_>,
    setting: &Setting,
    facts: &Facts,
    changing: Option<ActivityId>,
) -> Result<Vec<Hint>, StoreError> {
    if facts.completed_on.is_none() {
        return Ok(Vec::new());
    }
    let counts = |other: &Activity| Some(other.id) != changing && other.status.counts();
    let others = activities::of_holder(conn, setting.file.holder)?;
    let others: Vec<Facts> = others.into_iter().filter(counts).map(|other| other.facts).collect();
    Ok(hints(facts, &others, setting.today))
}

/// The activity that a form has become, with its version now: for showing a form again that was overtaken.
///
/// # Errors
/// `ActionError::Store`.
pub fn overtaken_by(
    portal: &Portal,
    holder: HolderId,
    key: &str,
    id: Option<ActivityId>,
) -> Result<Option<Activity>, ActionError> {
    portal.store.read(|conn| {
        let became = form_keys::find(conn, holder, key)?.map(|(id, _)| id);
        match id.or(became) {
            Some(id) => {
                Ok(activities::find_of_holder(conn, holder, id)?.filter(|found| found.status.editable()))
            }
            None => Ok(None),
        }
    })
}
