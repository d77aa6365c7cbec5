//! Mail addresses: how one is kept, and how two are compared. Every way in (form, file, command, sign-in) goes through here.
//!
//! Characters that nobody sees are taken out: a mail program or a spreadsheet puts them in, and the address with them looks the same as
//! the one without. Letters that only look alike (a Latin and a Cyrillic "a") stay different: they are different mailboxes.

use super::text::{composed, is_ignorable, without_case};

/// The two joiners of Arabic, Indic and other scripts. Between letters of those they are part of the word, and of the mailbox; between
/// others nobody sees them.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Whether a letter is of a script that joins: Arabic and its neighbours, those of India and Sri Lanka, Tibetan, Burmese, Khmer, Mongolian,
/// Phags-pa.
const fn joins(letter: char) -> bool {
    matches!(
        letter,
        '\u{600}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{a840}'..='\u{a877}'
    )
}

/// An address as it is kept: trimmed, composed, without characters that nobody sees.
pub fn kept(typed: &str) -> String {
    let typed = typed.trim();
    if typed.is_ascii() {
        return typed.to_owned();
    }
    let signs: Vec<char> = typed.chars().collect();
    let joined = |index: usize| {
        let letter = |c: Option<&char>| c.is_some_and(|c| joins(*c) && !is_ignorable(*c));
        letter(index.checked_sub(1).and_then(|before| signs.get(before)))
            && letter(index.checked_add(1).and_then(|after| signs.get(after)))
    };
    let seen: String = signs
        .iter()
        .enumerate()
        .filter(|(index, c)| !is_ignorable(**c) || (JOINERS.contains(c) && joined(*index)))
        .map(|(_, c)| *c)
        .collect();
    composed(seen.trim()).into_owned()
}

/// An address as it is compared: as it is kept, without case.
pub fn compared(typed: &str) -> String {
    without_case(&kept(typed))
}

/// The domain of an address, without case: who takes its mail.
pub fn domain(address: &str) -> String {
    address.rsplit_once('@').map_or_else(String::new, |(_, domain)| without_case(domain))
}

/// An address as it was compared before invisible characters were taken out. Of two accounts that differ in nothing else, each is found by
/// its own address still.
pub fn compared_as_typed(typed: &str) -> String {
    typed.trim().to_lowercase()
}
