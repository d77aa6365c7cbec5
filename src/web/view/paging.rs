//! Keyset pages in addresses: `?after=KEY` and `?before=KEY`.

use crate::store::engine::paging::{Page, Place};
use crate::web::forms::fields::Fields;

/// Where the page that was asked for stands. What cannot be read as a key is the beginning.
pub fn place<K>(query: &Fields, key: impl Fn(&str) -> Option<K>) -> Place<K> {
    let read = |name: &str| Some(query.one(name)).filter(|text| !text.is_empty()).and_then(&key);
    match (read("after"), read("before")) {
        (Some(key), _) => Place::After(key),
        (None, Some(key)) => Place::Before(key),
        (None, None) => Place::Start,
    }
}

/// Addresses of the page before and the page after.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pager {
    /// The page before, if there is one.
    pub before: Option<String>,
    /// The page after, if there is one.
    pub after: Option<String>,
}

impl Pager {
    /// The addresses around `page` at `path`, keeping the other parts of the query that are not empty.
    pub fn new<T>(path: &str, kept: &[(&str, &str)], page: &Page<T>, key: impl Fn(&T) -> String) -> Pager {
        let address = |name: &str, row: Option<&T>| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for (kept, value) in kept.iter().filter(|(_, value)| !value.is_empty()) {
                query.append_pair(kept, value);
            }
            row.map(|row| format!("{path}?{}", query.append_pair(name, &key(row)).finish()))
        };
        Pager {
            before: address("before", page.rows.first().filter(|_| page.before)),
            after: address("after", page.rows.last().filter(|_| page.after)),
        }
    }

    /// Addresses around page `number` of a list that is read whole, counted from 1 to `last`.
    pub fn numbered(path: &str, kept: &[(&str, &str)], number: usize, last: usize) -> Pager {
        let address = |page: usize| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for (kept, value) in kept.iter().filter(|(_, value)| !value.is_empty()) {
                query.append_pair(kept, value);
            }
            format!("{path}?{}", query.append_pair("page", &page.to_string()).finish())
        };
        Pager {
            before: (number > 1).then(|| address(number - 1)),
            after: (number < last).then(|| address(number + 1)),
        }
    }
}
