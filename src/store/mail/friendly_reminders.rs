//! Friendly letters about missing credits: which were sent, by whom. Append-only.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::domain::ids::{AccountId, CertificateId, HolderId, MailId};
use crate::store::schema::friendly_reminders;
use crate::store::{Conn, StoreError};

/// Records that a letter told a holder about a year.
///
/// # Errors
/// `StoreError::Constraint` when one was sent about the year on the same day.
pub fn record(
    conn: &mut Conn<'_>,
    year: (CertificateId, i64),
    holder: HolderId,
    mail: MailId,
    sent_by: AccountId,
    sent: (NaiveDate, NaiveDateTime),
) -> Result<(), StoreError> {
    diesel::insert_into(friendly_reminders::table)
        .values((
            friendly_reminders::certificate_id.eq(year.0.0),
            friendly_reminders::year.eq(year.1),
            friendly_reminders::sent_on.eq(sent.0),
            friendly_reminders::holder_id.eq(holder.0),
            friendly_reminders::mail_id.eq(mail.0),
            friendly_reminders::sent_by.eq(sent_by.0),
            friendly_reminders::sent_at.eq(sent.1),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// Letters to some holders that were sent on `from` or later: the certificate, the year, the day.
pub fn since(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
    from: NaiveDate,
) -> Result<Vec<(CertificateId, i64, NaiveDate)>, StoreError> {
    let rows: Vec<(i64, i64, NaiveDate)> = friendly_reminders::table
        .filter(friendly_reminders::holder_id.eq_any(holders.iter().map(|id| id.0).collect::<Vec<_>>()))
        .filter(friendly_reminders::sent_on.ge(from))
        .order(friendly_reminders::sent_on)
        .select((friendly_reminders::certificate_id, friendly_reminders::year, friendly_reminders::sent_on))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(certificate, year, day)| (CertificateId(certificate), year, day)).collect())
}
