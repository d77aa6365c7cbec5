//! What stands in a cell of an export: a text, a day, a moment, a number. A spreadsheet gets each as what it is; CSV gets it written out.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::activities::credits::Credits;

/// A cell. What is not there leaves it empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Words, codes, numbers of certificates.
    Text(String),
    /// A local day.
    Day(Option<NaiveDate>),
    /// A moment in UTC.
    Moment(Option<NaiveDateTime>),
    /// A whole number.
    Number(Option<i64>),
    /// An exact amount.
    Credits(Option<Credits>),
}

impl Cell {
    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }

    /// As CSV has it. Only texts can look like a formula, and only they are guarded.
    pub(super) fn written(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Day(day) => day.map(|day| day.to_string()).unwrap_or_default(),
            Cell::Moment(at) => at.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default(),
            Cell::Number(number) => number.map(|number| number.to_string()).unwrap_or_default(),
            Cell::Credits(credits) => credits.map(Credits::exact).unwrap_or_default(),
        }
    }
}
