//! The review queue's order: what a holder needs before a near deadline stands on top.
//!
//! A place changes only by reports, verdicts, decisions and settlements, never by time alone, so it is stored with the report and
//! renewed in the transaction of its cause.

use chrono::NaiveDate;

use crate::actions::ActionError;
use crate::domain::activities::activity::ActivityStatus;
use crate::domain::activities::queue_place::QueuePlace;
use crate::domain::certification::policy::Policies;
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::store::Conn;
use crate::store::activities;

/// Gives every submitted report of a holder its place: needed ones (some unsettled year they count for has not met its minimum by
/// approved credits) first, by the earliest such deadline, then by when they were reported.
///
/// # Errors
/// `ActionError::Store`.
pub fn refresh(
    conn: &mut Conn<'_>,
    file: &HolderFile,
    policies: &Policies,
    today: NaiveDate,
) -> Result<(), ActionError> {
    let waiting = || file.reports.iter().filter(|report| report.status == ActivityStatus::Submitted);
    if waiting().next().is_none() {
        return Ok(());
    }
    let ledger = HolderLedger::new(file, policies, today);
    for report in waiting() {
        let mut needed_by = None;
        let mut useful_by = None;
        for certificate in &file.certificates {
            let found = ledger.year_for(certificate, report.completed_on);
            let Some(year) = found.filter(|found| found.year.settlement.is_none()) else { continue };
            let deadline = year.year.deadline;
            let by = if year.sums.met() { &mut useful_by } else { &mut needed_by };
            *by = Some(by.map_or(deadline, |day: NaiveDate| deadline.min(day)));
        }
        let place = QueuePlace {
            needed: needed_by.is_some(),
            deadline: needed_by.or(useful_by),
            reported_at: report.reported_at,
            report: report.id,
        };
        activities::place_in_queue(conn, &place)?;
    }
    Ok(())
}
