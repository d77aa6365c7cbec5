//! Text that goes into a signature: only characters that every verifier reads the same way.

use super::BadgeError;

/// Whether a text can be signed: no control characters other than the line feed, and no U+FFFE or U+FFFF, which
/// canonicalisers escape differently.
#[must_use]
pub fn can_be_signed(text: &str) -> bool {
    !text.chars().any(|sign| (sign.is_control() && sign != '\n') || matches!(sign, '\u{FFFE}' | '\u{FFFF}'))
}

/// The text, if it can be signed.
///
/// # Errors
/// `BadgeError::Text` with the name of the field.
pub(super) fn checked<'a>(field: &'static str, text: &'a str) -> Result<&'a str, BadgeError> {
    if can_be_signed(text) { Ok(text) } else { Err(BadgeError::Text(field)) }
}
