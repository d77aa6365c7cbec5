//! Days as plain numbers, counted here without any calendar library: day 0 is 1 January 1970.

pub type Day = i64;

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The number of a date.
pub fn number_of(year: i64, month: i64, day: i64) -> Day {
    let years: i64 = (1970..year).map(|y| if is_leap(y) { 366 } else { 365 }).sum();
    let months: i64 = (1..month).map(|m| days_in(year, m)).sum();
    years + months + day - 1
}

/// Year, month and day of a number.
pub fn date_of(mut number: Day) -> (i64, i64, i64) {
    let mut year = 1970;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if number < length {
            break;
        }
        number -= length;
        year += 1;
    }
    let mut month = 1;
    while number >= days_in(year, month) {
        number -= days_in(year, month);
        month += 1;
    }
    (year, month, number + 1)
}

pub fn iso(number: Day) -> String {
    let (year, month, day) = date_of(number);
    format!("{year:04}-{month:02}-{day:02}")
}

pub fn of_iso(text: &str) -> Day {
    let parts: Vec<i64> = text.split('-').map(|part| part.parse().unwrap()).collect();
    number_of(parts[0], parts[1], parts[2])
}

/// The same date some years later; a 29 February that is not there is the 28th.
pub fn anniversary(granted: Day, years: i64) -> Day {
    let (year, month, day) = date_of(granted);
    number_of(year + years, month, day.min(days_in(year + years, month)))
}

#[test]
fn the_tests_own_calendar_agrees_with_a_few_dates_that_everybody_knows() {
    for (date, number) in
        [("1970-01-01", 0), ("1970-03-01", 59), ("2000-03-01", 11_017), ("2024-02-29", 19_782)]
    {
        assert_eq!(of_iso(date), number);
        assert_eq!(iso(number), date);
    }
    let leap_day = of_iso("2024-02-29");
    assert_eq!(
        [1, 2, 3, 4].map(|years| iso(anniversary(leap_day, years))),
        ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]
    );
}
