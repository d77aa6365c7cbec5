//! A limit is written once: two constants of one name and one value are copies, and so is a long number that stands twice.

use std::collections::BTreeMap;

use super::rust_source::tokens;
use super::{none, sources};

/// How the name of a limit begins.
const LIMITS: [&str; 5] = ["FURTHEST", "LARGEST", "LEAST", "LONGEST", "MOST"];
/// From here on a number stands once, unless it is a power of ten.
const LONG: u64 = 10_000;

/// The limits and the long numbers of a file, as they are written, each with its line.
fn limits(source: &str) -> Vec<(String, usize)> {
    let tokens = tokens(source);
    let words: Vec<String> = tokens.iter().map(|token| token.text.replace('_', "")).collect();
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if let Some(number) = long_number(&words[at]) {
            found.push((number.to_string(), token.line));
        }
        if at > 0 && words[at - 1] == "const" && LIMITS.iter().any(|begin| token.text.starts_with(begin)) {
            let value = words[at..].iter().skip_while(|word| *word != "=").skip(1);
            let value: Vec<&str> = value.take_while(|word| *word != ";").map(String::as_str).collect();
            found.push((format!("{} = {}", token.text, value.join(" ")), token.line));
        }
    }
    found
}

fn long_number(word: &str) -> Option<u64> {
    let digits: String = word.chars().take_while(char::is_ascii_digit).collect();
    let is_power_of_ten = digits.trim_end_matches('0') == "1";
    digits.parse().ok().filter(|number| *number >= LONG && !is_power_of_ten)
}

fn copies(sources: &[(&str, &str)]) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, source) in sources {
        for (what, line) in limits(source) {
            places.entry(what).or_default().push(format!("{path}:{line}"));
        }
    }
    let twice = places.into_iter().filter(|(_, places)| places.len() > 1);
    twice.map(|(what, places)| format!("{what} stands at {}", places.join(" and "))).collect()
}

#[test]
fn every_limit_is_written_once() {
    let sources = sources();
    let sources: Vec<(&str, &str)> =
        sources.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    none(copies(&sources));
}

#[test]
fn planted_copies_of_a_limit_are_found() {
    for (one, other) in [
        ("const MOST: usize = 50;", "pub const MOST: i64 = 5_0;"),
        ("const LONGEST_NAME: u64 = 2 * 1024;", "const LONGEST_NAME: u64 = 2 * 1024;"),
        ("const BITS: usize = 131_072;", "x % 131072_u32"),
        ("f(12_345) + g(12345)", ""),
    ] {
        assert_eq!(copies(&[("src/a.rs", one), ("src/b.rs", other)]).len(), 1, "{one} {other}");
    }
    none(copies(&[
        ("src/a.rs", "const MOST: usize = 50; const PAGE: usize = 50; // 131_072 131_072"),
        ("src/b.rs", "const MOST: usize = 60; const PAGE: usize = 50; f(100_000, 1_000_000, 9_999)"),
        ("src/c.rs", "f(100_000, 1_000_000, 9_999)"),
    ]));
}
