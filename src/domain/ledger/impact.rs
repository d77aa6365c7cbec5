//! What hangs on one report: certification years that reach their minimum only while it may count.

use chrono::NaiveDate;

use super::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::activities::credits::Credits;
use crate::domain::ids::{ActivityId, CertificateId};

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

/// The years that are covered (E + P ≥ minimum, G1) in `before` and are not in `after`. Both are ledgers of the same holder.
pub fn fallen_short(before: &HolderLedger<'_>, after: &HolderLedger<'_>) -> Vec<FallenShort> {
    let earlier: Vec<LedgerYear<'_>> = before.unsettled().collect();
    let was_covered =
        |year: &LedgerYear<'_>| earlier.iter().any(|was| was.id() == year.id() && was.sums.covered());
    let fallen = after.unsettled().filter(|year| !year.sums.covered() && was_covered(year));
    fallen
        .map(|year| FallenShort {
            certificate: year.year.certificate,
            number: year.certificate.certificate.number.clone(),
            year: year.year.number,
            deadline: year.year.deadline,
            missing: year.sums.missing(),
        })
        .collect()
}

impl HolderLedger<'_> {
    /// The years that would fall short if a report did not count.
    #[must_use]
    pub fn at_stake(&self, report: ActivityId) -> Vec<FallenShort> {
        let mut without = self.record().clone();
        without.reports.retain(|other| other.id != report);
        fallen_short(self, &HolderLedger::new(&without, self.policies(), self.today()))
    }
}
