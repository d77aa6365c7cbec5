//! What the deadline run reads: holders' files cut down to what a run can need, many holders at a time.
//!
//! Of years: the unsettled ones and the one before each. Of reports: those from the first day of a year whose sums are looked at; of
//! publications, which have one cap over their whole life (G4), all. So a night with 100 000 holders reads what a bare sum would read.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteValue};

use crate::domain::activities::activity::{ActivityStatus, Report};
use crate::domain::activities::category::Category;
use crate::domain::activities::quantity::Quantity;
use crate::domain::certification::certificate::{Certificate, CertificationYear, years_from};
use crate::domain::certification::deadlines::{ToldStage, needs_sums};
use crate::domain::certification::policy::Policies;
use crate::domain::ids::{AccountId, ActivityId, CertificateId, HolderId};
use crate::domain::ledger::{CertificateFile, HolderFile};
use crate::store::activities::counted_status;
use crate::store::certification::certificates;
use crate::store::certification::years::YearRow;
use crate::store::engine::prelude::*;
use crate::store::mail::reminders;
use crate::store::schema::{activities, certification_years as years};
use crate::store::{Conn, StoreError};

/// What the run needs of one holder.
#[derive(Clone, Debug)]
pub struct DueFile {
    /// The cut-down file: certificates that stand and need CPE. Everything that `deadlines::find` says of it, it would say of the whole
    /// one.
    pub file: HolderFile,
    /// Stages that have a row already.
    pub told: Vec<ToldStage>,
    /// Unsettled years that have a row, and the day from which the run looks at them.
    pub looks: Vec<(CertificateId, i64, NaiveDate)>,
    /// The number of the last year that has a row, by certificate.
    pub rows_until: Vec<(CertificateId, i64)>,
}

/// The files of several holders, in order of their id. Holders without a certificate that stands and needs CPE have none.
pub fn of_holders(
    conn: &mut Conn<'_>,
    holders: &[HolderId],
    policies: &Policies,
    today: NaiveDate,
) -> Result<Vec<DueFile>, StoreError> {
    let certificates: Vec<Certificate> = certificates::of_holders(conn, holders)?
        .into_iter()
        .filter(|certificate| certificate.stands() && certificate.needs_cpe())
        .collect();
    let ids: Vec<CertificateId> = certificates.iter().map(|certificate| certificate.id).collect();
    let mut rows: BTreeMap<CertificateId, Vec<(CertificationYear, NaiveDate)>> = BTreeMap::new();
    for (year, look_on) in unsettled_years(conn, &ids)? {
        rows.entry(year.certificate).or_default().push((year, look_on));
    }
    let mut told: BTreeMap<CertificateId, Vec<ToldStage>> = BTreeMap::new();
    for stage in reminders::of_certificates(conn, &ids, today)? {
        told.entry(stage.certificate).or_default().push(stage);
    }
    let mut files: BTreeMap<HolderId, DueFile> = BTreeMap::new();
    for certificate in certificates {
        let holder = certificate.holder;
        let due = files.entry(holder).or_insert_with(|| empty(holder));
        let recorded = rows.remove(&certificate.id).unwrap_or_default();
        due.told.extend(told.remove(&certificate.id).unwrap_or_default());
        let open = recorded.iter().filter(|(year, _)| year.settlement.is_none());
        due.looks.extend(open.map(|(year, look_on)| (year.certificate, year.number, *look_on)));
        let last = recorded.last().map_or(0, |(year, _)| year.number);
        due.rows_until.push((certificate.id, last));
        let years = years_from(&certificate, recorded.into_iter().map(|(year, _)| year).collect(), today);
        due.file.certificates.push(CertificateFile { certificate, years });
    }
    let mut files: Vec<DueFile> = files.into_values().collect();
    add_reports(conn, &mut files, policies, today)?;
    Ok(files)
}

fn empty(holder: HolderId) -> DueFile {
    let file = HolderFile { holder, certificates: Vec::new(), reports: Vec::new(), counted: Vec::new() };
    DueFile { file, told: Vec::new(), looks: Vec::new(), rows_until: Vec::new() }
}

impl DueFile {
    /// The number of the last year of a certificate that has a row; 0 without any.
    pub fn last_row(&self, certificate: CertificateId) -> i64 {
        self.rows_until.iter().find(|(id, _)| *id == certificate).map_or(0, |(_, last)| *last)
    }

    /// The day from which the run looks at an unsettled year; `None` when it has no row.
    pub fn look_on(&self, certificate: CertificateId, year: i64) -> Option<NaiveDate> {
        let found = self.looks.iter().find(|(id, number, _)| *id == certificate && *number == year);
        found.map(|(_, _, day)| *day)
    }

    /// The first day whose reports a run on `today` looks at; `None` when it looks at no sums.
    fn reports_from(&self, policies: &Policies, today: NaiveDate) -> Option<NaiveDate> {
        let years = self.file.certificates.iter().flat_map(|certificate| {
            certificate.years.iter().enumerate().map(move |(index, year)| (certificate, index, year))
        });
        years
            .filter(|(_, _, year)| needs_sums(year, &self.told, policies, today))
            .filter_map(|(certificate, index, _)| certificate.window(index).map(|(from, _)| from))
            .min()
    }
}

/// Unsettled years, the settled one before each, and the last one that has a row; by certificate and number.
fn unsettled_years(
    conn: &mut Conn<'_>,
    certificates: &[CertificateId],
) -> Result<Vec<(CertificationYear, NaiveDate)>, StoreError> {
    let next = diesel::alias!(years as next_years);
    let ids: Vec<i64> = certificates.iter().map(|id| id.0).collect();
    let next_is_settled = diesel::dsl::exists(
        next.filter(next.field(years::certificate_id).eq(years::certificate_id))
            .filter(next.field(years::number).eq(years::number + 1))
            .filter(next.field(years::outcome).is_not_null()),
    );
    let rows: Vec<(YearRow, NaiveDate)> = years::table
        .filter(years::certificate_id.eq_any(ids))
        .filter(years::outcome.is_null().or(diesel::dsl::not(next_is_settled)))
        .order((years::certificate_id, years::number))
        .select((YearRow::as_select(), years::look_on))
        .load(conn.0)?;
    rows.into_iter().map(|(row, look_on)| Ok((CertificationYear::try_from(row)?, look_on))).collect()
}

/// A status, read without a copy.
#[derive(Clone, Copy, Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
struct StoredStatus(ActivityStatus);

impl FromSql<Text, Sqlite> for StoredStatus {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        ActivityStatus::from_code(value.read_text()).map(StoredStatus).ok_or_else(|| "a status".into())
    }
}

impl FromSql<Text, Pg> for StoredStatus {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let word = std::str::from_utf8(value.as_bytes())?;
        ActivityStatus::from_code(word).map(StoredStatus).ok_or_else(|| "a status".into())
    }
}

/// A category, read without a copy.
#[derive(Clone, Copy, Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
struct StoredCategory(Category);

impl FromSql<Text, Sqlite> for StoredCategory {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        Category::from_code(value.read_text()).map(StoredCategory).ok_or_else(|| "a category".into())
    }
}

impl FromSql<Text, Pg> for StoredCategory {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let word = std::str::from_utf8(value.as_bytes())?;
        Category::from_code(word).map(StoredCategory).ok_or_else(|| "a category".into())
    }
}

#[derive(Queryable)]
struct LeanRow {
    holder: i64,
    id: i64,
    status: StoredStatus,
    category: Option<StoredCategory>,
    completed_on: Option<NaiveDate>,
    reported: Option<i64>,
    awarded: Option<i64>,
}

fn add_reports(
    conn: &mut Conn<'_>,
    files: &mut [DueFile],
    policies: &Policies,
    today: NaiveDate,
) -> Result<(), StoreError> {
    let from: BTreeMap<HolderId, NaiveDate> = files
        .iter()
        .filter_map(|due| due.reports_from(policies, today).map(|from| (due.file.holder, from)))
        .collect();
    let Some(earliest) = from.values().min() else { return Ok(()) };
    let holders: Vec<i64> = from.keys().map(|holder| holder.0).collect();
    let rows: Vec<LeanRow> = activities::table
        .filter(activities::holder_id.eq_any(&holders))
        .filter(activities::completed_on.ge(earliest))
        .filter(counted_status())
        .select((
            activities::holder_id,
            activities::id,
            activities::status,
            activities::category,
            activities::completed_on,
            activities::quantity,
            activities::awarded,
        ))
        .load(conn.0)?;
    let mut files: BTreeMap<HolderId, &mut HolderFile> =
        files.iter_mut().map(|due| (due.file.holder, &mut due.file)).collect();
    let mut writers: Vec<HolderId> = Vec::new();
    for row in rows {
        let holder = AccountId(row.holder);
        let report = lean_report(row)?;
        if from.get(&holder).is_none_or(|from| report.completed_on < *from) {
            continue;
        }
        if report.category == Category::Writing {
            writers.push(holder);
        } else if let Some(file) = files.get_mut(&holder) {
            file.reports.push(report);
        }
    }
    writers.sort_unstable();
    writers.dedup();
    if !writers.is_empty() {
        for (holder, report) in crate::store::activities::publications_of_holders(conn, &writers)? {
            if let Some(file) = files.get_mut(&holder) {
                file.reports.push(report);
            }
        }
        for (holder, counted) in crate::store::certification::years::counted_of_publications(conn, &writers)?
        {
            if let Some(file) = files.get_mut(&holder) {
                file.counted.push(counted);
            }
        }
    }
    for file in files.into_values() {
        file.reports.sort_unstable_by_key(Report::order);
    }
    Ok(())
}

fn lean_report(row: LeanRow) -> Result<Report, StoreError> {
    let unreadable = || StoreError::Unreadable("activities");
    let category = row.category.ok_or_else(unreadable)?.0;
    let quantity = |amount| Quantity::new(amount, category.unit()).map_err(|_| unreadable());
    Ok(Report {
        id: ActivityId(row.id),
        status: row.status.0,
        category,
        completed_on: row.completed_on.ok_or_else(unreadable)?,
        // decides the order of a publication's reports only, and those are read whole
        reported_at: chrono::NaiveDateTime::MIN,
        reported: quantity(row.reported.ok_or_else(unreadable)?)?,
        awarded: row.awarded.map(quantity).transpose()?,
        publication: None,
    })
}
