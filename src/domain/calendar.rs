//! Days: certification years counted from the grant, and dates in words.

use chrono::{Datelike, Days, Months, NaiveDate};

/// The first day of certification year `number` (1, 2 …): the grant plus 12·(number−1) months, computed from the grant
/// each time, so that 29 February becomes 28 February in short years and returns to the 29th.
pub fn year_start(granted_on: NaiveDate, number: i64) -> NaiveDate {
    let months = u32::try_from(number.saturating_sub(1).max(0)).unwrap_or(u32::MAX).saturating_mul(12);
    granted_on.checked_add_months(Months::new(months)).unwrap_or(NaiveDate::MAX)
}

/// The last day of certification year `number`: the day before the next one starts. Both ends belong to the year.
pub fn year_end(granted_on: NaiveDate, number: i64) -> NaiveDate {
    let next = year_start(granted_on, number.saturating_add(1));
    next.pred_opt().unwrap_or(next)
}

/// The number of the certification year that contains `day`, or `None` before the grant.
pub fn year_number_on(granted_on: NaiveDate, day: NaiveDate) -> Option<i64> {
    if day < granted_on {
        return None;
    }
    let calendar_years = i64::from(day.year()) - i64::from(granted_on.year());
    // in the calendar year of `day` the anniversary either has come already or not
    if year_start(granted_on, calendar_years + 1) <= day {
        Some(calendar_years + 1)
    } else {
        Some(calendar_years)
    }
}

/// `day` moved by a number of days, either way; the ends of the calendar stop it.
pub fn plus_days(day: NaiveDate, days: i64) -> NaiveDate {
    let distance = Days::new(days.unsigned_abs());
    if days >= 0 {
        day.checked_add_days(distance).unwrap_or(NaiveDate::MAX)
    } else {
        day.checked_sub_days(distance).unwrap_or(NaiveDate::MIN)
    }
}

/// Whole days from `from` to `to`; negative when `to` is earlier.
pub fn days_between(from: NaiveDate, to: NaiveDate) -> i64 {
    to.signed_duration_since(from).num_days()
}

/// A date as it is said to people: "14 March 2027".
pub fn long_date(day: NaiveDate) -> String {
    // by hand: lists are full of days, and reading a format string for each is what they would spend their time on
    let month = usize::try_from(day.month0()).ok().and_then(|month| MONTHS.get(month));
    format!("{} {} {}", day.day(), month.copied().unwrap_or_default(), day.year())
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Reads a day as people type it: 2027-03-14, 14-3-2027, 14/3/2027, 14.3.2027 or "14 March 2027". Day before month, as
/// the portal writes it; years from 1900 to 2999.
pub fn parse_day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    ["%Y-%m-%d", "%Y/%m/%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y"]
        .iter()
        .find_map(|format| NaiveDate::parse_from_str(text, format).ok())
        .filter(|day| (1900..=2999).contains(&day.year()))
}
