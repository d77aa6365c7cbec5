//! What a report will count for, before it is submitted: the same ledger, with the report added.

use chrono::NaiveDate;

use super::holder_ledger::HolderLedger;
use super::{HolderFile, Share, Sums};
use crate::domain::activities::activity::Report;
use crate::domain::activities::credits::Credits;
use crate::domain::activities::eligibility::Unusable;
use crate::domain::certification::certificate::{Certificate, CertificationYear};
use crate::domain::certification::policy::Policies;

/// What a report would count for one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The certificate.
    pub certificate: Certificate,
    /// What it counts there, or why it does not.
    pub counts: Result<PreviewCounts, Unusable>,
}

/// What a report would count in a certification year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewCounts {
    /// The year.
    pub year: CertificationYear,
    /// What it earns: by rate, then by the publication's cap.
    pub share: Share,
    /// What it counts.
    pub credits: Credits,
    /// The year's sums with the report in it.
    pub sums: Sums,
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
    let ledger = HolderLedger::new(&file, policies, today);
    let counts = |certificate: &super::CertificateFile| {
        let index = certificate.usable_year(report.completed_on, today)?;
        let year = ledger.year_at(certificate, index).ok_or(Unusable::NotActive)?;
        let line = year.line(report.id).ok_or(Unusable::NotActive)?;
        Ok(PreviewCounts {
            year: year.year.clone(),
            share: line.share,
            credits: line.counts,
            sums: year.sums,
        })
    };
    file.certificates
        .iter()
        .map(|certificate| Preview {
            certificate: certificate.certificate.clone(),
            counts: counts(certificate),
        })
        .collect()
}
