//! Badge records: one for each certificate from the day it is granted; revoked by a decertification, new after a reinstatement.

pub mod badge_sharing;
pub mod signed_badges;
pub mod status_lists;

use chrono::NaiveDate;

use super::schema::{badges, certificates};
use super::{Conn, StoreError};
use crate::domain::ids::{AccountId, CertificateId, HolderId};
use crate::store::engine::prelude::*;

/// A badge record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// A random UUID; part of the public address.
    pub id: String,
    /// The certificate.
    pub certificate: CertificateId,
    /// The day it was issued.
    pub issued_on: NaiveDate,
    /// The last day it is valid; `None` never expires (Foundation).
    pub valid_until: Option<NaiveDate>,
    /// The day its validity was last renewed.
    pub renewed_on: NaiveDate,
    /// The day it was withdrawn.
    pub revoked_on: Option<NaiveDate>,
}

#[derive(Queryable)]
pub(in crate::store) struct Row {
    id: String,
    certificate: i64,
    issued_on: NaiveDate,
    valid_until: Option<NaiveDate>,
    renewed_on: NaiveDate,
    revoked_on: Option<NaiveDate>,
}

pub(in crate::store) fn badge(
    Row { id, certificate, issued_on, valid_until, renewed_on, revoked_on }: Row,
) -> Badge {
    Badge { id, certificate: CertificateId(certificate), issued_on, valid_until, renewed_on, revoked_on }
}

/// Issues a badge.
///
/// # Errors
/// `StoreError::Constraint` when the certificate has a live one.
pub fn issue(
    conn: &mut Conn<'_>,
    id: &str,
    certificate: CertificateId,
    on: NaiveDate,
    valid_until: Option<NaiveDate>,
) -> Result<(), StoreError> {
    diesel::insert_into(badges::table)
        .values((
            badges::id.eq(id),
            badges::certificate_id.eq(certificate.0),
            badges::issued_on.eq(on),
            badges::valid_until.eq(valid_until),
            badges::renewed_on.eq(on),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// Gives the live badge of a certificate a new last day.
pub fn renew(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
    on: NaiveDate,
    valid_until: Option<NaiveDate>,
) -> Result<(), StoreError> {
    let live =
        badges::table.filter(badges::certificate_id.eq(certificate.0)).filter(badges::revoked_on.is_null());
    diesel::update(live)
        .set((badges::valid_until.eq(valid_until), badges::renewed_on.eq(on)))
        .execute(conn.0)?;
    Ok(())
}

/// Revokes the live badge of a certificate.
///
/// # Errors
/// `StoreError::Changed` when there is none.
pub fn revoke(conn: &mut Conn<'_>, certificate: CertificateId, on: NaiveDate) -> Result<(), StoreError> {
    let live =
        badges::table.filter(badges::certificate_id.eq(certificate.0)).filter(badges::revoked_on.is_null());
    let revoked = diesel::update(live).set(badges::revoked_on.eq(Some(on))).execute(conn.0)?;
    if revoked == 1 { Ok(()) } else { Err(StoreError::Changed) }
}

/// The badge of an id, if there is one.
pub fn find(conn: &mut Conn<'_>, id: &str) -> Result<Option<Badge>, StoreError> {
    let row: Option<Row> = badges::table.find(id).first(conn.0).optional()?;
    Ok(row.map(badge))
}

/// Every badge of a certificate, the newest last.
pub fn of_certificate(conn: &mut Conn<'_>, certificate: CertificateId) -> Result<Vec<Badge>, StoreError> {
    let rows: Vec<Row> = badges::table
        .filter(badges::certificate_id.eq(certificate.0))
        .order((badges::revoked_on.is_null(), badges::issued_on))
        .load(conn.0)?;
    Ok(rows.into_iter().map(badge).collect())
}

/// Every badge of a holder's certificates, from the first issued.
pub fn of_holder(conn: &mut Conn<'_>, holder: HolderId) -> Result<Vec<Badge>, StoreError> {
    let rows: Vec<Row> = badges::table
        .inner_join(certificates::table)
        .filter(certificates::holder_id.eq(holder.0))
        .order((badges::revoked_on.is_null(), badges::issued_on))
        .select(badges::all_columns)
        .load(conn.0)?;
    Ok(rows.into_iter().map(badge).collect())
}

/// A live badge that ends soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadgeEnding {
    /// Whose.
    pub holder: HolderId,
    /// Of which certificate.
    pub certificate: CertificateId,
}

/// Certificates that stand and whose live badge ends before `day`.
pub fn ending_before(conn: &mut Conn<'_>, day: NaiveDate) -> Result<Vec<BadgeEnding>, StoreError> {
    let rows: Vec<(i64, i64)> = badges::table
        .inner_join(certificates::table.on(certificates::id.eq(badges::certificate_id)))
        .filter(badges::revoked_on.is_null())
        .filter(badges::valid_until.lt(Some(day)))
        .select((certificates::holder_id, badges::certificate_id))
        .order(badges::certificate_id)
        .load(conn.0)?;
    Ok(rows
        .into_iter()
        .map(|(holder, certificate)| BadgeEnding {
            holder: AccountId(holder),
            certificate: CertificateId(certificate),
        })
        .collect())
}
