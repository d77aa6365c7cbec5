//! What people are told of a certificate: of its years the one that presses most. Pages and files ask here, so that they say the same.

use super::ending::EndingKind;
use super::year_status::YearStatus;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::ledger::{CertificateFile, Sums};

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
    pub fn of(ledger: &HolderLedger<'_>, certificate: &CertificateFile) -> CertificateStatus {
        if let Some(ending) = certificate.certificate.ending() {
            return CertificateStatus::Ended(ending.kind);
        }
        if !certificate.certificate.needs_cpe() {
            return CertificateStatus::NeverExpires;
        }
        let years = ledger.years_that_matter(certificate);
        let pressing = years.max_by_key(|year| year.status().urgency());
        pressing.map_or(CertificateStatus::NotBegun, |year| {
            CertificateStatus::Year(year.index, year.status(), year.sums)
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
