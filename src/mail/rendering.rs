//! A notice from its three templates: subject, plain text and page.

use thiserror::Error;

use super::message::one_line;
use crate::domain::notices::notice_kind::NoticeKind;

/// A notice, ready to be put into an envelope.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rendered {
    /// Its kind.
    pub kind: NoticeKind,
    /// One line without personal data.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as a page.
    pub html: String,
}

/// A template that could not be rendered: a defect of the portal, not of the notice.
#[derive(Debug, Error)]
#[error("the {} notice could not be rendered", .kind.code())]
pub struct RenderError {
    kind: NoticeKind,
    source: askama::Error,
}

/// The subject: one line.
pub(super) fn subject(kind: NoticeKind, subject: &dyn askama::DynTemplate) -> Result<String, RenderError> {
    Ok(one_line(&subject.dyn_render().map_err(|source| RenderError { kind, source })?))
}

pub(super) fn rendered(
    kind: NoticeKind,
    subject: &str,
    text: &dyn askama::DynTemplate,
    html: &dyn askama::DynTemplate,
) -> Result<Rendered, RenderError> {
    let render = |template: &dyn askama::DynTemplate| {
        template.dyn_render().map_err(|source| RenderError { kind, source })
    };
    Ok(Rendered { kind, subject: subject.to_owned(), text: tidy(&render(text)?), html: tidy(&render(html)?) })
}

/// Without the gaps that conditions and loops of a template leave: no line ends in spaces, at most one empty line in a row.
fn tidy(rendered: &str) -> String {
    let mut tidy = String::with_capacity(rendered.len());
    let mut gap = false;
    for line in rendered.lines().map(str::trim_end) {
        if line.is_empty() {
            gap = !tidy.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            tidy.push('\n');
        }
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy
}
