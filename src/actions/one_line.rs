//! Names, numbers and titles: text on one line that certificates and badges carry.

use crate::badges::text::can_be_signed;
use crate::domain::text::{is_invisible, on_one_line};

/// A text on one line, as names, numbers and titles are: runs of spaces and line breaks become one space, letters are composed. Other control characters are refused, and what is longer
/// than `most` characters. What nobody would see is empty.
pub(in crate::actions) fn one_line(name: &str, text: &str, most: usize) -> Result<String, String> {
    let text = on_one_line(text);
    if !can_be_signed(&text) {
        Err(format!("{name} has a character that cannot be printed."))
    } else if text.chars().count() > most {
        Err(format!("{name} is longer than {most} characters."))
    } else if text.chars().all(is_invisible) {
        Ok(String::new())
    } else {
        Ok(text)
    }
}
