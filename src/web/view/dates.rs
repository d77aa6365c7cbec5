//! Instants, as they are shown to people.

use chrono::NaiveDateTime;

use crate::clock::Clock;
use crate::domain::dates::long_date;

/// "14 March 2027, 10:30", in the body's time zone.
#[must_use]
pub fn instant(clock: &Clock, at: NaiveDateTime) -> String {
    let local = clock.to_local(at);
    format!("{}, {}", long_date(local.date()), local.format("%H:%M"))
}
