//! Mails about verdicts while they wait: what each says, so that it can be written anew or not be sent at all.

use chrono::NaiveDateTime;
use diesel::sql_types::Bool;

use super::holder_holds;
use super::outbox_delivery::pending;
use super::year_notices::YearNoticeKind;
use crate::domain::activities::credits::Credits;
use crate::domain::activities::review::ReasonCode;
use crate::domain::codes::{codes, codes_of};
use crate::domain::ids::{AccountId, ActivityId, CertificateId, MailId};
use crate::domain::notices::notice_kind::NoticeKind;
use crate::store::engine::codes::read;
use crate::store::engine::prelude::*;
use crate::store::schema::{mails, notices_about_years as notices, verdicts_told};
use crate::store::{Conn, StoreError};

codes! {
    /// What is said about a report.
    pub enum VerdictWords {
        /// It counts.
        Approved = "approved",
        /// It came back with a question.
        Returned = "returned",
        /// It does not count.
        Rejected = "rejected",
        /// The question was a mistake.
        QuestionTakenBack = "question-taken-back",
        /// The verdict was a mistake.
        VerdictTakenBack = "verdict-taken-back",
    }
}

/// What a mail says about one report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldVerdict {
    /// The report.
    pub activity: ActivityId,
    /// What is said.
    pub said: VerdictWords,
    /// The kind of reason.
    pub code: Option<ReasonCode>,
    /// In words; may be empty for an approval.
    pub reason: String,
    /// What an approval earns.
    pub credits: Option<Credits>,
    /// What was awarded, when that is not what was reported, in the category's unit.
    pub awarded: Option<i64>,
    /// Of a verdict that is taken back: whether it was an approval.
    pub was_approved: bool,
    /// Whether a verdict or question about it was told before and taken back in this very mail.
    pub told_before: bool,
}

/// A mail about verdicts that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingMail {
    /// The mail.
    pub id: MailId,
    /// When it was begun (UTC).
    pub created_at: NaiveDateTime,
    /// What it says.
    pub verdicts: Vec<ToldVerdict>,
}

/// Kinds of mail that say what became of reports.
const VERDICTS: [NoticeKind; 6] = [
    NoticeKind::Approved,
    NoticeKind::Returned,
    NoticeKind::Rejected,
    NoticeKind::QuestionTakenBack,
    NoticeKind::VerdictTakenBack,
    NoticeKind::Verdicts,
];
/// Kinds of mail that say that a year reached its minimum.
const MINIMUMS: [NoticeKind; 1] = [NoticeKind::MinimumReached];

/// Mails of one person, of some kinds, that nobody has begun to deliver and that cannot leave yet, from the first: they wait for a moment
/// after `now`, or are held.
fn waiting_ids(
    conn: &mut Conn<'_>,
    holder: AccountId,
    kinds: &[NoticeKind],
    now: NaiveDateTime,
) -> Result<Vec<(i64, NaiveDateTime)>, StoreError> {
    let held = holder_holds::is_held(conn)?;
    Ok(mails::table
        .filter(mails::account_id.eq(holder.0))
        .filter(pending())
        .filter(mails::attempts.eq(0))
        .filter(mails::kind.eq_any(codes_of(kinds)))
        .filter(
            mails::waits_until
                .gt(now)
                .or(mails::uninvited.eq(true))
                .or(mails::to_holder.eq(true).and(held.into_sql::<Bool>())),
        )
        .order(mails::id)
        .select((mails::id, mails::created_at))
        .load(conn.0)?)
}

/// The mails about verdicts that one person has not heard of and that cannot leave yet, from the first.
pub fn waiting(
    conn: &mut Conn<'_>,
    holder: AccountId,
    now: NaiveDateTime,
) -> Result<Vec<WaitingMail>, StoreError> {
    let mut found = Vec::new();
    for (id, created_at) in waiting_ids(conn, holder, &VERDICTS, now)? {
        let verdicts = told(conn, MailId(id))?;
        if !verdicts.is_empty() {
            found.push(WaitingMail { id: MailId(id), created_at, verdicts });
        }
    }
    Ok(found)
}

#[derive(Queryable)]
struct Row {
    activity: i64,
    kind: String,
    code: Option<String>,
    reason: String,
    credits: Option<i64>,
    awarded: Option<i64>,
    was_approved: bool,
    told_before: bool,
}

fn told(conn: &mut Conn<'_>, mail: MailId) -> Result<Vec<ToldVerdict>, StoreError> {
    let rows: Vec<Row> = verdicts_told::table
        .filter(verdicts_told::mail_id.eq(mail.0))
        .order(verdicts_told::activity_id)
        .select((
            verdicts_told::activity_id,
            verdicts_told::kind,
            verdicts_told::reason_code,
            verdicts_told::reason,
            verdicts_told::credits,
            verdicts_told::awarded,
            verdicts_told::was_approved,
            verdicts_told::told_before,
        ))
        .load(conn.0)?;
    rows.into_iter()
        .map(|Row { activity, kind, code, reason, credits, awarded, was_approved, told_before }| {
            Ok(ToldVerdict {
                activity: ActivityId(activity),
                said: read(&kind, "verdicts_told.kind")?,
                code: code.map(|code| read(&code, "verdicts_told.reason_code")).transpose()?,
                reason,
                credits: credits.map(Credits::from_parts),
                awarded,
                was_approved,
                told_before,
            })
        })
        .collect()
}

/// Records what a mail says, instead of what it said, and that it leaves at `until`.
pub fn set(
    conn: &mut Conn<'_>,
    mail: MailId,
    verdicts: &[ToldVerdict],
    until: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::delete(verdicts_told::table.filter(verdicts_told::mail_id.eq(mail.0))).execute(conn.0)?;
    for told in verdicts {
        diesel::insert_into(verdicts_told::table)
            .values((
                verdicts_told::mail_id.eq(mail.0),
                verdicts_told::activity_id.eq(told.activity.0),
                verdicts_told::kind.eq(told.said.code()),
                verdicts_told::reason_code.eq(told.code.map(ReasonCode::code)),
                verdicts_told::reason.eq(&told.reason),
                verdicts_told::credits.eq(told.credits.map(Credits::parts)),
                verdicts_told::awarded.eq(told.awarded),
                verdicts_told::was_approved.eq(told.was_approved),
                verdicts_told::told_before.eq(told.told_before),
            ))
            .execute(conn.0)?;
    }
    wait(conn, mail, until)
}

/// Lets a mail that waits leave at `until` at the earliest.
pub fn wait(conn: &mut Conn<'_>, mail: MailId, until: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(mails::table.find(mail.0)).set(mails::waits_until.eq(Some(until))).execute(conn.0)?;
    Ok(())
}

/// Gives a mail that waits another kind and other words.
pub fn rewrite(
    conn: &mut Conn<'_>,
    mail: MailId,
    kind: NoticeKind,
    (subject, text, html): (&str, &str, &str),
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::update(mails::table.find(mail.0))
        .set((
            mails::kind.eq(kind.code()),
            mails::subject.eq(subject),
            mails::body_text.eq(text),
            mails::body_html.eq(html),
            mails::updated_at.eq(now),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// Takes back a mail that waits: nobody hears of it.
pub fn remove(conn: &mut Conn<'_>, mail: MailId) -> Result<(), StoreError> {
    diesel::delete(verdicts_told::table.filter(verdicts_told::mail_id.eq(mail.0))).execute(conn.0)?;
    diesel::delete(mails::table.find(mail.0)).execute(conn.0)?;
    Ok(())
}

/// The years of which a mail that cannot leave yet tells one person that they reached their minimum.
pub fn waiting_minimums(
    conn: &mut Conn<'_>,
    holder: AccountId,
    now: NaiveDateTime,
) -> Result<Vec<(CertificateId, i64)>, StoreError> {
    let waiting: Vec<i64> =
        waiting_ids(conn, holder, &MINIMUMS, now)?.into_iter().map(|(id, _)| id).collect();
    let rows: Vec<(i64, i64)> = notices::table
        .filter(notices::mail_id.eq_any(waiting.into_iter().map(Some)))
        .filter(notices::kind.eq(YearNoticeKind::MinimumReached.code()))
        .select((notices::certificate_id, notices::year))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(certificate, year)| (CertificateId(certificate), year)).collect())
}

/// Takes these mails back: nobody hears of them.
pub fn take_minimums_back(
    conn: &mut Conn<'_>,
    holder: AccountId,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    for (id, _) in waiting_ids(conn, holder, &MINIMUMS, now)? {
        let told = notices::table
            .filter(notices::mail_id.eq(id))
            .filter(notices::kind.eq(YearNoticeKind::MinimumReached.code()));
        diesel::delete(told).execute(conn.0)?;
        diesel::delete(mails::table.find(id)).execute(conn.0)?;
    }
    Ok(())
}
