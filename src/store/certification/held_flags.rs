//! Flags that the guard held back, until an administrator confirms them.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::ids::{AccountId, CertificateId, HolderId};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, certificates, certifications, held_flags};
use crate::store::{Conn, StoreError};

/// A held flag, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldFlag {
    /// The certificate.
    pub certificate: CertificateId,
    /// Its number.
    pub number: String,
    /// The certification's title.
    pub title: String,
    /// Whose.
    pub holder: HolderId,
    /// Their name.
    pub holder_name: String,
    /// The year's number.
    pub year: i64,
    /// The deadline that passed.
    pub deadline: NaiveDate,
    /// When the guard held it.
    pub held_on: NaiveDate,
    /// Whether an administrator confirmed it, so that the next run flags it.
    pub confirmed: bool,
}

/// Held flags after one place (keyset paging by certificate and year).
pub fn list(
    conn: &mut Conn<'_>,
    after: Option<(CertificateId, i64)>,
    limit: i64,
) -> Result<Vec<HeldFlag>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        certificate: i64,
        number: String,
        title: String,
        holder: i64,
        holder_name: String,
        year: i64,
        deadline: NaiveDate,
        held_on: NaiveDate,
        confirmed_by: Option<i64>,
    }
    let (certificate, year) = after.map_or((0, 0), |(certificate, year)| (certificate.0, year));
    let rows: Vec<Row> = held_flags::table
        .inner_join(certificates::table.on(certificates::id.eq(held_flags::certificate_id)))
        .inner_join(certifications::table.on(certifications::id.eq(certificates::certification_id)))
        .inner_join(accounts::table.on(accounts::id.eq(certificates::holder_id)))
        .filter(
            held_flags::certificate_id
                .gt(certificate)
                .or(held_flags::certificate_id.eq(certificate).and(held_flags::year.gt(year))),
        )
        .order((held_flags::certificate_id, held_flags::year, held_flags::deadline))
        .limit(limit)
        .select((
            certificates::id,
            certificates::number,
            certifications::title,
            accounts::id,
            accounts::name,
            held_flags::year,
            held_flags::deadline,
            held_flags::held_on,
            held_flags::confirmed_by,
        ))
        .load(conn.0)?;
    Ok(rows
        .into_iter()
        .map(
            |Row {
                 certificate,
                 number,
                 title,
                 holder,
                 holder_name,
                 year,
                 deadline,
                 held_on,
                 confirmed_by,
             }| {
                HeldFlag {
                    certificate: CertificateId(certificate),
                    number,
                    title,
                    holder: AccountId(holder),
                    holder_name,
                    year,
                    deadline,
                    held_on,
                    confirmed: confirmed_by.is_some(),
                }
            },
        )
        .collect())
}

/// How many are held and not confirmed yet.
pub fn waiting(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    Ok(held_flags::table.filter(held_flags::confirmed_by.is_null()).count().get_result(conn.0)?)
}

/// Confirms every flag that is held now, so that the next run flags these years. Gives how many.
pub fn confirm_all(conn: &mut Conn<'_>, by: AccountId, now: NaiveDateTime) -> Result<usize, StoreError> {
    Ok(diesel::update(held_flags::table.filter(held_flags::confirmed_by.is_null()))
        .set((held_flags::confirmed_by.eq(Some(by.0)), held_flags::confirmed_at.eq(Some(now))))
        .execute(conn.0)?)
}

/// Forgets what is held about one year, because a decision about it was taken.
pub fn clear_year(conn: &mut Conn<'_>, certificate: CertificateId, year: i64) -> Result<(), StoreError> {
    diesel::delete(
        held_flags::table
            .filter(held_flags::certificate_id.eq(certificate.0))
            .filter(held_flags::year.eq(year)),
    )
    .execute(conn.0)?;
    Ok(())
}

/// A year's flag: certificate, year, the deadline that passed.
pub type FlagKey = (CertificateId, i64, NaiveDate);

/// A flag that the guard held, as the deadline run sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which flag.
    pub key: FlagKey,
    /// Since when.
    pub held_on: NaiveDate,
    /// Whether an administrator confirmed it.
    pub confirmed: bool,
}

/// Every held flag: what the deadline run begins with.
pub fn all(conn: &mut Conn<'_>) -> Result<Vec<Held>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        certificate: i64,
        year: i64,
        deadline: NaiveDate,
        held_on: NaiveDate,
        confirmed_by: Option<i64>,
    }
    let rows: Vec<Row> = held_flags::table
        .select((
            held_flags::certificate_id,
            held_flags::year,
            held_flags::deadline,
            held_flags::held_on,
            held_flags::confirmed_by,
        ))
        .order((held_flags::certificate_id, held_flags::year, held_flags::deadline))
        .load(conn.0)?;
    Ok(rows
        .into_iter()
        .map(|row| Held {
            key: (CertificateId(row.certificate), row.year, row.deadline),
            held_on: row.held_on,
            confirmed: row.confirmed_by.is_some(),
        })
        .collect())
}

/// Records that the guard holds a flag. Gives whether that is new.
pub fn hold(
    conn: &mut Conn<'_>,
    (certificate, year, deadline): FlagKey,
    on: NaiveDate,
) -> Result<bool, StoreError> {
    let held = diesel::insert_into(held_flags::table)
        .values((
            held_flags::certificate_id.eq(certificate.0),
            held_flags::year.eq(year),
            held_flags::deadline.eq(deadline),
            held_flags::held_on.eq(on),
        ))
        .on_conflict_do_nothing()
        .execute(conn.0)?;
    Ok(held == 1)
}

/// Forgets held flags that are flagged now, or have nothing to flag any more.
pub fn forget(conn: &mut Conn<'_>, keys: &[FlagKey]) -> Result<(), StoreError> {
    for (certificate, year, deadline) in keys {
        diesel::delete(held_flags::table.find((certificate.0, year, deadline))).execute(conn.0)?;
    }
    Ok(())
}
