//! Numbers with the word that they count.

use std::fmt::Display;

/// "1 report", "2 reports".
pub fn counted<N: Display + PartialEq + From<u8>>(amount: N, one: &str, many: &str) -> String {
    let word = if amount == N::from(1) { one } else { many };
    format!("{amount} {word}")
}
