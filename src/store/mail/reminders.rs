//! Reminder stages that were evaluated: one row each, for good.

use chrono::{NaiveDate, NaiveDateTime};

use super::year_notices::{NoticeColumns, YearNoticeKind};
use crate::domain::certification::deadlines::{EvaluatedStage, ToldStage};
use crate::domain::ids::{CertificateId, MailId};
use crate::store::engine::prelude::*;
use crate::store::schema::notices_about_years as notices;
use crate::store::{Conn, StoreError};

/// The stages of some certificates that have a row for a deadline on or after `from`. After a deadline there are no reminders, so a run
/// asks from its own day on.
pub fn of_certificates(
    conn: &mut Conn<'_>,
    certificates: &[CertificateId],
    from: NaiveDate,
) -> Result<Vec<ToldStage>, StoreError> {
    let ids: Vec<i64> = certificates.iter().map(|id| id.0).collect();
    let rows: Vec<(i64, i64, NaiveDate, i64)> = notices::table
        .filter(notices::stage.is_not_null())
        .filter(notices::certificate_id.eq_any(ids))
        .filter(notices::deadline.ge(from))
        .select((
            notices::certificate_id,
            notices::year,
            notices::deadline.assume_not_null(),
            notices::stage.assume_not_null(),
        ))
        .load(conn.0)?;
    Ok(rows
        .into_iter()
        .map(|(certificate, year, deadline, stage)| ToldStage {
            certificate: CertificateId(certificate),
            year,
            deadline,
            stage,
        })
        .collect())
}

/// Records an evaluated stage, with its mail when it was sent.
///
/// # Errors
/// `StoreError::Constraint` when it has a row already.
pub fn record(
    conn: &mut Conn<'_>,
    evaluated: &EvaluatedStage,
    mail: Option<MailId>,
    today: NaiveDate,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let stage = evaluated.stage;
    let year = (stage.certificate, stage.year);
    diesel::insert_into(notices::table)
        .values((
            NoticeColumns::new(year, YearNoticeKind::ReminderStage, (Some(today), Some(now)), mail),
            notices::deadline.eq(stage.deadline),
            notices::stage.eq(stage.stage),
            notices::outcome.eq(evaluated.outcome.code()),
            notices::approved.eq(evaluated.sums.approved.parts()),
            notices::pending.eq(evaluated.sums.pending.parts()),
            notices::required.eq(evaluated.sums.required.parts()),
        ))
        .execute(conn.0)?;
    Ok(())
}
