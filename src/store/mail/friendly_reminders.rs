//! Friendly letters about missing credits: which were sent, by whom. Append-only.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::outbox_delivery::pending;
use super::year_notices::{NoticeColumns, YearNoticeKind, find_all, years_of_mail};
use crate::domain::ids::{AccountId, CertificateId, HolderId, MailId};
use crate::domain::notices::delivery::Delivery;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::store::engine::prelude::*;
use crate::store::schema::{mails, notices_about_years as notices};
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

/// A letter about a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearLetter {
    /// The day it was written.
    pub day: NaiveDate,
    /// Where its mail is.
    pub delivery: Delivery,
}

/// The latest letter about each year of some holders that was written on `from` or later.
pub fn since(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
    from: NaiveDate,
) -> Result<BTreeMap<(CertificateId, i64), YearLetter>, StoreError> {
    // only a friendly reminder names its holder
    let rows: Vec<(i64, i64, NaiveDate, Option<i64>)> = notices::table
        .filter(notices::holder_id.eq_any(holders.iter().map(|id| id.0).collect::<Vec<_>>()))
        .filter(notices::day.ge(from))
        .order((notices::day, notices::id))
        .select((notices::certificate_id, notices::year, notices::day.assume_not_null(), notices::mail_id))
        .load(conn.0)?;
    let about: Vec<(i64, i64)> =
        rows.iter().filter_map(|(_, year, _, mail)| Some(((*mail)?, *year))).collect();
    let mails: BTreeMap<MailId, Delivery> =
        find_all(conn, &about)?.into_iter().map(|mail| (mail.mail, mail.delivery)).collect();
    let letter = |(certificate, year, day, mail): (i64, i64, NaiveDate, Option<i64>)| {
        let delivery = mail.and_then(|id| mails.get(&MailId(id)).copied()).unwrap_or(Delivery::Delivered);
        ((CertificateId(certificate), year), YearLetter { day, delivery })
    };
    Ok(rows.into_iter().map(letter).collect())
}

/// The letters to a holder that wait and are about none but these years.
pub fn waiting_about(
    conn: &mut Conn<'_>,
    holder: HolderId,
    years: &[(CertificateId, i64)],
) -> Result<Vec<MailId>, StoreError> {
    let waiting: Vec<i64> = mails::table
        .filter(pending())
        .filter(mails::account_id.eq(holder.0))
        .filter(mails::kind.eq(NoticeKind::FriendlyReminder.code()))
        .order(mails::id)
        .select(mails::id)
        .load(conn.0)?;
    let mut found = Vec::new();
    for id in waiting.into_iter().map(MailId) {
        let about = years_of_mail(conn, id, YearNoticeKind::FriendlyReminder)?;
        if about.iter().all(|year| years.contains(year)) {
            found.push(id);
        }
    }
    Ok(found)
}
