//! What people write: read once into a line or a text, with what is wrong with it beside its field.

use crate::badges::text::can_be_signed;
use crate::domain::text::{MultiLine, SingleLine, TextFault, too_long};

/// The texts of a form while they are read, and what is wrong with them, in the order of the form.
#[derive(Clone, Debug, Default)]
pub(in crate::actions) struct FormTexts(pub Vec<(&'static str, String)>);

impl FormTexts {
    /// One line. `missing` says what is wanted when nothing visible was typed; empty when nothing is.
    pub fn line(&mut self, field: &'static str, typed: &str, longest: usize, missing: &str) -> String {
        let read = SingleLine::parse(typed, longest).map(SingleLine::into_string);
        self.judged(field, read, longest, missing)
    }

    /// A text of several lines.
    pub fn text(&mut self, field: &'static str, typed: &str, longest: usize, missing: &str) -> String {
        let read = MultiLine::parse(typed, longest).map(MultiLine::into_string);
        self.judged(field, read, longest, missing)
    }

    /// A text that cannot be kept stays as it was typed: nothing of the form is used then.
    fn judged(
        &mut self,
        field: &'static str,
        read: Result<String, TextFault>,
        longest: usize,
        missing: &str,
    ) -> String {
        let (message, text) = match read {
            Ok(text) if text.is_empty() && !missing.is_empty() => (missing.to_owned(), text),
            Ok(text) => return text,
            Err(TextFault::Unprintable(text)) => (
                "This contains characters that cannot be shown. Type it again instead of pasting it."
                    .to_owned(),
                text,
            ),
            Err(TextFault::TooLong(text)) => (too_long(longest, text.chars().count()), text),
        };
        self.0.push((field, message));
        text
    }
}

/// Names, numbers and titles, as certificates and badges carry them: a line of which every character can stand in a signature. `name` is
/// what the message calls it.
pub(in crate::actions) fn one_line(name: &str, typed: &str, longest: usize) -> Result<String, String> {
    let longer = || format!("{name} is longer than {longest} characters.");
    let unprintable = || format!("{name} has a character that cannot be printed.");
    match SingleLine::parse(typed, longest).map(SingleLine::into_string) {
        Ok(text) if can_be_signed(&text) => Ok(text),
        Err(TextFault::TooLong(text)) if can_be_signed(&text) => Err(longer()),
        Ok(_) | Err(_) => Err(unprintable()),
    }
}
