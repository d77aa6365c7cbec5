//! Quantities as people type them: whole minutes or whole pages.

use std::fmt;

use super::category::{Category, Unit};
use crate::domain::plural::{counted, grouped};

/// Hours a single report can name at most.
const MOST_HOURS: i64 = 99_999;
/// Pages a single report can name at most.
const MOST_PAGES: i64 = 9_999_999;

/// A whole, positive number of a category's unit (minutes, pages or A4 pages).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity {
    amount: i64,
    unit: Unit,
}

/// Why a typed quantity was refused, said to the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Nothing was typed.
    #[error("Enter how long it took, such as 2.5, 2:30 or 2 h 30.")]
    NoTime,
    /// Nothing was typed.
    #[error("Enter the number of pages.")]
    NoPages,
    /// Not a time.
    #[error("Enter hours such as 2.5, 2,5, 2:30 or 2 h 30, or minutes such as 150 min.")]
    NotATime,
    /// The minutes field is no whole number from 0 to 59.
    #[error("Enter minutes as a whole number from 0 to 59.")]
    NotMinutes,
    /// A fraction of hours and minutes beside it.
    #[error("Enter either a fraction of an hour or separate minutes, not both.")]
    FractionAndMinutes,
    /// "0.33" hours is 19.8 minutes.
    #[error("That is not a whole number of minutes. Enter hours and minutes, such as 0:20.")]
    NotWholeMinutes,
    /// Not whole pages.
    #[error("Enter pages as a whole number, such as 150.")]
    NotPages,
    /// Zero.
    #[error("Enter more than zero.")]
    Zero,
    /// Above 99 999 hours.
    #[error("Enter at most 99\u{a0}999 hours.")]
    TooManyHours,
    /// Above 9 999 999 pages.
    #[error("Enter at most 9\u{a0}999\u{a0}999 pages.")]
    TooManyPages,
}

impl Quantity {
    /// A quantity from its amount in the unit (minutes, pages, A4 pages).
    ///
    /// # Errors
    /// `Zero` unless more than zero, `TooManyHours` or `TooManyPages` above what a report can name.
    pub fn new(amount: i64, unit: Unit) -> Result<Quantity, QuantityError> {
        if amount <= 0 {
            return Err(QuantityError::Zero);
        }
        match unit {
            Unit::Minutes if amount > MOST_HOURS * 60 => Err(QuantityError::TooManyHours),
            Unit::Pages | Unit::A4Pages if amount > MOST_PAGES => Err(QuantityError::TooManyPages),
            _ => Ok(Quantity { amount, unit }),
        }
    }

    /// Reads a quantity in the notation of reports: a time ("2.5", "2,5", "2:30", "2 h 30", "150 min", "2.5 hours") for time categories,
    /// else pages.
    ///
    /// # Errors
    /// A `QuantityError` that says what to type instead.
    pub fn parse(category: Category, text: &str) -> Result<Quantity, QuantityError> {
        match category.unit() {
            Unit::Minutes => Self::new(minutes_of(text)?, Unit::Minutes),
            unit => Self::new(pages_of(text)?, unit),
        }
    }

    /// Reads the two fields of the report form. Minutes may stay empty; hours may carry a fraction, or minutes of their own, only then.
    /// Without hours there may be any number of minutes.
    ///
    /// # Errors
    /// A `QuantityError` that says what to type instead.
    pub fn from_hours_and_minutes(hours: &str, minutes: &str) -> Result<Quantity, QuantityError> {
        let (hours, minutes) = (hours.trim(), minutes.trim());
        if minutes.is_empty() {
            return Self::new(minutes_of(hours)?, Unit::Minutes);
        }
        let extra = whole_number(without_unit(minutes, &MINUTES)).ok_or(QuantityError::NotMinutes)?;
        if hours.is_empty() {
            return Self::new(extra.min(LONGEST), Unit::Minutes);
        }
        if extra > 59 {
            return Err(QuantityError::NotMinutes);
        }
        let base = minutes_of(hours)?;
        if whole_number(without_unit(hours, &HOURS)).is_none() && extra > 0 {
            return Err(QuantityError::FractionAndMinutes);
        }
        Self::new(base + extra, Unit::Minutes)
    }

    /// How many of the unit.
    pub const fn amount(self) -> i64 {
        self.amount
    }

    /// The unit.
    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// As it is typed into a form or a file: "2:30" or "150". Parsing it gives the same quantity.
    pub fn typed(self) -> String {
        match self.unit {
            Unit::Minutes => format!("{}:{:02}", self.amount / 60, self.amount % 60),
            Unit::Pages | Unit::A4Pages => self.amount.to_string(),
        }
    }
}

impl Quantity {
    /// As short as it can be: "6 h", "2 h 30", "45 min", "225 p.", "4 A4 p.".
    #[must_use]
    pub fn short(self) -> String {
        let (hours, minutes) = (self.amount / 60, self.amount % 60);
        match (self.unit, hours, minutes) {
            (Unit::Minutes, 0, minutes) => format!("{minutes} min"),
            (Unit::Minutes, hours, 0) => format!("{hours} h"),
            (Unit::Minutes, hours, minutes) => format!("{hours} h {minutes:02}"),
            (Unit::Pages, ..) => format!("{} p.", self.amount),
            (Unit::A4Pages, ..) => format!("{} A4 p.", self.amount),
        }
    }
}

impl fmt::Display for Quantity {
    /// In words: "2 hours 30 minutes", "1 page", "4 A4 pages".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |n: i64| if n == 1 { "" } else { "s" };
        match self.unit {
            Unit::Minutes => {
                let (hours, minutes) = (self.amount / 60, self.amount % 60);
                if hours > 0 {
                    write!(f, "{} hour{}", grouped(hours), plural(hours))?;
                }
                if minutes > 0 {
                    let gap = if hours > 0 { " " } else { "" };
                    write!(f, "{gap}{minutes} minute{}", plural(minutes))?;
                }
                Ok(())
            }
            Unit::Pages => write!(f, "{}", counted(self.amount, "page", "pages")),
            Unit::A4Pages => write!(f, "{}", counted(self.amount, "A4 page", "A4 pages")),
        }
    }
}

/// Digits only. What is too long for any number is the largest one, so that it is refused as too many and not as no number.
fn whole_number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(i64::MAX))
}

/// How people write hours.
const HOURS: [&str; 5] = ["hours", "hour", "hrs", "hr", "h"];
/// How people write minutes.
const MINUTES: [&str; 5] = ["minutes", "minute", "mins", "min", "m"];
/// One minute more than a report can name.
const LONGEST: i64 = MOST_HOURS * 60 + 1;

/// A number without its unit, in whatever case that is written.
fn without_unit<'a>(text: &'a str, units: &[&str]) -> &'a str {
    let ends = |unit: &&str| {
        let (number, end) = text.split_at_checked(text.len().checked_sub(unit.len())?)?;
        end.eq_ignore_ascii_case(unit).then_some(number)
    };
    units.iter().find_map(ends).unwrap_or(text).trim()
}

/// Minutes of a typed time. What is no whole minute is refused, never rounded.
fn minutes_of(text: &str) -> Result<i64, QuantityError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(QuantityError::NoTime);
    }
    if let Some(at) = text.find(['h', 'H']) {
        let (hours, rest) = text.split_at(at);
        let unit = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (unit, minutes) = rest.split_at(unit);
        if hours.trim().is_empty() || !HOURS.contains(&unit.to_ascii_lowercase().as_str()) {
            return Err(QuantityError::NotATime);
        }
        let minutes = minutes.trim();
        if minutes.is_empty() {
            return minutes_of_number(hours.trim());
        }
        // "2 h 30", "2h30min"
        let hours = whole_number(hours.trim()).ok_or(QuantityError::NotATime)?;
        let extra = whole_number(without_unit(minutes, &MINUTES)).filter(|extra| *extra < 60);
        return Ok(hours.min(MOST_HOURS + 1) * 60 + extra.ok_or(QuantityError::NotATime)?);
    }
    match without_unit(text, &MINUTES) {
        minutes if minutes.len() < text.len() => {
            whole_number(minutes).map(|minutes| minutes.min(LONGEST)).ok_or(QuantityError::NotATime)
        }
        _ => minutes_of_number(text),
    }
}

/// Minutes of hours that are a number: "2", "2.5", "2,5", "2:30".
fn minutes_of_number(text: &str) -> Result<i64, QuantityError> {
    if let Some((hours, minutes)) = text.split_once(':') {
        let hours = whole_number(hours).ok_or(QuantityError::NotATime)?;
        let minutes =
            whole_number(minutes).filter(|m| *m < 60 && minutes.len() == 2).ok_or(QuantityError::NotATime)?;
        return Ok(hours.min(MOST_HOURS + 1) * 60 + minutes);
    }
    let Some((whole, decimals)) = text.split_once(['.', ',']) else {
        let hours = whole_number(text).ok_or(QuantityError::NotATime)?;
        return Ok(hours.min(MOST_HOURS + 1) * 60);
    };
    let hours =
        if whole.is_empty() { Some(0) } else { whole_number(whole) }.ok_or(QuantityError::NotATime)?;
    if decimals.is_empty() || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return Err(QuantityError::NotATime);
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > 6 {
        return Err(QuantityError::NotWholeMinutes);
    }
    let (mut part, mut scale) = (0_i64, 1_i64);
    for digit in decimals.bytes() {
        part = part * 10 + i64::from(digit - b'0');
        scale *= 10;
    }
    if part * 60 % scale != 0 {
        return Err(QuantityError::NotWholeMinutes);
    }
    Ok(hours.min(MOST_HOURS + 1) * 60 + part * 60 / scale)
}

fn pages_of(text: &str) -> Result<i64, QuantityError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(QuantityError::NoPages);
    }
    whole_number(text).ok_or(QuantityError::NotPages)
}
