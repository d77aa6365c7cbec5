//! Fields, their neighbours, and certifications.

use diesel::prelude::*;

use super::schema::{certifications, field_neighbours, fields};
use super::{Conn, StoreError};
use crate::domain::catalogue::{Certification, Field, Level, Neighbours};
use crate::domain::ids::{CertificationId, FieldId};

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
///
/// # Errors
/// `StoreError`.
pub fn fields(conn: &mut Conn<'_>) -> Result<Vec<Field>, StoreError> {
    let rows: Vec<(i64, String, String)> =
        fields::table.select((fields::id, fields::code, fields::title)).order(fields::id).load(conn.0)?;
    Ok(rows.into_iter().map(|(id, code, title)| Field { id: FieldId(id), code, title }).collect())
}

/// Which fields neighbour which (G8).
///
/// # Errors
/// `StoreError`.
pub fn neighbours(conn: &mut Conn<'_>) -> Result<Neighbours, StoreError> {
    let rows: Vec<(i64, i64)> = field_neighbours::table.load(conn.0)?;
    Ok(Neighbours::new(rows.into_iter().map(|(a, b)| (FieldId(a), FieldId(b))).collect()))
}

/// Every certification, in the catalogue's order.
///
/// # Errors
/// `StoreError`.
pub fn certifications(conn: &mut Conn<'_>) -> Result<Vec<Certification>, StoreError> {
    certifications::table
        .select(CertificationRow::as_select())
        .order(certifications::id)
        .load(conn.0)?
        .into_iter()
        .map(Certification::try_from)
        .collect()
}

/// The certification of a code such as ISP, compared without case.
///
/// # Errors
/// `StoreError`.
pub fn certification_by_code(conn: &mut Conn<'_>, code: &str) -> Result<Option<Certification>, StoreError> {
    certifications::table
        .filter(certifications::code.eq(code.trim().to_uppercase()))
        .select(CertificationRow::as_select())
        .first(conn.0)
        .optional()?
        .map(Certification::try_from)
        .transpose()
}
