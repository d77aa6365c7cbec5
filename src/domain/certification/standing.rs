//! Where a certification year and a certificate stand on a given day. Never stored: worked out from dates and recorded
//! decisions, because time alone changes it.

use chrono::NaiveDate;

use super::certificate::{CertificationYear, Settlement, YearOutcome};
use super::notice_period::NoticePeriod;
use super::policy::Policies;
use crate::domain::dates::{long_date, plus_days};
use crate::domain::ledger::{CertificateFile, Sums};

/// Days a badge stays valid after the deadline of the year in progress, so that nobody's badge fails before somebody has decided.
const BADGE_GRACE_DAYS: i64 = 90;

/// Where a year stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YearStanding {
    /// It has not started.
    Upcoming,
    /// Its deadline has not passed.
    Open,
    /// Its deadline was moved and has not passed.
    Extended,
    /// The deadline has passed, approved credits meet the minimum; the next run settles it.
    Met,
    /// The deadline has passed; undecided reports could meet the minimum. Nothing is held against the holder.
    AwaitingReview,
    /// The deadline has passed, too few credits, not flagged yet: the next run flags it, or it is held by the guard.
    Short,
    /// Flagged: decertification is proposed, people decide.
    Flagged {
        /// Since when.
        since: NaiveDate,
        /// Last day to answer.
        answer_until: NaiveDate,
        /// First day on which an administrator can confirm it.
        decide_from: NaiveDate,
    },
    /// Settled.
    Settled(YearOutcome),
}

impl YearStanding {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            YearStanding::Upcoming => "Not started",
            YearStanding::Open => "Open",
            YearStanding::Extended => "Extended",
            YearStanding::Met => "Minimum met",
            YearStanding::AwaitingReview => "Awaiting review",
            YearStanding::Short => "Deadline passed",
            YearStanding::Flagged { .. } => "Flagged",
            YearStanding::Settled(outcome) => outcome.label(),
        }
    }
}

/// Where a year stands on `today`, with fresh sums.
pub fn year_standing(
    year: &CertificationYear,
    sums: &Sums,
    policies: &Policies,
    today: NaiveDate,
) -> YearStanding {
    if let Some(Settlement { outcome, .. }) = year.settlement {
        return YearStanding::Settled(outcome);
    }
    if let Some(since) = year.flagged_on {
        let NoticePeriod { answer_until, decide_from, .. } =
            NoticePeriod::of(year.starts_on, since, policies);
        return YearStanding::Flagged { since, answer_until, decide_from };
    }
    if today < year.starts_on {
        YearStanding::Upcoming
    } else if today <= year.deadline {
        if year.extended() { YearStanding::Extended } else { YearStanding::Open }
    } else {
        match judge(sums) {
            Judgement::Recertified => YearStanding::Met,
            Judgement::AwaitingReview => YearStanding::AwaitingReview,
            Judgement::Short => YearStanding::Short,
        }
    }
}

/// What the sums say about a year whose deadline has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// E + P < minimum: to be flagged.
    Short,
    /// E + P ≥ minimum: nothing is held against the holder.
    AwaitingReview,
    /// E ≥ minimum.
    Recertified,
}

/// Judges a year whose deadline has passed (G11, G12; submission stops the clock).
pub fn judge(sums: &Sums) -> Judgement {
    if sums.met() {
        Judgement::Recertified
    } else if sums.covered() {
        Judgement::AwaitingReview
    } else {
        Judgement::Short
    }
}

/// The last day of a badge's validity: 90 days after the deadline of the year in progress; none for Foundation, which never
/// expires. The year in progress is the one that contains `today`, or an unsettled earlier one with a later deadline.
pub fn badge_valid_until(file: &CertificateFile, today: NaiveDate) -> Option<NaiveDate> {
    let current = file.current_year(today).map(|year| year.deadline);
    let unsettled = file
        .years
        .iter()
        .filter(|year| year.settlement.is_none() && year.starts_on <= today)
        .map(|year| year.deadline)
        .max();
    current.max(unsettled).map(|deadline| plus_days(deadline, BADGE_GRACE_DAYS))
}

/// Until when a badge is good, as people read it: the deadline that everybody knows, and the last day of the badge itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadgeTerm {
    /// The deadline of the year that was in progress when the badge was signed.
    pub deadline: NaiveDate,
    /// Its last day.
    pub last_day: NaiveDate,
}

impl BadgeTerm {
    /// Of a badge by its last day ([`badge_valid_until`]).
    #[must_use]
    pub fn of(last_day: NaiveDate) -> BadgeTerm {
        BadgeTerm { deadline: plus_days(last_day, -BADGE_GRACE_DAYS), last_day }
    }

    /// Why the badge runs longer than the deadline says: stands wherever its last day does, so that two days never contradict each other.
    #[must_use]
    pub fn why_longer(&self, today: NaiveDate) -> String {
        let last = long_date(self.last_day);
        if today <= self.deadline {
            format!(
                "The badge itself runs {BADGE_GRACE_DAYS} days longer, to {last}, so that there is time to decide about the next year."
            )
        } else if today <= self.last_day {
            format!(
                "That day has passed, and the year is being settled. The badge itself runs {BADGE_GRACE_DAYS} days longer, to {last}, so that there is time for it."
            )
        } else {
            format!("The badge itself ran {BADGE_GRACE_DAYS} days longer, to {last}.")
        }
    }
}
