//! The Open Badges 2.0 copy of a badge: there only while its holder wants it, because it carries a salted hash of the address.

use super::signing;
use crate::actions::ActionError;
use crate::badges::ob2::{self, Assertion};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::CertificateId;
use crate::domain::roles::Holder;
use crate::portal::Portal;
use crate::secrets::Token;
use crate::store::badges::badge_sharing;
use crate::store::badges::signed_badges;
use crate::store::badges::signed_badges::Case;
use crate::store::certification::certificates;
use crate::store::records::history::{self, Event};
use crate::store::{Conn, StoreError, accounts};

/// What is at the address of a 2.0 assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shared {
    /// The document.
    There(String),
    /// The short document of a revoked badge.
    Revoked(String),
}

/// Makes or ends the 2.0 copy of a certificate's badge.
///
/// # Errors
/// `ActionError::NotFound` for somebody else's certificate.
pub fn share(
    portal: &Portal,
    holder: Holder,
    certificate: CertificateId,
    wanted: bool,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    let salt: String = Token::random()?.expose().chars().take(16).collect();
    portal.store.write(|conn| {
        let own = certificates::find(conn, certificate)?.filter(|own| own.holder == holder.id);
        let own = own.ok_or(ActionError::NotFound)?;
        if badge_sharing::salt(conn, certificate)?.is_some() == wanted {
            return Ok(());
        }
        let event = if wanted {
            badge_sharing::ask(conn, certificate, &salt, now)?;
            HistoryEvent::BadgeShared
        } else {
            badge_sharing::end(conn, certificate)?;
            HistoryEvent::BadgeUnshared
        };
        let event = Event {
            actor: Some(holder.id),
            holder: Some(own.holder),
            certificate: Some(certificate),
            ..Event::of(event)
        };
        Ok(history::record(conn, &event, now)?)
    })
}

/// The 2.0 assertion of a badge.
///
/// # Errors
/// `ActionError::NotFound` when there is no such badge or its holder did not ask for the copy.
pub fn assertion(portal: &Portal, badge: &str) -> Result<Shared, ActionError> {
    portal.store.read(|conn| {
        let case = signed_badges::find(conn, badge)?.ok_or(ActionError::NotFound)?;
        let salt = badge_sharing::salt(conn, case.certificate)?.ok_or(ActionError::NotFound)?;
        if case.revoked_on.is_some() {
            return Ok(Shared::Revoked(ob2::revoked(&portal.origin, badge).to_string()));
        }
        let (issued_at, expires_at) = signing::span(portal, &case);
        let email = email_of(conn, &case)?;
        let says = Assertion { badge, code: &case.code, email: &email, salt: &salt, issued_at, expires_at };
        Ok(Shared::There(ob2::assertion(&portal.origin, &says).to_string()))
    })
}

/// The address of a badge's 2.0 assertion, if there is one to be found there.
///
/// # Errors
/// `ActionError::Store`.
pub fn assertion_address(
    conn: &mut Conn<'_>,
    portal: &Portal,
    case: &Case,
) -> Result<Option<String>, ActionError> {
    let shared = badge_sharing::salt(conn, case.certificate)?.is_some() && case.revoked_on.is_none();
    Ok(shared.then(|| portal.origin.at(&ob2::assertion_path(&case.badge))))
}

/// Whether the holder of a certificate asked for the copy.
pub fn is_shared(conn: &mut Conn<'_>, certificate: CertificateId) -> Result<bool, StoreError> {
    Ok(badge_sharing::salt(conn, certificate)?.is_some())
}

fn email_of(conn: &mut Conn<'_>, case: &Case) -> Result<String, ActionError> {
    let certificate = certificates::find(conn, case.certificate)?.ok_or(ActionError::NotFound)?;
    Ok(accounts::find(conn, certificate.holder)?.ok_or(ActionError::NotFound)?.email)
}
