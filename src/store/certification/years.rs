//! Certification years: rows ahead of time, so that the deadline run finds them; facts recorded about them.

use chrono::NaiveDate;

use crate::domain::activities::category::Category;
use crate::domain::activities::credits::Credits;
use crate::domain::certification::certificate::{CertificationYear, Settlement, YearOutcome};
use crate::domain::codes::codes_of;
use crate::domain::dates::plus_days;
use crate::domain::ids::{AccountId, ActivityId, CertificateId, HolderId};
use crate::domain::ledger::Counted;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, certificates, certification_years as years, year_counts};
use crate::store::{Conn, StoreError};

#[derive(Queryable, Selectable)]
#[diesel(table_name = years)]
pub(in crate::store) struct YearRow {
    certificate_id: i64,
    number: i64,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    deadline: NaiveDate,
    flagged_on: Option<NaiveDate>,
    outcome: Option<String>,
    settled_on: Option<NaiveDate>,
    approved: Option<i64>,
    required: Option<i64>,
    carried: Option<i64>,
}

impl YearRow {
    /// How it was settled; all five columns are filled together.
    fn settlement(&self) -> Result<Option<Settlement>, StoreError> {
        let Some(outcome) = &self.outcome else { return Ok(None) };
        let outcome =
            YearOutcome::from_code(outcome).ok_or(StoreError::Unreadable("certification_years.outcome"))?;
        let settlement = || {
            Some(Settlement {
                outcome,
                settled_on: self.settled_on?,
                approved: Credits::from_parts(self.approved?),
                required: Credits::from_parts(self.required?),
                carried: Credits::from_parts(self.carried?),
            })
        };
        Ok(settlement())
    }
}

/// A settlement as its columns say it; all empty while the year is open.
#[derive(Insertable, AsChangeset, Default)]
#[diesel(table_name = years, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(in crate::store) struct SettlementColumns {
    outcome: Option<&'static str>,
    settled_on: Option<NaiveDate>,
    approved: Option<i64>,
    required: Option<i64>,
    carried: Option<i64>,
}

impl From<&Settlement> for SettlementColumns {
    fn from(settlement: &Settlement) -> SettlementColumns {
        SettlementColumns {
            outcome: Some(settlement.outcome.code()),
            settled_on: Some(settlement.settled_on),
            approved: Some(settlement.approved.parts()),
            required: Some(settlement.required.parts()),
            carried: Some(settlement.carried.parts()),
        }
    }
}

/// What a row says of a year, whether it is new or corrected.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = years, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(in crate::store) struct YearColumns {
    starts_on: NaiveDate,
    ends_on: NaiveDate,
    deadline: NaiveDate,
    flagged_on: Option<NaiveDate>,
    look_on: NaiveDate,
    #[diesel(embed)]
    settlement: SettlementColumns,
}

impl YearColumns {
    /// `widest_stage`: days before a deadline on which the earliest reminder of any policy becomes due.
    pub(in crate::store) fn of(year: &CertificationYear, widest_stage: i64) -> YearColumns {
        YearColumns {
            starts_on: year.starts_on,
            ends_on: year.ends_on,
            deadline: year.deadline,
            flagged_on: year.flagged_on,
            look_on: plus_days(year.deadline, -widest_stage).max(year.starts_on),
            settlement: year.settlement.as_ref().map(SettlementColumns::from).unwrap_or_default(),
        }
    }
}

impl TryFrom<YearRow> for CertificationYear {
    type Error = StoreError;
    fn try_from(row: YearRow) -> Result<Self, StoreError> {
        let settlement = row.settlement()?;
        Ok(CertificationYear {
            certificate: CertificateId(row.certificate_id),
            number: row.number,
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            deadline: row.deadline,
            flagged_on: row.flagged_on,
            settlement,
        })
    }
}

/// The recorded years of some holders' certificates, by certificate and number.
pub fn of_holders(conn: &mut Conn<'_>, holders: &[HolderId]) -> Result<Vec<CertificationYear>, StoreError> {
    let query = years::table
        .inner_join(certificates::table)
        .select(YearRow::as_select())
        .order((years::certificate_id, years::number));
    let rows: Vec<YearRow> = match holders {
        [one] => query.filter(certificates::holder_id.eq(one.0)).load(conn.0)?,
        many => query
            .filter(certificates::holder_id.eq_any(many.iter().map(|h| h.0).collect::<Vec<_>>()))
            .load(conn.0)?,
    };
    rows.into_iter().map(CertificationYear::try_from).collect()
}

/// What settled years of some holders' certificates have counted.
pub fn counted_of_holders(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
) -> Result<Vec<(HolderId, Counted)>, StoreError> {
    let query = year_counts::table
        .inner_join(certificates::table.on(certificates::id.eq(year_counts::certificate_id)))
        .select((
            certificates::holder_id,
            year_counts::certificate_id,
            year_counts::year,
            year_counts::activity_id,
            year_counts::credits,
        ))
        .order((
            certificates::holder_id,
            year_counts::certificate_id,
            year_counts::year,
            year_counts::activity_id,
        ));
    let rows: Vec<CountedRow> = match holders {
        [one] => query.filter(certificates::holder_id.eq(one.0)).load(conn.0)?,
        many => query
            .filter(certificates::holder_id.eq_any(many.iter().map(|h| h.0).collect::<Vec<_>>()))
            .load(conn.0)?,
    };
    Ok(rows.into_iter().map(counted).collect())
}

/// What settled years have counted of some holders' publications: the part of each cap that is taken for good (G4).
pub fn counted_of_publications(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
) -> Result<Vec<(HolderId, Counted)>, StoreError> {
    let rows: Vec<CountedRow> = year_counts::table
        .inner_join(activities::table)
        .filter(activities::holder_id.eq_any(holders.iter().map(|h| h.0).collect::<Vec<_>>()))
        .filter(activities::category.eq(Category::Writing.code()))
        .select((
            activities::holder_id,
            year_counts::certificate_id,
            year_counts::year,
            year_counts::activity_id,
            year_counts::credits,
        ))
        .load(conn.0)?;
    Ok(rows.into_iter().map(counted).collect())
}

#[derive(Queryable)]
struct CountedRow {
    holder: i64,
    certificate: i64,
    year: i64,
    activity: i64,
    credits: i64,
}

fn counted(row: CountedRow) -> (HolderId, Counted) {
    let counted = Counted {
        certificate: CertificateId(row.certificate),
        year: row.year,
        activity: ActivityId(row.activity),
        credits: Credits::from_parts(row.credits),
    };
    (AccountId(row.holder), counted)
}

/// Adds years that follow those a certificate has rows for already. `widest_stage`: days before a deadline on which the earliest
/// reminder of any policy becomes due.
pub fn add(conn: &mut Conn<'_>, new: &[CertificationYear], widest_stage: i64) -> Result<(), StoreError> {
    for year in new {
        diesel::insert_into(years::table)
            .values((
                years::certificate_id.eq(year.certificate.0),
                years::number.eq(year.number),
                YearColumns::of(year, widest_stage),
            ))
            .execute(conn.0)?;
        diesel::update(certificates::table.find(year.certificate.0))
            .set(certificates::years_until.eq(Some(year.ends_on)))
            .execute(conn.0)?;
    }
    Ok(())
}

/// The number of the last year that a certificate has a row for; 0 without any.
pub fn last_number(conn: &mut Conn<'_>, certificate: CertificateId) -> Result<i64, StoreError> {
    let last: Option<i64> = years::table
        .filter(years::certificate_id.eq(certificate.0))
        .select(diesel::dsl::max(years::number))
        .first(conn.0)?;
    Ok(last.unwrap_or(0))
}

/// Records that a year was flagged.
///
/// # Errors
/// `StoreError::Changed` when it is flagged or settled already, or its deadline moved.
pub fn record_flag(conn: &mut Conn<'_>, year: &CertificationYear, on: NaiveDate) -> Result<(), StoreError> {
    let open = years::table
        .filter(years::certificate_id.eq(year.certificate.0))
        .filter(years::number.eq(year.number))
        .filter(years::deadline.eq(year.deadline))
        .filter(years::outcome.is_null())
        .filter(years::flagged_on.is_null());
    exactly_one(diesel::update(open).set(years::flagged_on.eq(Some(on))).execute(conn.0)?)
}

/// Lets a flag count from another day: its holder could not be told of it before.
///
/// # Errors
/// `StoreError::Changed` when the year is not flagged any more.
pub fn flag_anew(
    conn: &mut Conn<'_>,
    (certificate, number): (CertificateId, i64),
    on: NaiveDate,
) -> Result<(), StoreError> {
    let flagged = years::table
        .filter(years::certificate_id.eq(certificate.0))
        .filter(years::number.eq(number))
        .filter(years::outcome.is_null())
        .filter(years::flagged_on.is_not_null());
    exactly_one(diesel::update(flagged).set(years::flagged_on.eq(Some(on))).execute(conn.0)?)
}

/// Settles a year: outcome, figures, and what each report counted. Ends a flag.
///
/// # Errors
/// `StoreError::Changed` when it is settled already.
pub fn settle(
    conn: &mut Conn<'_>,
    year: &CertificationYear,
    settlement: &Settlement,
    counted: &[(ActivityId, Credits)],
) -> Result<(), StoreError> {
    let open = years::table
        .filter(years::certificate_id.eq(year.certificate.0))
        .filter(years::number.eq(year.number))
        .filter(years::outcome.is_null());
    let settled = diesel::update(open)
        .set((years::flagged_on.eq(None::<NaiveDate>), SettlementColumns::from(settlement)))
        .execute(conn.0)?;
    exactly_one(settled)?;
    let rows: Vec<_> = counted
        .iter()
        .map(|(activity, credits)| {
            (
                year_counts::certificate_id.eq(year.certificate.0),
                year_counts::year.eq(year.number),
                year_counts::activity_id.eq(activity.0),
                year_counts::credits.eq(credits.parts()),
            )
        })
        .collect();
    for chunk in rows.chunks(500) {
        diesel::insert_into(year_counts::table).values(chunk).execute(conn.0)?;
    }
    Ok(())
}

/// Turns a year that a decertification settled (as decertified or void) into a waived one, by a reinstatement.
///
/// # Errors
/// `StoreError::Changed` when it is not such a year.
pub fn waive_after_reinstatement(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
    number: i64,
) -> Result<(), StoreError> {
    let ended = years::table
        .filter(years::certificate_id.eq(certificate.0))
        .filter(years::number.eq(number))
        .filter(years::outcome.eq_any(codes_of(&[YearOutcome::Decertified, YearOutcome::Void])));
    exactly_one(
        diesel::update(ended).set(years::outcome.eq(Some(YearOutcome::Waived.code()))).execute(conn.0)?,
    )
}

/// Opens a void year again, by a reinstatement.
///
/// # Errors
/// `StoreError::Changed` when it is not void.
pub fn reopen(conn: &mut Conn<'_>, certificate: CertificateId, number: i64) -> Result<(), StoreError> {
    let void = years::table
        .filter(years::certificate_id.eq(certificate.0))
        .filter(years::number.eq(number))
        .filter(years::outcome.eq(YearOutcome::Void.code()));
    let opened = diesel::update(void)
        .set((SettlementColumns::default(), years::look_on.eq(years::starts_on)))
        .execute(conn.0)?;
    exactly_one(opened)
}

/// Moves a year's deadline and ends its flag; the run looks at it again from today on.
///
/// # Errors
/// `StoreError::Changed` when the deadline moved meanwhile or the year is settled.
pub fn extend(
    conn: &mut Conn<'_>,
    year: &CertificationYear,
    until: NaiveDate,
    today: NaiveDate,
) -> Result<(), StoreError> {
    let open = years::table
        .filter(years::certificate_id.eq(year.certificate.0))
        .filter(years::number.eq(year.number))
        .filter(years::deadline.eq(year.deadline))
        .filter(years::outcome.is_null());
    let moved = diesel::update(open)
        .set((years::deadline.eq(until), years::flagged_on.eq(None::<NaiveDate>), years::look_on.eq(today)))
        .execute(conn.0)?;
    exactly_one(moved)
}

/// Notes the next day on which the run has something to look at in a year.
pub fn look_next_on(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
    number: i64,
    day: NaiveDate,
) -> Result<(), StoreError> {
    diesel::update(years::table.find((certificate.0, number))).set(years::look_on.eq(day)).execute(conn.0)?;
    Ok(())
}

/// Years that start on or after `first_day` look at their stages from their first day on, because a new policy may have earlier ones.
pub fn look_again_from(conn: &mut Conn<'_>, first_day: NaiveDate) -> Result<(), StoreError> {
    diesel::update(years::table.filter(years::starts_on.ge(first_day)).filter(years::outcome.is_null()))
        .set(years::look_on.eq(years::starts_on))
        .execute(conn.0)?;
    Ok(())
}

/// Every holder with an open account and a year that the run has something to look at on `today`, or whose rows do not reach `rows_until`, in order of
/// their id. Ids only: a hundred thousand of them are less than a megabyte.
pub fn holders_to_look_at(
    conn: &mut Conn<'_>,
    today: NaiveDate,
    rows_until: NaiveDate,
) -> Result<Vec<HolderId>, StoreError> {
    let to_look_at = years::table
        .filter(years::outcome.is_null())
        .filter(years::look_on.le(today))
        .select(years::certificate_id);
    // nobody is reminded or flagged while their account is closed; once it is open again, the next run makes up what was missed
    let closed = || accounts::table.filter(accounts::deactivated_at.is_not_null()).select(accounts::id);
    let mut holders: Vec<i64> = certificates::table
        .filter(certificates::decertified_on.is_null())
        .filter(certificates::holder_id.ne_all(closed()))
        .filter(certificates::id.eq_any(to_look_at))
        .select(certificates::holder_id)
        .load(conn.0)?;
    let rows_run_out: Vec<i64> = certificates::table
        .filter(certificates::decertified_on.is_null())
        .filter(certificates::holder_id.ne_all(closed()))
        .filter(certificates::years_until.lt(Some(rows_until)))
        .select(certificates::holder_id)
        .load(conn.0)?;
    holders.extend(rows_run_out);
    holders.sort_unstable();
    holders.dedup();
    Ok(holders.into_iter().map(AccountId).collect())
}

fn exactly_one(changed: usize) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Changed) }
}

/// How many years are flagged and wait for a decision, counted up to `most`.
pub fn flagged_up_to(conn: &mut Conn<'_>, most: i64) -> Result<i64, StoreError> {
    let flagged: Vec<i64> = years::table
        .filter(years::flagged_on.is_not_null())
        .select(years::certificate_id)
        .limit(most)
        .load(conn.0)?;
    Ok(i64::try_from(flagged.len()).unwrap_or(most))
}
