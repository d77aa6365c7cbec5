//! Going on to another page after a form, with one message about what has just happened.

use actix_web::HttpResponse;
use actix_web::http::header;

use crate::web::layout::{Flash, FlashKind};

/// Longest message kept, in characters: it has to fit into a cookie.
const LONGEST: usize = 600;

impl Flash {
    /// It was done.
    pub fn success(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Success, text: text.into() }
    }

    /// Good to know.
    pub fn info(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Info, text: text.into() }
    }

    /// Done only in part, or something needs attention.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Warning, text: text.into() }
    }

    /// The text of the cookie.
    pub(in crate::web) fn encoded(&self) -> String {
        let text: String = self.text.chars().take(LONGEST).collect();
        url::form_urlencoded::Serializer::new(String::new()).append_pair(self.kind.word(), &text).finish()
    }

    /// Reads the cookie again. What is not ours is nothing.
    pub(in crate::web) fn decoded(cookie: &str) -> Option<Self> {
        let (word, text) = url::form_urlencoded::parse(cookie.as_bytes()).next()?;
        let kind = FlashKind::from_word(&word)?;
        let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        (!text.is_empty()).then_some(Self { kind, text })
    }
}

/// Sends the browser on to a page of ours, as the answer to a form. `path` begins with one slash.
pub fn see_other(path: impl AsRef<str>) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path.as_ref())).finish()
}

/// The same, and the next page says what has just happened.
pub fn see_other_with(path: impl AsRef<str>, flash: Flash) -> HttpResponse {
    let mut response = see_other(path);
    response.extensions_mut().insert(flash);
    response
}

/// A path of ours to go to after signing in, if `text` is one: it begins with one slash, so that it can lead to no
/// other site.
#[must_use]
pub fn local_path(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('/')?;
    let safe = !rest.starts_with('/')
        && text.len() <= 1000
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>'));
    safe.then_some(text)
}
