//! The fields of a form as they were sent.

use std::collections::BTreeSet;

use actix_web::web;
use serde::de::DeserializeOwned;

use crate::domain::text::{MOST_READ, composed, without_nul};
use crate::web::http::error::WebError;

/// Cuts a value where nobody reads on. The rule of its field then says that it is too long, beside it, and the beginning is not lost. What
/// was cut has one character more than is read, as the rule counts it: that tells that there was more.
fn shorten(value: &mut String) {
    if value.chars().nth(MOST_READ).is_none() {
        return;
    }
    // as the rules of the fields read it: a line break is one character, and spaces at the ends are none
    let read = composed(value.replace("\r\n", "\n").trim()).into_owned();
    *value = read;
    if let Some((last, letter)) = value.char_indices().nth(MOST_READ) {
        if letter.is_whitespace() {
            value.truncate(last);
            value.push('…');
        } else {
            value.truncate(last + letter.len_utf8());
        }
    }
}

/// The fields of a form, in the order they were sent. A name may stand more than once.
#[derive(Clone, Default)]
pub struct Fields(pub(super) Vec<(String, String)>);

impl Fields {
    /// Reads `a=1&b=2`. Anything can be read; what is no UTF-8 is replaced.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        let mut fields = Self::default();
        for (name, value) in url::form_urlencoded::parse(body).into_owned() {
            fields.push(name, value);
        }
        fields
    }

    /// Adds a field: of a value that is longer than any field may be, the beginning.
    pub fn push(&mut self, name: String, value: String) {
        let mut value = without_nul(value);
        shorten(&mut value);
        self.0.push((name, value));
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// All of it, in the order it was sent.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// What was sent for a name, the first time it stands; nothing is the same as empty.
    #[must_use]
    pub fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Everything that was sent for a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether a name was sent at all, as a ticked box is.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Reads the fields into a struct. Give it `#[serde(default)]`, so that a field that is missing is empty.
    ///
    /// # Errors
    /// `WebError::Unreadable` when a field has another form than the struct asks for.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, WebError> {
        let mut seen = BTreeSet::new();
        let mut first = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.0 {
            if seen.insert(name) {
                first.append_pair(name, value);
            }
        }
        web::Query::<T>::from_query(&first.finish())
            .map(web::Query::into_inner)
            .map_err(|_| WebError::Unreadable("the fields of the form"))
    }
}
