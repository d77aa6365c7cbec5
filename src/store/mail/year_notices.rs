//! Who was told what about which certification year: the mails, and the reminder stages that were decided about.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::exists;

use super::reach::Holds;
use crate::domain::activities::credits::Credits;
use crate::domain::certification::deadlines::StageOutcome;
use crate::domain::codes::{Stored, codes, codes_of};
use crate::domain::ids::{CertificateId, MailId};
use crate::domain::notices::delivery::Delivery;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::store::engine::codes::read;
use crate::store::engine::prelude::*;
use crate::store::schema::{bounces, certificates, mails, notices_about_years as notices};
use crate::store::{Conn, StoreError};

codes! {
    /// What a row about a year records.
    pub enum YearNoticeKind {
        /// A reminder stage that was decided about, with its mail when one was sent.
        ReminderStage = "reminder-stage",
        /// The mail that says that the year reached its minimum.
        MinimumReached = "minimum-reached",
        /// A friendly reminder, sent by a person.
        FriendlyReminder = "friendly-reminder",
        /// Any other mail about the year, such as the one about its flag.
        Mail = "mail",
    }
}

/// What a row says whatever its kind is.
#[derive(Insertable)]
#[diesel(table_name = notices, treat_none_as_default_value = false)]
pub(in crate::store) struct NoticeColumns {
    certificate_id: i64,
    year: i64,
    kind: &'static str,
    day: Option<NaiveDate>,
    at: Option<NaiveDateTime>,
    mail_id: Option<i64>,
}

impl NoticeColumns {
    /// A row about a year. The schema asks for a day of a stage and of a friendly reminder, and for a moment of all but a mail.
    pub(in crate::store) fn new(
        (certificate, year): (CertificateId, i64),
        kind: YearNoticeKind,
        (day, at): (Option<NaiveDate>, Option<NaiveDateTime>),
        mail: Option<MailId>,
    ) -> NoticeColumns {
        NoticeColumns {
            certificate_id: certificate.0,
            year,
            kind: kind.code(),
            day,
            at,
            mail_id: mail.map(|id| id.0),
        }
    }
}

/// Records that a mail was about a year.
pub fn record(conn: &mut Conn<'_>, year: (CertificateId, i64), mail: MailId) -> Result<(), StoreError> {
    let columns = NoticeColumns::new(year, YearNoticeKind::Mail, (None, None), Some(mail));
    diesel::insert_into(notices::table).values(columns).execute(conn.0)?;
    Ok(())
}

/// Whether it was told already that a year reached its minimum.
pub fn minimum_was_told(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
    year: i64,
) -> Result<bool, StoreError> {
    let told = notices::table
        .filter(notices::certificate_id.eq(certificate.0))
        .filter(notices::year.eq(year))
        .filter(notices::kind.eq(YearNoticeKind::MinimumReached.code()));
    Ok(diesel::select(exists(told)).get_result(conn.0)?)
}

/// Records that a mail told that a year reached its minimum: once for each year, ever.
///
/// # Errors
/// `StoreError::Constraint` when it was told before.
pub fn record_minimum_told(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
    year: i64,
    mail: MailId,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let kind = YearNoticeKind::MinimumReached;
    let columns = NoticeColumns::new((certificate, year), kind, (None, Some(now)), Some(mail));
    diesel::insert_into(notices::table).values(columns).execute(conn.0)?;
    Ok(())
}

/// The certification years that a mail was about, of one kind of record.
pub(in crate::store) fn years_of_mail(
    conn: &mut Conn<'_>,
    mail: MailId,
    kind: YearNoticeKind,
) -> Result<Vec<(CertificateId, i64)>, StoreError> {
    let rows: Vec<(i64, i64)> = notices::table
        .filter(notices::mail_id.eq(mail.0))
        .filter(notices::kind.eq(kind.code()))
        .order(notices::id)
        .select((notices::certificate_id, notices::year))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(certificate, year)| (CertificateId(certificate), year)).collect())
}

/// The certificates whose years a mail was about, each once.
pub fn certificates_of_mail(conn: &mut Conn<'_>, mail: MailId) -> Result<Vec<CertificateId>, StoreError> {
    let ids: Vec<i64> = notices::table
        .filter(notices::mail_id.eq(mail.0))
        .filter(notices::kind.eq(YearNoticeKind::Mail.code()))
        .select(notices::certificate_id)
        .distinct()
        .order(notices::certificate_id)
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
    let rows: Vec<Row> = notices::table
        .filter(notices::certificate_id.eq(certificate.0))
        .filter(notices::stage.is_not_null())
        .order((notices::year, notices::deadline, notices::stage.desc()))
        .select((
            notices::year,
            notices::deadline.assume_not_null(),
            notices::stage.assume_not_null(),
            notices::outcome.assume_not_null(),
            notices::approved.assume_not_null(),
            notices::pending.assume_not_null(),
            notices::required.assume_not_null(),
            notices::day.assume_not_null(),
            notices::mail_id,
        ))
        .load(conn.0)?;
    rows.into_iter()
        .map(|Row { year, deadline, stage, outcome, approved, pending, required, evaluated_on, mail }| {
            Ok(DecidedStage {
                year,
                deadline,
                stage,
                outcome: StageOutcome::from_code(&outcome)
                    .ok_or(StoreError::Unreadable("notices_about_years.outcome"))?,
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
    // a mail stands once for each of its years, of a reminder once for each stage
    let about: Vec<(i64, i64)> = notices::table
        .filter(notices::certificate_id.eq(certificate.0))
        .filter(notices::mail_id.is_not_null())
        .select((notices::mail_id.assume_not_null(), notices::year))
        .distinct()
        .order((notices::mail_id, notices::year))
        .load(conn.0)?;
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
    to_holder: bool,
    uninvited: bool,
}

/// Mails with the years that they are about, in the order given.
pub(in crate::store) fn find_all(
    conn: &mut Conn<'_>,
    about: &[(i64, i64)],
) -> Result<Vec<YearMail>, StoreError> {
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
            mails::to_holder,
            mails::uninvited,
        ))
        .load(conn.0)?;
    let holds = Holds::in_force(conn)?;
    let mails: BTreeMap<i64, MailRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let found = about.iter().filter_map(|(mail, year)| Some((mails.get(mail)?, *year)));
    found
        .map(|(row, year)| {
            Ok(YearMail {
                year,
                mail: MailId(row.id),
                kind: Stored::of(row.kind.clone()),
                to_address: row.to_address.clone(),
                delivery: Delivery::of(
                    read(&row.state, "mails.state")?,
                    row.came_back,
                    holds.of(row.to_holder, row.uninvited),
                ),
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
    let mail: Option<i64> = notices::table
        .inner_join(mails::table)
        .filter(notices::certificate_id.eq(certificate.0))
        .filter(notices::year.eq(year))
        .filter(notices::kind.eq(YearNoticeKind::Mail.code()))
        .filter(mails::kind.eq(NoticeKind::Flagged.code()))
        .order(mails::id.desc())
        .select(mails::id)
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
    #[derive(Queryable)]
    struct Row {
        certificate: i64,
        number: String,
        year: i64,
        stage: Option<i64>,
        deadline: Option<NaiveDate>,
    }
    let rows: Vec<Row> = notices::table
        .inner_join(certificates::table)
        .filter(notices::mail_id.eq(mail.0))
        .filter(notices::kind.eq_any(codes_of(&[YearNoticeKind::ReminderStage, YearNoticeKind::Mail])))
        .order((certificates::number, notices::year, notices::id))
        .select((certificates::id, certificates::number, notices::year, notices::stage, notices::deadline))
        .load(conn.0)?;
    let causes = rows.into_iter().map(|Row { certificate, number, year, stage, deadline }| MailCause {
        certificate: CertificateId(certificate),
        number,
        year,
        stage: stage.zip(deadline),
    });
    Ok(causes.collect())
}
