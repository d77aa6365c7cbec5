//! Which evidence is read again, byte by byte, in a night: each file has its day of the week, which follows from its hash, so nothing has to
//! be remembered and a week reads everything.

use chrono::{Datelike, NaiveDate, Weekday};

/// Days of the week, and so parts of the evidence.
const PARTS: usize = 7;
/// Hexadecimal digits of a hash that say its part: enough that the parts are of one size.
const DIGITS: usize = 4;

/// The evidence whose turn it is in one night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeekPart(Vec<Weekday>);

impl WeekPart {
    /// The turn of the local day `today`. Where the zone left out the days before it (`exists` says no), theirs come with it: otherwise
    /// what belongs to them would wait for two weeks.
    #[must_use]
    pub fn of(today: NaiveDate, exists: impl Fn(NaiveDate) -> bool) -> WeekPart {
        let mut days = vec![today.weekday()];
        let before = std::iter::successors(today.pred_opt(), NaiveDate::pred_opt);
        days.extend(before.take(PARTS - 1).take_while(|day| !exists(*day)).map(|day| day.weekday()));
        WeekPart(days)
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
