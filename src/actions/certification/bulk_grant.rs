//! Granting many certificates in one import, with badges that were signed ahead.

use chrono::{NaiveDate, NaiveDateTime};

use super::grant::{Grant, look_at_reports, write};
use crate::actions::ActionError;
use crate::actions::badges::batch::{BadgePress, SignedAhead};
use crate::domain::certification::policy::Policies;
use crate::domain::ids::CertificateId;
use crate::store::Conn;

/// What a certificate can be granted with, when many are.
#[derive(Clone, Copy)]
pub struct InBulk<'a, 'p> {
    /// Signs the badges.
    pub press: &'a BadgePress<'p>,
    /// The holder's name.
    pub holder: &'a str,
    /// Whether the holder is so new that no report of theirs can wait.
    pub nothing_reported: bool,
}

/// Grants one certificate of many: as [`grant`](super::grant::grant), with a badge that may have been signed ahead.
///
/// # Errors
/// As [`grant`](super::grant::grant).
pub(in crate::actions) fn grant_in_bulk(
    conn: &mut Conn<'_>,
    grant: &Grant<'_>,
    policies: &Policies,
    (today, now): (NaiveDate, NaiveDateTime),
    bulk: InBulk<'_, '_>,
    ahead: Option<SignedAhead>,
) -> Result<CertificateId, ActionError> {
    let id = write(conn, grant, policies, today, now)?.certificate.id;
    bulk.press.issue(conn, grant, bulk.holder, id, ahead)?;
    if !bulk.nothing_reported {
        look_at_reports(conn, grant.holder, policies, today)?;
    }
    Ok(id)
}
