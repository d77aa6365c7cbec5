//! Who was told what about which certification year: the mails, and the reminder stages that were decided about.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::domain::activities::credits::Credits;
use crate::domain::certification::deadlines::StageOutcome;
use crate::domain::codes::Stored;
use crate::domain::ids::{CertificateId, MailId};
use crate::domain::notices::delivery::Delivery;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::store::engine::codes::read;
use crate::store::schema::{
    bounces, certificates, friendly_reminders, mails, minimums_reached, reminders, year_notices,
};
use crate::store::{Conn, StoreError};

/// Records that a mail was about a year.
pub fn record(conn: &mut Conn<'_>, year: (CertificateId, i64), mail: MailId) -> Result<(), StoreError> {
    diesel::insert_into(year_notices::table)
        .values((
            year_notices::certificate_id.eq(year.0.0),
            year_notices::year.eq(year.1),
            year_notices::mail_id.eq(mail.0),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// The certificates whose years a mail was about, each once.
pub fn certificates_of_mail(conn: &mut Conn<'_>, mail: MailId) -> Result<Vec<CertificateId>, StoreError> {
    let ids: Vec<i64> = year_notices::table
        .filter(year_notices::mail_id.eq(mail.0))
        .select(year_notices::certificate_id)
        .distinct()
        .order(year_notices::certificate_id)
        .load(conn.0)?;
    Ok(ids.into_iter().map(CertificateId).collect())
}

/// A reminder stage that was decided about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedStage {
    /// The year's number.
    pub year: i64,
    /// The deadline it was for.
    pub deadline: NaiveDate,
    /// Days before it.
    pub stage: i64,
    /// What was decided.
    pub outcome: StageOutcome,
    /// Approved credits of that moment.
    pub approved: Credits,
    /// Credits that waited for review.
    pub pending: Credits,
    /// The minimum.
    pub required: Credits,
    /// The day it was decided.
    pub evaluated_on: NaiveDate,
    /// Its mail, when one was written.
    pub mail: Option<MailId>,
}

/// Every stage of a certificate that was decided about, by year, deadline, and from far to near.
pub fn stages(conn: &mut Conn<'_>, certificate: CertificateId) -> Result<Vec<DecidedStage>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        year: i64,
        deadline: NaiveDate,
        stage: i64,
        outcome: String,
        approved: i64,
        pending: i64,
        required: i64,
        evaluated_on: NaiveDate,
        mail: Option<i64>,
    }
    let rows: Vec<Row> = reminders::table
        .filter(reminders::certificate_id.eq(certificate.0))
        .order((reminders::year, reminders::deadline, reminders::stage.desc()))
        .select((
            reminders::year,
            reminders::deadline,
            reminders::stage,
            reminders::outcome,
            reminders::approved,
            reminders::pending,
            reminders::required,
            reminders::evaluated_on,
            reminders::mail_id,
        ))
        .load(conn.0)?;
    rows.into_iter()
        .map(|Row { year, deadline, stage, outcome, approved, pending, required, evaluated_on, mail }| {
            Ok(DecidedStage {
                year,
                deadline,
                stage,
                outcome: StageOutcome::from_code(&outcome)
                    .ok_or(StoreError::Unreadable("reminders.outcome"))?,
                approved: Credits::from_parts(approved),
                pending: Credits::from_parts(pending),
                required: Credits::from_parts(required),
                evaluated_on,
                mail: mail.map(MailId),
            })
        })
        .collect()
}

/// A mail about a certification year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearMail {
    /// The year's number.
    pub year: i64,
    /// Its place.
    pub mail: MailId,
    /// The notice's kind.
    pub kind: Stored<NoticeKind>,
    /// The address it went to.
    pub to_address: String,
    /// What is known about it.
    pub delivery: Delivery,
    /// When it was written (UTC).
    pub created_at: NaiveDateTime,
    /// When it was delivered (UTC).
    pub sent_at: Option<NaiveDateTime>,
}

/// Every mail about the years of a certificate, in the order in which they were written.
pub fn mails_about(conn: &mut Conn<'_>, certificate: CertificateId) -> Result<Vec<YearMail>, StoreError> {
    let id = certificate.0;
    let mut about: Vec<(i64, i64)> = year_notices::table
        .filter(year_notices::certificate_id.eq(id))
        .select((year_notices::mail_id, year_notices::year))
        .load(conn.0)?;
    let reminded: Vec<(Option<i64>, i64)> = reminders::table
        .filter(reminders::certificate_id.eq(id))
        .filter(reminders::mail_id.is_not_null())
        .select((reminders::mail_id, reminders::year))
        .load(conn.0)?;
    about.extend(reminded.into_iter().filter_map(|(mail, year)| Some((mail?, year))));
    about.extend(
        minimums_reached::table
            .filter(minimums_reached::certificate_id.eq(id))
            .select((minimums_reached::mail_id, minimums_reached::year))
            .load::<(i64, i64)>(conn.0)?,
    );
    about.extend(
        friendly_reminders::table
            .filter(friendly_reminders::certificate_id.eq(id))
            .select((friendly_reminders::mail_id, friendly_reminders::year))
            .load::<(i64, i64)>(conn.0)?,
    );
    about.sort_unstable();
    about.dedup();
    find_all(conn, &about)
}

#[derive(Queryable)]
struct MailRow {
    id: i64,
    kind: String,
    to_address: String,
    state: String,
    created_at: NaiveDateTime,
    sent_at: Option<NaiveDateTime>,
    /// Whether it came back since it was sent last.
    came_back: bool,
}

/// Mails with the years that they are about, in the order given.
fn find_all(conn: &mut Conn<'_>, about: &[(i64, i64)]) -> Result<Vec<YearMail>, StoreError> {
    let ids: BTreeSet<i64> = about.iter().map(|(mail, _)| *mail).collect();
    let came_back = bounces::table
        .filter(bounces::mail_id.eq(mails::id))
        .filter(bounces::noted_at.nullable().ge(mails::sent_at));
    let rows: Vec<MailRow> = mails::table
        .filter(mails::id.eq_any(ids))
        .select((
            mails::id,
            mails::kind,
            mails::to_address,
            mails::state,
            mails::created_at,
            mails::sent_at,
            exists(came_back),
        ))
        .load(conn.0)?;
    let mails: BTreeMap<i64, MailRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let found = about.iter().filter_map(|(mail, year)| Some((mails.get(mail)?, *year)));
    found
        .map(|(row, year)| {
            Ok(YearMail {
                year,
                mail: MailId(row.id),
                kind: Stored::of(row.kind.clone()),
                to_address: row.to_address.clone(),
                delivery: Delivery::of(read(&row.state, "mails.state")?, row.came_back),
                created_at: row.created_at,
                sent_at: row.sent_at,
            })
        })
        .collect()
}

/// The latest mail that told about the flag of a year; `None` when there is none.
pub fn flag_notice(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
    year: i64,
) -> Result<Option<YearMail>, StoreError> {
    let mail: Option<i64> = year_notices::table
        .inner_join(mails::table)
        .filter(year_notices::certificate_id.eq(certificate.0))
        .filter(year_notices::year.eq(year))
        .filter(mails::kind.eq(NoticeKind::Flagged.code()))
        .order(year_notices::mail_id.desc())
        .select(year_notices::mail_id)
        .first(conn.0)
        .optional()?;
    match mail {
        Some(mail) => Ok(find_all(conn, &[(mail, year)])?.pop()),
        None => Ok(None),
    }
}

/// What a mail was about: a certificate, one of its years, and for a reminder how many days before which deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailCause {
    /// The certificate.
    pub certificate: CertificateId,
    /// Its number.
    pub number: String,
    /// The year's number.
    pub year: i64,
    /// The stage of a reminder, and the deadline.
    pub stage: Option<(i64, NaiveDate)>,
}

/// What a mail was about, by certificate number.
pub fn causes(conn: &mut Conn<'_>, mail: MailId) -> Result<Vec<MailCause>, StoreError> {
    let staged: Vec<(i64, i64, i64, NaiveDate)> = reminders::table
        .filter(reminders::mail_id.eq(Some(mail.0)))
        .select((reminders::certificate_id, reminders::year, reminders::stage, reminders::deadline))
        .load(conn.0)?;
    let plain: Vec<(i64, i64)> = year_notices::table
        .filter(year_notices::mail_id.eq(mail.0))
        .select((year_notices::certificate_id, year_notices::year))
        .load(conn.0)?;
    let all = staged
        .into_iter()
        .map(|(certificate, year, stage, deadline)| (certificate, year, Some((stage, deadline))))
        .chain(plain.into_iter().map(|(certificate, year)| (certificate, year, None)));
    let mut causes = Vec::new();
    for (certificate, year, stage) in all {
        let number = certificates::table.find(certificate).select(certificates::number).first(conn.0)?;
        causes.push(MailCause { certificate: CertificateId(certificate), number, year, stage });
    }
    causes.sort_by(|a, b| (&a.number, a.year).cmp(&(&b.number, b.year)));
    Ok(causes)
}
