//! Open Badges 2.0, hosted: what older backpacks read. An assertion carries a hash of the holder's address, so it exists only
//! after the holder asked for it.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::credential::{Achievement, achievement_path, path};
use super::origin::Origin;
use crate::domain::address;

const CONTEXT: &str = "https://w3id.org/openbadges/v2";

/// The path of the issuer.
pub const ISSUER: &str = "/ob2/issuer";

/// The path of a certification.
#[must_use]
pub fn class_path(code: &str) -> String {
    achievement_path(code).replacen("/achievements/", "/ob2/badges/", 1)
}

/// The path of an assertion.
#[must_use]
pub fn assertion_path(badge: &str) -> String {
    format!("/ob2/assertions/{badge}")
}

/// The certifying body.
#[must_use]
pub fn issuer(origin: &Origin, body: &str, contact: &str) -> Value {
    json!({
        "@context": CONTEXT,
        "type": "Issuer",
        "id": origin.at(ISSUER),
        "name": body,
        "url": origin.url(),
        "email": contact,
        "verification": {
            "type": "HostedBadge",
            "allowedOrigins": origin.url().split_once("://").map_or(origin.url(), |(_, host)| host),
            "startsWith": [origin.at("/ob2/assertions/")],
        },
    })
}

/// A certification.
#[must_use]
pub fn class(origin: &Origin, achievement: &Achievement) -> Value {
    let described = origin.at(&achievement_path(&achievement.code));
    json!({
        "@context": CONTEXT,
        "type": "BadgeClass",
        "id": origin.at(&class_path(&achievement.code)),
        "name": achievement.title,
        "description": achievement.description,
        "image": format!("{described}/image.png"),
        "criteria": { "id": described, "narrative": achievement.criteria },
        "issuer": origin.at(ISSUER),
    })
}

/// What an assertion says.
#[derive(Clone, Debug)]
pub struct Assertion<'a> {
    /// The badge's UUID.
    pub badge: &'a str,
    /// The certification's code.
    pub code: &'a str,
    /// The holder's address; only its salted hash is in the document.
    pub email: &'a str,
    /// The salt.
    pub salt: &'a str,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
    /// The last instant it is valid.
    pub expires_at: Option<DateTime<Utc>>,
}

/// An assertion in force.
#[must_use]
pub fn assertion(origin: &Origin, says: &Assertion<'_>) -> Value {
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let register = origin.at(&path(says.badge));
    let mut assertion = json!({
        "@context": CONTEXT,
        "type": "Assertion",
        "id": origin.at(&assertion_path(says.badge)),
        "recipient": {
            "type": "email",
            "hashed": true,
            "salt": says.salt,
            "identity": identity(says.email, says.salt),
        },
        "badge": origin.at(&class_path(says.code)),
        "image": format!("{register}.png"),
        "verification": { "type": "HostedBadge" },
        "issuedOn": instant(says.issued_at),
        "evidence": [{ "id": register, "name": "Register entry" }],
    });
    if let (Some(until), Some(members)) = (says.expires_at, assertion.as_object_mut()) {
        members.insert("expires".to_owned(), instant(until).into());
    }
    assertion
}

/// What is left of an assertion after the badge was revoked. Answered with 410 and nothing more: a whole assertion that says
/// `revoked` counts as valid in the 2.0 validator, even with 410.
#[must_use]
pub fn revoked(origin: &Origin, badge: &str) -> Value {
    json!({
        "@context": CONTEXT,
        "type": "Assertion",
        "id": origin.at(&assertion_path(badge)),
        "revoked": true,
        "revocationReason": "The certificate was withdrawn or has a newer badge.",
    })
}

fn identity(email: &str, salt: &str) -> String {
    // verifiers compare the hash exactly, and lower-case what their reader typed
    let digest = Sha256::digest(format!("{}{salt}", address::compared(email)).as_bytes());
    format!("sha256${}", hex::encode(digest))
}
