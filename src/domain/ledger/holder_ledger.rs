//! The ledger of one holder as one value: what every report earns, worked out once, and every certification year with its sums and its
//! standing. Pages, mails, files and runs ask here, so that they can never disagree.

use chrono::NaiveDate;

use super::{CertificateFile, HolderFile, Line, Share, Sums, YearLedger, shares, year_ledger};
use crate::domain::certification::certificate::CertificationYear;
use crate::domain::certification::policy::Policies;
use crate::domain::certification::standing::{YearStanding, year_standing};
use crate::domain::certification::year_status::{YearStatus, years_that_matter};
use crate::domain::ids::{ActivityId, CertificateId, YearId};

/// The ledger of one holder on one day.
#[derive(Clone, Debug)]
pub struct HolderLedger<'a> {
    record: &'a HolderFile,
    policies: &'a Policies,
    today: NaiveDate,
    /// In the order of `record.reports`.
    shares: Vec<Share>,
}

/// A certification year in the ledger.
#[derive(Clone, Debug)]
pub struct LedgerYear<'a> {
    /// Its certificate, with every year of it.
    pub certificate: &'a CertificateFile,
    /// Where it stands in `certificate.years`.
    pub index: usize,
    /// The year itself.
    pub year: &'a CertificationYear,
    /// Its sums.
    pub sums: Sums,
    /// How each report was counted, in the order of the reports.
    pub lines: Vec<Line<'a>>,
    /// Where it stands.
    pub standing: YearStanding,
}

impl<'a> HolderLedger<'a> {
    /// Works out what every report of a holder earns (G2–G7); the years are worked out as they are asked for.
    #[must_use]
    pub fn new(record: &'a HolderFile, policies: &'a Policies, today: NaiveDate) -> HolderLedger<'a> {
        HolderLedger { record, policies, today, shares: shares(record, policies) }
    }

    /// The recorded facts that it is worked out from.
    #[must_use]
    pub const fn record(&self) -> &'a HolderFile {
        self.record
    }

    /// The policies by which it is worked out.
    #[must_use]
    pub const fn policies(&self) -> &'a Policies {
        self.policies
    }

    /// The day on which its years stand so.
    #[must_use]
    pub const fn today(&self) -> NaiveDate {
        self.today
    }

    /// Every report that may count, with what it earns before the question of which year it falls into.
    pub fn lines(&self) -> impl Iterator<Item = Line<'a>> {
        let reports = self.record.reports.iter().zip(&self.shares);
        reports.map(|(report, share)| Line { report, share: *share, counts: share.credits })
    }

    /// What one report earns; nothing when it cannot count (a draft, rejected, withdrawn).
    #[must_use]
    pub fn line(&self, activity: ActivityId) -> Option<Line<'a>> {
        self.lines().find(|line| line.report.id == activity)
    }

    /// Every year of every certificate, the certificates in their order, the earliest year first.
    pub fn years(&self) -> impl Iterator<Item = LedgerYear<'a>> {
        self.record.certificates.iter().flat_map(|certificate| self.years_of(certificate))
    }

    /// Every year of a certificate of the holder, the earliest first.
    pub fn years_of(
        &self,
        certificate: &'a CertificateFile,
    ) -> impl DoubleEndedIterator<Item = LedgerYear<'a>> {
        (0..certificate.years.len()).filter_map(|index| self.year_at(certificate, index))
    }

    /// One year of a certificate, by its place in `certificate.years`.
    #[must_use]
    pub fn year_at(&self, certificate: &'a CertificateFile, index: usize) -> Option<LedgerYear<'a>> {
        let year = certificate.years.get(index)?;
        let YearLedger { sums, lines } =
            year_ledger(self.record, &self.shares, certificate, index, self.policies);
        let standing = year_standing(year, &sums, self.policies, self.today);
        Some(LedgerYear { certificate, index, year, sums, lines, standing })
    }

    /// One year.
    #[must_use]
    pub fn year(&self, (certificate, number): YearId) -> Option<LedgerYear<'a>> {
        let certificate = self.record.certificate(certificate)?;
        self.year_at(certificate, certificate.index_of(number)?)
    }

    /// The year of a certificate that an activity completed on `day` counts for, settled or not (G10).
    #[must_use]
    pub fn year_for(&self, certificate: &'a CertificateFile, day: NaiveDate) -> Option<LedgerYear<'a>> {
        self.year_at(certificate, certificate.year_for(day)?)
    }

    /// The year of a certificate that is in progress today, by the calendar.
    #[must_use]
    pub fn current_year(&self, certificate: CertificateId) -> Option<LedgerYear<'a>> {
        let certificate = self.record.certificate(certificate)?;
        self.year_at(certificate, certificate.index_of(certificate.current_year(self.today)?.number)?)
    }

    /// Every year that is not settled.
    pub fn unsettled(&self) -> impl Iterator<Item = LedgerYear<'a>> {
        let places = self.record.certificates.iter().flat_map(|certificate| {
            let years = certificate.years.iter().enumerate();
            years.filter(|(_, year)| year.settlement.is_none()).map(move |(index, _)| (certificate, index))
        });
        places.filter_map(|(certificate, index)| self.year_at(certificate, index))
    }

    /// Every year that is not settled and whose approved credits are below its minimum (E < minimum, G1).
    pub fn unmet(&self) -> impl Iterator<Item = LedgerYear<'a>> {
        self.unsettled().filter(|year| !year.sums.met())
    }

    /// The years of a certificate that have begun and are not settled, the earliest first; the one in progress when all are settled.
    pub fn years_that_matter(
        &self,
        certificate: &'a CertificateFile,
    ) -> impl Iterator<Item = LedgerYear<'a>> {
        let places = years_that_matter(certificate, self.today).into_iter();
        places.filter_map(|index| self.year_at(certificate, index))
    }
}

impl<'a> LedgerYear<'a> {
    /// Its certificate and number.
    #[must_use]
    pub const fn id(&self) -> YearId {
        (self.year.certificate, self.year.number)
    }

    /// What people are told of it.
    #[must_use]
    pub fn status(&self) -> YearStatus {
        YearStatus::of(self.standing, &self.sums)
    }

    /// How a report was counted in it.
    #[must_use]
    pub fn line(&self, activity: ActivityId) -> Option<&Line<'a>> {
        self.lines.iter().find(|line| line.report.id == activity)
    }

    /// The year before it of the same certificate.
    #[must_use]
    pub fn before(&self) -> Option<&'a CertificationYear> {
        self.certificate.years.get(self.index.checked_sub(1)?)
    }
}
