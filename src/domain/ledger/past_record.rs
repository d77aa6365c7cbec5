//! A holder's record as it stood at the end of a day of the past. What it gives goes through the same ledger as the record of today, so
//! that a statement about a day says what the pages said on it.

use chrono::{NaiveDate, NaiveDateTime};

use super::{Counted, HolderFile};
use crate::domain::activities::activity::Report;
use crate::domain::activities::past_reports::{KeptReport, PastReport};
use crate::domain::certification::past_years::{KeptCertificate, PastCertificate, YearDoubt};
use crate::domain::certification::policy::Policies;
use crate::domain::ids::{CertificateId, HolderId};

/// What is kept of one holder.
#[derive(Clone, Debug)]
pub struct KeptRecord {
    /// Whose.
    pub holder: HolderId,
    /// The certificates, each with what changed it.
    pub certificates: Vec<KeptCertificate>,
    /// The activities, each with its versions and verdicts.
    pub reports: Vec<KeptReport>,
    /// What settled years have counted.
    pub counted: Vec<Counted>,
}

/// A day of the past, and when it was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastDay {
    /// The day, in the body's time zone.
    pub day: NaiveDate,
    /// The instant (UTC) at which the next one began.
    pub until: NaiveDateTime,
}

/// A holder's record as it stood.
#[derive(Clone, Debug)]
pub struct PastRecord {
    /// What the ledger is worked out from.
    pub file: HolderFile,
    /// Everything that had been reported, whether it counted or not, the latest first.
    pub reports: Vec<PastReport>,
    /// What is not certain about the years of a certificate.
    pub doubts: Vec<(CertificateId, YearDoubt)>,
}

impl KeptRecord {
    /// The record at the end of a day.
    #[must_use]
    pub fn as_on(&self, day: PastDay, policies: &Policies) -> PastRecord {
        let mut certificates: Vec<PastCertificate> =
            self.certificates.iter().filter_map(|kept| kept.as_on(day.day, policies)).collect();
        certificates.sort_by_key(|past| {
            let holds = &past.file.certificate;
            (holds.granted_on, holds.id)
        });
        let mut past: Vec<PastReport> =
            self.reports.iter().filter_map(|kept| kept.as_on(day.until)).collect();
        past.sort_by_key(|report| {
            let completed_on = report.facts.as_ref().and_then(|facts| facts.completed_on);
            std::cmp::Reverse((completed_on, report.id))
        });
        let mut reports: Vec<Report> = past.iter().filter_map(PastReport::report).collect();
        reports.sort_by_key(Report::order);
        let settled = |counted: &&Counted| {
            let of = |past: &&PastCertificate| past.file.certificate.id == counted.certificate;
            certificates.iter().find(of).is_some_and(|past| past.counted.contains(&counted.year))
        };
        let counted = self.counted.iter().filter(settled).copied().collect();
        let doubts = certificates
            .iter()
            .flat_map(|past| past.doubts.iter().map(|doubt| (past.file.certificate.id, *doubt)))
            .collect();
        let certificates = certificates.into_iter().map(|past| past.file).collect();
        PastRecord {
            file: HolderFile { holder: self.holder, certificates, reports, counted },
            reports: past,
            doubts,
        }
    }
}
