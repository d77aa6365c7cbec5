//! Reviewing reports: one at a time, or several that count as they were reported.
//!
//! The change, the verdict, the history, the queue's order and the mails of one review commit together.

pub mod assignments;
pub mod claims;
pub(in crate::actions) mod notices;
pub mod prepared_words;
pub mod queue;
pub mod reversal;
pub mod review_case;
pub mod same_event;
pub(in crate::actions) mod verdict_mails;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::{NaiveDate, NaiveDateTime};

use self::notices::ReviewMails;
use super::ActionError;
use super::impartiality::check_impartial;
use crate::domain::activities::activity::{Activity, Facts};
use crate::domain::activities::category::Category;
use crate::domain::activities::credits::Credits;
use crate::domain::activities::plausibility::{hours_in_words, more_than_its_days};
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::review::{
    LONGEST_REASON, ReasonCode, Refused, ReviewDecision, Verdict, VerdictError, checked_verdict,
};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::ledger::impact::{FallenShort, fallen_short};
use crate::domain::roles::Reviewer;
use crate::domain::text::too_long;
use crate::portal::Portal;
use crate::store::activities::ActivityChange;
use crate::store::activities::reviews::ReviewRange;
use crate::store::activities::{self, review_claims, reviews};
use crate::store::certification::policies;
use crate::store::records::history::Event;
use crate::store::records::{history, holder_records};
use crate::store::{Conn, StoreError, accounts};

/// A verdict as the form gives it.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenVerdict<'a> {
    /// What is decided; none when nothing was chosen.
    pub decision: Option<ReviewDecision>,
    /// For an approval: what counts, in the notation of reports; empty means as reported.
    pub quantity: &'a str,
    /// For a return or a rejection: the kind of reason.
    pub reason_code: Option<ReasonCode>,
    /// In words.
    pub reason: &'a str,
    /// Whether the reviewer has confirmed that more counts than was reported.
    pub more: bool,
    /// The colleague who read it when the reviewer chose to take it over.
    pub take_over: Option<AccountId>,
}

impl GivenVerdict<'_> {
    /// Reads it for a report of a category.
    ///
    /// # Errors
    /// `ActionError::Invalid` with every message, in the order of the form.
    pub fn read(&self, category: Category) -> Result<Verdict, ActionError> {
        let mut problems = Vec::new();
        let reason = self.reason.trim().to_owned();
        let code = self.reason_code;
        let mut awarded = None;
        let negative = self.decision.is_some_and(|decision| Refused::of(decision).is_some());
        match self.decision {
            Some(ReviewDecision::Approve) if !self.quantity.trim().is_empty() => {
                match Quantity::parse(category, self.quantity) {
                    Ok(quantity) => awarded = Some(quantity),
                    Err(problem) => problems.push(("quantity", problem.to_string())),
                }
            }
            Some(_) => {}
            None => problems.push(("decision", "Choose what to do with this report.".to_owned())),
        }
        if negative && code.is_none() {
            problems.push(("reason_code", VerdictError::CodeMissing.to_string()));
        }
        if negative && reason.is_empty() {
            problems.push(("reason", VerdictError::ReasonMissing.to_string()));
        }
        let length = reason.chars().count();
        if length > LONGEST_REASON {
            problems.push(("reason", too_long(LONGEST_REASON, length)));
        }
        match (self.decision.filter(|_| problems.is_empty()), code) {
            (Some(ReviewDecision::Return), Some(code)) => Ok(Verdict::Return { code, reason }),
            (Some(ReviewDecision::Reject), Some(code)) => Ok(Verdict::Reject { code, reason }),
            (Some(ReviewDecision::Approve), _) => Ok(Verdict::Approve { awarded, reason }),
            (Some(ReviewDecision::Return | ReviewDecision::Reject), None) | (None, _) => {
                Err(ActionError::Invalid(problems))
            }
        }
    }
}

/// A verdict as it was recorded, and what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// The verdict.
    pub verdict: Verdict,
    /// Years that could reach their minimum before it and cannot now.
    pub fallen: Vec<FallenShort>,
    /// The title of the report.
    pub title: String,
    /// Whose it is.
    pub holder: HolderId,
    /// What an approval earns its holder; none for other verdicts.
    pub credits: Option<Credits>,
    /// By what the verdict can be undone.
    pub range: ReviewRange,
}

/// Reviews one report, under the condition that it is still as the reviewer saw it (`version`, when it is given).
///
/// # Errors
/// `ActionError::Invalid` and `Verdict` with what to say, `NotFound`, and `StoreError::Changed` when somebody was first.
pub fn review(
    portal: &Portal,
    reviewer: Reviewer,
    activity: ActivityId,
    version: Option<i64>,
    given: &GivenVerdict<'_>,
) -> Result<Reviewed, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let found = activities::find(conn, activity)?.ok_or(ActionError::NotFound)?;
        let category = found.facts.category.ok_or(ActionError::Verdict(VerdictError::NotWaiting))?;
        let version = version.unwrap_or(found.version);
        if version != found.version {
            return Err(StoreError::Changed.into());
        }
        let verdict = given.read(category)?;
        if let Verdict::Approve { awarded: Some(awarded), .. } = &verdict {
            check_award(*awarded, &found.facts, given)?;
        }
        if let Some(colleague) = given.take_over {
            claims::take_over_within(conn, reviewer, &found, colleague, now)?;
        }
        review_within(conn, portal, reviewer, activity, version, verdict, today, now).map_err(|error| {
            match error {
                ActionError::Verdict(problem @ VerdictError::MoreThanItsDays(_)) => {
                    ActionError::invalid("quantity", problem.to_string())
                }
                ActionError::Verdict(problem @ VerdictError::AwardNeedsReason) => {
                    ActionError::invalid("reason", problem.to_string())
                }
                ActionError::ReadByColleague(problem) => {
                    ActionError::invalid("take_over", problem.to_string())
                }
                other => other,
            }
        })
    })
}

/// More than was reported is seldom meant, and more hours than its days have never is.
///
/// # Errors
/// `ActionError::Invalid` for the quantity; with more than was reported, for the tick and for the reason that it needs.
fn check_award(awarded: Quantity, facts: &Facts, given: &GivenVerdict<'_>) -> Result<(), ActionError> {
    let Some(reported) = facts.quantity else { return Ok(()) };
    if let Some(hours) = more_than_its_days(facts, awarded) {
        return Err(ActionError::invalid("quantity", hours_in_words(hours)));
    }
    if awarded.amount() > reported.amount() && !given.more {
        let problem = format!(
            "That is more than was reported, {reported}. If it is right, tick the box and decide again."
        );
        let mut problems = vec![("more", problem)];
        if given.reason.trim().is_empty() {
            problems.push(("reason", VerdictError::AwardNeedsReason.to_string()));
        }
        return Err(ActionError::Invalid(problems));
    }
    Ok(())
}

/// The part of a write that reviews one report.
///
/// # Errors
/// As [`review`].
#[expect(clippy::too_many_arguments, reason = "who decides what about which version when; nothing to bundle")]
pub fn review_within(
    conn: &mut Conn<'_>,
    portal: &Portal,
    reviewer: Reviewer,
    activity: ActivityId,
    version: i64,
    verdict: Verdict,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<Reviewed, ActionError> {
    let policies = policies::all(conn)?;
    let activity = activities::find(conn, activity)?.ok_or(ActionError::NotFound)?;
    let before = holder_records::of_holder(conn, activity.holder, today)?;
    let (verdict, review) = record(conn, reviewer, &activity, version, verdict, now)?;
    let after = holder_records::of_holder(conn, activity.holder, today)?;
    queue::refresh(conn, &after, &policies, today)?;
    let before = HolderLedger::new(&before, &policies, today);
    let after = HolderLedger::new(&after, &policies, today);
    let mails = ReviewMails { portal, policies: &policies, now };
    mails.tell_verdict(conn, &after, &activity, &verdict)?;
    mails.tell_minimums(conn, &before, &after)?;
    let earned = after.line(activity.id).map_or(Credits::ZERO, |line| line.share.credits);
    Ok(Reviewed {
        credits: matches!(verdict, Verdict::Approve { .. }).then_some(earned),
        verdict,
        fallen: fallen_short(&before, &after),
        title: activity.facts.title,
        holder: activity.holder,
        range: ReviewRange::of(review),
    })
}

/// What a reviewer ticked in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticked {
    /// The report.
    pub activity: ActivityId,
    /// Its version when the reviewer saw it.
    pub version: i64,
}

/// What became of the ticked reports.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BulkResult {
    /// Approved, as reported.
    pub approved: Vec<BulkLine>,
    /// Left as they were, with the reason in words.
    pub skipped: Vec<(BulkLine, String)>,
    /// By what the approvals can be undone together; none without any.
    pub range: Option<ReviewRange>,
}

/// One report in the result of a bulk approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkLine {
    /// The report.
    pub activity: ActivityId,
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub holder: HolderId,
    /// The holder's name.
    pub holder_name: String,
    /// How much was reported, in words.
    pub quantity: String,
    /// Its kind, in words.
    pub category: &'static str,
}

/// Approves several reports as they were reported. Each is checked by itself: those that changed meanwhile, the reviewer's own, those of
/// holders whom the reviewer knows, and those that a colleague reads, are left as they are and named. A holder gets one mail about all of theirs.
///
/// # Errors
/// `ActionError::Store`; then none is approved.
pub fn approve_all(
    portal: &Portal,
    reviewer: Reviewer,
    ticked: &[Ticked],
) -> Result<BulkResult, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| approve_within(conn, portal, reviewer, ticked, today, now))
}

/// The part of a write that approves several reports.
///
/// # Errors
/// As [`approve_all`].
pub fn approve_within(
    conn: &mut Conn<'_>,
    portal: &Portal,
    reviewer: Reviewer,
    ticked: &[Ticked],
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<BulkResult, ActionError> {
    let policies = policies::all(conn)?;
    let mails = ReviewMails { portal, policies: &policies, now };
    let mut result = BulkResult::default();
    let mut holders: BTreeMap<HolderId, (HolderFile, Vec<Activity>)> = BTreeMap::new();
    for tick in ticked {
        let Some(activity) = activities::find(conn, tick.activity)? else { continue };
        let holder = accounts::find(conn, activity.holder)?.ok_or(ActionError::NotFound)?;
        let line = BulkLine {
            activity: activity.id,
            title: activity.facts.title.clone(),
            holder: activity.holder,
            holder_name: holder.name,
            quantity: activity.facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
            category: activity.facts.category.map_or("", Category::label),
        };
        if let Entry::Vacant(unread) = holders.entry(activity.holder) {
            unread.insert((holder_records::of_holder(conn, activity.holder, today)?, Vec::new()));
        }
        let as_reported = Verdict::Approve { awarded: None, reason: String::new() };
        match record(conn, reviewer, &activity, tick.version, as_reported, now) {
            Ok((_, review)) => {
                result.range = Some(result.range.map_or(ReviewRange::of(review), |range| range.with(review)));
                if let Some((_, approved)) = holders.get_mut(&activity.holder) {
                    approved.push(activity);
                }
                result.approved.push(line);
            }
            Err(ActionError::Verdict(refusal)) => result.skipped.push((line, refusal.to_string())),
            Err(ActionError::Acquainted(refusal)) => result.skipped.push((line, refusal.to_string())),
            Err(ActionError::ReadByColleague(refusal)) => result.skipped.push((line, refusal.to_string())),
            Err(ActionError::Store(StoreError::Changed)) => {
                let words = "Somebody changed or decided it after you opened the list.".to_owned();
                result.skipped.push((line, words));
            }
            Err(other) => return Err(other),
        }
    }
    for (holder, (before, approved)) in &holders {
        if approved.is_empty() {
            continue;
        }
        let after = holder_records::of_holder(conn, *holder, today)?;
        queue::refresh(conn, &after, &policies, today)?;
        let before = HolderLedger::new(before, &policies, today);
        let after = HolderLedger::new(&after, &policies, today);
        let as_reported: Vec<(&Activity, Option<(Quantity, String)>)> =
            approved.iter().map(|a| (a, None)).collect();
        mails.tell_approved(conn, &after, &as_reported)?;
        mails.tell_minimums(conn, &before, &after)?;
    }
    Ok(result)
}

/// Checks and records one verdict: the activity, the review and the history, but neither queue nor mails. Gives the number of the review.
fn record(
    conn: &mut Conn<'_>,
    reviewer: Reviewer,
    activity: &Activity,
    version: i64,
    verdict: Verdict,
    now: NaiveDateTime,
) -> Result<(Verdict, i64), ActionError> {
    if activity.version != version {
        return Err(StoreError::Changed.into());
    }
    check_impartial(conn, reviewer.id, activity.holder)?;
    let verdict = checked_verdict(verdict, *reviewer, activity.holder, activity.status, &activity.facts)?;
    claims::check_unread(conn, reviewer, activity.id, now)?;
    let (awarded, decided_at, event) = match &verdict {
        Verdict::Approve { awarded, .. } => (*awarded, Some(now), HistoryEvent::ActivityApproved),
        Verdict::Return { .. } => (None, None, HistoryEvent::ActivityReturned),
        Verdict::Reject { .. } => (None, Some(now), HistoryEvent::ActivityRejected),
    };
    let change = ActivityChange {
        before: activity,
        status: verdict.status(),
        facts: &activity.facts,
        awarded,
        reported_at: activity.reported_at,
        decided_at,
    };
    activities::change(conn, &change, now)?;
    review_claims::clear(conn, activity.id)?;
    let review = reviews::add(conn, activity.id, activity.version, &verdict, Some(reviewer.id), now)?;
    let event = Event {
        actor: Some(reviewer.id),
        holder: Some(activity.holder),
        activity: Some(activity.id),
        detail: in_words(&verdict),
        ..Event::of(event)
    };
    history::record(conn, &event, now)?;
    Ok((verdict, review))
}

fn in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Approve { awarded: Some(awarded), reason } => {
            format!("{awarded} awarded: {}", reason.trim())
        }
        Verdict::Approve { .. } => String::new(),
        Verdict::Return { code, reason } | Verdict::Reject { code, reason } => {
            format!("{}: {}", code.label(), reason.trim())
        }
    }
}
