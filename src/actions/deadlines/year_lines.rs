//! A certification year as a notice tells it, and where its reader stands.

use crate::domain::certification::certificate::CertificationYear;
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::ledger::{CertificateFile, Sums};
use crate::mail::{CertificateLine, NoticeContext, StandingLines, YearLine};
use crate::portal::Portal;

/// What a notice about credits to a holder needs: it says where they stand, as the ledger knows it at that moment.
pub fn letter(portal: &Portal, recipient: &str, ledger: &HolderLedger<'_>) -> NoticeContext {
    let today = ledger.today();
    let open =
        |year: &LedgerYear<'_>| year.year.starts_on <= today && year.certificate.certificate.active_on(today);
    let years = ledger.unsettled().filter(open).map(|year| year_line(&year)).collect();
    NoticeContext::new(recipient, &portal.config).with_standing(StandingLines::new(today, years))
}

/// The year with its figures.
pub fn year_line(year: &LedgerYear<'_>) -> YearLine {
    figures_line(year.certificate, year.year, &year.sums)
}

/// A year with figures of another moment: those it was judged by.
pub fn figures_line(certificate: &CertificateFile, year: &CertificationYear, sums: &Sums) -> YearLine {
    YearLine {
        id: (year.certificate, year.number),
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
        id: certificate.certificate.id,
        certification_title: certificate.certificate.certification.title.clone(),
        certificate_number: certificate.certificate.number.clone(),
    }
}
