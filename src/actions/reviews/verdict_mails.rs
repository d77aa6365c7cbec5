//! The mail about verdicts. It waits a while in the outbox, so that a verdict can be taken back before anybody has heard of it; what is
//! decided about one holder meanwhile goes with the same mail, and what is taken back meanwhile is not told at all.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use crate::actions::ActionError;
use crate::actions::deadlines::year_lines::letter;
use crate::actions::mail::outbox::post;
use crate::domain::activities::activity::Activity;
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::review::ReasonCode;
use crate::domain::ids::{ActivityId, HolderId, MailId};
use crate::domain::ledger::Line;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::mail::{
    Approved, ApprovedActivity, Award, CapTaken, Notice, OtherVerdict, QuestionTakenBack, Rejected, Returned,
    VerdictTakenBack, Verdicts,
};
use crate::portal::Portal;
use crate::store::certification::policies;
use crate::store::mail::verdict_mails::{self, ToldVerdict, VerdictWords, WaitingMail};
use crate::store::records::holder_records;
use crate::store::{Conn, accounts, activities};

/// A mail takes further verdicts up for so many times the wait, so that somebody who reviews without a pause keeps none back for ever.
const TAKES_UP: i32 = 10;

/// Tells a holder what was decided about their reports, as the ledger knows them afterwards. Part of a write. Gives whether a mail says something about them: nothing is said of
/// what is taken back before it was told.
///
/// # Errors
/// `ActionError::Store`.
pub fn tell(
    conn: &mut Conn<'_>,
    portal: &Portal,
    after: &HolderLedger<'_>,
    verdicts: Vec<ToldVerdict>,
    now: NaiveDateTime,
) -> Result<bool, ActionError> {
    let (undo, holder) = (portal.config.undo, after.record().holder);
    let (mail, mut told) = match to_join(conn, holder, &verdicts, undo, now)? {
        Some(waiting) => (Some(waiting.id), waiting.verdicts),
        None => (None, Vec::new()),
    };
    let mut said = false;
    for verdict in verdicts {
        said |= add(&mut told, verdict);
    }
    write(conn, portal, after, (mail, &told), now)?;
    Ok(said)
}

/// What a waiting mail would say about a report that its holder has meanwhile answered or taken back is not said: they have read it on
/// the report's page. Part of a write.
///
/// # Errors
/// `ActionError::Store`.
pub fn answered(
    conn: &mut Conn<'_>,
    portal: &Portal,
    holder: HolderId,
    activity: ActivityId,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let mut waiting = verdict_mails::waiting(conn, holder, now)?;
    waiting.retain(|mail| mail.verdicts.iter().any(|told| told.activity == activity));
    if waiting.is_empty() {
        return Ok(());
    }
    let today = portal.clock.today();
    let (file, policies) = (holder_records::of_holder(conn, holder, today)?, policies::all(conn)?);
    let after = HolderLedger::new(&file, &policies, today);
    for mut mail in waiting {
        mail.verdicts.retain(|told| told.activity != activity);
        write(conn, portal, &after, (Some(mail.id), &mail.verdicts), now)?;
    }
    Ok(())
}

/// Writes the mail, anew when it waits already; one that has nothing to say any more is taken out of the outbox.
fn write(
    conn: &mut Conn<'_>,
    portal: &Portal,
    after: &HolderLedger<'_>,
    (mail, told): (Option<MailId>, &[ToldVerdict]),
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    if told.is_empty() {
        return match mail {
            Some(mail) => Ok(verdict_mails::remove(conn, mail)?),
            None => Ok(()),
        };
    }
    let undo = portal.config.undo;
    let account = accounts::find(conn, after.record().holder)?.ok_or(ActionError::NotFound)?;
    let rendered = notice(conn, after, told)?.render(&letter(portal, &account.name, after))?;
    let mail = match mail {
        Some(mail) => {
            let words = (rendered.subject.as_str(), rendered.text.as_str(), rendered.html.as_str());
            verdict_mails::rewrite(conn, mail, rendered.kind, words, now)?;
            mail
        }
        None => post(conn, portal, &account, &rendered, now)?,
    };
    Ok(verdict_mails::set(conn, mail, told, now + undo)?)
}

/// The waiting mail that takes these verdicts up: the one that speaks of one of the reports already, or the latest that is young enough.
fn to_join(
    conn: &mut Conn<'_>,
    holder: HolderId,
    verdicts: &[ToldVerdict],
    undo: TimeDelta,
    now: NaiveDateTime,
) -> Result<Option<WaitingMail>, ActionError> {
    let mut waiting = verdict_mails::waiting(conn, holder, now)?;
    let speaks_of = |mail: &WaitingMail| {
        mail.verdicts.iter().any(|told| verdicts.iter().any(|new| new.activity == told.activity))
    };
    if let Some(place) = waiting.iter().position(speaks_of) {
        return Ok(Some(waiting.swap_remove(place)));
    }
    Ok(waiting.pop().filter(|mail| now - mail.created_at < undo * TAKES_UP))
}

/// Puts a verdict beside others that are not told yet. The last word about a report counts; one that is taken back before it was told is
/// not said at all. Gives whether something is said about the report.
fn add(told: &mut Vec<ToldVerdict>, mut verdict: ToldVerdict) -> bool {
    let Some(place) = told.iter().position(|one| one.activity == verdict.activity) else {
        told.push(verdict);
        return true;
    };
    let before = told.remove(place);
    let undone = match verdict.said {
        VerdictWords::VerdictTakenBack => {
            matches!(before.said, VerdictWords::Approved | VerdictWords::Rejected)
        }
        VerdictWords::QuestionTakenBack => before.said == VerdictWords::Returned,
        VerdictWords::Approved | VerdictWords::Returned | VerdictWords::Rejected => false,
    };
    if undone && !before.told_before {
        return false;
    }
    if undone {
        verdict.was_approved = before.was_approved;
    } else {
        // what was told earlier was taken back in this mail, and is not yet told to be
        let takes_back =
            matches!(before.said, VerdictWords::VerdictTakenBack | VerdictWords::QuestionTakenBack);
        verdict.told_before = before.told_before || takes_back;
        verdict.was_approved = if takes_back { before.was_approved } else { verdict.was_approved };
    }
    told.push(verdict);
    true
}

/// One notice for all of them.
fn notice(
    conn: &mut Conn<'_>,
    after: &HolderLedger<'_>,
    told: &[ToldVerdict],
) -> Result<Notice, ActionError> {
    let mut approved = Vec::new();
    let mut others = Vec::new();
    for verdict in told {
        let activity = activities::find(conn, verdict.activity)?.ok_or(ActionError::NotFound)?;
        let line = after.line(activity.id);
        match other(&activity, verdict, line.as_ref()) {
            Some(other) => others.push(other),
            None => approved.push(approval(&activity, verdict, line.as_ref(), after.today())),
        }
    }
    Ok(match (approved.is_empty(), others.len()) {
        (false, 0) => Approved { activities: approved }.into(),
        (true, 1) => match others.remove(0) {
            OtherVerdict::Returned(notice) => notice.into(),
            OtherVerdict::Rejected(notice) => notice.into(),
            OtherVerdict::QuestionTakenBack(notice) => notice.into(),
            OtherVerdict::VerdictTakenBack(notice) => notice.into(),
        },
        _ => Verdicts { approved, others }.into(),
    })
}

fn approval(
    activity: &Activity,
    verdict: &ToldVerdict,
    line: Option<&Line<'_>>,
    today: NaiveDate,
) -> ApprovedActivity {
    let award = activity.facts.quantity.zip(verdict.awarded).and_then(|(reported, awarded)| {
        let awarded = Quantity::new(awarded, reported.unit()).ok()?;
        Some(Award { reported, awarded, reason: verdict.reason.clone() })
    });
    let share = line.map(|line| line.share);
    let cap = share.and_then(|share| {
        let (cap, taken_before) = share.cap?;
        let over = share.raw.less(share.credits);
        (!over.is_zero()).then_some(CapTaken { over, cap, taken_before })
    });
    ApprovedActivity {
        activity: activity.id,
        title: activity.facts.title.clone(),
        completed_on: activity.facts.completed_on.unwrap_or(today),
        // a verdict on another report may have given it more or less of one limit since
        credits: share.map_or_else(|| verdict.credits.unwrap_or_default(), |share| share.credits),
        award,
        cap,
    }
}

fn other(activity: &Activity, verdict: &ToldVerdict, line: Option<&Line<'_>>) -> Option<OtherVerdict> {
    let credits = line.map(|line| line.share.credits);
    let (activity, title) = (activity.id, activity.facts.title.clone());
    let (code, reason) = (verdict.code.unwrap_or(ReasonCode::Other), verdict.reason.clone());
    let approved_before = verdict.told_before && verdict.was_approved;
    Some(match verdict.said {
        VerdictWords::Approved => return None,
        VerdictWords::Returned => {
            OtherVerdict::Returned(Returned { activity, title, credits, code, reason, approved_before })
        }
        VerdictWords::Rejected => {
            OtherVerdict::Rejected(Rejected { activity, title, code, reason, approved_before })
        }
        VerdictWords::QuestionTakenBack => {
            OtherVerdict::QuestionTakenBack(QuestionTakenBack { activity, title, credits })
        }
        VerdictWords::VerdictTakenBack => {
            let approved = verdict.was_approved;
            OtherVerdict::VerdictTakenBack(VerdictTakenBack { activity, title, credits, approved, reason })
        }
    })
}
