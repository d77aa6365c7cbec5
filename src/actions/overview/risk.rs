//! Where the years with a deadline ahead are heading: for lists, charts and letters of staff.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::actions::ActionError;
use crate::domain::certification::certificate::CertificationYear;
use crate::domain::certification::policy::Policies;
use crate::domain::certification::risk::RiskClass;
use crate::domain::ids::HolderId;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::ledger::{CertificateFile, Sums};
use crate::store::Conn;
use crate::store::certification::year_lists::{self, ListedYear, YearPlace};
use crate::store::engine::paging::Place;
use crate::store::records::holder_records;

/// Years that are read together.
const CHUNK: i64 = 250;

/// A listed year with where it is heading.
#[derive(Clone, Debug)]
pub struct YearOutlook {
    /// The year, its certificate and its holder.
    pub listed: ListedYear,
    /// The year itself.
    pub year: CertificationYear,
    /// Its certificate with all of its years.
    pub certificate: CertificateFile,
    /// Its sums.
    pub sums: Sums,
    /// Where it is heading.
    pub outlook: RiskClass,
}

impl YearOutlook {
    /// Its place in the list by deadline.
    pub fn place(&self) -> YearPlace {
        (self.listed.deadline, self.listed.certificate, self.listed.number)
    }
}

/// Where listed years are heading, in their order. Years that have not begun are left out.
///
/// # Errors
/// `ActionError::Store`.
pub fn of_listed(
    conn: &mut Conn<'_>,
    listed: Vec<ListedYear>,
    policies: &Policies,
    today: NaiveDate,
) -> Result<Vec<YearOutlook>, ActionError> {
    let mut holders: Vec<HolderId> = listed.iter().map(|year| year.holder).collect();
    holders.sort_unstable();
    holders.dedup();
    let files = holder_records::of_holders(conn, &holders, today)?;
    let ledgers: BTreeMap<HolderId, HolderLedger<'_>> =
        files.iter().map(|file| (file.holder, HolderLedger::new(file, policies, today))).collect();
    let mut outlooks = Vec::new();
    for listed in listed {
        let Some(ledger) = ledgers.get(&listed.holder) else { continue };
        let found = ledger.year((listed.certificate, listed.number));
        let Some(found) = found.filter(|found| found.year.starts_on <= today) else { continue };
        outlooks.push(YearOutlook {
            year: found.year.clone(),
            certificate: found.certificate.clone(),
            outlook: RiskClass::of(&found.sums),
            sums: found.sums,
            listed,
        });
    }
    Ok(outlooks)
}

/// The next years with a deadline from `from` through `to`, after a place: up to some hundreds, and the place from which to go on;
/// none at the end.
///
/// # Errors
/// `ActionError::Store`.
pub fn chunk(
    conn: &mut Conn<'_>,
    (from, to): (NaiveDate, NaiveDate),
    after: Option<YearPlace>,
    policies: &Policies,
    today: NaiveDate,
) -> Result<(Vec<YearOutlook>, Option<YearPlace>), ActionError> {
    let place = after.map_or(Place::Start, Place::After);
    let page = year_lists::by_deadline(conn, from, to, &place, CHUNK)?;
    let last = page.rows.last().map(|year| (year.deadline, year.certificate, year.number));
    let more = last.filter(|_| page.after);
    Ok((of_listed(conn, page.rows, policies, today)?, more))
}
