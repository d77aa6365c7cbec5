//! The review queue's order: what a holder needs before a near deadline stands on top.
//!
//! A place changes only by reports, verdicts, decisions and settlements, never by time alone, so it is stored with the report and
//! renewed in the transaction of its cause.

use super::ActionError;
use crate::domain::activity::ActivityStatus;
use crate::domain::ledger::{HolderFile, shares, year_ledger};
use crate::domain::policy::Policies;
use crate::store::Conn;
use crate::store::activities;

/// Gives every submitted report of a holder its place: needed ones (some unsettled year they count for has not met its minimum by
/// approved credits) first, by the earliest such deadline, then by when they were reported.
///
/// # Errors
/// `ActionError::Store`.
pub fn refresh(conn: &mut Conn<'_>, file: &HolderFile, policies: &Policies) -> Result<(), ActionError> {
    let waiting = || file.reports.iter().filter(|report| report.status == ActivityStatus::Submitted);
    if waiting().next().is_none() {
        return Ok(());
    }
    let shares = shares(file, policies);
    for report in waiting() {
        let mut needed_by = None;
        let mut useful_by = None;
        for certificate in &file.certificates {
            let Some(index) = certificate.year_for(report.completed_on) else { continue };
            let Some(year) = certificate.years.get(index).filter(|year| year.settlement.is_none()) else {
                continue;
            };
            if year_ledger(file, &shares, certificate, index, policies).sums.met() {
                useful_by = Some(useful_by.map_or(year.deadline, |day| year.deadline.min(day)));
            } else {
                needed_by = Some(needed_by.map_or(year.deadline, |day| year.deadline.min(day)));
            }
        }
        let needed = needed_by.is_some();
        activities::place_in_queue(conn, report.id, needed, needed_by.or(useful_by), report.reported_at)?;
    }
    Ok(())
}
