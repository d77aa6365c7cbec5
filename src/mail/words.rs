//! What mail templates need beyond askama's own filters, and the frame that makes three templates of one notice.

/// Filters, by the name templates use.
pub(super) mod filters {
    use askama::Values;
    use chrono::NaiveDate;

    use crate::domain::dates;
    use crate::mail::message;

    /// "14 March 2027".
    #[askama::filter_fn]
    pub fn long_date(day: &NaiveDate, _: &dyn Values) -> askama::Result<String> {
        Ok(dates::long_date(*day))
    }

    /// A person's own words in a plain text, set off so that nobody takes them for ours.
    #[askama::filter_fn]
    pub fn quoted(words: &str, _: &dyn Values) -> askama::Result<String> {
        let lines: Vec<String> = words
            .trim()
            .lines()
            .map(|line| format!("> {}", message::one_line(line)).trim_end().to_owned())
            .collect();
        Ok(lines.join("\n"))
    }

    /// A title in a subject: one line of at most `room` characters, shortened on whole words.
    #[askama::filter_fn]
    pub fn in_subject(words: &str, _: &dyn Values, room: usize) -> askama::Result<String> {
        Ok(super::shortened(&message::one_line(words), room))
    }

    /// A count with its word: "1 report", "2 reports".
    #[askama::filter_fn]
    pub fn counting(amount: &usize, _: &dyn Values, one: &str, many: &str) -> askama::Result<String> {
        Ok(format!("{amount} {}", if *amount == 1 { one } else { many }))
    }

    /// Text that stands inside a sentence: one line.
    #[askama::filter_fn]
    pub fn one_line(words: &str, _: &dyn Values) -> askama::Result<String> {
        Ok(message::one_line(words))
    }
}

/// At most `room` characters of a line: whole words and "…", or a part of a first word that is longer than that.
fn shortened(line: &str, room: usize) -> String {
    if line.chars().count() <= room {
        return line.to_owned();
    }
    let cut: String = line.chars().take(room.saturating_sub(1)).collect();
    let next_is_space = line.chars().nth(room.saturating_sub(1)).is_some_and(char::is_whitespace);
    let whole = match cut.rfind(char::is_whitespace) {
        Some(space) if !next_is_space => cut.get(..space).unwrap_or(&cut),
        _ => &cut,
    };
    format!("{}…", whole.trim_end_matches(|c: char| c.is_whitespace() || ",;:-–".contains(c)))
}

/// Gives a notice its `render` from three templates: subject, text, page. Each sees `letter` and `notice`, and the page its `subject`.
macro_rules! three_templates {
    ($notice:ident, $subject:literal, $text:literal, $html:literal) => {
        impl $notice {
            /// Renders it for one recipient.
            ///
            /// # Errors
            /// `RenderError` when a template fails.
            pub fn render(
                &self,
                letter: &$crate::mail::NoticeContext,
            ) -> Result<$crate::mail::Rendered, $crate::mail::RenderError> {
                // not every template uses both
                #[allow(dead_code)]
                #[derive(askama::Template)]
                #[template(path = $subject)]
                struct Subject<'a> {
                    letter: &'a $crate::mail::NoticeContext,
                    notice: &'a $notice,
                }
                #[allow(dead_code)]
                #[derive(askama::Template)]
                #[template(path = $text)]
                struct Text<'a> {
                    letter: &'a $crate::mail::NoticeContext,
                    notice: &'a $notice,
                }
                #[allow(dead_code)]
                #[derive(askama::Template)]
                #[template(path = $html)]
                struct Page<'a> {
                    letter: &'a $crate::mail::NoticeContext,
                    notice: &'a $notice,
                    subject: &'a str,
                }
                let kind = $crate::domain::notices::notice_kind::NoticeKind::$notice;
                let subject = $crate::mail::rendering::subject(kind, &Subject { letter, notice: self })?;
                let page = Page { letter, notice: self, subject: &subject };
                $crate::mail::rendering::rendered(kind, &subject, &Text { letter, notice: self }, &page)
            }
        }
    };
}
pub(super) use three_templates;
