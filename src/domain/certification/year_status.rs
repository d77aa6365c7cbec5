//! What people are told of a certification year: before the deadline what it still needs, after it where it stands. Pages and files ask
//! here, so that they say the same.

use chrono::NaiveDate;

use super::certificate::YearOutcome;
use super::standing::YearStanding;
use crate::domain::ledger::{CertificateFile, Sums};

/// What people are told of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum YearStatus {
    /// The deadline has not passed, and approved credits meet the minimum.
    Reached,
    /// The deadline has not passed, and approved credits and those that wait meet the minimum together.
    Covered,
    /// Anything else.
    Standing(YearStanding),
}

impl YearStatus {
    /// What is told of a year that stands so, with these sums.
    #[must_use]
    pub fn of(standing: YearStanding, sums: &Sums) -> YearStatus {
        match standing {
            YearStanding::Open | YearStanding::Extended if sums.met() => YearStatus::Reached,
            YearStanding::Open | YearStanding::Extended if sums.covered() => YearStatus::Covered,
            other => YearStatus::Standing(other),
        }
    }

    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            YearStatus::Reached => "Minimum reached",
            YearStatus::Covered => "Covered by waiting reports",
            YearStatus::Standing(standing) => standing.label(),
        }
    }

    /// How much it presses; the most pressing of its years speaks for a certificate.
    pub(in crate::domain) const fn urgency(self) -> u8 {
        match self {
            YearStatus::Standing(
                YearStanding::Flagged { .. } | YearStanding::Settled(YearOutcome::Decertified),
            ) => 5,
            YearStatus::Standing(YearStanding::Short) => 4,
            YearStatus::Covered | YearStatus::Standing(YearStanding::AwaitingReview) => 3,
            // its deadline comes before that of the year after it
            YearStatus::Standing(YearStanding::Extended) => 2,
            YearStatus::Standing(YearStanding::Open | YearStanding::Settled(YearOutcome::Waived)) => 1,
            YearStatus::Reached | YearStatus::Standing(_) => 0,
        }
    }
}

/// The years that have begun and are not settled, the earliest first; the one in progress when all are settled. As positions in `years`.
#[must_use]
pub(in crate::domain) fn years_that_matter(certificate: &CertificateFile, today: NaiveDate) -> Vec<usize> {
    let years = || certificate.years.iter().enumerate();
    let unsettled: Vec<usize> = years()
        .filter(|(_, year)| year.settlement.is_none() && year.starts_on <= today)
        .map(|(index, _)| index)
        .collect();
    if unsettled.is_empty() {
        return years().find(|(_, year)| year.contains(today)).map(|(index, _)| index).into_iter().collect();
    }
    unsettled
}
