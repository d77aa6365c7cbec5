//! What an evidence file is called: the name that somebody's machine sent, made safe to store, show and download.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::media_type::MediaType;

/// Most characters of a file name.
pub const LONGEST_FILE_NAME: usize = 120;
/// Longest ending that is kept when a name is cut, in characters without the dot.
const LONGEST_ENDING: usize = 10;
const NAMELESS: &str = "evidence";

/// The name without folders, control and invisible characters, quotes and what file systems forbid. Letters of every
/// script stay. Never empty, never longer than [`LONGEST_FILE_NAME`] characters; the ending survives a cut.
#[must_use]
pub fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // what stood between two marks may be gone: the rest is put into its composed form again
    let kept: String = without_stray_marks(last.nfc().filter_map(kept_as)).nfc().collect();
    let words: Vec<&str> = kept.split_whitespace().collect();
    // A leading dot hides a file, a trailing one is lost on some systems.
    let tidy = words.join(" ");
    let tidy = tidy.trim_matches(['.', ' ']);
    if tidy.is_empty() { NAMELESS.to_owned() } else { cut(tidy) }
}

/// The name to offer for a download: a cleaned name that ends as its content is, so that "proof.exe" with a picture
/// inside is saved as "proof.exe.png" and opens as what it is.
#[must_use]
pub fn for_download(name: &str, media_type: MediaType) -> String {
    let name = clean(name);
    let fits = name
        .rsplit_once('.')
        .is_some_and(|(_, ending)| media_type.endings().contains(&ending.to_lowercase().as_str()));
    if fits {
        return name;
    }
    let ending = media_type.extension();
    let room = LONGEST_FILE_NAME.saturating_sub(ending.len() + 1);
    let stem: String = name.chars().take(room).collect();
    format!("{}.{ending}", stem.trim_end_matches(['.', ' ']))
}

/// Which character a character is kept as; `None` drops it: control characters and what turns or hides text.
fn kept_as(c: char) -> Option<char> {
    match c {
        _ if c.is_alphanumeric() || is_combining_mark(c) => Some(c),
        '.' | '-' | '_' | '(' | ')' | '[' | ']' | '+' | ',' | '=' | '@' | '#' | '&' | '\'' | '~' | '!' => {
            Some(c)
        }
        '’' | '–' | '—' | '·' | '・' => Some(c),
        '\t' | '\n' | '\r' => Some(' '),
        _ if c.is_control() => None,
        _ if c.is_whitespace() => Some(' '),
        _ if c.is_ascii() => Some('_'),
        _ => None,
    }
}

/// Leaves out marks that do not stand on a letter: a sign with a mark may become another sign, which is none that is kept.
fn without_stray_marks(characters: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    let mut on_a_letter = false;
    characters.filter(move |c| {
        // some marks count as letters, too
        if is_combining_mark(*c) {
            return on_a_letter;
        }
        on_a_letter = c.is_alphanumeric();
        true
    })
}

fn cut(name: &str) -> String {
    if name.chars().count() <= LONGEST_FILE_NAME {
        return name.to_owned();
    }
    let ending =
        name.rsplit_once('.').map(|(_, ending)| ending).filter(|e| e.chars().count() <= LONGEST_ENDING);
    let ending = ending.map(|ending| format!(".{ending}")).unwrap_or_default();
    let room = LONGEST_FILE_NAME.saturating_sub(ending.chars().count());
    let stem: String = name.chars().take(room).collect();
    format!("{}{ending}", stem.trim_end_matches(['.', ' ']))
}
