//! What a report said and where it stood at a moment of the past, by what is kept of it: its versions, the verdicts on them, and what was
//! taken back. Each of these made the next version, so their numbers say which came after which.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::NaiveDateTime;

use super::activity::{Activity, ActivityStatus, Facts, Report};
use super::quantity::Quantity;
use super::review::ReviewDecision;
use crate::domain::ids::ActivityId;

/// What is kept of a report's life.
#[derive(Clone, Debug)]
pub struct KeptReport {
    /// The report as it is now.
    pub now: Activity,
    /// What it said, version by version.
    pub versions: Vec<KeptVersion>,
    /// The verdicts on it.
    pub verdicts: Vec<KeptVerdict>,
    /// When a verdict or a question was taken back (UTC), in order.
    pub taken_back: Vec<NaiveDateTime>,
    /// When an import brought it in (UTC), and as what.
    pub imported: Option<(NaiveDateTime, ActivityStatus)>,
}

/// A version of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptVersion {
    /// 1, 2 …
    pub number: i64,
    /// When it was written (UTC).
    pub at: NaiveDateTime,
    /// Where the report stood with it.
    pub status: ActivityStatus,
    /// What it said.
    pub facts: Facts,
    /// What an import said was awarded.
    pub award: KeptAward,
}

/// What is kept of an award that came with a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptAward {
    /// So much, in the category's unit; nothing when it counts as reported.
    Known(Option<i64>),
    /// Versions of earlier days did not say it.
    Unknown,
}

/// A verdict on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeptVerdict {
    /// The version that was looked at; the verdict made the next one.
    pub on_version: i64,
    /// When (UTC).
    pub at: NaiveDateTime,
    /// What was decided.
    pub decision: ReviewDecision,
    /// What was awarded when it differs from what was reported, in the category's unit.
    pub awarded: Option<i64>,
}

/// A report as it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastReport {
    /// Which.
    pub id: ActivityId,
    /// Where it stood.
    pub status: ActivityStatus,
    /// What it said; `None` when that is not kept.
    pub facts: Option<Facts>,
    /// What had been awarded, when that differs from what was reported.
    pub awarded: Option<Quantity>,
    /// When it was first reported (UTC).
    pub reported_at: NaiveDateTime,
    /// Whether all of this is kept. What is not cannot be counted.
    pub known: bool,
}

impl PastReport {
    /// What the ledger counted of it; nothing of a report that does not count, or of which too little is known.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        if !self.known || !self.status.counts() {
            return None;
        }
        let report = self.facts.as_ref()?.report(self.id, self.status, self.reported_at)?;
        Some(Report { awarded: self.awarded, ..report })
    }
}

/// What one version changed.
#[derive(Clone, Copy)]
struct Step<'a> {
    at: NaiveDateTime,
    status: ActivityStatus,
    /// What the report says from then on; `None` where that stays, or is not kept.
    facts: Option<&'a Facts>,
    award: KeptAward,
}

impl KeptReport {
    /// The report as it stood before `until` (UTC); `None` when it was not reported yet. A draft is its holder's own affair.
    #[must_use]
    pub fn as_on(&self, until: NaiveDateTime) -> Option<PastReport> {
        let steps = self.steps();
        let taken: Vec<&Step<'_>> = steps.values().take_while(|step| step.at < until).collect();
        let last = taken.last()?;
        let reported = |step: &&&Step<'_>| step.status.counts() || step.status == ActivityStatus::Rejected;
        let reported_at = taken.iter().find(reported)?.at;
        let facts = taken.iter().rev().find_map(|step| step.facts);
        let amount = match last.award {
            KeptAward::Known(amount) => amount,
            KeptAward::Unknown => None,
        };
        let category = facts.and_then(|facts| facts.category);
        let awarded = category.zip(amount).and_then(|(kind, amount)| Quantity::new(amount, kind.unit()).ok());
        Some(PastReport {
            id: self.now.id,
            status: last.status,
            known: facts.is_some()
                && last.award != KeptAward::Unknown
                && awarded.is_some() == amount.is_some(),
            facts: facts.cloned(),
            awarded,
            reported_at,
        })
    }

    /// What each version changed, by its number.
    fn steps(&self) -> BTreeMap<i64, Step<'_>> {
        let mut steps = BTreeMap::new();
        for kept in &self.versions {
            let award = if self.now.version == 1 { self.award_now() } else { kept.award };
            let (at, status, facts) = (kept.at, kept.status, Some(&kept.facts));
            steps.insert(kept.number, Step { at, status, facts, award });
        }
        for verdict in &self.verdicts {
            let (status, awarded) = match verdict.decision {
                ReviewDecision::Approve => (ActivityStatus::Approved, verdict.awarded),
                ReviewDecision::Return => (ActivityStatus::Returned, None),
                ReviewDecision::Reject => (ActivityStatus::Rejected, None),
            };
            let step = Step { at: verdict.at, status, facts: None, award: KeptAward::Known(awarded) };
            steps.insert(verdict.on_version.saturating_add(1), step);
        }
        if let Entry::Vacant(first) = steps.entry(1)
            && let Some(step) = self.first_without_version()
        {
            first.insert(step);
        }
        self.add_taken_back(&mut steps);
        steps
    }

    fn award_now(&self) -> KeptAward {
        KeptAward::Known(self.now.awarded.map(Quantity::amount))
    }

    /// How a report began whose first version is not kept: imports of earlier days kept none.
    fn first_without_version(&self) -> Option<Step<'_>> {
        // every change of what it says is kept, so without one it says what it said
        let facts = self.versions.is_empty().then_some(&self.now.facts);
        if self.now.version == 1 {
            let (at, status) = (self.now.created_at, self.now.status);
            return Some(Step { at, status, facts, award: self.award_now() });
        }
        let (at, status) = self.imported?;
        let undecided = status != ActivityStatus::Approved;
        let award = if undecided { KeptAward::Known(None) } else { KeptAward::Unknown };
        Some(Step { at, status, facts, award })
    }

    /// What is taken back makes a version that says nothing: it stands behind what was decided, where no other version does.
    fn add_taken_back(&self, steps: &mut BTreeMap<i64, Step<'_>>) {
        let decided = |step: &Step<'_>| {
            matches!(
                step.status,
                ActivityStatus::Returned | ActivityStatus::Approved | ActivityStatus::Rejected
            )
        };
        let places: Vec<i64> = steps
            .iter()
            .filter(|(_, step)| decided(step))
            .map(|(number, _)| number.saturating_add(1))
            .filter(|next| !steps.contains_key(next))
            .collect();
        for (place, at) in places.into_iter().zip(&self.taken_back) {
            let (at, status) = (*at, ActivityStatus::Submitted);
            steps.insert(place, Step { at, status, facts: None, award: KeptAward::Known(None) });
        }
    }
}
