//! Corrections of reports that are decided: the holder asks, staff answer. What was decided stays readable, version by version, and what
//! a settled year has counted never changes.

use super::changes;
use super::form::{Rules, Setting, Typed, long_text, parse};
use crate::actions::ActionError;
use crate::actions::deadlines::year_lines::letter;
use crate::actions::impartiality::check_impartial;
use crate::actions::mail::outbox::post;
use crate::actions::reviews::queue;
use crate::domain::activities::activity::{Activity, ActivityStatus, Facts};
use crate::domain::activities::correction::{CorrectionDecision, CorrectionState};
use crate::domain::activities::eligibility::usable_years;
use crate::domain::activities::review::VerdictError;
use crate::domain::dates::Lean;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::ActivityId;
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::roles::{Holder, Reviewer, not_their_own};
use crate::mail::{CorrectionAnswered, Notice};
use crate::portal::Portal;
use crate::store::activities::activity_versions::NewVersion;
use crate::store::activities::corrections::{self, Correction};
use crate::store::activities::{self, activity_versions, waiting_times};
use crate::store::certification::policies;
use crate::store::records::history::{self, Event};
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError, accounts};

const SETTLED: &str = "This report was counted in a year that is settled, and a settled year stays as it is. If something is wrong with it, write to us and we will look at it together.";

/// Whether a report is decided, so that changing it means asking.
#[must_use]
pub const fn is_decided(status: ActivityStatus) -> bool {
    matches!(status, ActivityStatus::Approved | ActivityStatus::Rejected)
}

/// Why nothing about a decided report can be corrected any more, in words; `None` when it can.
#[must_use]
pub fn closed(file: &HolderFile, activity: ActivityId) -> Option<&'static str> {
    let counted = |counted: &&crate::domain::ledger::Counted| {
        counted.activity == activity && !counted.credits.is_zero()
    };
    file.counted.iter().find(counted).map(|_| SETTLED)
}

/// Asks for a correction: what the report should say, and why.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form; `NotFound` for somebody else's; `StoreError::Changed` when it is not decided,
/// has changed since, or a correction is asked for already.
pub fn ask(
    portal: &Portal,
    holder: Holder,
    id: ActivityId,
    version: i64,
    typed: &Typed,
    reason: &str,
) -> Result<(), ActionError> {
    let (today, now) = portal.clock.today_and_now();
    let rules = portal.store.read(Rules::load)?;
    // what was confirmed when it was reported is not asked again
    let typed = Typed { not_regular_job: true, ..typed.clone() };
    let parsed = parse(&typed, rules.fields(), today, Lean::Back);
    let reason = long_text(reason);
    portal.store.write(|conn| {
        let before = activities::find_of_holder(conn, holder.id, id)?.ok_or(ActionError::NotFound)?;
        let open = corrections::of_activity(conn, id)?.iter().any(|one| one.state == CorrectionState::Asked);
        if !is_decided(before.status) || before.version != version || open {
            return Err(StoreError::Changed.into());
        }
        let setting = Setting::under(rules, conn, holder.id, today)?;
        if let Some(why) = closed(&setting.file, id) {
            return Err(ActionError::invalid("", why));
        }
        let mut problems = parsed.report_problems(&setting);
        match &reason {
            Ok(text) if text.is_empty() => {
                problems.push(("reason", "Say in a few words why it should be changed.".to_owned()));
            }
            Err(problem) => problems.push(("reason", problem.clone())),
            Ok(_) => {}
        }
        if !problems.is_empty() {
            return Err(ActionError::Invalid(problems));
        }
        if parsed.facts == before.facts && before.status == ActivityStatus::Approved {
            return Err(ActionError::invalid(
                "",
                "Nothing has been changed yet. Change what is wrong, and send it.",
            ));
        }
        let reason = reason.unwrap_or_default();
        corrections::add(conn, (id, version, holder.id), &parsed.facts, &reason, now)?;
        let event = Event {
            actor: Some(holder.id),
            holder: Some(holder.id),
            activity: Some(id),
            detail: changes(&before.facts, &parsed.facts),
            ..Event::of(HistoryEvent::CorrectionRequested)
        };
        Ok(history::record(conn, &event, now)?)
    })
}

/// Staff's answer to a request.
#[derive(Clone, Copy, Debug, Default)]
pub struct CorrectionAnswer<'a> {
    /// What is decided; none when nothing was chosen.
    pub decision: Option<CorrectionDecision>,
    /// In words; needed to decline.
    pub words: &'a str,
}

/// Answers a request: accepting it changes the report, which then waits for review again; declining leaves it as it is. The holder is told.
///
/// # Errors
/// `ActionError::Invalid` with what is wrong in the form; `Verdict` for one's own; `NotFound`; `StoreError::Changed` when somebody was first.
pub fn answer(
    portal: &Portal,
    staff: Reviewer,
    id: i64,
    answer: &CorrectionAnswer<'_>,
) -> Result<bool, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let asked = corrections::find(conn, id)?.ok_or(ActionError::NotFound)?;
        not_their_own(staff.id, asked.holder).map_err(|_| VerdictError::OwnReport)?;
        check_impartial(conn, staff.id, asked.holder)?;
        let (accept, words) = checked(answer)?;
        if asked.state != CorrectionState::Asked {
            return Err(StoreError::Changed.into());
        }
        let state = if accept { CorrectionState::Accepted } else { CorrectionState::Declined };
        corrections::answer(conn, id, state, &words, staff.id, now)?;
        let activity = activities::find(conn, asked.activity)?.ok_or(ActionError::NotFound)?;
        if accept {
            if activity.version != asked.version || !is_decided(activity.status) {
                return Err(StoreError::Changed.into());
            }
            let file = holder_records::of_holder(conn, asked.holder, today)?;
            let day = asked.facts.completed_on.unwrap_or(today);
            if closed(&file, activity.id).is_some() || usable_years(&file, day, today).is_err() {
                let message = "A certification year has been settled in the meantime, so this can no longer count. Decline it and say so.";
                return Err(ActionError::invalid("decision", message));
            }
            apply(conn, &activity, &asked.facts, staff, now)?;
        }
        let file = holder_records::of_holder(conn, asked.holder, today)?;
        let policies = policies::all(conn)?;
        if accept {
            queue::refresh(conn, &file, &policies, today)?;
        }
        let event = Event {
            actor: Some(staff.id),
            holder: Some(asked.holder),
            activity: Some(asked.activity),
            detail: words.clone(),
            ..Event::of(if accept { HistoryEvent::CorrectionAccepted } else { HistoryEvent::CorrectionDeclined })
        };
        history::record(conn, &event, now)?;
        tell(conn, portal, &asked, accept, words, (&HolderLedger::new(&file, &policies, today), now))?;
        Ok(accept)
    })
}

fn checked(answer: &CorrectionAnswer<'_>) -> Result<(bool, String), ActionError> {
    let words = long_text(answer.words);
    let mut problems = Vec::new();
    let accept = match answer.decision {
        Some(CorrectionDecision::Accept) => true,
        Some(CorrectionDecision::Decline) => {
            if words.as_ref().is_ok_and(String::is_empty) {
                problems.push(("answer", "Say why, so that the holder understands it.".to_owned()));
            }
            false
        }
        None => {
            problems.push(("decision", "Choose whether to accept it.".to_owned()));
            false
        }
    };
    match (words, problems.is_empty()) {
        (Ok(words), true) => Ok((accept, words)),
        (Ok(_), false) => Err(ActionError::Invalid(problems)),
        (Err(problem), _) => {
            problems.push(("answer", problem));
            Err(ActionError::Invalid(problems))
        }
    }
}

fn apply(
    conn: &mut Conn<'_>,
    before: &Activity,
    facts: &Facts,
    staff: Reviewer,
    now: chrono::NaiveDateTime,
) -> Result<(), StoreError> {
    let status = ActivityStatus::Submitted;
    let change = activities::ActivityChange {
        before,
        status,
        facts,
        awarded: None,
        reported_at: before.reported_at,
        decided_at: None,
    };
    activities::change(conn, &change, now)?;
    waiting_times::wait_anew(conn, before.id, now)?;
    let number = before.version.saturating_add(1);
    let by = Some(staff.id);
    activity_versions::add(
        conn,
        &NewVersion { activity: before.id, number, status, facts, awarded: None, by },
        now,
    )
}

fn tell(
    conn: &mut Conn<'_>,
    portal: &Portal,
    asked: &Correction,
    accepted: bool,
    answer: String,
    (ledger, now): (&HolderLedger<'_>, chrono::NaiveDateTime),
) -> Result<(), ActionError> {
    let account = accounts::find(conn, asked.holder)?.ok_or(ActionError::NotFound)?;
    let notice =
        CorrectionAnswered { activity: asked.activity, title: asked.title.clone(), accepted, answer };
    let rendered = Notice::from(notice).render(&letter(portal, &account.name, ledger))?;
    post(conn, portal, &account, &rendered, now).map(|_| ())
}
