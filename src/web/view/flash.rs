//! Going on to another page after a form, with one message about what has just happened.

use actix_web::HttpResponse;
use actix_web::http::header;

use crate::web::view::layout::{Flash, FlashKind};

/// Longest message kept, in characters: it has to fit into a cookie.
const LONGEST: usize = 600;
/// Longest label of a link, in characters.
const LONGEST_LABEL: usize = 100;
/// Characters that mean something between pairs, as pairs are written and as a cookie covers them.
const PARTING: [(&str, &str); 3] = [("%25", "%2525"), ("%26", "%2526"), ("%2B", "%252B")];
/// Most links behind a message.
const MOST_LINKS: usize = 2;
const LINK: &str = "link";
const LABEL: &str = "label";
const UNDO: &str = "undo";

impl Flash {
    /// It was done.
    pub fn success(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Success, text: text.into(), links: Vec::new(), undo: None }
    }

    /// Good to know.
    pub fn info(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Info, text: text.into(), links: Vec::new(), undo: None }
    }

    /// Done only in part, or something needs attention.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { kind: FlashKind::Warning, text: text.into(), links: Vec::new(), undo: None }
    }

    /// The same with a link behind it to a page of ours that has to do with it.
    #[must_use]
    pub fn with_link(mut self, path: impl Into<String>, label: impl Into<String>) -> Self {
        self.links.push((path.into(), label.into()));
        self
    }

    /// The same with a button that undoes it: a form sent to this path of ours.
    #[must_use]
    pub fn with_undo(mut self, path: Option<String>) -> Self {
        self.undo = path;
        self
    }

    /// The text of the cookie.
    pub(in crate::web) fn encoded(&self) -> String {
        let text: String = self.text.chars().take(LONGEST).collect();
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs.append_pair(self.kind.word(), &text);
        for (path, label) in self.links.iter().take(MOST_LINKS) {
            pairs.append_pair(LINK, path).append_pair(LABEL, label);
        }
        if let Some(path) = &self.undo {
            pairs.append_pair(UNDO, path);
        }
        // reading a cookie takes one layer of percent signs away: what parts the pairs must still not stand bare below it
        let written = pairs.finish();
        PARTING.iter().fold(written, |text, (bare, covered)| text.replace(bare, covered))
    }

    /// Reads the cookie again. What is not ours is nothing.
    pub(in crate::web) fn decoded(cookie: &str) -> Option<Self> {
        let mut pairs = url::form_urlencoded::parse(cookie.as_bytes());
        let (word, text) = pairs.next()?;
        let kind = FlashKind::from_word(&word)?;
        let shown = |text: &str, most: usize| -> String {
            text.chars().filter(|c| !c.is_control()).take(most).collect()
        };
        let text = shown(&text, LONGEST);
        let (mut path, mut links, mut undo) = (None, Vec::new(), None);
        for (name, value) in pairs {
            match name.as_ref() {
                LINK => path = local_path(&value).map(str::to_owned),
                LABEL => {
                    let label = shown(&value, LONGEST_LABEL);
                    let path = path.take().filter(|_| !label.is_empty() && links.len() < MOST_LINKS);
                    links.extend(path.map(|path| (path, label)));
                }
                UNDO => undo = local_path(&value).map(str::to_owned),
                _ => {}
            }
        }
        (!text.is_empty()).then_some(Self { kind, text, links, undo })
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
