//! Text as it is kept and compared: in one composed form (NFC), whatever the keyboard, the file or the phone that it came from.

use std::borrow::Cow;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::plural::grouped;

/// The text in its composed form: "é" is one character, not "e" and an accent. Everything that people write passes here before it is
/// kept, and what was kept earlier before it is compared. Characters that turn its direction round are taken out first: a letter and an
/// accent may have stood on either side of one.
pub fn composed(text: &str) -> Cow<'_, str> {
    match text {
        plain if plain.is_ascii() => Cow::Borrowed(plain),
        turned if turned.contains(turns) => Cow::Owned(turned.chars().filter(|c| !turns(*c)).nfc().collect()),
        composed if is_nfc(composed) => Cow::Borrowed(composed),
        other => Cow::Owned(other.nfc().collect()),
    }
}

/// Whether a character turns the direction of what follows, so that it could be read as something else. Letters have their own direction.
const fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text on one line: composed, trimmed, runs of spaces and line breaks as one space.
pub fn on_one_line(text: &str) -> String {
    composed(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The beginning of a text on one line, cut between words where it has more than `most` characters.
#[must_use]
pub fn excerpt(text: &str, most: usize) -> String {
    let line = on_one_line(text);
    if line.chars().count() <= most {
        return line;
    }
    let beginning: String = line.chars().take(most).collect();
    let whole = beginning.rsplit_once(' ').map_or(beginning.as_str(), |(whole, _)| whole);
    format!("{whole} …")
}

const NUL: char = '\0';
/// SUBSTITUTE, as Unicode calls it.
const UNREADABLE: &str = "\u{1a}";

/// Text from outside with the sign for a character that cannot be read in place of each NUL, which not every database can hold. Fields refuse
/// that sign in words, as they do other unprintable characters.
#[must_use]
pub fn without_nul(text: String) -> String {
    match text.contains(NUL) {
        true => text.replace(NUL, UNREADABLE),
        false => text,
    }
}

/// Most characters of one field that are read; of a longer one the beginning is, and one more character. No field may have as many.
pub const MOST_READ: usize = 20_000;

/// Whether only the beginning of a text was read. A form that comes back for another reason says so, too.
#[must_use]
pub fn was_cut(text: impl AsRef<str>) -> bool {
    text.as_ref().chars().nth(MOST_READ).is_some()
}

/// Says that a text of `length` characters is too long for a field that may have `longest`.
#[must_use]
pub fn too_long(longest: usize, length: usize) -> String {
    let (most, there) = (grouped(longest), grouped(length.min(MOST_READ)));
    if length <= MOST_READ {
        format!("Use at most {most} characters. There are {there} now.")
    } else {
        format!(
            "Use at most {most} characters. There were more than {there}, and what came after them is left out."
        )
    }
}

/// Why a text cannot be kept, with the text as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextFault {
    /// It has characters that no page shows.
    Unprintable(String),
    /// It has more characters than it may have.
    TooLong(String),
}

/// A text on one line: composed, trimmed, runs of spaces and line breaks as one space. Empty when nobody would see any of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SingleLine(String);

impl SingleLine {
    /// Reads what was typed.
    ///
    /// # Errors
    /// `TextFault` when it has other control characters, or more than `longest` characters.
    pub fn parse(typed: &str, longest: usize) -> Result<Self, TextFault> {
        let text = on_one_line(typed);
        let unprintable = text.chars().any(char::is_control);
        keepable(text, longest, unprintable).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A text of several lines: composed and trimmed, its line breaks kept. Empty when nobody would see any of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MultiLine(String);

impl MultiLine {
    /// Reads what was typed.
    ///
    /// # Errors
    /// `TextFault` when it has other control characters than line breaks and tabs, or more than `longest` characters.
    pub fn parse(typed: &str, longest: usize) -> Result<Self, TextFault> {
        let text = composed(typed.replace("\r\n", "\n").trim()).into_owned();
        let unprintable = text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'));
        keepable(text, longest, unprintable).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

fn keepable(text: String, longest: usize, unprintable: bool) -> Result<String, TextFault> {
    if unprintable {
        Err(TextFault::Unprintable(text))
    } else if text.chars().count() > longest {
        Err(TextFault::TooLong(text))
    } else if text.chars().all(is_invisible) {
        Ok(String::new())
    } else {
        Ok(text)
    }
}

/// The text without case, as it is compared. Small letters are composed again: the Greek "Ϊ́" has no composed form, the "ΐ" it becomes has.
pub fn without_case(text: &str) -> String {
    composed(&composed(text).to_lowercase()).into_owned()
}

/// Whether nobody would see the character: a space, or one that Unicode calls ignorable by default (soft hyphens, zero-width and
/// direction marks, fillers, variation selectors, tags), and the empty Braille cell.
pub fn is_invisible(c: char) -> bool {
    c.is_whitespace() || is_ignorable(c)
}

/// Whether the character is one that a page or a mail shows as nothing at all.
pub const fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
