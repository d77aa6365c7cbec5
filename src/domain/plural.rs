//! Numbers as people read them: in groups of three digits, and with the word that they count.

use std::fmt::Display;

/// What stands between the groups of a number: a space at which no line breaks. A comma would be read as decimals by half of Europe.
const BETWEEN: char = '\u{a0}';

/// A number in groups of three digits: "36 000", "999", "1 234.50". What is no number stays as it is.
pub fn grouped(number: impl Display) -> String {
    let text = number.to_string();
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let digits = whole.trim_start_matches('-');
    if digits.len() < 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text;
    }
    let mut shown = String::from(if digits.len() < whole.len() { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(BETWEEN);
        }
        shown.push(digit);
    }
    if let Some(rest) = rest {
        shown.push('.');
        shown.push_str(rest);
    }
    shown
}

/// "1 report", "2 reports", "1 500 reports".
pub fn counted<N: Display + PartialEq + From<u8>>(amount: N, one: &str, many: &str) -> String {
    let word = if amount == N::from(1) { one } else { many };
    format!("{} {word}", grouped(amount))
}
