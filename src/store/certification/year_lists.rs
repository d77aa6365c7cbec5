//! Unsettled years by deadline, and flagged ones: what staff look at before and after a deadline.

use chrono::NaiveDate;
use diesel::sql_types::{BigInt, Date, Nullable};

use crate::domain::certification::catalogue::CertificationGroup;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::codes::codes_of;
use crate::domain::ids::{AccountId, CertificateId, HolderId};
use crate::store::engine::keyset::{after, before};
use crate::store::engine::paging::{Page, Place};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, certificates, certification_years as years, certifications};
use crate::store::{Conn, StoreError};

/// A year in a list; its sums are worked out from the holder's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedYear {
    /// The certificate.
    pub certificate: CertificateId,
    /// Its number.
    pub certificate_number: String,
    /// The certification's code.
    pub code: String,
    /// The year's number.
    pub number: i64,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its deadline.
    pub deadline: NaiveDate,
    /// When it was flagged, while the flag stands.
    pub flagged_on: Option<NaiveDate>,
    /// Whose.
    pub holder: HolderId,
    /// Their name.
    pub holder_name: String,
}

/// A place in a list of years: the day it is ordered by, the certificate, the year's number.
pub type YearPlace = (NaiveDate, CertificateId, i64);

#[derive(Queryable)]
struct Row {
    certificate: i64,
    certificate_number: String,
    code: String,
    number: i64,
    starts_on: NaiveDate,
    deadline: NaiveDate,
    flagged_on: Option<NaiveDate>,
    holder: i64,
    holder_name: String,
}

fn listed(row: Row) -> ListedYear {
    let Row {
        certificate,
        certificate_number,
        code,
        number,
        starts_on,
        deadline,
        flagged_on,
        holder,
        holder_name,
    } = row;
    ListedYear {
        certificate: CertificateId(certificate),
        certificate_number,
        code,
        number,
        starts_on,
        deadline,
        flagged_on,
        holder: AccountId(holder),
        holder_name,
    }
}

macro_rules! years_with_names {
    () => {
        years::table
            .inner_join(certificates::table.inner_join(accounts::table).inner_join(certifications::table))
            .select((
                years::certificate_id,
                certificates::number,
                certifications::code,
                years::number,
                years::starts_on,
                years::deadline,
                years::flagged_on,
                accounts::id,
                accounts::name,
            ))
    };
}

/// A page of a list by a day of its years, from a place on. Of several ends of a range SQLite takes the first that it is told, and the place is
/// the nearest: what else is asked for comes after it.
macro_rules! at_place {
    ($engine:ty, $query:expr, $day:expr, $type:ty, $place:expr) => {{
        let query = $query.into_boxed::<$engine>();
        let columns = ($day, years::certificate_id, years::number);
        let backwards = ($day.desc(), years::certificate_id.desc(), years::number.desc());
        let place: &Place<YearPlace> = $place;
        match place {
            Place::Start => query.order(columns),
            Place::After((day, certificate, number)) => {
                let values = (
                    day.into_sql::<$type>(),
                    certificate.0.into_sql::<BigInt>(),
                    number.into_sql::<BigInt>(),
                );
                query.filter(after(columns, values)).order(columns)
            }
            Place::Before((day, certificate, number)) => {
                let values = (
                    day.into_sql::<$type>(),
                    certificate.0.into_sql::<BigInt>(),
                    number.into_sql::<BigInt>(),
                );
                query.filter(before(columns, values)).order(backwards)
            }
        }
    }};
}

/// A page of unsettled years with deadlines from `from` through `to`, by deadline.
pub fn by_deadline(
    conn: &mut Conn<'_>,
    from: NaiveDate,
    to: NaiveDate,
    place: &Place<YearPlace>,
    size: i64,
) -> Result<Page<ListedYear>, StoreError> {
    let rows: Vec<Row> = boxed!(conn.0, Engine, load, {
        at_place!(Engine, years_with_names!(), years::deadline, Date, place)
            .filter(years::outcome.is_null())
            .filter(years::deadline.between(from, to))
            .limit(size.saturating_add(1))
    })?;
    Ok(Page::new(rows.into_iter().map(listed).collect(), place, size))
}

/// Those of some unsettled years, by certificate and number, whose deadline lies from `from` through `to`; by deadline.
pub fn some(
    conn: &mut Conn<'_>,
    wanted: &[(CertificateId, i64)],
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<ListedYear>, StoreError> {
    let ids: Vec<i64> = wanted.iter().map(|(certificate, _)| certificate.0).collect();
    let rows: Vec<Row> = years_with_names!()
        .filter(years::certificate_id.eq_any(ids))
        .filter(years::outcome.is_null())
        .filter(years::deadline.between(from, to))
        .order((years::deadline, years::certificate_id, years::number))
        .load(conn.0)?;
    let listed = rows.into_iter().map(listed);
    Ok(listed.filter(|year| wanted.contains(&(year.certificate, year.number))).collect())
}

/// A page of flagged years, the longest flagged first.
pub fn flagged(
    conn: &mut Conn<'_>,
    place: &Place<YearPlace>,
    size: i64,
) -> Result<Page<ListedYear>, StoreError> {
    let rows: Vec<Row> = boxed!(conn.0, Engine, load, {
        at_place!(Engine, years_with_names!(), years::flagged_on, Nullable<Date>, place)
            .filter(years::flagged_on.is_not_null())
            .limit(size.saturating_add(1))
    })?;
    Ok(Page::new(rows.into_iter().map(listed).collect(), place, size))
}

/// Which of the years that have ended are asked for.
#[derive(Clone, Copy, Debug)]
pub struct EndedSearch {
    /// Their last day lies from here …
    pub from: NaiveDate,
    /// … through here.
    pub to: NaiveDate,
    /// What was counted.
    pub which: EndedKind,
    /// Of which certifications; none means all.
    pub group: Option<CertificationGroup>,
}

/// What is asked of a year that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedKind {
    /// That it came out like this; none means that it is not settled.
    Outcome(Option<YearOutcome>),
    /// That its deadline was moved, and that somebody decides or decided about it.
    Extended,
}

/// A year that has ended, in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedYear {
    /// The year, its certificate, its holder.
    pub listed: ListedYear,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// How it came out.
    pub outcome: Option<YearOutcome>,
    /// When that was settled.
    pub settled_on: Option<NaiveDate>,
}

/// The last day of a year, how it came out, and when that was settled.
type Columns = (NaiveDate, Option<String>, Option<NaiveDate>);

fn ended_year((row, (ends_on, outcome, settled_on)): (Row, Columns)) -> Result<EndedYear, StoreError> {
    let outcome = outcome
        .map(|code| YearOutcome::from_code(&code).ok_or(StoreError::Unreadable("certification_years")))
        .transpose()?;
    Ok(EndedYear { listed: listed(row), ends_on, outcome, settled_on })
}

/// A page of years that have ended, by their last day.
pub fn ended(
    conn: &mut Conn<'_>,
    search: &EndedSearch,
    place: &Place<YearPlace>,
    size: i64,
) -> Result<Page<EndedYear>, StoreError> {
    let from_here = years::table
        .inner_join(certificates::table.inner_join(accounts::table).inner_join(certifications::table));
    let rows: Vec<(Row, Columns)> = boxed!(conn.0, Engine, load, {
        let mut query = at_place!(Engine, from_here, years::ends_on, Date, place)
            .filter(years::ends_on.between(search.from, search.to))
            .limit(size.saturating_add(1));
        query = match search.which {
            EndedKind::Outcome(Some(outcome)) => query.filter(years::outcome.eq(outcome.code())),
            EndedKind::Outcome(None) => query.filter(years::outcome.is_null()),
            EndedKind::Extended => {
                let undecided = codes_of(&[YearOutcome::Void, YearOutcome::BeforeTakeover]);
                query
                    .filter(years::deadline.gt(years::ends_on))
                    .filter(years::outcome.is_null().or(years::outcome.ne_all(undecided)))
            }
        };
        query = match search.group {
            None => query,
            Some(CertificationGroup::Certification(id)) => query.filter(certifications::id.eq(id.0)),
            Some(CertificationGroup::Level(level)) => query.filter(certifications::level.eq(level.code())),
            Some(CertificationGroup::Field(id)) => query.filter(certifications::field_id.eq(id.0)),
        };
        query.select((
            (
                years::certificate_id,
                certificates::number,
                certifications::code,
                years::number,
                years::starts_on,
                years::deadline,
                years::flagged_on,
                accounts::id,
                accounts::name,
            ),
            (years::ends_on, years::outcome, years::settled_on),
        ))
    })?;
    let rows = rows.into_iter().map(ended_year).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(Page::new(rows, place, size))
}

/// How many unsettled years have their deadline on each day from `from` through `to`; days without any are left out.
pub fn counted_by_day(
    conn: &mut Conn<'_>,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<(NaiveDate, i64)>, StoreError> {
    Ok(years::table
        .filter(years::outcome.is_null())
        .filter(years::deadline.between(from, to))
        .group_by(years::deadline)
        .order(years::deadline)
        .select((years::deadline, diesel::dsl::count_star()))
        .load(conn.0)?)
}
