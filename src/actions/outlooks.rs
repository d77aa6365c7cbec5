//! Where the years with a deadline ahead are heading: for lists, charts and letters of staff.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::ActionError;
use crate::domain::certificate::CertificationYear;
use crate::domain::ids::HolderId;
use crate::domain::ledger::{CertificateFile, HolderFile, Share, Sums, shares, year_ledger};
use crate::domain::outlook::Outlook;
use crate::domain::policy::Policies;
use crate::store::Conn;
use crate::store::deadlines_ahead::{self, ListedYear, YearPlace};
use crate::store::files;
use crate::store::paging::Place;

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
    pub outlook: Outlook,
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
    let mut read: BTreeMap<HolderId, (HolderFile, Vec<Share>)> = BTreeMap::new();
    for file in files::of_holders(conn, &holders, today)? {
        let shares = shares(&file, policies);
        read.insert(file.holder, (file, shares));
    }
    let mut outlooks = Vec::new();
    for listed in listed {
        let Some((file, shares)) = read.get(&listed.holder) else { continue };
        let held = file.certificates.iter().find(|held| held.certificate.id == listed.certificate);
        let Some(certificate) = held else { continue };
        let Some(index) = certificate.index_of(listed.number) else { continue };
        let Some(year) = certificate.years.get(index).filter(|year| year.starts_on <= today) else {
            continue;
        };
        let sums = year_ledger(file, shares, certificate, index, policies).sums;
        outlooks.push(YearOutlook {
            year: year.clone(),
            certificate: certificate.clone(),
            outlook: Outlook::of(&sums),
            sums,
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
    let page = deadlines_ahead::by_deadline(conn, from, to, &place, CHUNK)?;
    let last = page.rows.last().map(|year| (year.deadline, year.certificate, year.number));
    let more = last.filter(|_| page.after);
    Ok((of_listed(conn, page.rows, policies, today)?, more))
}
