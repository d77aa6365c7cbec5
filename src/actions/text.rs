//! What people write: a line or a text, checked before it is kept.

use crate::domain::text::{composed, is_invisible, on_one_line};

const LINE_BREAKS: [char; 3] = ['\n', '\r', '\t'];

/// The answers of a form while they are read, and what is wrong with them, in the order of the form.
#[derive(Clone, Debug, Default)]
pub(in crate::actions) struct Checked(pub Vec<(&'static str, String)>);

impl Checked {
    /// One line: trimmed, inner spaces as one. `missing` says what is wanted when nothing visible was typed; empty when
    /// nothing is.
    pub fn line(&mut self, field: &'static str, typed: &str, longest: usize, missing: &str) -> String {
        let text = on_one_line(typed);
        let unshown = text.chars().any(char::is_control);
        self.judged(field, text, longest, missing, unshown)
    }

    /// A text of several lines, trimmed; line breaks are kept.
    pub fn text(&mut self, field: &'static str, typed: &str, longest: usize, missing: &str) -> String {
        let text = composed(typed.replace("\r\n", "\n").trim()).into_owned();
        let unshown = text.chars().any(|c| c.is_control() && !LINE_BREAKS.contains(&c));
        self.judged(field, text, longest, missing, unshown)
    }

    fn judged(
        &mut self,
        field: &'static str,
        text: String,
        longest: usize,
        missing: &str,
        unshown: bool,
    ) -> String {
        let length = text.chars().count();
        if unshown {
            let message =
                "This contains characters that cannot be shown. Type it again instead of pasting it.";
            self.0.push((field, message.to_owned()));
        } else if length > longest {
            self.0.push((field, format!("Use at most {longest} characters. There are {length} now.")));
        } else if text.chars().all(is_invisible) {
            if !missing.is_empty() {
                self.0.push((field, missing.to_owned()));
            }
            return String::new();
        }
        text
    }
}
