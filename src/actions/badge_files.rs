//! A badge as files: its signed text, its picture with the text inside, and what a file that somebody brings says.

use chrono::{DateTime, Datelike, Utc};
use serde_json::Value;

use super::verification::{self, Verified};
use super::{ActionError, badge_sharing};
use crate::badges::bake;
use crate::badges::picture::Picture;
use crate::badges::{BadgeError, credential, proof};
use crate::domain::catalogue::Level;
use crate::portal::Portal;
use crate::store::signed_badges::{self, Case};

/// A badge's signed text with what a page or a picture needs.
#[derive(Clone, Debug)]
pub struct BadgeFile {
    /// What it says.
    pub case: Case,
    /// The signed text, as it is served.
    pub document: String,
    /// The address of the 2.0 copy, when the holder asked for one.
    pub assertion: Option<String>,
}

/// The signed text of a badge.
///
/// # Errors
/// `ActionError::NotFound` when there is none (yet).
pub fn find(portal: &Portal, badge: &str) -> Result<BadgeFile, ActionError> {
    portal.store.read(|conn| {
        let case = signed_badges::find(conn, badge)?.ok_or(ActionError::NotFound)?;
        let document = case.signed.as_ref().ok_or(ActionError::NotFound)?.document.clone();
        let assertion = badge_sharing::assertion_address(conn, portal, &case)?;
        Ok(BadgeFile { case, document, assertion })
    })
}

/// The picture of a badge, without the text in it.
#[must_use]
pub fn picture(case: &Case) -> Picture {
    Picture {
        field: case.field.clone(),
        level: stars(case.level),
        level_word: case.level.label().to_owned(),
        code: case.code.clone(),
        year: case.valid_until.map(|day| day.year()),
    }
}

/// The picture of a certification, for everybody who holds it.
#[must_use]
pub fn picture_of_certification(field: &str, level: Level, code: &str) -> Picture {
    Picture {
        field: field.to_owned(),
        level: stars(level),
        level_word: level.label().to_owned(),
        code: code.to_owned(),
        year: None,
    }
}

fn stars(level: Level) -> u8 {
    match level {
        Level::Foundation => 1,
        Level::Practitioner => 2,
        Level::Expert => 3,
        Level::CertifiedOfficer => 4,
    }
}

/// What is wrong with a file that somebody brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It carries no badge.
    NoBadge,
    /// Somebody else issued it, or says so.
    Foreign,
    /// Its text was changed, or it was not signed with a key of the body.
    Altered,
    /// The key that signed it is no longer trusted.
    Key,
    /// The signature is good, but there is no such badge in the register.
    Unknown,
}

/// What a file says that is genuine.
#[derive(Clone, Debug)]
pub struct Genuine {
    /// How the badge stands today.
    pub verified: Verified,
    /// Whether the file is an older copy: the badge was renewed or corrected since.
    pub older: bool,
    /// Whether the time in the file itself has passed.
    pub lapsed: bool,
}

/// Checks a badge file: signature, issuer, time, and the register.
///
/// # Errors
/// `ActionError` when the portal itself fails; what is wrong with the file is the inner [`Fault`].
pub fn check(portal: &Portal, file: &[u8]) -> Result<Result<Genuine, Fault>, ActionError> {
    let Some(document) = bake::credential_in(file).and_then(|text| serde_json::from_str::<Value>(&text).ok())
    else {
        return Ok(Err(Fault::NoBadge));
    };
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let issuer = match text("/issuer/id") {
        "" => text("/issuer"),
        id => id,
    };
    if issuer.is_empty() {
        return Ok(Err(Fault::NoBadge));
    }
    if issuer != portal.origin.did() {
        return Ok(Err(Fault::Foreign));
    }
    match proof::verify(&document, &portal.badge_keys()?, &portal.origin) {
        Ok(_) => {}
        Err(BadgeError::UnknownKey(_)) => return Ok(Err(Fault::Key)),
        Err(_) => return Ok(Err(Fault::Altered)),
    }
    let prefix = portal.origin.at(&credential::path(""));
    let Some(badge) = text("/id").strip_prefix(&prefix) else { return Ok(Err(Fault::Unknown)) };
    let verified = match verification::by_badge(portal, badge) {
        Err(ActionError::NotFound) => return Ok(Err(Fault::Unknown)),
        other => other?,
    };
    let stored = find(portal, badge)?.document;
    let older = serde_json::from_str::<Value>(&stored).ok().as_ref() != Some(&document);
    let until = DateTime::parse_from_rfc3339(text("/validUntil")).ok().map(|at| at.with_timezone(&Utc));
    let lapsed = until.is_some_and(|until| until < portal.clock.now().and_utc());
    Ok(Ok(Genuine { verified, older, lapsed }))
}
