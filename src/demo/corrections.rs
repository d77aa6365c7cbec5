//! What people of the demonstration say about their own reports afterwards: a correction that waits, one that was declined, and a report
//! that looked unlikely, is explained, and is given to a colleague for it.

use super::agenda::{administrator, holder, reviewer};
use super::people::HOLDERS;
use crate::actions::ActionError;
use crate::actions::activities::correction::{CorrectionAnswer, answer, ask};
use crate::actions::activities::evidence::Proofs;
use crate::actions::activities::form::Typed;
use crate::actions::activities::submission::{Form, FormOrigin, Sent, send};
use crate::actions::reviews::assignments::{GivenAssignment, give};
use crate::actions::staff_notes::{self, NoteAbout};
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::category::Category;
use crate::domain::activities::correction::CorrectionDecision;
use crate::domain::activities::submission::Intent;
use crate::domain::dates::{long_date, plus_days};
use crate::domain::ids::ActivityId;
use crate::domain::roles::{Holder, Reviewer};
use crate::portal::Portal;
use crate::store::activities::{self, corrections};
use crate::store::certification::catalogue;

/// Everybody here writes on a day of the past, on the portal's own clock.
pub(super) fn plant(past: &Portal) -> Result<(), ActionError> {
    let (today, now) = past.clock.today_and_now();
    let reviewer = past.store.read(reviewer)?;
    past.clock.set_local(plus_days(today, -5), 13);
    if let Some((holder, report, typed)) = approved(past, 9)? {
        let wanted = Typed { title: format!("{}, second edition", typed.title), ..typed };
        ask(past, holder, report.id, report.version, &wanted, "There is a newer edition by now.")?;
        past.clock.set_local(plus_days(today, -4), 10);
        let asked = past.store.read(|conn| corrections::of_activity(conn, report.id))?;
        if let Some(asked) = asked.last() {
            let words = "The report is about the edition that you wrote then, so it is right as it stands.";
            answer(
                past,
                reviewer,
                asked.id,
                &CorrectionAnswer { decision: Some(CorrectionDecision::Decline), words },
            )?;
        }
    }
    past.clock.set_local(plus_days(today, -2), 20);
    if let Some((holder, report, typed)) = approved(past, 2)? {
        let wanted = Typed { organiser: "The chapter in Utrecht".to_owned(), ..typed };
        let reason = "I named the wrong organiser: the evening was held by the chapter in Utrecht.";
        ask(past, holder, report.id, report.version, &wanted, reason)?;
        if let Some(report) = unlikely(past, holder)? {
            ask_colleague(past, reviewer, report)?;
        }
    }
    past.clock.set(now);
    Ok(())
}

/// The newest approved report of the holder with that number, as it would be typed.
fn approved(past: &Portal, index: usize) -> Result<Option<(Holder, Activity, Typed)>, ActionError> {
    let Some(person) = HOLDERS.get(index) else { return Ok(None) };
    past.store.read(|conn| {
        let Some(holder) = holder(conn, person)? else { return Ok(None) };
        let fields = catalogue::fields(conn)?;
        let mut reports = activities::of_holder(conn, holder.id)?.into_iter();
        let newest = reports.find(|report| report.status == ActivityStatus::Approved);
        Ok(newest.map(|report| {
            let typed = Typed::of(&report.facts, &fields);
            (holder, report, typed)
        }))
    })
}

/// A day of fifteen hours: told, explained, and sent.
fn unlikely(past: &Portal, holder: Holder) -> Result<Option<ActivityId>, ActionError> {
    let typed = Typed {
        category: Category::Attending.code().to_owned(),
        title: "Crisis exercise through the night".to_owned(),
        organiser: "National Cyber Security Week".to_owned(),
        field: "information_security".to_owned(),
        completed_on: long_date(plus_days(past.clock.today(), -3)),
        hours: "15".to_owned(),
        not_regular_job: true,
        ..Typed::default()
    };
    let proofs = Proofs::default();
    let form = Form { typed: &typed, proofs: &proofs, intent: Intent::Submit };
    let first = FormOrigin { key: "acrisisexercise", ..FormOrigin::default() };
    if let Sent::Unsure(hints, _) = send(past, holder, &first, &form)? {
        let explanation = "It began at eight in the morning and ended at eleven at night, on purpose.";
        let again = FormOrigin { hints_seen: &hints, explanation, ..first };
        if let Sent::Done(report, _) = send(past, holder, &again, &form)? {
            return Ok(Some(report));
        }
    }
    Ok(None)
}

/// The reviewer is not sure, and gives it to whoever decides; what they know about it is a note that only staff read.
fn ask_colleague(past: &Portal, reviewer: Reviewer, report: ActivityId) -> Result<(), ActionError> {
    let colleague = past.store.read(administrator)?.id.to_string();
    let words = "Fifteen hours in one day: would you accept that? I would.";
    let wanted = GivenAssignment { colleague: &colleague, words, seen: None };
    give(past, reviewer, report, &wanted)?;
    let note = "The organiser confirms the hours by telephone.";
    staff_notes::write(past, reviewer, NoteAbout::Report(report), note)
}
