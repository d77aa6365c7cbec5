//! A certification year as a notice tells it.

use crate::domain::certification::certificate::CertificationYear;
use crate::domain::ledger::holder_ledger::LedgerYear;
use crate::domain::ledger::{CertificateFile, Sums};
use crate::mail::{CertificateLine, YearLine};

/// The year with its figures.
pub fn year_line(year: &LedgerYear<'_>) -> YearLine {
    figures_line(year.certificate, year.year, &year.sums)
}

/// A year with figures of another moment: those it was judged by.
pub fn figures_line(certificate: &CertificateFile, year: &CertificationYear, sums: &Sums) -> YearLine {
    YearLine {
        certification_title: certificate.certificate.certification.title.clone(),
        certificate_number: certificate.certificate.number.clone(),
        year_starts_on: year.starts_on,
        year_ends_on: year.ends_on,
        deadline: year.deadline,
        approved: sums.approved,
        pending: sums.pending,
        required: sums.required,
        missing: sums.missing(),
    }
}

/// The certificate with its title and number.
pub fn certificate_line(certificate: &CertificateFile) -> CertificateLine {
    CertificateLine {
        certification_title: certificate.certificate.certification.title.clone(),
        certificate_number: certificate.certificate.number.clone(),
    }
}
