//! Fields, their neighbours, and certifications.

use crate::domain::certification::catalogue::{Certification, Field, Level, Neighbours};
use crate::domain::ids::{CertificationId, FieldId};
use crate::store::engine::prelude::*;
use crate::store::schema::{certifications, field_neighbours, fields};
use crate::store::{Conn, StoreError};

#[derive(Queryable, Selectable, Clone)]
#[diesel(table_name = certifications)]
pub(in crate::store) struct CertificationRow {
    id: i64,
    code: String,
    title: String,
    field_id: i64,
    level: String,
}

impl TryFrom<CertificationRow> for Certification {
    type Error = StoreError;
    fn try_from(row: CertificationRow) -> Result<Self, StoreError> {
        Ok(Certification {
            id: CertificationId(row.id),
            code: row.code,
            title: row.title,
            field: FieldId(row.field_id),
            level: Level::from_code(&row.level).ok_or(StoreError::Unreadable("certifications.level"))?,
        })
    }
}

/// Every field, in the catalogue's order.
pub fn fields(conn: &mut Conn<'_>) -> Result<Vec<Field>, StoreError> {
    let rows: Vec<(i64, String, String)> =
        fields::table.select((fields::id, fields::code, fields::title)).order(fields::id).load(conn.0)?;
    Ok(rows.into_iter().map(|(id, code, title)| Field { id: FieldId(id), code, title }).collect())
}

/// Which fields neighbour which (G8).
pub fn neighbours(conn: &mut Conn<'_>) -> Result<Neighbours, StoreError> {
    let rows: Vec<(i64, i64)> = field_neighbours::table.load(conn.0)?;
    Ok(Neighbours::new(rows.into_iter().map(|(a, b)| (FieldId(a), FieldId(b))).collect()))
}

/// Every certification, in the catalogue's order.
pub fn certifications(conn: &mut Conn<'_>) -> Result<Vec<Certification>, StoreError> {
    certifications::table
        .select(CertificationRow::as_select())
        .order(certifications::id)
        .load::<CertificationRow>(conn.0)?
        .into_iter()
        .map(Certification::try_from)
        .collect()
}

/// The certification of a code such as ISP, compared without case.
pub fn certification_by_code(conn: &mut Conn<'_>, code: &str) -> Result<Option<Certification>, StoreError> {
    certifications::table
        .filter(certifications::code.eq(code.trim().to_uppercase()))
        .select(CertificationRow::as_select())
        .first::<CertificationRow>(conn.0)
        .optional()?
        .map(Certification::try_from)
        .transpose()
}

/// Adds a field.
///
/// # Errors
/// `StoreError::Constraint` when the code is in use.
pub fn add_field(conn: &mut Conn<'_>, code: &str, title: &str) -> Result<FieldId, StoreError> {
    let id = diesel::insert_into(fields::table)
        .values((fields::code.eq(code), fields::title.eq(title)))
        .returning(fields::id)
        .get_result(conn.0)?;
    Ok(FieldId(id))
}

/// Gives a field another title.
pub fn retitle_field(conn: &mut Conn<'_>, id: FieldId, title: &str) -> Result<(), StoreError> {
    diesel::update(fields::table.find(id.0)).set(fields::title.eq(title)).execute(conn.0)?;
    Ok(())
}

/// Makes exactly these fields the neighbours of one, both ways (G8).
pub fn set_neighbours(conn: &mut Conn<'_>, id: FieldId, others: &[FieldId]) -> Result<(), StoreError> {
    let of_field = field_neighbours::field_id.eq(id.0).or(field_neighbours::neighbour_id.eq(id.0));
    diesel::delete(field_neighbours::table.filter(of_field)).execute(conn.0)?;
    for other in others.iter().filter(|other| **other != id) {
        // each pair once, the smaller id first
        diesel::insert_into(field_neighbours::table)
            .values((
                field_neighbours::field_id.eq(id.0.min(other.0)),
                field_neighbours::neighbour_id.eq(id.0.max(other.0)),
            ))
            .on_conflict_do_nothing()
            .execute(conn.0)?;
    }
    Ok(())
}

/// Adds a certification.
///
/// # Errors
/// `StoreError::Constraint` when the code is in use.
pub fn add_certification(
    conn: &mut Conn<'_>,
    code: &str,
    title: &str,
    field: FieldId,
    level: Level,
) -> Result<CertificationId, StoreError> {
    let id = diesel::insert_into(certifications::table)
        .values((
            certifications::code.eq(code),
            certifications::title.eq(title),
            certifications::field_id.eq(field.0),
            certifications::level.eq(level.code()),
        ))
        .returning(certifications::id)
        .get_result(conn.0)?;
    Ok(CertificationId(id))
}

/// Gives a certification another title.
pub fn retitle_certification(
    conn: &mut Conn<'_>,
    id: CertificationId,
    title: &str,
) -> Result<(), StoreError> {
    diesel::update(certifications::table.find(id.0)).set(certifications::title.eq(title)).execute(conn.0)?;
    Ok(())
}
