//! Taking a step of the review back: a question that was a mistake, or a verdict that was. Either way the report waits for review again,
//! and its holder is told.

use chrono::{NaiveDate, NaiveDateTime};

use super::notices::{ReviewMails, told};
use super::{queue, verdict_mails};
use crate::actions::ActionError;
use crate::actions::activities::correction::{closed, is_decided};
use crate::actions::activities::form::long_text;
use crate::actions::impartiality::check_impartial;
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::correction::CorrectionState;
use crate::domain::activities::eligibility::usable_years;
use crate::domain::activities::review::VerdictError;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::ActivityId;
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::roles::{Reviewer, not_their_own};
use crate::portal::Portal;
use crate::store::activities::ActivityChange;
use crate::store::activities::corrections;
use crate::store::activities::reviews::{self, ReviewGiven, ReviewRange};
use crate::store::certification::policies;
use crate::store::mail::verdict_mails::{ToldVerdict, VerdictWords, waiting};
use crate::store::records::history::{self, Event};
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError, activities};

/// Takes back the question that a returned report waits with. Its holder is told that no answer is needed; the review that asked stays
/// in the history. Gives whether the holder is told: not when the question has not left yet.
///
/// # Errors
/// `ActionError::NotFound`, `Verdict` for one's own report and for one that nobody has returned, and `StoreError::Changed` when the
/// holder or a colleague was first.
pub fn take_question_back(
    portal: &Portal,
    reviewer: Reviewer,
    id: ActivityId,
    version: Option<i64>,
) -> Result<bool, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let before = decidable(conn, reviewer, id, version)?;
        if before.status != ActivityStatus::Returned {
            return Err(VerdictError::NotReturned.into());
        }
        let told = told(id, VerdictWords::QuestionTakenBack);
        wait_again(
            conn,
            portal,
            reviewer,
            &before,
            (HistoryEvent::QuestionTakenBack, String::new()),
            told,
            now,
        )
    })
}

/// Takes a verdict back, so that the report waits for review again; the holder reads why, unless the
/// verdict has not left yet. Gives whether the holder is told. What a settled year has counted stays.
///
/// # Errors
/// As [`take_question_back`], and `ActionError::Invalid` without a reason, for a settled year, and while a correction is asked for.
pub fn take_verdict_back(
    portal: &Portal,
    reviewer: Reviewer,
    id: ActivityId,
    version: Option<i64>,
    reason: &str,
) -> Result<bool, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let before = decidable(conn, reviewer, id, version)?;
        if !is_decided(before.status) {
            return Err(VerdictError::NotDecided.into());
        }
        let reason = match long_text(reason) {
            Ok(reason) if reason.is_empty() => {
                let problem = "Say why we are looking at it again: the holder reads it.";
                return Err(ActionError::invalid("reason", problem.to_owned()));
            }
            Ok(reason) => reason,
            Err(problem) => return Err(ActionError::invalid("reason", problem)),
        };
        let file = holder_records::of_holder(conn, before.holder, today)?;
        if no_year_can_use(&file, &before, today) {
            let problem =
                "The certification year of this report is settled, and a settled year stays as it is.";
            return Err(ActionError::invalid("reason", problem.to_owned()));
        }
        if correction_is_asked(conn, id)? {
            let problem = "Its holder has asked for a correction: answer that instead.";
            return Err(ActionError::invalid("reason", problem.to_owned()));
        }
        let told = ToldVerdict {
            was_approved: before.status == ActivityStatus::Approved,
            reason: reason.clone(),
            ..told(id, VerdictWords::VerdictTakenBack)
        };
        wait_again(conn, portal, reviewer, &before, (HistoryEvent::VerdictTakenBack, reason), told, now)
    })
}

/// Most verdicts that one press undoes: as many as one press gives.
const MOST_UNDONE: i64 = 200;

/// What became of verdicts that were to be undone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Reports that wait for review again. Nobody hears of their verdicts.
    pub undone: Vec<ActivityId>,
    /// Reports whose verdicts stand: the email has left, or somebody changed the report meanwhile.
    pub late: Vec<ActivityId>,
}

/// Undoes verdicts that this reviewer has just given together, as long as nobody has heard of them: their reports wait for review again as
/// if nothing had been decided. Each is looked at by itself.
///
/// # Errors
/// `ActionError::Store`; then none is undone.
pub fn undo(portal: &Portal, reviewer: Reviewer, range: ReviewRange) -> Result<Undone, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let mut result = Undone::default();
        for given in reviews::given(conn, range, reviewer.id, MOST_UNDONE)? {
            match undo_one(conn, portal, reviewer, given, (today, now)) {
                Ok(true) => result.undone.push(given.activity),
                Ok(false) | Err(ActionError::Store(StoreError::Changed)) => result.late.push(given.activity),
                Err(other) => return Err(other),
            }
        }
        Ok(result)
    })
}

/// Undoes one verdict; gives whether it could.
fn undo_one(
    conn: &mut Conn<'_>,
    portal: &Portal,
    reviewer: Reviewer,
    given: ReviewGiven,
    (today, now): (NaiveDate, NaiveDateTime),
) -> Result<bool, ActionError> {
    let before = seen(conn, reviewer, given.activity, Some(given.activity_version + 1))?;
    let unheard = waiting(conn, before.holder, now)?
        .iter()
        .any(|mail| mail.verdicts.iter().any(|told| told.activity == before.id));
    if !unheard {
        return Ok(false);
    }
    let (event, words) = if before.status == ActivityStatus::Returned {
        (HistoryEvent::QuestionTakenBack, VerdictWords::QuestionTakenBack)
    } else if is_decided(before.status) {
        (HistoryEvent::VerdictTakenBack, VerdictWords::VerdictTakenBack)
    } else {
        return Ok(false);
    };
    let file = holder_records::of_holder(conn, before.holder, today)?;
    if no_year_can_use(&file, &before, today) || correction_is_asked(conn, before.id)? {
        return Ok(false);
    }
    let told =
        ToldVerdict { was_approved: before.status == ActivityStatus::Approved, ..told(before.id, words) };
    wait_again(conn, portal, reviewer, &before, (event, String::new()), told, now)?;
    Ok(true)
}

/// Whether its holder has asked for a correction, which is to be answered and not overtaken.
fn correction_is_asked(conn: &mut Conn<'_>, id: ActivityId) -> Result<bool, StoreError> {
    Ok(corrections::of_activity(conn, id)?.iter().any(|one| one.state == CorrectionState::Asked))
}

/// Whether the certification year of a report is settled, so that no verdict on it would change anything.
#[must_use]
pub fn no_year_can_use(file: &HolderFile, report: &Activity, today: NaiveDate) -> bool {
    let day = report.facts.completed_on.unwrap_or(today);
    closed(file, report.id).is_some() || usable_years(file, day, today).is_err()
}

/// The report as the reviewer saw it.
fn seen(
    conn: &mut Conn<'_>,
    reviewer: Reviewer,
    id: ActivityId,
    version: Option<i64>,
) -> Result<Activity, ActionError> {
    let before = activities::find(conn, id)?.ok_or(ActionError::NotFound)?;
    not_their_own(reviewer.id, before.holder).map_err(|_| VerdictError::OwnReport)?;
    if version != Some(before.version) {
        return Err(StoreError::Changed.into());
    }
    Ok(before)
}

/// The same, of a holder whom the reviewer does not know. What they have just decided themselves and nobody has heard, they can undo
/// nevertheless: it is a colleague's then.
fn decidable(
    conn: &mut Conn<'_>,
    reviewer: Reviewer,
    id: ActivityId,
    version: Option<i64>,
) -> Result<Activity, ActionError> {
    let before = seen(conn, reviewer, id, version)?;
    check_impartial(conn, reviewer.id, before.holder)?;
    Ok(before)
}

/// The report, the history, the queue and the mail, in one write.
fn wait_again(
    conn: &mut Conn<'_>,
    portal: &Portal,
    reviewer: Reviewer,
    before: &Activity,
    (event, detail): (HistoryEvent, String),
    told: ToldVerdict,
    now: NaiveDateTime,
) -> Result<bool, ActionError> {
    let change = ActivityChange {
        before,
        status: ActivityStatus::Submitted,
        facts: &before.facts,
        awarded: None,
        reported_at: before.reported_at,
        decided_at: None,
    };
    activities::change(conn, &change, now)?;
    let event = Event {
        actor: Some(reviewer.id),
        holder: Some(before.holder),
        activity: Some(before.id),
        detail,
        ..Event::of(event)
    };
    history::record(conn, &event, now)?;
    let today = portal.clock.today();
    let file = holder_records::of_holder(conn, before.holder, today)?;
    let policies = policies::all(conn)?;
    queue::refresh(conn, &file, &policies, today)?;
    let ledger = HolderLedger::new(&file, &policies, today);
    let said = verdict_mails::tell(conn, portal, &ledger, vec![told], now)?;
    // a minimum that waits to be told is told only if it is still reached
    ReviewMails { portal, policies: &policies, now }.tell_minimums(conn, &ledger, &ledger)?;
    Ok(said)
}
