//! Friendly letters about missing credits: which were sent, by whom. Append-only.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::year_notices::{NoticeColumns, YearNoticeKind};
use crate::domain::ids::{AccountId, CertificateId, HolderId, MailId};
use crate::store::schema::notices_about_years as notices;
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
    let kind = YearNoticeKind::FriendlyReminder;
    diesel::insert_into(notices::table)
        .values((
            NoticeColumns::new(year, kind, (Some(sent.0), Some(sent.1)), Some(mail)),
            notices::holder_id.eq(holder.0),
            notices::sent_by.eq(sent_by.0),
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
    // only a friendly reminder names its holder
    let rows: Vec<(i64, i64, NaiveDate)> = notices::table
        .filter(notices::holder_id.eq_any(holders.iter().map(|id| id.0).collect::<Vec<_>>()))
        .filter(notices::day.ge(from))
        .order(notices::day)
        .select((notices::certificate_id, notices::year, notices::day.assume_not_null()))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(certificate, year, day)| (CertificateId(certificate), year, day)).collect())
}
