//! The signed text of badges, and what a signature needs to know.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::certification::catalogue::Level;
use crate::domain::ids::{CertificateId, CertificationId, HolderId};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, badges, certificates, certifications, fields, signed_badges};
use crate::store::{Conn, StoreError};

/// A badge's place in a status list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadgePlace {
    /// The list's number, from 1.
    pub list: i64,
    /// The position in it.
    pub position: i64,
}

/// A badge's signed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Its place.
    pub place: BadgePlace,
    /// The text, served as it is.
    pub document: String,
    /// The whole address of the key that signed it.
    pub signed_with: String,
    /// When (UTC).
    pub signed_at: NaiveDateTime,
    /// Whether what it says has changed since.
    pub outdated: bool,
    /// How often it was signed.
    pub version: i64,
}

/// Everything that stands in a badge, and its signature as far as there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The badge's UUID.
    pub badge: String,
    /// Of which certificate.
    pub certificate: CertificateId,
    /// The first day of the signature's time.
    pub renewed_on: NaiveDate,
    /// The last day it is valid; `None` never expires.
    pub valid_until: Option<NaiveDate>,
    /// The day it was revoked.
    pub revoked_on: Option<NaiveDate>,
    /// The certificate's number.
    pub number: String,
    /// The first award.
    pub granted_on: NaiveDate,
    /// The holder's name.
    pub holder: String,
    /// The certification's code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Its level.
    pub level: Level,
    /// Its field's code.
    pub field: String,
    /// Its field's title.
    pub field_title: String,
    /// The signature there is.
    pub signed: Option<Signed>,
}

#[derive(Queryable)]
struct BadgeColumns {
    id: String,
    certificate_id: i64,
    renewed_on: NaiveDate,
    valid_until: Option<NaiveDate>,
    revoked_on: Option<NaiveDate>,
}

type CertificateColumns = (String, NaiveDate, String);

#[derive(Queryable)]
struct CertificationColumns {
    code: String,
    title: String,
    level: String,
    field: String,
    field_title: String,
}

#[derive(Queryable)]
struct SignedColumns {
    list: i64,
    position: i64,
    document: String,
    signed_with: String,
    signed_at: NaiveDateTime,
    outdated: bool,
    version: i64,
}

type Row = (BadgeColumns, CertificateColumns, CertificationColumns, Option<SignedColumns>);

fn signed(columns: SignedColumns) -> Signed {
    let SignedColumns { list, position, document, signed_with, signed_at, outdated, version } = columns;
    Signed { place: BadgePlace { list, position }, document, signed_with, signed_at, outdated, version }
}

fn case((badge, certificate, certification, signature): Row) -> Result<Case, StoreError> {
    let BadgeColumns { id, certificate_id, renewed_on, valid_until, revoked_on } = badge;
    let (number, granted_on, holder) = certificate;
    let CertificationColumns { code, title, level, field, field_title } = certification;
    let level = Level::from_code(&level)
        .ok_or_else(|| StoreError::database("", format!("the level {level} of {code} is not known")))?;
    Ok(Case {
        badge: id,
        certificate: CertificateId(certificate_id),
        renewed_on,
        valid_until,
        revoked_on,
        number,
        granted_on,
        holder,
        code,
        title,
        level,
        field,
        field_title,
        signed: signature.map(signed),
    })
}

macro_rules! cases {
    () => {
        badges::table
            .inner_join(
                certificates::table
                    .inner_join(accounts::table)
                    .inner_join(certifications::table.inner_join(fields::table)),
            )
            .left_join(signed_badges::table.on(signed_badges::badge_id.eq(badges::id)))
            .select((
                (
                    badges::id,
                    badges::certificate_id,
                    badges::renewed_on,
                    badges::valid_until,
                    badges::revoked_on,
                ),
                (certificates::number, certificates::granted_on, accounts::name),
                (
                    certifications::code,
                    certifications::title,
                    certifications::level,
                    fields::code,
                    fields::title,
                ),
                (
                    signed_badges::list_number,
                    signed_badges::list_position,
                    signed_badges::document,
                    signed_badges::signed_with,
                    signed_badges::signed_at,
                    signed_badges::outdated,
                    signed_badges::version,
                )
                    .nullable(),
            ))
    };
}

/// What a badge says.
pub fn find(conn: &mut Conn<'_>, badge: &str) -> Result<Option<Case>, StoreError> {
    let row: Option<Row> = cases!().filter(badges::id.eq(badge)).first(conn.0).optional()?;
    row.map(case).transpose()
}

/// The signed text of a badge alone, as it is served.
pub fn text(conn: &mut Conn<'_>, badge: &str) -> Result<Option<String>, StoreError> {
    Ok(signed_badges::table.find(badge).select(signed_badges::document).first(conn.0).optional()?)
}

/// Badges after `after` by id, at most `limit`: a page of all there are.
pub fn list(conn: &mut Conn<'_>, after: &str, limit: i64) -> Result<Vec<Case>, StoreError> {
    let rows: Vec<Row> = cases!().filter(badges::id.gt(after)).order(badges::id).limit(limit).load(conn.0)?;
    rows.into_iter().map(case).collect()
}

/// The live badges of a holder.
pub fn live_of_holder(conn: &mut Conn<'_>, holder: HolderId) -> Result<Vec<Case>, StoreError> {
    let rows: Vec<Row> = cases!()
        .filter(certificates::holder_id.eq(holder.0))
        .filter(badges::revoked_on.is_null())
        .order(badges::id)
        .load(conn.0)?;
    rows.into_iter().map(case).collect()
}

/// The live badge of a certificate.
pub fn live_of_certificate(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
) -> Result<Option<Case>, StoreError> {
    let row: Option<Row> = cases!()
        .filter(badges::certificate_id.eq(certificate.0))
        .filter(badges::revoked_on.is_null())
        .first(conn.0)
        .optional()?;
    row.map(case).transpose()
}

/// The newest list in which badges have places, or 1.
pub fn newest_list(conn: &mut Conn<'_>) -> Result<i64, StoreError> {
    let newest: Option<i64> =
        signed_badges::table.select(diesel::dsl::max(signed_badges::list_number)).first(conn.0)?;
    Ok(newest.unwrap_or(1))
}

/// Whether a place was given to a badge.
pub fn is_taken(conn: &mut Conn<'_>, place: BadgePlace) -> Result<bool, StoreError> {
    let found: Option<String> = signed_badges::table
        .filter(signed_badges::list_number.eq(place.list))
        .filter(signed_badges::list_position.eq(place.position))
        .select(signed_badges::badge_id)
        .first(conn.0)
        .optional()?;
    Ok(found.is_some())
}

/// The positions of a list that badges have.
pub fn taken_in(conn: &mut Conn<'_>, list: i64) -> Result<Vec<i64>, StoreError> {
    Ok(signed_badges::table
        .filter(signed_badges::list_number.eq(list))
        .select(signed_badges::list_position)
        .load(conn.0)?)
}

/// Keeps the first signed text of a badge.
///
/// # Errors
/// `StoreError::Constraint` when the badge has one or the place is another's.
pub fn add(
    conn: &mut Conn<'_>,
    badge: &str,
    place: BadgePlace,
    document: &str,
    signed_with: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let added = diesel::insert_into(signed_badges::table)
        .values((
            signed_badges::badge_id.eq(badge),
            signed_badges::list_number.eq(place.list),
            signed_badges::list_position.eq(place.position),
            signed_badges::document.eq(document),
            signed_badges::signed_with.eq(signed_with),
            signed_badges::signed_at.eq(now),
        ))
        // no error of the database: whoever hears of it goes on in the same transaction, which an error would have ended
        .on_conflict_do_nothing()
        .execute(conn.0)?;
    if added == 1 { Ok(()) } else { Err(StoreError::Constraint("signed_badges".to_owned())) }
}

/// Keeps a newer signed text of a badge, if it was signed `version` times so far. Says whether it was.
pub fn replace(
    conn: &mut Conn<'_>,
    badge: &str,
    version: i64,
    document: &str,
    signed_with: &str,
    now: NaiveDateTime,
) -> Result<bool, StoreError> {
    let same = signed_badges::table.find(badge).filter(signed_badges::version.eq(version));
    let replaced = diesel::update(same)
        .set((
            signed_badges::document.eq(document),
            signed_badges::signed_with.eq(signed_with),
            signed_badges::signed_at.eq(now),
            signed_badges::outdated.eq(false),
            signed_badges::version.eq(version.saturating_add(1)),
        ))
        .execute(conn.0)?;
    Ok(replaced == 1)
}

/// Notes that the live badges of a certification no longer say what they should; the next run signs them anew.
pub fn outdate(conn: &mut Conn<'_>, certification: CertificationId) -> Result<(), StoreError> {
    let of_it = badges::table
        .inner_join(certificates::table)
        .filter(certificates::certification_id.eq(certification.0))
        .filter(badges::revoked_on.is_null())
        .select(badges::id);
    diesel::update(signed_badges::table.filter(signed_badges::badge_id.eq_any(of_it)))
        .set((signed_badges::outdated.eq(true), signed_badges::version.eq(signed_badges::version + 1)))
        .execute(conn.0)?;
    Ok(())
}

/// The names of the keys that badges were signed with, such as `key-2026-1`.
pub fn key_names(conn: &mut Conn<'_>) -> Result<Vec<String>, StoreError> {
    let addresses: Vec<String> =
        signed_badges::table.select(signed_badges::signed_with).distinct().load(conn.0)?;
    Ok(addresses
        .iter()
        .filter_map(|address| address.rsplit_once('#'))
        .map(|(_, name)| name.to_owned())
        .collect())
}
