//! Verifying a certificate: what everybody may know. No reason is ever public.

use chrono::NaiveDate;

use crate::actions::ActionError;
use crate::domain::certification::certificate::{Certificate, YearOutcome};
use crate::portal::Portal;
use crate::store::badges::signed_badges;
use crate::store::badges::{self, Badge};
use crate::store::certification::{certificates, years};
use crate::store::{Conn, StoreError, accounts};

/// What a badge says on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadgeState {
    /// The certificate stands. Awaiting, flagged and extended years count as valid.
    Valid,
    /// Its last day has passed.
    Expired,
    /// Withdrawn on this day.
    Withdrawn(NaiveDate),
    /// No longer held since this day, and nothing was taken away: never why.
    NoLongerHeld(NaiveDate),
}

/// What everybody may know about a badge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The badge.
    pub badge: Badge,
    /// What it says today.
    pub state: BadgeState,
    /// Whose certificate.
    pub holder_name: String,
    /// The certificate.
    pub certificate: Certificate,
    /// The day of the last recertification, if there was one.
    pub recertified_on: Option<NaiveDate>,
    /// Whether a newer badge of the same certificate is in force.
    pub replaced: bool,
    /// Whether there is a signed text to download.
    pub signed: bool,
}

/// The certificate of a number, by its newest badge. Capitals, spaces and dashes make no difference, as long as only one can be meant.
///
/// # Errors
/// `ActionError::Store`.
pub fn by_number(portal: &Portal, number: &str) -> Result<Option<Verified>, ActionError> {
    let today = portal.clock.today();
    portal.store.read(|conn| {
        let exactly = certificates::find_by_number(conn, number)?;
        let found = match exactly {
            Some(found) => Some(found),
            None => certificates::find_by_bare_number(conn, number)?,
        };
        let Some(certificate) = found else { return Ok(None) };
        let Some(badge) = badges::of_certificate(conn, certificate.id)?.pop() else { return Ok(None) };
        Ok(Some(verified(conn, badge, certificate, today)?))
    })
}

/// What somebody types to have it verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The number of a certificate.
    Number(String),
    /// A badge of ours, by its id.
    Badge(String),
    /// An address that is none of ours.
    Elsewhere(String),
}

impl Reference {
    /// Reads a number, or the address of a badge: whole, without its scheme, or without its host.
    #[must_use]
    pub fn read(portal: &Portal, typed: &str) -> Reference {
        let typed = typed.trim();
        let bare = |text: &str| {
            let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(text);
            text.to_owned()
        };
        let (asked, host) = (bare(typed), bare(portal.origin.url()));
        let inside = asked.get(..host.len()).filter(|start| start.eq_ignore_ascii_case(&host));
        let path = match inside {
            Some(_) => asked.get(host.len()..).unwrap_or_default(),
            None => asked.as_str(),
        };
        let id = path.trim_start_matches('/').strip_prefix("badges/");
        let id = id.map(|id| id.split(['/', '?', '#', '.']).next().unwrap_or_default().to_lowercase());
        match id {
            Some(id) if !id.is_empty() => Reference::Badge(id),
            _ if typed.contains("://") || typed.contains("/badges/") => {
                Reference::Elsewhere(typed.to_owned())
            }
            _ => Reference::Number(typed.to_owned()),
        }
    }
}

/// What a number or an address names; `None` when it names nothing of ours.
///
/// # Errors
/// `ActionError::Store`.
pub fn by_reference(portal: &Portal, reference: &Reference) -> Result<Option<Verified>, ActionError> {
    match reference {
        Reference::Number(number) => by_number(portal, number),
        Reference::Badge(id) => match by_badge(portal, id) {
            Err(ActionError::NotFound) => Ok(None),
            found => found.map(Some),
        },
        Reference::Elsewhere(_) => Ok(None),
    }
}

/// The badge of an id.
///
/// # Errors
/// `ActionError::NotFound`.
pub fn by_badge(portal: &Portal, id: &str) -> Result<Verified, ActionError> {
    let today = portal.clock.today();
    portal.store.read(|conn| {
        let badge = badges::find(conn, id)?.ok_or(ActionError::NotFound)?;
        let certificate = certificates::find(conn, badge.certificate)?.ok_or(ActionError::NotFound)?;
        Ok(verified(conn, badge, certificate, today)?)
    })
}

fn verified(
    conn: &mut Conn<'_>,
    badge: Badge,
    certificate: Certificate,
    today: NaiveDate,
) -> Result<Verified, StoreError> {
    let holder = accounts::find(conn, certificate.holder)?;
    let recertified_on = years::of_holders(conn, &[certificate.holder])?
        .into_iter()
        .filter(|year| year.certificate == certificate.id)
        .filter_map(|year| year.settlement)
        .filter(|settled| settled.outcome == YearOutcome::Recertified)
        .map(|settled| settled.settled_on)
        .max();
    let over = badge.revoked_on.or(certificate.ending().map(|ending| ending.ended_on));
    let state = match (over, badge.valid_until) {
        (Some(day), _) if certificate.ending_on(day).is_some_and(|ending| !ending.kind.withdrawn()) => {
            BadgeState::NoLongerHeld(day)
        }
        (Some(day), _) => BadgeState::Withdrawn(day),
        (None, Some(last)) if last < today => BadgeState::Expired,
        _ => BadgeState::Valid,
    };
    let signed = signed_badges::find(conn, &badge.id)?.is_some_and(|case| case.signed.is_some());
    Ok(Verified {
        state,
        signed,
        replaced: badge.revoked_on.is_some() && certificate.stands(),
        holder_name: holder.map(|account| account.name).unwrap_or_default(),
        badge,
        certificate,
        recertified_on,
    })
}
