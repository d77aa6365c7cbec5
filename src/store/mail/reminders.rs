//! Reminder stages that were evaluated: one row each, for good.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::domain::certification::deadlines::{EvaluatedStage, ToldStage};
use crate::domain::ids::{CertificateId, MailId};
use crate::store::schema::reminders;
use crate::store::{Conn, StoreError};

/// The stages of some certificates that have a row for a deadline on or after `from`. After a deadline there are no reminders, so a run
/// asks from its own day on.
pub fn of_certificates(
    conn: &mut Conn<'_>,
    certificates: &[CertificateId],
    from: NaiveDate,
) -> Result<Vec<ToldStage>, StoreError> {
    let ids: Vec<i64> = certificates.iter().map(|id| id.0).collect();
    let rows: Vec<(i64, i64, NaiveDate, i64)> = reminders::table
        .filter(reminders::certificate_id.eq_any(ids))
        .filter(reminders::deadline.ge(from))
        .select((reminders::certificate_id, reminders::year, reminders::deadline, reminders::stage))
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
    diesel::insert_into(reminders::table)
        .values((
            reminders::certificate_id.eq(stage.certificate.0),
            reminders::year.eq(stage.year),
            reminders::deadline.eq(stage.deadline),
            reminders::stage.eq(stage.stage),
            reminders::outcome.eq(evaluated.outcome.code()),
            reminders::approved.eq(evaluated.sums.approved.parts()),
            reminders::pending.eq(evaluated.sums.pending.parts()),
            reminders::required.eq(evaluated.sums.required.parts()),
            reminders::evaluated_on.eq(today),
            reminders::evaluated_at.eq(now),
            reminders::mail_id.eq(mail.map(|id| id.0)),
        ))
        .execute(conn.0)?;
    Ok(())
}
