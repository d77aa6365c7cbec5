//! What the report to the board counts. Each reading is bounded, so that a night's count never holds the past of the file for long.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use diesel::sql_types::{BigInt, Bool, Date, Nullable, Text};

use crate::domain::activities::activity_status::ActivityStatus;
use crate::domain::board_figure::FOLLOWS_WITHIN_DAYS;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::certification::deadlines::StageOutcome;
use crate::domain::codes::codes_of;
use crate::domain::conversations::conversation::{AppealOutcome, ConversationKind};
use crate::domain::ids::{AccountId, CertificateId, CertificationId};
use crate::store::engine::prelude::*;
use crate::store::mail::year_notices::YearNoticeKind;
use crate::store::schema::{
    accounts, activities, appeal_outcomes, certificates, conversations, notices_about_years as notices,
};
use crate::store::{Conn, StoreError};

/// Certification years that ended on one day and came out alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndedYears {
    /// Of which certification.
    pub certification: CertificationId,
    /// Their last day.
    pub ends_on: NaiveDate,
    /// How they came out; none while nothing is settled.
    pub outcome: Option<YearOutcome>,
    /// Whether their deadline was moved.
    pub extended: bool,
    /// How many.
    pub years: i64,
}

#[derive(QueryableByName)]
struct EndedRow {
    #[diesel(sql_type = BigInt)]
    certification_id: i64,
    #[diesel(sql_type = Date)]
    ends_on: NaiveDate,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
    #[diesel(sql_type = Bool)]
    extended: bool,
    #[diesel(sql_type = BigInt)]
    years: i64,
}

/// Years that ended from `from` through `to`. Diesel cannot group by columns of two tables.
pub fn ended_years(
    conn: &mut Conn<'_>,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<EndedYears>, StoreError> {
    let rows: Vec<EndedRow> = diesel::sql_query(
        "SELECT certification_id, ends_on, outcome, deadline > ends_on AS extended, count(*) AS years \
         FROM certification_years JOIN certificates ON certificates.id = certificate_id \
         WHERE ends_on BETWEEN $1 AND $2 GROUP BY 1, 2, 3, 4",
    )
    .bind::<Date, _>(from)
    .bind::<Date, _>(to)
    .load(conn.0)?;
    let read = |row: EndedRow| {
        let unreadable = StoreError::Unreadable("certification_years.outcome");
        let outcome = row.outcome.map(|code| YearOutcome::from_code(&code).ok_or(unreadable)).transpose()?;
        Ok(EndedYears {
            certification: CertificationId(row.certification_id),
            ends_on: row.ends_on,
            outcome,
            extended: row.extended,
            years: row.years,
        })
    };
    rows.into_iter().map(read).collect()
}

/// When reports were decided, and since when they had waited, without the time it was their holder's turn (both UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedReports {
    /// Moments of the verdict and of the beginning.
    pub decided: Vec<(NaiveDateTime, NaiveDateTime)>,
    /// The last one that was looked at; none at the end.
    pub reached: Option<i64>,
}

/// Reports decided at `from` or later, among the next `most` after a report. What an import brought decided never waited, and is left out.
pub fn decided_reports(
    conn: &mut Conn<'_>,
    after: i64,
    from: NaiveDateTime,
    most: i64,
) -> Result<DecidedReports, StoreError> {
    let reached: Option<i64> = activities::table
        .filter(activities::id.gt(after))
        .order(activities::id)
        .offset(most - 1)
        .limit(1)
        .select(activities::id)
        .first(conn.0)
        .optional()?;
    let statuses = codes_of(&[ActivityStatus::Approved, ActivityStatus::Rejected]);
    let rows: Vec<(Option<NaiveDateTime>, Option<NaiveDateTime>)> = activities::table
        .filter(activities::id.gt(after))
        .filter(activities::id.le(reached.unwrap_or(i64::MAX)))
        .filter(activities::status.eq_any(statuses))
        .filter(activities::decided_at.ge(from))
        // what an import brings decided has both from the moment of the import
        .filter(activities::decided_at.gt(activities::waiting_since))
        .select((activities::decided_at, activities::waiting_since))
        .load(conn.0)?;
    let decided = rows.into_iter().filter_map(|(decided, since)| Some((decided?, since?))).collect();
    Ok(DecidedReports { decided, reached })
}

/// A reminder, and what followed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemindedYear {
    /// The day it was due (the body's), and its record: its place in the list.
    pub place: ReminderPlace,
    /// The certificate and the year's number.
    pub year: (CertificateId, i64),
    /// The certificate's number.
    pub certificate_number: String,
    /// Days before the deadline.
    pub stage: i64,
    /// Whose, and their name.
    pub holder: (AccountId, String),
    /// Whether its holder reported something soon after.
    pub reported: bool,
    /// Whether the year reached its minimum soon after.
    pub reached: bool,
}

/// A reminder's place in the list by day: the day, its record.
pub type ReminderPlace = (NaiveDate, i64);

#[derive(Queryable)]
struct ReminderRow {
    id: i64,
    certificate: i64,
    year: i64,
    day: Option<NaiveDate>,
    at: Option<NaiveDateTime>,
    stage: Option<i64>,
    certificate_number: String,
    holder: i64,
    holder_name: String,
}

/// The next reminders that went out from `from` through `to`, by day.
pub fn reminded_years(
    conn: &mut Conn<'_>,
    (from, to): (NaiveDate, NaiveDate),
    after: Option<ReminderPlace>,
    most: i64,
) -> Result<Vec<RemindedYear>, StoreError> {
    let rows: Vec<ReminderRow> = boxed!(conn.0, Engine, load, {
        let mut query = notices::table
            .inner_join(certificates::table.on(certificates::id.eq(notices::certificate_id)))
            .inner_join(accounts::table.on(accounts::id.eq(certificates::holder_id)))
            .filter(notices::stage.is_not_null())
            .filter(notices::outcome.eq(StageOutcome::Sent.code()))
            .filter(notices::day.between(after.map_or(from, |(day, _)| day), to))
            .order((notices::day, notices::id))
            .limit(most)
            .into_boxed::<Engine>();
        if let Some((day, id)) = after {
            query = query.filter(notices::day.gt(day).or(notices::id.gt(id).nullable()));
        }
        query.select((
            notices::id,
            notices::certificate_id,
            notices::year,
            notices::day,
            notices::at,
            notices::stage,
            certificates::number,
            accounts::id,
            accounts::name,
        ))
    })?;
    let moments = rows.iter().filter_map(|row| row.at);
    let Some((first, last)) = moments.clone().min().zip(moments.max()) else { return Ok(Vec::new()) };
    let soon = TimeDelta::days(FOLLOWS_WITHIN_DAYS);
    let span = (first, last + soon);
    let reported = reported_within(conn, rows.iter().map(|row| row.holder).collect(), span)?;
    let reached = reached_within(conn, rows.iter().map(|row| row.certificate).collect(), span)?;
    let follows = |moments: Option<&Vec<NaiveDateTime>>, at: NaiveDateTime| {
        moments.is_some_and(|moments| moments.iter().any(|moment| at <= *moment && *moment < at + soon))
    };
    let read = rows.into_iter().filter_map(|row| {
        let (day, at) = row.day.zip(row.at)?;
        Some(RemindedYear {
            place: (day, row.id),
            year: (CertificateId(row.certificate), row.year),
            certificate_number: row.certificate_number,
            stage: row.stage?,
            reported: follows(reported.get(&row.holder), at),
            reached: follows(reached.get(&(row.certificate, row.year)), at),
            holder: (AccountId(row.holder), row.holder_name),
        })
    });
    Ok(read.collect())
}

type Moments<K> = BTreeMap<K, Vec<NaiveDateTime>>;

/// When some holders reported something, within a span.
fn reported_within(
    conn: &mut Conn<'_>,
    holders: BTreeSet<i64>,
    (from, until): (NaiveDateTime, NaiveDateTime),
) -> Result<Moments<i64>, StoreError> {
    let rows: Vec<(i64, Option<NaiveDateTime>)> = activities::table
        .filter(activities::holder_id.eq_any(holders))
        .filter(activities::reported_at.ge(from))
        .filter(activities::reported_at.lt(until))
        .select((activities::holder_id, activities::reported_at))
        .load(conn.0)?;
    let mut reported = Moments::new();
    for (holder, at) in rows {
        reported.entry(holder).or_default().extend(at);
    }
    Ok(reported)
}

/// When years of some certificates reached their minimum, within a span.
fn reached_within(
    conn: &mut Conn<'_>,
    certificates: BTreeSet<i64>,
    (from, until): (NaiveDateTime, NaiveDateTime),
) -> Result<Moments<(i64, i64)>, StoreError> {
    let rows: Vec<(i64, i64, Option<NaiveDateTime>)> = notices::table
        .filter(notices::certificate_id.eq_any(certificates))
        .filter(notices::kind.eq(YearNoticeKind::MinimumReached.code()))
        .filter(notices::at.ge(from))
        .filter(notices::at.lt(until))
        .select((notices::certificate_id, notices::year, notices::at))
        .load(conn.0)?;
    let mut reached = Moments::new();
    for (certificate, year, at) in rows {
        reached.entry((certificate, year)).or_default().extend(at);
    }
    Ok(reached)
}

/// An appeal: when it was made (UTC), and the day and the way it ended if it has.
pub type AppealSpan = (NaiveDateTime, Option<(NaiveDate, AppealOutcome)>);

/// All appeals. They are few: each is against one decision that a person took.
pub fn appeals(conn: &mut Conn<'_>) -> Result<Vec<AppealSpan>, StoreError> {
    let rows: Vec<(NaiveDateTime, Option<(NaiveDate, String)>)> = conversations::table
        .left_join(appeal_outcomes::table.on(appeal_outcomes::conversation_id.eq(conversations::id)))
        .filter(conversations::kind.eq(ConversationKind::Appeal.code()))
        .select((conversations::begun_at, (appeal_outcomes::decided_on, appeal_outcomes::outcome).nullable()))
        .load(conn.0)?;
    let read = |(begun, ended): (NaiveDateTime, Option<(NaiveDate, String)>)| {
        let ended = ended
            .map(|(day, outcome)| {
                let outcome = AppealOutcome::from_code(&outcome);
                outcome.map(|outcome| (day, outcome)).ok_or(StoreError::Unreadable("appeal_outcomes"))
            })
            .transpose()?;
        Ok((begun, ended))
    };
    rows.into_iter().map(read).collect()
}

/// How many reports there are, up to `most`.
pub fn reports_up_to(conn: &mut Conn<'_>, most: i64) -> Result<i64, StoreError> {
    let some: Vec<i64> = activities::table.select(activities::id).limit(1).offset(most - 1).load(conn.0)?;
    if !some.is_empty() {
        return Ok(most);
    }
    Ok(activities::table.count().get_result(conn.0)?)
}
