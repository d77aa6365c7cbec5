//! Mail addresses, as far as the rules care: one address, on one line, that can stand in a header.

/// Longest address that mail can carry (RFC 5321), in bytes.
const LONGEST: usize = 254;

/// Whether `text` can be a mail address. Deliberately loose: whether it exists only a mail can tell.
pub fn is_address(text: &str) -> bool {
    let fits = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && !part.ends_with('.')
            && !part.contains("..")
            && !part.chars().any(|c| c.is_whitespace() || c.is_control() || "<>()[]\\,;:\"@".contains(c))
    };
    text.len() <= LONGEST && text.rsplit_once('@').is_some_and(|(person, place)| fits(person) && fits(place))
}
