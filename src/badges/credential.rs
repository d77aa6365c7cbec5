//! An Open Badges 3.0 credential, still to be signed. It carries the holder's name and the certificate's number, and neither an
//! address nor a hash of one.

use chrono::{DateTime, SecondsFormat, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::origin::Origin;
use super::text::checked;
use super::{BadgeError, contexts, status_list};

/// What a badge says about its certification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Achievement {
    /// Its code, such as `ISP`.
    pub code: String,
    /// Its title, as holders may use it.
    pub title: String,
    /// What it certifies, in a sentence.
    pub description: String,
    /// What somebody does to get and to keep it.
    pub criteria: String,
}

/// What a badge says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialFacts {
    /// The badge's UUID: one for a certificate's life, a new one after a reinstatement.
    pub badge: String,
    /// The certifying body's name.
    pub body: String,
    /// The certification.
    pub achievement: Achievement,
    /// The holder's name.
    pub holder: String,
    /// The certificate's number.
    pub number: String,
    /// The first award.
    pub awarded_at: DateTime<Utc>,
    /// When this signature's time begins: the grant or the last renewal.
    pub valid_from: DateTime<Utc>,
    /// The last instant it is valid; `None` never expires (Foundation).
    pub valid_until: Option<DateTime<Utc>>,
    /// The number of the status list.
    pub list: i64,
    /// The position in it.
    pub position: usize,
}

/// The path of a badge.
#[must_use]
pub fn path(badge: &str) -> String {
    format!("/badges/{badge}")
}

/// Characters of a code that are written with `%` in an address. Addresses of badges that are out there never change.
const SPECIAL: AsciiSet = NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// The path of a certification's description.
#[must_use]
pub fn achievement_path(code: &str) -> String {
    format!("/achievements/{}", utf8_percent_encode(code, &SPECIAL))
}

/// The credential without its proof.
///
/// # Errors
/// `BadgeError::Text` when a text has a character that cannot be signed.
pub fn document(facts: &CredentialFacts, origin: &Origin) -> Result<Value, BadgeError> {
    let instant = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let list = origin.at(&status_list::path(facts.list));
    let mut credential = json!({
        "@context": contexts::of_badge(),
        "id": origin.at(&path(&facts.badge)),
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": checked("the title", &facts.achievement.title)?,
        "issuer": {
            "id": origin.did(),
            "type": ["Profile"],
            "name": checked("the name of the body", &facts.body)?,
            "url": origin.url(),
        },
        "validFrom": instant(facts.valid_from),
        "awardedDate": instant(facts.awarded_at),
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [{
                "type": "IdentityObject",
                "hashed": false,
                "identityType": "name",
                "identityHash": checked("the name of the holder", &facts.holder)?,
            }],
            "licenseNumber": checked("the number of the certificate", &facts.number)?,
            "achievement": achievement(&facts.achievement, origin)?,
        },
        "credentialStatus": {
            "id": format!("{list}#{}", facts.position),
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": facts.position.to_string(),
            "statusListCredential": list,
        },
    });
    if let (Some(until), Some(members)) = (facts.valid_until, credential.as_object_mut()) {
        members.insert("validUntil".to_owned(), instant(until).into());
    }
    Ok(credential)
}

/// A certification as a credential describes it.
///
/// # Errors
/// `BadgeError::Text`.
pub fn achievement(achievement: &Achievement, origin: &Origin) -> Result<Value, BadgeError> {
    let address = origin.at(&achievement_path(&achievement.code));
    Ok(json!({
        "id": address,
        "type": ["Achievement"],
        "achievementType": "Certification",
        "name": checked("the title", &achievement.title)?,
        "description": checked("the description", &achievement.description)?,
        "criteria": { "narrative": checked("the criteria", &achievement.criteria)? },
        "image": { "id": format!("{address}/image.png"), "type": "Image" },
        "humanCode": checked("the code", &achievement.code)?,
    }))
}
