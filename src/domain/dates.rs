//! Days: certification years counted from the grant, and dates in words.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::text::excerpt;

/// Before every day that anybody writes; one that every database can hold, unlike the first of the calendar here.
pub const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

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
        day.checked_sub_days(distance).unwrap_or(FIRST_DAY).max(FIRST_DAY)
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

/// A day as it stands in a narrow column: "3 Dec", with its year unless that is this one.
pub fn short_date(day: NaiveDate, today: NaiveDate) -> String {
    let month = usize::try_from(day.month0()).ok().and_then(|month| MONTHS.get(month));
    let month = month.and_then(|name| name.get(..3)).unwrap_or_default();
    let year = if day.year() == today.year() { String::new() } else { format!(" {}", day.year()) };
    format!("{} {month}{year}", day.day())
}

/// A date with its day of the week, to be checked by whoever typed it: "Sunday 14 March 2027".
pub fn full_date(day: NaiveDate) -> String {
    let weekday = usize::try_from(day.weekday().num_days_from_monday()).ok().and_then(|at| WEEKDAYS.get(at));
    format!("{} {}", weekday.copied().unwrap_or_default(), long_date(day))
}

/// The days of something that lasted, as far as they are known: "24 November 2026 to 26 November 2026", or the one day.
pub fn days_in_words(first: Option<NaiveDate>, last: Option<NaiveDate>) -> String {
    match (first, last) {
        (Some(first), Some(last)) if first != last => format!("{} to {}", long_date(first), long_date(last)),
        (_, Some(last)) => long_date(last),
        (Some(first), None) => format!("From {}", long_date(first)),
        (None, None) => String::new(),
    }
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
    match year_last(text) {
        Some((day_first, _)) => day_first,
        None => ["%Y-%m-%d", "%Y/%m/%d", "%d %B %Y", "%d %b %Y"]
            .iter()
            .find_map(|format| NaiveDate::parse_from_str(text, format).ok())
            .filter(within_the_years),
    }
}

/// Whether a day lies in the years that the portal knows, 1900 to 2999.
pub fn within_the_years(day: &NaiveDate) -> bool {
    (1900..=2999).contains(&day.year())
}

/// Three numbers with the year last, such as 3/4/2027, 3. 4. 2027 or 03-04-2027: the day that they are with the day first, and with the
/// month first. None for anything else.
pub fn year_last(text: &str) -> Option<(Option<NaiveDate>, Option<NaiveDate>)> {
    let mark = text.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let mut parts = text.split(mark).map(str::trim);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let short = |part: &str| (1..=2).contains(&part.len()) && digits(part);
    if parts.next().is_some() || !short(first) || !short(second) || year.len() != 4 || !digits(year) {
        return None;
    }
    let (first, second, year): (u32, u32, i32) =
        (first.parse().ok()?, second.parse().ok()?, year.parse().ok()?);
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day).filter(within_the_years);
    Some((day(second, first), day(first, second)))
}

/// The two days that numbers alone can mean, day before month and month before day, where these differ: "3/4/2027" is 3 April to
/// some and 4 March to others.
pub fn either_way(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let (Some(day_first), Some(month_first)) = year_last(text.trim())? else { return None };
    (day_first != month_first).then_some((day_first, month_first))
}

/// Why a typed day was not taken. Shows as a sentence for whoever typed it, without the words of the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DayProblem {
    /// Nothing was typed.
    #[error("Enter a day, such as 14 March 2027.")]
    Missing,
    /// It is no day, such as 31 November; the beginning of what was typed.
    #[error("We cannot read “{0}” as a day. Write it like 14 March 2027.")]
    NotADay(String),
    /// Numbers that can be two days.
    #[error("“{0}” can be {one} or {other}. Type the month by its name.", one = long_date(*.1), other = long_date(*.2))]
    TwoDays(String, NaiveDate, NaiveDate),
}

impl DayProblem {
    /// Why what was typed is no day.
    #[must_use]
    pub fn of(typed: &str) -> DayProblem {
        match excerpt(typed, LONGEST_QUOTE) {
            nothing if nothing.is_empty() => DayProblem::Missing,
            typed => DayProblem::NotADay(typed),
        }
    }
}

/// Most characters of what was typed that a sentence about it repeats.
pub const LONGEST_QUOTE: usize = 40;

/// Reads a day that decides about a title: as [`parse_day`], except that numbers which can be two days are never guessed.
///
/// # Errors
/// `DayProblem`, to be said beside the field.
pub fn certain_day(text: &str) -> Result<NaiveDate, DayProblem> {
    match either_way(text) {
        Some((one, other)) => Err(DayProblem::TwoDays(text.trim().to_owned(), one, other)),
        None => parse_day(text).ok_or_else(|| DayProblem::of(text)),
    }
}

/// Which way a day is meant that was typed without a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lean {
    /// It is about something done: the latest such day up to today.
    Back,
    /// It is about something planned: the next such day from today on.
    Ahead,
}

/// Reads a day as a holder types it, by hand and in a hurry: everything that [`parse_day`] reads, "today", "yesterday" and
/// "tomorrow", "Tuesday" and "last Tuesday" or "next Tuesday", two digits for a year of this century, no year at all ("1 nov", "1/11"), "14th of March 2027", "March 14, 2027",
/// "Sunday 14 March 2027" and any mix of spaces, dots, slashes and dashes. Numbers alone are day before month.
pub fn read_day(text: &str, today: NaiveDate, lean: Lean) -> Option<NaiveDate> {
    let text = text.trim().to_lowercase();
    match text.as_str() {
        "today" => return Some(today),
        "yesterday" => return today.pred_opt(),
        "tomorrow" => return today.succ_opt(),
        _ => {}
    }
    if let Some(day) = parse_day(&text) {
        return Some(day);
    }
    if let Some(day) = day_of_week(&text, today, lean) {
        return Some(day);
    }
    let weekday = |word: &str| weekday_named(word).is_some();
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | '/' | '-' | '\u{2013}'))
        .filter(|word| !word.is_empty() && *word != "of" && !weekday(word))
        .collect();
    let (first, second, third) = match *words.as_slice() {
        [first, second, third] => (first, second, third),
        [first, second] => return nearest(first, second, today, lean),
        _ => return None,
    };
    let (day, month, year) = match (month_named(first), month_named(second), first.len()) {
        (Some(month), None, _) => (second, month, third),
        (None, Some(month), _) => (first, month, third),
        (None, None, 4) => (third, number(second)?, first),
        (None, None, _) => (first, number(second)?, third),
        (Some(_), Some(_), _) => return None,
    };
    let year = match year.len() {
        2 => 2000_u32.checked_add(number(year)?)?,
        4 => number(year)?,
        _ => return None,
    };
    let year = i32::try_from(year).ok().filter(|year| (1900..=2999).contains(year))?;
    NaiveDate::from_ymd_opt(year, month, day_of_month(day)?)
}

/// The year of a day that is none of ours, such as 1890 in "1 jan 1890": days are taken from 1900 to 2999.
pub fn year_beyond(text: &str) -> Option<u32> {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 4);
    numbers.filter_map(number).find(|year| !(1900..=2999).contains(year))
}

/// "Tuesday", "last Tuesday", "next Tuesday": the nearest one before or after today, which is neither.
fn day_of_week(text: &str, today: NaiveDate, lean: Lean) -> Option<NaiveDate> {
    let words: Vec<&str> = text.split_whitespace().filter(|word| *word != "on").collect();
    let (word, lean) = match *words.as_slice() {
        [word] => (word, lean),
        ["last", word] => (word, Lean::Back),
        ["next", word] => (word, Lean::Ahead),
        _ => return None,
    };
    let wanted = weekday_named(word)?;
    (1..=7).find_map(|away| {
        let day = plus_days(today, if lean == Lean::Back { -away } else { away });
        (usize::try_from(day.weekday().num_days_from_monday()).ok() == Some(wanted)).then_some(day)
    })
}

/// The days that a day typed without a year may mean when the one in the past, which [`read_day`] would take, lies much farther away than
/// the one that is to come: "14 December" typed on 28 November. First the one to come, then the past one.
pub fn year_in_doubt(text: &str, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    let (past, ahead) = (read_day(text, today, Lean::Back)?, read_day(text, today, Lean::Ahead)?);
    let same_day = (past.day(), past.month()) == (ahead.day(), ahead.month()) && past != ahead;
    let near = days_between(today, ahead) < NEAR;
    (same_day && near && ahead.year() == today.year()).then_some((ahead, past))
}

/// Days ahead within which somebody may well mean a day that is still to come.
const NEAR: i64 = 183;

/// A day and a month, in either order when the month has a name: the one nearest to today.
fn nearest(first: &str, second: &str, today: NaiveDate, lean: Lean) -> Option<NaiveDate> {
    let (day, month) = match (month_named(first), month_named(second)) {
        (Some(month), None) => (second, month),
        (None, Some(month)) => (first, month),
        (None, None) => (first, number(second)?),
        (Some(_), Some(_)) => return None,
    };
    let day = day_of_month(day)?;
    // 29 February can be eight years away
    (0..=8).find_map(|away| match lean {
        Lean::Back => NaiveDate::from_ymd_opt(today.year() - away, month, day).filter(|day| *day <= today),
        Lean::Ahead => NaiveDate::from_ymd_opt(today.year() + away, month, day).filter(|day| *day >= today),
    })
}

/// "14" or "14th".
fn day_of_month(text: &str) -> Option<u32> {
    number(["st", "nd", "rd", "th"].iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text))
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// The place in the week of a day named by at least its first two letters.
fn weekday_named(word: &str) -> Option<usize> {
    WEEKDAYS.iter().position(|day| word.len() >= 2 && day.to_lowercase().starts_with(word))
}

/// At most four digits, and nothing else.
fn number(text: &str) -> Option<u32> {
    let digits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// A month by its name or the first letters of it, at least three.
fn month_named(word: &str) -> Option<u32> {
    let named = |month: &&str| word.len() >= 3 && month.to_lowercase().starts_with(word);
    (1..).zip(MONTHS.iter()).find(|(_, month)| named(month)).map(|(number, _)| number)
}
