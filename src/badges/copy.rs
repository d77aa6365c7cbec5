//! A copy of a badge that somebody brings. Anything may stand in it, so its shape is looked at before anything is worked out from it: what
//! its statements are and what they look like when they are signed has no bound in documents that ours never look like.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{BadgeError, contexts};

/// Most bytes of a badge's text. Ours have three thousand; with the longest names and titles, every letter of them escaped, thirty thousand.
const LARGEST_COPY: usize = 64 * 1024;

/// Who issued a document, as it says itself; `None` when it says nothing of the kind. Nothing else of it is kept or believed.
#[must_use]
pub fn issuer(text: &str) -> Option<String> {
    serde_json::from_str::<Says>(text).ok().map(|says| says.issuer.0).filter(|issuer| !issuer.is_empty())
}

#[derive(Deserialize)]
struct Says {
    issuer: Issuer,
}

/// The issuer: a name, or an object that has one.
struct Issuer(String);

impl<'de> Deserialize<'de> for Issuer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IssuerVisitor)
    }
}

struct IssuerVisitor;

impl<'de> Visitor<'de> for IssuerVisitor {
    type Value = Issuer;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an issuer")
    }

    fn visit_str<E>(self, name: &str) -> Result<Issuer, E> {
        Ok(Issuer(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Issuer, A::Error> {
        let mut name = String::new();
        while let Some(member) = members.next_key::<String>()? {
            if member == "id" {
                name = members.next_value()?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Issuer(name))
    }
}

/// A document of the shape that ours have, and of no other. Whether a key of ours signed it is not said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadgeCopy {
    /// In one form: what was written as a list of one stands alone, words are in order.
    document: Value,
}

impl BadgeCopy {
    /// Reads a text.
    ///
    /// # Errors
    /// `BadgeError::Shape` when it is anything else than a badge of ours looks like.
    pub fn read(text: &str) -> Result<Self, BadgeError> {
        if text.len() > LARGEST_COPY {
            return Err(BadgeError::Shape);
        }
        let document: Value = serde_json::from_str(text).map_err(|_| BadgeError::Shape)?;
        let document = BADGE.normal(&document).ok_or(BadgeError::Shape)?;
        Ok(Self { document })
    }

    /// The document, as it can be verified.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The address of the badge.
    #[must_use]
    pub fn address(&self) -> &str {
        self.text("id")
    }

    /// The last instant it is valid, as it is written; nothing when it never ends.
    #[must_use]
    pub fn valid_until(&self) -> &str {
        self.text("validUntil")
    }

    fn text(&self, member: &str) -> &str {
        self.document.get(member).and_then(Value::as_str).unwrap_or_default()
    }
}

/// What may stand in a place of a badge. The members below are those that [`super::credential::document`] and
/// [`super::proof::sign`] write.
enum Shape {
    /// Any text.
    Text,
    /// A whole address: what has none is a node without a name.
    Address,
    /// Yes or no.
    Flag,
    /// The vocabularies of a badge.
    Context,
    /// These words, in any order.
    Words(&'static [&'static str]),
    /// All of these members that are needed, and no others.
    Members(&'static [(&'static str, Need, Shape)]),
}

#[derive(PartialEq)]
enum Need {
    Always,
    Perhaps,
}

use Need::{Always, Perhaps};
use Shape::{Address, Context, Flag, Members, Text, Words};

const BADGE: Shape = Members(&[
    ("@context", Always, Context),
    ("id", Always, Address),
    ("type", Always, Words(&["OpenBadgeCredential", "VerifiableCredential"])),
    ("name", Always, Text),
    (
        "issuer",
        Always,
        Members(&[
            ("id", Always, Address),
            ("type", Always, Words(&["Profile"])),
            ("name", Always, Text),
            ("url", Always, Text),
        ]),
    ),
    ("validFrom", Always, Text),
    ("validUntil", Perhaps, Text),
    ("awardedDate", Always, Text),
    (
        "credentialSubject",
        Always,
        Members(&[
            ("type", Always, Words(&["AchievementSubject"])),
            ("identifier", Always, IDENTIFIER),
            ("licenseNumber", Always, Text),
            ("achievement", Always, ACHIEVEMENT),
        ]),
    ),
    (
        "credentialStatus",
        Always,
        Members(&[
            ("id", Always, Address),
            ("type", Always, Words(&["BitstringStatusListEntry"])),
            ("statusPurpose", Always, Words(&["revocation"])),
            ("statusListIndex", Always, Text),
            ("statusListCredential", Always, Address),
        ]),
    ),
    ("proof", Always, PROOF),
]);

const IDENTIFIER: Shape = Members(&[
    ("type", Always, Words(&["IdentityObject"])),
    ("hashed", Always, Flag),
    ("identityType", Always, Words(&["name"])),
    ("identityHash", Always, Text),
]);

const ACHIEVEMENT: Shape = Members(&[
    ("id", Always, Address),
    ("type", Always, Words(&["Achievement"])),
    ("achievementType", Always, Words(&["Certification"])),
    ("name", Always, Text),
    ("description", Always, Text),
    ("criteria", Always, Members(&[("narrative", Always, Text)])),
    ("image", Always, Members(&[("id", Always, Address), ("type", Always, Words(&["Image"]))])),
    ("humanCode", Always, Text),
]);

const PROOF: Shape = Members(&[
    ("type", Always, Words(&["DataIntegrityProof"])),
    ("cryptosuite", Always, Text),
    ("created", Always, Text),
    ("verificationMethod", Always, Address),
    ("proofPurpose", Always, Text),
    ("proofValue", Always, Text),
]);

impl Shape {
    /// The value in its one form; `None` when it is of another shape.
    fn normal(&self, value: &Value) -> Option<Value> {
        // linked data makes no difference between a value and a list of it alone
        let alone = match value {
            Value::Array(items) => match items.as_slice() {
                [one] => one,
                _ => value,
            },
            other => other,
        };
        match (self, alone) {
            (Text, Value::String(_)) | (Flag, Value::Bool(_)) => Some(alone.clone()),
            (Address, Value::String(text)) => is_address(text).then(|| alone.clone()),
            (Context, _) => (*value == contexts::of_badge()).then(|| value.clone()),
            (Words(words), _) => words_of(alone, words),
            (Members(members), Value::Object(found)) => members_of(found, members),
            _ => None,
        }
    }
}

fn is_address(text: &str) -> bool {
    ["https://", "http://", "did:web:"].into_iter().any(|scheme| text.starts_with(scheme))
}

fn words_of(value: &Value, words: &[&str]) -> Option<Value> {
    match (value, words) {
        (Value::String(word), [only]) => (word == only).then(|| value.clone()),
        (Value::Array(items), _) => {
            let mut found: Vec<&str> = items.iter().map(Value::as_str).collect::<Option<_>>()?;
            found.sort_unstable();
            (found == words).then(|| Value::from(found))
        }
        _ => None,
    }
}

fn members_of(found: &Map<String, Value>, members: &[(&str, Need, Shape)]) -> Option<Value> {
    let mut normal = Map::new();
    for (name, need, shape) in members {
        match found.get(*name) {
            Some(value) => {
                normal.insert((*name).to_owned(), shape.normal(value)?);
            }
            None if *need == Perhaps => {}
            None => return None,
        }
    }
    (normal.len() == found.len()).then_some(Value::Object(normal))
}
