//! Which evidence is read again, byte by byte, in a night: each file has its day of the week, which follows from its hash, so a week reads
//! everything. A night on which nothing ran gives its part to the next one.

use chrono::{Datelike, NaiveDate, Weekday};

/// Days of the week, and so parts of the evidence.
const PARTS: usize = 7;
/// Hexadecimal digits of a hash that say its part: enough that the parts are of one size.
const DIGITS: usize = 4;

/// The evidence whose turn it is in one night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeekPart(Vec<Weekday>);

impl WeekPart {
    /// The turn of the local day `today`, when the run before it was that of the local day `last`: what belongs to any of the days since then,
    /// also to those on which the machine was off, and to those that the zone left out. All of it when nothing ran for a week, or ever, or
    /// when the last run was on a day to come, by a clock that was wrong.
    #[must_use]
    pub fn since(last: Option<NaiveDate>, today: NaiveDate) -> WeekPart {
        let last = last.filter(|last| *last <= today);
        let before = std::iter::successors(today.pred_opt(), NaiveDate::pred_opt);
        let missed = before.take(PARTS - 1).take_while(|day| last.is_none_or(|last| last < *day));
        WeekPart(std::iter::once(today).chain(missed).map(|day| day.weekday()).collect())
    }

    /// Whether the evidence with this hash belongs to it.
    #[must_use]
    pub fn includes(&self, sha256: &str) -> bool {
        self.0.iter().any(|day| usize::try_from(day.num_days_from_monday()) == Ok(part(sha256)))
    }
}

fn part(sha256: &str) -> usize {
    let digits = sha256.get(..DIGITS).and_then(|digits| usize::from_str_radix(digits, 16).ok());
    digits.unwrap_or_default() % PARTS
}
