//! Keyset pages: a page begins after (or ends before) a place, so the two-hundredth costs what the first does, and nothing is counted.

/// Where a page stands in its list.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Place<K> {
    /// At the beginning.
    #[default]
    Start,
    /// After this key.
    After(K),
    /// Before this key.
    Before(K),
}

impl<K> Place<K> {
    /// Whether rows are to be read backwards.
    pub(in crate::store) const fn backwards(&self) -> bool {
        matches!(self, Place::Before(_))
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Its rows, in the order of the list.
    pub rows: Vec<T>,
    /// Whether there is a page before it.
    pub before: bool,
    /// Whether there is a page after it.
    pub after: bool,
}

impl<T> Page<T> {
    /// A page from rows as they were read: up to one more than `size`, backwards when the place says so.
    pub(in crate::store) fn new<K>(mut rows: Vec<T>, place: &Place<K>, size: i64) -> Page<T> {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let more = rows.len() > size;
        rows.truncate(size);
        if place.backwards() {
            rows.reverse();
            return Page { rows, before: more, after: true };
        }
        Page { rows, before: matches!(place, Place::After(_)), after: more }
    }
}
