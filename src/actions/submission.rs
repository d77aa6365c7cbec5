//! Sending the report form: once, however often it is sent; with a look at what is unlikely; and kept by itself while it is typed.

use chrono::NaiveDateTime;

use super::ActionError;
use super::activities::{self as reporting, Form, Intent};
use super::report_form::{Rules, Setting, Strictness, Typed, long_text, read};
use crate::domain::activity::{Activity, ActivityStatus, Facts};
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::plausibility::{Hint, hints};
use crate::portal::Portal;
use crate::store::remarks::{self, Remarks};
use crate::store::{Conn, StoreError, activities, form_keys};

/// Most characters of a form's key.
const LONGEST_KEY: usize = 64;

/// A report form on its way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sending<'a> {
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
}

impl Sending<'_> {
    /// The key, if it can be one of ours.
    fn usable_key(&self) -> Option<&str> {
        let usable = (8..=LONGEST_KEY).contains(&self.key.len())
            && self.key.bytes().all(|byte| byte.is_ascii_alphanumeric());
        usable.then_some(self.key)
    }
}

/// What became of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is kept or reported.
    Done(ActivityId),
    /// Something looks unlikely: nothing is sent until the holder has seen it. Meanwhile it is this draft, with its files, at this version;
    /// none when a report that came back is being changed, which stands as it is until then.
    Unsure(Vec<String>, Option<(ActivityId, i64)>),
    /// This very form, with other words, is a report already; here with its title.
    Already(ActivityId, String),
}

/// Keeps or reports what the form says: a new activity, or the one that this form has become before.
///
/// # Errors
/// As `activities::report` and `activities::edit`.
pub fn send(
    portal: &Portal,
    holder: HolderId,
    sending: &Sending<'_>,
    form: &Form<'_>,
) -> Result<Sent, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    let rules = portal.store.read(Rules::load)?;
    portal.store.write(|conn| {
        let became = match sending.usable_key() {
            Some(key) => form_keys::find(conn, holder, key)?,
            None => None,
        };
        let became = became.filter(|(id, _)| sending.id.is_none_or(|changing| changing == *id));
        let changing = became.map(|(id, _)| id).or(sending.id);
        let before = match changing {
            Some(id) => Some(activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?),
            None => None,
        };
        let setting = Setting::under(rules, conn, holder, today)?;
        let stays_draft = before.as_ref().is_none_or(|before| before.status == ActivityStatus::Draft)
            && form.intent == Intent::Draft;
        let said = remarks_of(conn, sending, form, &setting, changing, stays_draft)?;
        if let (Some(before), Some((_, written))) = (&before, became) {
            let status = if stays_draft { ActivityStatus::Draft } else { ActivityStatus::Submitted };
            let facts = read(form.typed, &setting, Strictness::Draft).facts;
            let nothing_new = before.status == status && before.facts == facts && form.proofs.is_empty();
            if before.version == written && nothing_new && before.status != ActivityStatus::Draft {
                return Ok(Sent::Done(before.id));
            }
            if sending.id.is_none() && before.status != ActivityStatus::Draft {
                return Ok(Sent::Already(before.id, before.facts.title.clone()));
            }
        }
        // a form without a key was not shown by us: a script sends it, and nobody is there to be asked
        let asks = sending.usable_key().is_some() && !stays_draft;
        if asks
            && said.explanation.is_empty()
            && let Some(before) = before.as_ref().filter(|before| before.status == ActivityStatus::Returned)
            && form.proofs.is_empty()
            && before.facts == read(form.typed, &setting, Strictness::Report).facts
        {
            let problem = "Answer the question here, change the report, or add a file; then send it again.";
            return Err(ActionError::Invalid(vec![("explanation", problem.to_owned())]));
        }
        let version = became.map_or(sending.version, |(_, written)| written);
        let keep = |conn: &mut Conn<'_>, form: &Form<'_>| match changing {
            None => Ok::<_, ActionError>((reporting::report_within(conn, &setting, form, now)?, 1)),
            Some(id) => {
                reporting::edit_within(conn, portal, &setting, id, version, form, now)?;
                Ok((id, version.saturating_add(1)))
            }
        };
        if asks && !said.hints.iter().all(|hint| sending.hints_seen.contains(hint)) {
            // whoever turns away from the question has lost nothing
            let may_stay_draft = before.as_ref().is_none_or(|before| before.status == ActivityStatus::Draft);
            let draft = match sending.usable_key().filter(|_| may_stay_draft) {
                Some(key) => {
                    let draft = keep(conn, &Form { intent: Intent::Draft, ..*form })?;
                    form_keys::record(conn, holder, key, draft, now)?;
                    Some(draft)
                }
                None => None,
            };
            return Ok(Sent::Unsure(said.hints, draft));
        }
        let (id, version) = keep(conn, form)?;
        if !said.is_empty() {
            remarks::add(conn, id, &Remarks { version, ..said })?;
        }
        if let Some(key) = sending.usable_key() {
            form_keys::record(conn, holder, key, (id, version), now)?;
        }
        Ok(Sent::Done(id))
    })
}

/// What looks unlikely, and what the holder says to it. Wrong fields come before anything unlikely.
fn remarks_of(
    conn: &mut Conn<'_>,
    sending: &Sending<'_>,
    form: &Form<'_>,
    setting: &Setting,
    changing: Option<ActivityId>,
    stays_draft: bool,
) -> Result<Remarks, ActionError> {
    let strictness = if stays_draft { Strictness::Draft } else { Strictness::Report };
    let mut problems = match reporting::checked(form, setting, strictness) {
        Ok(_) => Vec::new(),
        Err(ActionError::Invalid(problems)) => problems,
        Err(other) => return Err(other),
    };
    let explanation = match long_text(sending.explanation) {
        Ok(explanation) => explanation,
        Err(problem) => {
            problems.push(("explanation", problem));
            String::new()
        }
    };
    if !problems.is_empty() {
        return Err(ActionError::Invalid(problems));
    }
    let facts = read(form.typed, setting, strictness).facts;
    let hints = if stays_draft { Vec::new() } else { unlikely(conn, setting, &facts, changing)? };
    Ok(Remarks { version: 0, hints: hints.iter().map(Hint::to_string).collect(), explanation })
}

/// What looks unlikely about facts, beside the holder's other reports.
///
/// # Errors
/// `StoreError`.
pub fn unlikely(
    conn: &mut Conn<'_>,
    setting: &Setting,
    facts: &Facts,
    changing: Option<ActivityId>,
) -> Result<Vec<Hint>, StoreError> {
    if facts.completed_on.is_none() {
        return Ok(Vec::new());
    }
    let counts = |other: &Activity| {
        Some(other.id) != changing && (other.status.undecided() || other.status == ActivityStatus::Approved)
    };
    let others = activities::of_holder(conn, setting.file.holder)?;
    let others: Vec<Facts> = others.into_iter().filter(counts).map(|other| other.facts).collect();
    Ok(hints(facts, &others, setting.today))
}

/// What the script has kept of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The draft.
    pub id: ActivityId,
    /// Fields that could not be read yet, and are not kept.
    pub unread: Vec<&'static str>,
}

/// Keeps as a draft what can be read of a form that is still being typed. `None` when there is nothing worth keeping yet, or when it
/// is reported already.
///
/// # Errors
/// `StoreError::Changed` when the draft was changed elsewhere since this form was opened.
pub fn keep_while_typing(
    portal: &Portal,
    holder: HolderId,
    sending: &Sending<'_>,
    typed: &Typed,
) -> Result<Option<Kept>, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    let Some(key) = sending.usable_key() else { return Ok(None) };
    let rules = portal.store.read(Rules::load)?;
    portal.store.write(|conn| {
        let setting = Setting::under(rules, conn, holder, today)?;
        let reading = read(typed, &setting, Strictness::Draft);
        let mut unread: Vec<&'static str> = reading.errors.iter().map(|(field, _)| *field).collect();
        unread.dedup();
        let facts = reading.facts;
        let became = form_keys::find(conn, holder, key)?;
        let Some((id, version)) = became.or(sending.id.map(|id| (id, sending.version))) else {
            if !facts.worth_keeping() {
                return Ok(None);
            }
            let id = reporting::add(conn, &setting, &facts, ActivityStatus::Draft, now)?;
            form_keys::record(conn, holder, key, (id, 1), now)?;
            return Ok(Some(Kept { id, unread }));
        };
        let before = activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?;
        if before.status != ActivityStatus::Draft {
            return Ok(None);
        }
        if before.version != version {
            return Err(StoreError::Changed.into());
        }
        let version = if before.facts == facts { version } else { overwrite(conn, &before, &facts, now)? };
        form_keys::record(conn, holder, key, (id, version), now)?;
        Ok(Some(Kept { id, unread }))
    })
}

/// Changes a draft without a version to read later: it is nobody's business but the holder's, and changes every few seconds.
fn overwrite(
    conn: &mut Conn<'_>,
    before: &Activity,
    facts: &Facts,
    now: NaiveDateTime,
) -> Result<i64, StoreError> {
    let change = activities::Change {
        before,
        status: ActivityStatus::Draft,
        facts,
        awarded: None,
        reported_at: None,
        decided_at: None,
    };
    activities::change(conn, &change, now)?;
    Ok(before.version.saturating_add(1))
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
