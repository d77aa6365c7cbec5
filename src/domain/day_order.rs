//! Days in a column of a file. Numbers alone can be two days ("3/4/2026"), so the column as a whole says which order it has, or a
//! person does; a single row never decides, and nothing is guessed.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;

use super::codes::codes;
use super::dates::{long_date, parse_day, within_the_years, year_last};

codes! {
    /// The order in which numbers make a day.
    pub enum DayOrder {
        /// 2026-04-03, or the month by its name; numbers with the year last are refused.
        Iso = "iso",
        /// 3/4/2026 is 3 April.
        DayFirst = "day-first",
        /// 3/4/2026 is 4 March.
        MonthFirst = "month-first",
    }
}

impl DayOrder {
    /// What it puts first, in words.
    pub const fn first(self) -> &'static str {
        match self {
            DayOrder::Iso => "the year",
            DayOrder::DayFirst => "the day",
            DayOrder::MonthFirst => "the month",
        }
    }
}

/// Why a cell is no day of its column. Shows as the rest of a sentence that begins with the cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DayFault {
    /// It is no day at all.
    NotADay,
    /// A day outside the years 1900 to 2999.
    OutsideTheYears,
    /// Two days, and nothing says which.
    TwoDays(NaiveDate, NaiveDate),
    /// No day in the order that was chosen.
    Misfit(DayOrder),
    /// The column has days in both orders: a line with the day first, one with the month first.
    Mixed(u64, u64),
}

impl fmt::Display for DayFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DayFault::NotADay => write!(f, "is not a day such as 2027-03-14"),
            DayFault::OutsideTheYears => write!(f, "lies outside the years 1900 to 2999"),
            DayFault::TwoDays(one, other) => write!(
                f,
                "can be {} or {}: nothing in the column says which. Choose how days are written (--dates)",
                long_date(*one),
                long_date(*other)
            ),
            DayFault::Misfit(order) => write!(f, "is not a day with {} first, as chosen", order.first()),
            DayFault::Mixed(day_first, month_first) => write!(
                f,
                "is in a column with two orders: the day comes first in line {day_first}, the month in line \
                 {month_first}. Write all in one, or choose how days are written (--dates)"
            ),
        }
    }
}

/// What one cell can be.
enum Reading {
    /// One day, whatever the order.
    Certain(NaiveDate),
    DayFirst(NaiveDate),
    MonthFirst(NaiveDate),
    /// Day first, and month first.
    Either(NaiveDate, NaiveDate),
}

fn reading(text: &str) -> Option<Reading> {
    match year_last(text) {
        Some((Some(one), Some(other))) if one == other => Some(Reading::Certain(one)),
        Some((Some(one), Some(other))) => Some(Reading::Either(one, other)),
        Some((Some(day), None)) => Some(Reading::DayFirst(day)),
        Some((None, Some(day))) => Some(Reading::MonthFirst(day)),
        Some((None, None)) => None,
        None => parse_day(text).map(Reading::Certain),
    }
}

/// A cell, and the line where its row begins.
type Seen = (u64, String);

/// What a column of days shows, and what was chosen for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayColumn {
    chosen: Option<DayOrder>,
    days: u64,
    numbers: u64,
    day_first: Option<Seen>,
    month_first: Option<Seen>,
    either: Option<Seen>,
}

impl DayColumn {
    /// A column about which nothing is known but what was chosen.
    #[must_use]
    pub fn new(chosen: Option<DayOrder>) -> Self {
        DayColumn { chosen, ..DayColumn::default() }
    }

    /// Looks at a cell of the column.
    pub fn note(&mut self, line: u64, cell: &str) {
        let text = cell.trim();
        if text.is_empty() {
            return;
        }
        self.days = self.days.saturating_add(1);
        let place = match reading(text) {
            Some(Reading::DayFirst(_)) => &mut self.day_first,
            Some(Reading::MonthFirst(_)) => &mut self.month_first,
            Some(Reading::Either(..)) => &mut self.either,
            Some(Reading::Certain(_)) | None => return,
        };
        self.numbers = self.numbers.saturating_add(1);
        place.get_or_insert_with(|| (line, text.to_owned()));
    }

    /// The order that was chosen, or that the column shows.
    fn order(&self) -> Option<DayOrder> {
        match (self.chosen, &self.day_first, &self.month_first) {
            (Some(order), ..) => Some(order),
            (None, Some(_), None) => Some(DayOrder::DayFirst),
            (None, None, Some(_)) => Some(DayOrder::MonthFirst),
            (None, ..) => None,
        }
    }

    /// The day that a cell means.
    ///
    /// # Errors
    /// `DayFault`.
    pub fn read(&self, cell: &str) -> Result<NaiveDate, DayFault> {
        let text = cell.trim();
        let reading = reading(text).ok_or_else(|| {
            let outside = text.parse::<NaiveDate>().is_ok_and(|day| !within_the_years(&day));
            if outside { DayFault::OutsideTheYears } else { DayFault::NotADay }
        })?;
        if let Reading::Certain(day) = reading {
            return Ok(day);
        }
        match (self.order(), reading) {
            (Some(DayOrder::DayFirst), Reading::DayFirst(day) | Reading::Either(day, _))
            | (Some(DayOrder::MonthFirst), Reading::MonthFirst(day) | Reading::Either(_, day)) => Ok(day),
            (Some(order), _) => Err(DayFault::Misfit(order)),
            (None, reading) => Err(match (&self.day_first, &self.month_first, reading) {
                (Some((day_first, _)), Some((month_first, _)), _) => {
                    DayFault::Mixed(*day_first, *month_first)
                }
                (_, _, Reading::Either(one, other)) => DayFault::TwoDays(one, other),
                // a column that nobody looked at as a whole: what is one day only is read
                (_, _, Reading::Certain(day) | Reading::DayFirst(day) | Reading::MonthFirst(day)) => {
                    return Ok(day);
                }
            }),
        }
    }

    /// How the days of the column are read, in words; nothing for one without days.
    fn words(&self) -> Option<String> {
        if self.days == 0 {
            return None;
        }
        let (many, are) = match self.numbers {
            0 => {
                return Some(
                    "each day begins with its year, names its month, or can be one day only".to_owned(),
                );
            }
            1 => ("1 day is".to_owned(), "it is"),
            many => (format!("{many} days are"), "they are"),
        };
        let example = self.either.as_ref().and_then(|(line, text)| match year_last(text)? {
            (Some(one), Some(other)) => Some((*line, text, one, other)),
            _ => None,
        });
        let witness = match self.order() {
            Some(DayOrder::DayFirst) => &self.day_first,
            Some(DayOrder::MonthFirst) => &self.month_first,
            Some(DayOrder::Iso) | None => &None,
        };
        let reason = match (self.order(), self.chosen, witness) {
            (Some(order), Some(_), _) => format!("{are} read with {} first, as chosen", order.first()),
            (Some(order), None, Some((line, text))) => {
                format!("{are} read with {} first, as line {line} shows ({text})", order.first())
            }
            (Some(order), None, None) => format!("{are} read with {} first", order.first()),
            (None, ..) => match (&self.day_first, &self.month_first) {
                (Some((day_first, one)), Some((month_first, other))) => format!(
                    "the day comes first in line {day_first} ({one}) and the month in line {month_first} ({other}), \
                     so none of them is read"
                ),
                _ => "nothing says whether the day or the month comes first, so none of them is read"
                    .to_owned(),
            },
        };
        let example = example.map(|(line, text, one, other)| match self.order() {
            Some(DayOrder::DayFirst) => format!("; {text} in line {line} is {}", long_date(one)),
            Some(DayOrder::MonthFirst) => format!("; {text} in line {line} is {}", long_date(other)),
            Some(DayOrder::Iso) | None => {
                format!("; {text} in line {line} can be {} or {}", long_date(one), long_date(other))
            }
        });
        Some(format!("{many} written with the year last: {reason}{}", example.unwrap_or_default()))
    }
}

/// The columns of days of one file, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayColumns(BTreeMap<&'static str, DayColumn>);

impl DayColumns {
    /// Columns of these names, with what was chosen for all of them.
    #[must_use]
    pub fn new(names: &[&'static str], chosen: Option<DayOrder>) -> Self {
        DayColumns(names.iter().map(|name| (*name, DayColumn::new(chosen))).collect())
    }

    /// Looks at a cell of a column.
    pub fn note(&mut self, column: &str, line: u64, cell: &str) {
        if let Some(column) = self.0.get_mut(column) {
            column.note(line, cell);
        }
    }

    /// The day that a cell of a column means.
    ///
    /// # Errors
    /// `DayFault`.
    pub fn read(&self, column: &str, cell: &str) -> Result<NaiveDate, DayFault> {
        match self.0.get(column) {
            Some(column) => column.read(cell),
            None => DayColumn::default().read(cell),
        }
    }

    /// How the days of each column are read: a sentence for each that has any.
    pub fn words(&self) -> Vec<String> {
        self.0.iter().filter_map(|(name, column)| Some(format!("{name}: {}.", column.words()?))).collect()
    }
}
