//! What people are told of a certification year and of a certificate: before the deadline what a year still needs, after it where it stands; and of
//! a certificate's years the one that presses most. Pages and files ask here, so that they say the same.

use chrono::NaiveDate;

use super::certificate::Outcome;
use super::ending::EndingKind;
use super::ledger::{CertificateFile, HolderFile, Share, Sums, year_ledger};
use super::policy::Policies;
use super::standing::{YearStanding, year_standing};

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
    const fn urgency(self) -> u8 {
        match self {
            YearStatus::Standing(
                YearStanding::Flagged { .. } | YearStanding::Settled(Outcome::Decertified),
            ) => 5,
            YearStatus::Standing(YearStanding::Short) => 4,
            YearStatus::Covered | YearStatus::Standing(YearStanding::AwaitingReview) => 3,
            // its deadline comes before that of the year after it
            YearStatus::Standing(YearStanding::Extended) => 2,
            YearStatus::Standing(YearStanding::Open | YearStanding::Settled(Outcome::Waived)) => 1,
            YearStatus::Reached | YearStatus::Standing(_) => 0,
        }
    }
}

/// What people are told of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateStatus {
    /// It has ended, in this way.
    Ended(EndingKind),
    /// It needs no credits.
    NeverExpires,
    /// What is told of its most pressing year: where that stands in `years`, its status and its sums.
    Year(usize, YearStatus, Sums),
    /// No year of it has begun.
    NotBegun,
}

impl CertificateStatus {
    /// Where a certificate stands, with fresh sums.
    #[must_use]
    pub fn of(
        file: &HolderFile,
        shares: &[Share],
        certificate: &CertificateFile,
        policies: &Policies,
        today: NaiveDate,
    ) -> CertificateStatus {
        if let Some(ending) = certificate.certificate.ending() {
            return CertificateStatus::Ended(ending.kind);
        }
        if !certificate.certificate.needs_cpe() {
            return CertificateStatus::NeverExpires;
        }
        let status = |index: usize| {
            let year = certificate.years.get(index)?;
            let sums = year_ledger(file, shares, certificate, index, policies).sums;
            let status = YearStatus::of(year_standing(year, &sums, policies, today), &sums);
            Some((index, status, sums))
        };
        let years = years_that_matter(certificate, today).into_iter().filter_map(status);
        let pressing = years.max_by_key(|(_, status, _)| status.urgency());
        pressing.map_or(CertificateStatus::NotBegun, |(index, status, sums)| {
            CertificateStatus::Year(index, status, sums)
        })
    }

    /// In words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            CertificateStatus::Ended(kind) => kind.label(),
            CertificateStatus::NeverExpires => "Never expires",
            CertificateStatus::Year(_, status, _) => status.label(),
            CertificateStatus::NotBegun => "Open",
        }
    }
}

/// The years that have begun and are not settled, the earliest first; the one in progress when all are settled. As positions in `years`.
#[must_use]
pub fn years_that_matter(certificate: &CertificateFile, today: NaiveDate) -> Vec<usize> {
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
