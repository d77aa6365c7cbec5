//! Reviewing reports: one at a time, or several that count as they were reported.
//!
//! The change, the verdict, the history, the queue's order and the mails of one review commit together.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::certificates::add_missing_years;
use super::post::post;
use super::year_lines::year_line;
use super::{ActionError, queue};
use crate::domain::activity::Activity;
use crate::domain::category::Category;
use crate::domain::ids::{ActivityId, CertificateId, HolderId, MailId};
use crate::domain::ledger::{HolderFile, shares, year_ledger};
use crate::domain::policy::Policies;
use crate::domain::quantity::Quantity;
use crate::domain::review::{ReasonCode, Verdict, VerdictError, checked_verdict};
use crate::domain::roles::Actor;
use crate::mail::{Approved, ApprovedActivity, Award, Letter, MinimumReached, Notice, Rejected, Returned};
use crate::portal::Portal;
use crate::store::accounts::{self, Account};
use crate::store::activities::Change;
use crate::store::history::Event;
use crate::store::{Conn, StoreError, activities, files, history, policies, reviews};

/// Most characters of a reason.
const LONGEST_REASON: usize = 4000;

/// A verdict as the form gives it.
#[derive(Clone, Copy, Debug, Default)]
pub struct GivenVerdict<'a> {
    /// `approve`, `return` or `reject`.
    pub decision: &'a str,
    /// For an approval: what counts, in the notation of reports; empty means as reported.
    pub quantity: &'a str,
    /// For a return or a rejection: the kind of reason.
    pub reason_code: &'a str,
    /// In words.
    pub reason: &'a str,
}

impl GivenVerdict<'_> {
    /// Reads it for a report of a category.
    ///
    /// # Errors
    /// `ActionError::Invalid` with every message, in the order of the form.
    pub fn read(&self, category: Category) -> Result<Verdict, ActionError> {
        let mut problems = Vec::new();
        let reason = self.reason.trim().to_owned();
        let code = ReasonCode::from_code(self.reason_code);
        let mut awarded = None;
        let negative = matches!(self.decision, "return" | "reject");
        if self.decision == "approve" && !self.quantity.trim().is_empty() {
            match Quantity::parse(category, self.quantity) {
                Ok(quantity) => awarded = Some(quantity),
                Err(problem) => problems.push(("quantity", problem.to_string())),
            }
        } else if !negative && self.decision != "approve" {
            problems.push(("decision", "Choose what to do with this report.".to_owned()));
        }
        if negative && code.is_none() {
            problems.push(("reason_code", VerdictError::CodeMissing.to_string()));
        }
        if negative && reason.is_empty() {
            problems.push(("reason", VerdictError::ReasonMissing.to_string()));
        }
        if reason.chars().count() > LONGEST_REASON {
            problems.push(("reason", format!("Use at most {LONGEST_REASON} characters.")));
        }
        match (problems.is_empty(), self.decision, code) {
            (true, "return", Some(code)) => Ok(Verdict::Return { code, reason }),
            (true, "reject", Some(code)) => Ok(Verdict::Reject { code, reason }),
            (true, _, _) => Ok(Verdict::Approve { awarded, reason }),
            (false, _, _) => Err(ActionError::Invalid(problems)),
        }
    }
}

/// Reviews one report, under the condition that it is still as the reviewer saw it.
///
/// # Errors
/// `ActionError::Invalid` and `Verdict` with what to say, `NotFound`, and `StoreError::Changed` when somebody was first.
pub fn review(
    portal: &Portal,
    reviewer: Actor,
    activity: ActivityId,
    version: i64,
    given: &GivenVerdict<'_>,
) -> Result<Verdict, ActionError> {
    let (today, now) = (portal.clock.today(), portal.clock.now());
    portal.store.write(|conn| {
        let found = activities::find(conn, activity)?.ok_or(ActionError::NotFound)?;
        let category = found.facts.category.ok_or(ActionError::Verdict(VerdictError::NotWaiting))?;
        let verdict = given.read(category)?;
        review_within(conn, portal, reviewer, activity, version, verdict, today, now)
    })
}

/// The part of a write that reviews one report; gives the verdict as it was recorded.
///
/// # Errors
/// As [`review`].
#[expect(clippy::too_many_arguments, reason = "who decides what about which version when; nothing to bundle")]
pub fn review_within(
    conn: &mut Conn<'_>,
    portal: &Portal,
    reviewer: Actor,
    activity: ActivityId,
    version: i64,
    verdict: Verdict,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<Verdict, ActionError> {
    let policies = policies::all(conn)?;
    let activity = activities::find(conn, activity)?.ok_or(ActionError::NotFound)?;
    let before = files::of_holder(conn, activity.holder, today)?;
    let verdict = record(conn, reviewer, &activity, version, verdict, now)?;
    let after = files::of_holder(conn, activity.holder, today)?;
    queue::refresh(conn, &after, &policies)?;
    let told = Told { portal, policies: &policies, now, today };
    told.tell_verdict(conn, &after, &activity, &verdict)?;
    told.tell_minimums(conn, &before, &after)?;
    Ok(verdict)
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
}

/// One report in the result of a bulk approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkLine {
    /// The report.
    pub activity: ActivityId,
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub holder_name: String,
}

/// Approves several reports as they were reported. Each is checked by itself: those that changed meanwhile, and the reviewer's own, are
/// left as they are and named. A holder gets one mail about all of theirs.
///
/// # Errors
/// `ActionError::Store`; then none is approved.
pub fn approve_all(portal: &Portal, reviewer: Actor, ticked: &[Ticked]) -> Result<BulkResult, ActionError> {
    let (today, now) = (portal.clock.today(), portal.clock.now());
    portal.store.write(|conn| approve_within(conn, portal, reviewer, ticked, today, now))
}

/// The part of a write that approves several reports.
///
/// # Errors
/// As [`approve_all`].
pub fn approve_within(
    conn: &mut Conn<'_>,
    portal: &Portal,
    reviewer: Actor,
    ticked: &[Ticked],
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<BulkResult, ActionError> {
    let policies = policies::all(conn)?;
    let told = Told { portal, policies: &policies, now, today };
    let mut result = BulkResult::default();
    let mut holders: BTreeMap<HolderId, (HolderFile, Vec<Activity>)> = BTreeMap::new();
    for tick in ticked {
        let Some(activity) = activities::find(conn, tick.activity)? else { continue };
        let holder = accounts::find(conn, activity.holder)?.ok_or(ActionError::NotFound)?;
        let line = BulkLine {
            activity: activity.id,
            title: activity.facts.title.clone(),
            holder_name: holder.name,
        };
        if !holders.contains_key(&activity.holder) {
            holders
                .insert(activity.holder, (files::of_holder(conn, activity.holder, today)?, Vec::new()));
        }
        let as_reported = Verdict::Approve { awarded: None, reason: String::new() };
        match record(conn, reviewer, &activity, tick.version, as_reported, now) {
            Ok(_) => {
                if let Some((_, approved)) = holders.get_mut(&activity.holder) {
                    approved.push(activity);
                }
                result.approved.push(line);
            }
            Err(ActionError::Verdict(refusal)) => result.skipped.push((line, refusal.to_string())),
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
        let after = files::of_holder(conn, *holder, today)?;
        queue::refresh(conn, &after, &policies)?;
        let as_reported: Vec<(&Activity, Option<Award>)> = approved.iter().map(|a| (a, None)).collect();
        told.tell_approved(conn, &after, &as_reported)?;
        told.tell_minimums(conn, before, &after)?;
    }
    Ok(result)
}

/// Checks and records one verdict: the activity, the review and the history, but neither queue nor mails.
fn record(
    conn: &mut Conn<'_>,
    reviewer: Actor,
    activity: &Activity,
    version: i64,
    verdict: Verdict,
    now: NaiveDateTime,
) -> Result<Verdict, ActionError> {
    if activity.version != version {
        return Err(StoreError::Changed.into());
    }
    let verdict = checked_verdict(verdict, reviewer, activity.holder, activity.status, &activity.facts)?;
    let (awarded, decided_at, event) = match &verdict {
        Verdict::Approve { awarded, .. } => (*awarded, Some(now), "activity approved"),
        Verdict::Return { .. } => (None, None, "activity returned"),
        Verdict::Reject { .. } => (None, Some(now), "activity rejected"),
    };
    let change = Change {
        before: activity,
        status: verdict.status(),
        facts: &activity.facts,
        awarded,
        reported_at: activity.reported_at,
        decided_at,
    };
    activities::change(conn, &change, now)?;
    reviews::add(conn, activity.id, activity.version, &verdict, Some(reviewer.id), now)?;
    let event = Event {
        actor: Some(reviewer.id),
        event,
        holder: Some(activity.holder),
        activity: Some(activity.id),
        detail: in_words(&verdict),
        ..Event::default()
    };
    history::record(conn, &event, now)?;
    Ok(verdict)
}

fn in_words(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Approve { awarded: Some(awarded), reason } => format!("{awarded} awarded: {}", reason.trim()),
        Verdict::Approve { .. } => String::new(),
        Verdict::Return { code, reason } | Verdict::Reject { code, reason } => {
            format!("{}: {}", code.label(), reason.trim())
        }
    }
}

/// What the mails of a review need.
struct Told<'a> {
    portal: &'a Portal,
    policies: &'a Policies,
    now: NaiveDateTime,
    today: NaiveDate,
}

impl Told<'_> {
    fn tell_verdict(
        &self,
        conn: &mut Conn<'_>,
        after: &HolderFile,
        activity: &Activity,
        verdict: &Verdict,
    ) -> Result<(), ActionError> {
        let title = activity.facts.title.clone();
        let notice = match verdict {
            Verdict::Approve { awarded, reason } => {
                let award = awarded.zip(activity.facts.quantity).map(|(awarded, reported)| Award {
                    reported,
                    awarded,
                    reason: reason.clone(),
                });
                return self.tell_approved(conn, after, &[(activity, award)]);
            }
            Verdict::Return { code, reason } => Notice::from(Returned {
                activity: activity.id,
                title,
                code: *code,
                reason: reason.clone(),
            }),
            Verdict::Reject { code, reason } => Notice::from(Rejected {
                activity: activity.id,
                title,
                code: *code,
                reason: reason.clone(),
            }),
        };
        self.send(conn, activity.holder, &notice).map(|_| ())
    }

    /// One mail about all reports of a holder that were approved together.
    fn tell_approved(
        &self,
        conn: &mut Conn<'_>,
        after: &HolderFile,
        approved: &[(&Activity, Option<Award>)],
    ) -> Result<(), ActionError> {
        let shares = shares(after, self.policies);
        let earned = |id: ActivityId| {
            let found = after.reports.iter().zip(&shares).find(|(report, _)| report.id == id);
            found.map_or_else(Default::default, |(_, share)| share.credits)
        };
        let activities = approved
            .iter()
            .map(|(activity, award)| ApprovedActivity {
                title: activity.facts.title.clone(),
                completed_on: activity.facts.completed_on.unwrap_or(self.today),
                credits: earned(activity.id),
                award: award.clone(),
            })
            .collect();
        self.send(conn, after.holder, &Approved { activities }.into()).map(|_| ())
    }

    /// Reaching the minimum for a year by an approval is confirmed once for that year, in one mail for all years that reached theirs.
    fn tell_minimums(
        &self,
        conn: &mut Conn<'_>,
        before: &HolderFile,
        after: &HolderFile,
    ) -> Result<(), ActionError> {
        let unmet_before = unmet_years(before, self.policies);
        let unmet_after = unmet_years(after, self.policies);
        let shares = shares(after, self.policies);
        let mut reached = Vec::new();
        let mut lines = Vec::new();
        for (certificate_id, number) in unmet_before.into_iter().filter(|year| !unmet_after.contains(year)) {
            let certificate = after.certificates.iter().find(|c| c.certificate.id == certificate_id);
            let Some(certificate) = certificate else { continue };
            let Some(index) = certificate.index_of(number) else { continue };
            let Some(year) = certificate.years.get(index).filter(|year| year.settlement.is_none()) else {
                continue;
            };
            if reviews::minimum_was_told(conn, certificate_id, number)? {
                continue;
            }
            // after a long pause the calendar may be ahead of the rows
            add_missing_years(conn, certificate, self.policies)?;
            let sums = year_ledger(after, &shares, certificate, index, self.policies).sums;
            lines.push(year_line(certificate, year, &sums));
            reached.push((certificate_id, number));
        }
        if reached.is_empty() {
            return Ok(());
        }
        let mail = self.send(conn, after.holder, &MinimumReached { years: lines }.into())?;
        for (certificate, number) in reached {
            reviews::record_minimum_told(conn, certificate, number, mail, self.now)?;
        }
        Ok(())
    }

    fn send(
        &self,
        conn: &mut Conn<'_>,
        holder: HolderId,
        notice: &Notice,
    ) -> Result<MailId, ActionError> {
        let account: Account = accounts::find(conn, holder)?.ok_or(ActionError::NotFound)?;
        let rendered = notice.render(&Letter::new(&account.name, &self.portal.config))?;
        post(conn, self.portal, &account, &rendered, self.now)
    }
}

/// Unsettled years whose approved credits are below their minimum.
fn unmet_years(file: &HolderFile, policies: &Policies) -> Vec<(CertificateId, i64)> {
    let shares = shares(file, policies);
    let mut unmet = Vec::new();
    for certificate in &file.certificates {
        for (index, year) in certificate.years.iter().enumerate() {
            if year.settlement.is_none() && !year_ledger(file, &shares, certificate, index, policies).sums.met()
            {
                unmet.push((year.certificate, year.number));
            }
        }
    }
    unmet
}
