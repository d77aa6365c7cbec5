//! What a report will count for, before it is submitted: the same ledger, with the report added.

use chrono::NaiveDate;

use super::activity::Report;
use super::certificate::{Certificate, CertificationYear, Outcome};
use super::ledger::{HolderFile, Line, Sums, shares, year_ledger};
use super::policy::Policies;

/// What a report would count for one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The certificate.
    pub certificate: Certificate,
    /// What it counts there, or why it does not.
    pub counts: Result<Counts, NotCounted>,
}

/// What a report would count in a certification year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// The year.
    pub year: CertificationYear,
    /// How it is counted: by rate, then by the publication's cap.
    pub line: Line,
    /// The year's sums with the report in it.
    pub sums: Sums,
}

/// Why a report counts nothing for a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotCounted {
    /// Foundation needs no credits (G1).
    NeedsNone,
    /// Completed before the certificate was granted, on this day.
    BeforeGrant(NaiveDate),
    /// The certificate was not active on that day (G10).
    NotActive,
    /// The year it falls into was settled on this day.
    Settled(NaiveDate),
    /// The year it falls into was over before the portal took the certificate over.
    BeforeTakeover,
    /// Completed after today.
    Future,
}

impl HolderFile {
    /// The file with one more report, in its place; a report with the same id is replaced.
    #[must_use]
    pub fn with(&self, report: Report) -> HolderFile {
        let mut file = self.clone();
        file.reports.retain(|other| other.id != report.id);
        let place = file.reports.partition_point(|other| other.order() < report.order());
        file.reports.insert(place, report);
        file
    }
}

/// What `report` would count for each certificate of the holder, in the order of the certificates (G10). A report that is in the file
/// already is taken as replaced.
pub fn preview(file: &HolderFile, report: &Report, policies: &Policies, today: NaiveDate) -> Vec<Preview> {
    let file = file.with(report.clone());
    let shares = shares(&file, policies);
    let counts = |certificate: &super::ledger::CertificateFile| {
        let day = report.completed_on;
        if !certificate.certificate.needs_cpe() {
            return Err(NotCounted::NeedsNone);
        }
        if day > today {
            return Err(NotCounted::Future);
        }
        if day < certificate.certificate.granted_on {
            return Err(NotCounted::BeforeGrant(certificate.certificate.granted_on));
        }
        let index = certificate.year_for(day).ok_or(NotCounted::NotActive)?;
        let year = certificate.years.get(index).ok_or(NotCounted::NotActive)?;
        if let Some(settlement) = year.settlement {
            return Err(match settlement.outcome {
                Outcome::BeforeTakeover => NotCounted::BeforeTakeover,
                _ => NotCounted::Settled(settlement.settled_on),
            });
        }
        let ledger = year_ledger(&file, &shares, certificate, index, policies);
        let line = ledger.lines.into_iter().find(|line| line.activity == report.id);
        line.map(|line| Counts { year: year.clone(), line, sums: ledger.sums }).ok_or(NotCounted::NotActive)
    };
    file.certificates
        .iter()
        .map(|certificate| Preview {
            certificate: certificate.certificate.clone(),
            counts: counts(certificate),
        })
        .collect()
}
