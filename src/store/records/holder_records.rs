//! A holder's file: all that the rules need to know about one holder, read together.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::activities::activity::{Activity, Report};
use crate::domain::certification::certificate::{CertificationYear, complete_years};
use crate::domain::ids::{CertificateId, HolderId};
use crate::domain::ledger::{CertificateFile, HolderFile};
use crate::store::certification::{certificates, years};
use crate::store::{Conn, StoreError, activities};

/// The file of one holder, with years through the one after today's.
pub fn of_holder(conn: &mut Conn<'_>, holder: HolderId, today: NaiveDate) -> Result<HolderFile, StoreError> {
    let files = of_holders(conn, &[holder], today)?;
    let empty = HolderFile { holder, certificates: Vec::new(), reports: Vec::new(), counted: Vec::new() };
    Ok(files.into_iter().next().unwrap_or(empty))
}

/// The file of one holder with every activity, the latest first: read once where both are shown.
pub fn with_activities(
    conn: &mut Conn<'_>,
    holder: HolderId,
    today: NaiveDate,
) -> Result<(HolderFile, Vec<Activity>), StoreError> {
    let all = activities::of_holder(conn, holder)?;
    let reports = activities::reports_among(&all)?;
    let files = put_together(conn, &[holder], today, reports)?;
    let empty = HolderFile { holder, certificates: Vec::new(), reports: Vec::new(), counted: Vec::new() };
    Ok((files.into_iter().next().unwrap_or(empty), all))
}

/// The files of several holders, in order of their id. Holders without certificates and reports have none.
pub fn of_holders(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
    today: NaiveDate,
) -> Result<Vec<HolderFile>, StoreError> {
    let reports = activities::reports_of_holders(conn, holders)?;
    put_together(conn, holders, today, reports)
}

/// The files of several holders without what they have reported: enough to say which days they can report.
pub fn without_reports(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
    today: NaiveDate,
) -> Result<Vec<HolderFile>, StoreError> {
    put_together(conn, holders, today, Vec::new())
}

fn put_together(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
    today: NaiveDate,
    reports: Vec<(HolderId, Report)>,
) -> Result<Vec<HolderFile>, StoreError> {
    let mut recorded: BTreeMap<CertificateId, Vec<CertificationYear>> = BTreeMap::new();
    for year in years::of_holders(conn, holders)? {
        recorded.entry(year.certificate).or_default().push(year);
    }
    let mut files: BTreeMap<HolderId, HolderFile> = BTreeMap::new();
    let mut file = |holder: HolderId, put: &mut dyn FnMut(&mut HolderFile)| {
        let empty =
            || HolderFile { holder, certificates: Vec::new(), reports: Vec::new(), counted: Vec::new() };
        put(files.entry(holder).or_insert_with(empty));
    };
    for certificate in certificates::of_holders(conn, holders)? {
        let years = complete_years(&certificate, recorded.remove(&certificate.id).unwrap_or_default(), today);
        let holder = certificate.holder;
        let mut certificate = Some(CertificateFile { certificate, years });
        file(holder, &mut |file| file.certificates.extend(certificate.take()));
    }
    for (holder, report) in reports {
        let mut report = Some(report);
        file(holder, &mut |file| file.reports.extend(report.take()));
    }
    for (holder, counted) in years::counted_of_holders(conn, holders)? {
        file(holder, &mut |file| file.counted.push(counted));
    }
    Ok(files.into_values().collect())
}
