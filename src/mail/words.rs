//! What mail templates need beyond askama's own filters, and the frame that makes three templates of one notice.

/// Filters, by the name templates use.
pub(super) mod filters {
    use askama::Values;
    use chrono::NaiveDate;

    use crate::domain::dates;
    use crate::mail::message;

    /// Most characters of a title in a subject.
    const LONGEST_IN_SUBJECT: usize = 80;

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

    /// A title in a subject: one line, and not too long for a list of mails.
    #[askama::filter_fn]
    pub fn in_subject(words: &str, _: &dyn Values) -> askama::Result<String> {
        let line = message::one_line(words);
        if line.chars().count() <= LONGEST_IN_SUBJECT {
            return Ok(line);
        }
        let cut: String = line.chars().take(LONGEST_IN_SUBJECT.saturating_sub(1)).collect();
        Ok(format!("{}…", cut.trim_end()))
    }

    /// Text that stands inside a sentence: one line.
    #[askama::filter_fn]
    pub fn one_line(words: &str, _: &dyn Values) -> askama::Result<String> {
        Ok(message::one_line(words))
    }
}

/// Gives a notice its `render` from three templates: subject, text, page. Each sees `letter` and `notice`.
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
                }
                $crate::mail::rendering::rendered(
                    $crate::domain::notices::notice_kind::NoticeKind::$notice,
                    &Subject { letter, notice: self },
                    &Text { letter, notice: self },
                    &Page { letter, notice: self },
                )
            }
        }
    };
}
pub(super) use three_templates;
