//! Holders who asked for the Open Badges 2.0 copy of a badge.

use chrono::NaiveDateTime;

use crate::domain::ids::CertificateId;
use crate::store::engine::prelude::*;
use crate::store::schema::badge_sharing;
use crate::store::{Conn, StoreError};

/// The salt of the copy's address hash, if the holder asked for the copy.
pub fn salt(conn: &mut Conn<'_>, certificate: CertificateId) -> Result<Option<String>, StoreError> {
    Ok(badge_sharing::table.find(certificate.0).select(badge_sharing::salt).first(conn.0).optional()?)
}

/// Notes that the holder asks for the copy. One that was asked for already keeps its salt.
pub fn ask(
    conn: &mut Conn<'_>,
    certificate: CertificateId,
    salt: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::insert_into(badge_sharing::table)
        .values((
            badge_sharing::certificate_id.eq(certificate.0),
            badge_sharing::salt.eq(salt),
            badge_sharing::asked_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(conn.0)?;
    Ok(())
}

/// Takes the consent back: the copy is gone at once.
pub fn end(conn: &mut Conn<'_>, certificate: CertificateId) -> Result<(), StoreError> {
    diesel::delete(badge_sharing::table.find(certificate.0)).execute(conn.0)?;
    Ok(())
}
