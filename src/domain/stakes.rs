//! What hangs on one report: certification years that reach their minimum only while it may count.

use chrono::NaiveDate;

use super::credits::Credits;
use super::ids::{ActivityId, CertificateId};
use super::ledger::{HolderFile, Sums, shares, year_ledger};
use super::policy::Policies;

/// A year that could reach its minimum before a change and cannot after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FallenShort {
    /// The certificate.
    pub certificate: CertificateId,
    /// Its number.
    pub number: String,
    /// The year.
    pub year: i64,
    /// Its deadline.
    pub deadline: NaiveDate,
    /// What is missing now, when everything that still waits is approved.
    pub missing: Credits,
}

/// The years that are covered (E + P ≥ minimum, G1) in `before` and are not in `after`. Both are files of the same holder.
pub fn fallen_short(before: &HolderFile, after: &HolderFile, policies: &Policies) -> Vec<FallenShort> {
    let earlier = open_years(before, policies);
    let mut fallen = open_years(after, policies);
    fallen.retain(|(year, sums)| {
        !sums.covered()
            && earlier.iter().any(|(was, sums)| {
                (was.certificate, was.year) == (year.certificate, year.year) && sums.covered()
            })
    });
    fallen.into_iter().map(|(year, _)| year).collect()
}

/// The years that would fall short if a report did not count.
pub fn hanging_on(file: &HolderFile, report: ActivityId, policies: &Policies) -> Vec<FallenShort> {
    let mut without = file.clone();
    without.reports.retain(|other| other.id != report);
    fallen_short(file, &without, policies)
}

/// Every year that is not settled, with its sums.
fn open_years(file: &HolderFile, policies: &Policies) -> Vec<(FallenShort, Sums)> {
    let shares = shares(file, policies);
    let mut years = Vec::new();
    for certificate in file.certificates.iter().filter(|each| each.certificate.needs_cpe()) {
        for (index, year) in certificate.years.iter().enumerate() {
            if year.settlement.is_some() {
                continue;
            }
            let sums = year_ledger(file, &shares, certificate, index, policies).sums;
            let line = FallenShort {
                certificate: certificate.certificate.id,
                number: certificate.certificate.number.clone(),
                year: year.number,
                deadline: year.deadline,
                missing: sums.missing(),
            };
            years.push((line, sums));
        }
    }
    years
}
