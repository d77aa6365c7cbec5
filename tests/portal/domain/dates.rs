//! Certification years, counted from the grant each time; dates as they are typed and said.

use cpe_portal::domain::certification::catalogue::Level;
use cpe_portal::domain::dates::{
    FIRST_DAY, Lean, days_between, full_date, long_date, parse_day, plus_days, read_day, short_date,
    year_end, year_in_doubt, year_number_on, year_start,
};

use super::sample::{certificate, day, with_years};

#[test]
fn year_n_starts_at_the_grant_plus_12_n_minus_1_months_and_ends_the_day_before_the_next() {
    for (granted, number, from, to) in [
        ("2026-03-15", 1, "2026-03-15", "2027-03-14"),
        ("2026-03-15", 2, "2027-03-15", "2028-03-14"),
        ("2026-01-01", 1, "2026-01-01", "2026-12-31"),
        ("2026-01-01", 5, "2030-01-01", "2030-12-31"),
        ("2025-12-31", 1, "2025-12-31", "2026-12-30"),
        ("2027-03-01", 1, "2027-03-01", "2028-02-29"),
        ("2027-02-28", 1, "2027-02-28", "2028-02-27"),
        ("2026-03-01", 1, "2026-03-01", "2027-02-28"),
    ] {
        let found = (year_start(day(granted), number), year_end(day(granted), number));
        assert_eq!(found, (day(from), day(to)), "year {number} of {granted}");
    }
}

#[test]
fn a_grant_on_29_february_starts_years_on_the_28th_in_short_years_and_returns_to_the_29th() {
    let granted = day("2024-02-29");
    for (number, from, to) in [
        (1, "2024-02-29", "2025-02-27"),
        (2, "2025-02-28", "2026-02-27"),
        (3, "2026-02-28", "2027-02-27"),
        (4, "2027-02-28", "2028-02-28"),
        (5, "2028-02-29", "2029-02-27"),
        (77, "2100-02-28", "2101-02-27"), // 2100 is no leap year
    ] {
        assert_eq!(
            (year_start(granted, number), year_end(granted, number)),
            (day(from), day(to)),
            "year {number}"
        );
    }
}

#[test]
fn both_ends_belong_to_the_year() {
    for (granted, on, number) in [
        ("2026-03-15", "2026-03-14", None),
        ("2026-03-15", "2026-03-15", Some(1)),
        ("2026-03-15", "2027-03-14", Some(1)),
        ("2026-03-15", "2027-03-15", Some(2)),
        ("2024-02-29", "2025-02-27", Some(1)),
        ("2024-02-29", "2025-02-28", Some(2)),
        ("2024-02-29", "2028-02-28", Some(4)),
        ("2024-02-29", "2028-02-29", Some(5)),
        ("2024-02-29", "2029-02-27", Some(5)),
        ("2024-02-29", "2029-02-28", Some(6)),
        ("2025-12-31", "2026-12-30", Some(1)),
        ("2025-12-31", "2026-12-31", Some(2)),
        ("1990-06-01", "2026-05-31", Some(36)),
    ] {
        assert_eq!(year_number_on(day(granted), day(on)), number, "{on} since {granted}");
    }
}

#[test]
fn the_next_year_starts_by_the_calendar_whatever_became_of_the_one_before() {
    let file = with_years(certificate(1, Level::Expert, "2024-02-29"), "2026-02-28");
    let days: Vec<_> =
        file.years.iter().map(|y| (y.number, y.starts_on, y.ends_on, y.deadline, y.extended())).collect();
    // through the year after the one that contains the day
    let expected = [
        (1, day("2024-02-29"), day("2025-02-27"), day("2025-02-27"), false),
        (2, day("2025-02-28"), day("2026-02-27"), day("2026-02-27"), false),
        (3, day("2026-02-28"), day("2027-02-27"), day("2027-02-27"), false),
        (4, day("2027-02-28"), day("2028-02-28"), day("2028-02-28"), false),
    ];
    assert_eq!(days, expected);
}

#[test]
fn foundation_certificates_have_no_years_by_type() {
    let file = with_years(certificate(1, Level::Foundation, "2001-05-05"), "2026-11-23");
    assert!(file.years.is_empty());
    assert_eq!(file.year_for(day("2026-01-01")), None);
}

#[test]
fn days_are_counted_over_leap_days_and_stop_at_the_ends_of_the_calendar() {
    assert_eq!(plus_days(day("2028-02-28"), 1), day("2028-02-29"));
    assert_eq!(plus_days(day("2027-02-28"), 1), day("2027-03-01"));
    assert_eq!(plus_days(day("2027-03-31"), -90), day("2026-12-31"));
    assert_eq!(plus_days(day("2028-03-30"), -90), day("2027-12-31"));
    assert_eq!(days_between(day("2027-12-31"), day("2028-12-31")), 366);
    assert_eq!(days_between(day("2028-01-01"), day("2027-12-31")), -1);
    assert_eq!(plus_days(day("2027-01-01"), i64::MAX), chrono::NaiveDate::MAX);
    assert_eq!(plus_days(day("2027-01-01"), i64::MIN), FIRST_DAY);
    assert_eq!(plus_days(day("0001-01-05"), -30), FIRST_DAY);
}

#[test]
fn a_date_is_said_as_day_month_year() {
    assert_eq!(long_date(day("2027-03-14")), "14 March 2027");
    assert_eq!(long_date(day("2028-02-01")), "1 February 2028");
}

#[test]
fn a_day_is_read_as_people_type_it_day_before_month() {
    for typed in [
        "2027-03-14",
        "2027/03/14",
        "14-3-2027",
        "14/3/2027",
        "14.3.2027",
        "14.03.2027",
        "14 March 2027",
        "14 mar 2027",
        " 2027-03-14 ",
    ] {
        assert_eq!(parse_day(typed), Some(day("2027-03-14")), "{typed:?}");
    }
    assert_eq!(parse_day("3/4/2027"), Some(day("2027-04-03")));
    for typed in [
        "",
        "3/14/2027",
        "2027-02-29",
        "31-04-2027",
        "14-3-27",
        "27-3-14",
        "tomorrow",
        "1899-12-31",
        "3000-01-01",
        "2027-13-01",
        "20270314",
    ] {
        assert_eq!(parse_day(typed), None, "{typed:?}");
    }
}

#[test]
fn a_holder_may_type_a_day_in_any_way_that_has_one_meaning() {
    let today = day("2027-03-15");
    for typed in [
        "2027-03-14",
        "2027 3 14",
        "14/3/2027",
        "14.3.27",
        "14-03-27",
        " 14 3 2027 ",
        "14 March 2027",
        "14 MARCH, 2027",
        "14th of March 2027",
        "march 14, 2027",
        "Sunday 14 March 2027",
        "sun, 14 mar 27",
        "14-mar-2027",
        "14.Mar.27",
        "Yesterday",
    ] {
        assert_eq!(read_day(typed, today, Lean::Back), Some(day("2027-03-14")), "{typed:?}");
    }
    assert_eq!(read_day(" today ", today, Lean::Back), Some(today));
    assert_eq!(read_day("3/4/27", today, Lean::Back), Some(day("2027-04-03")), "day before month");
    assert_eq!(read_day("1st May 2026", today, Lean::Back), Some(day("2026-05-01")));
    for typed in [
        "",
        "soon",
        "14",
        "March",
        "14 15",
        "14 March April",
        "31/2",
        "March 2027",
        "31/02/2027",
        "29 Feb 2027",
        "0/0/0",
        "14/13/2027",
        "3/14/27",
        "14 ma 2027",
        "14 March 0027",
        "14 March 12027",
        "14 March 2027 2028",
        "14 March March",
        "٣/٤/٢٠٢٧",
        "1e1/3/2027",
        "14/-3/2027x",
        "99999999999/1/2027",
    ] {
        assert_eq!(read_day(typed, today, Lean::Back), None, "{typed:?}");
    }
}

#[test]
fn a_day_without_a_year_is_the_latest_one_for_what_is_done_and_the_next_one_for_what_is_planned() {
    let today = day("2026-11-23");
    for (typed, back, ahead) in [
        ("1 nov", "2026-11-01", "2027-11-01"),
        ("Nov 1st", "2026-11-01", "2027-11-01"),
        ("Sunday, 1 November", "2026-11-01", "2027-11-01"),
        ("1/11", "2026-11-01", "2027-11-01"),
        ("1.11.", "2026-11-01", "2027-11-01"),
        ("23-11", "2026-11-23", "2026-11-23"),
        ("24 November", "2025-11-24", "2026-11-24"),
        ("29 Feb", "2024-02-29", "2028-02-29"),
        ("tomorrow", "2026-11-24", "2026-11-24"),
        ("1 November 2026", "2026-11-01", "2026-11-01"),
    ] {
        assert_eq!(read_day(typed, today, Lean::Back), Some(day(back)), "{typed}, done");
        assert_eq!(read_day(typed, today, Lean::Ahead), Some(day(ahead)), "{typed}, planned");
    }
}

#[test]
fn a_day_of_the_week_is_the_last_one_or_the_next_one_and_never_today() {
    // a Monday
    let today = day("2026-11-23");
    for (typed, back, ahead) in [
        ("Tuesday", "2026-11-17", "2026-11-24"),
        ("tue", "2026-11-17", "2026-11-24"),
        ("on Sunday", "2026-11-22", "2026-11-29"),
        ("Monday", "2026-11-16", "2026-11-30"),
        ("last Tuesday", "2026-11-17", "2026-11-17"),
        (" Last  monday ", "2026-11-16", "2026-11-16"),
        ("next Tuesday", "2026-11-24", "2026-11-24"),
    ] {
        assert_eq!(read_day(typed, today, Lean::Back), Some(day(back)), "{typed}, done");
        assert_eq!(read_day(typed, today, Lean::Ahead), Some(day(ahead)), "{typed}, planned");
    }
    for typed in ["last", "last week", "last t", "last last Tuesday", "Tuesday Wednesday", "next"] {
        assert_eq!(read_day(typed, today, Lean::Back), None, "{typed}");
    }
}

#[test]
fn a_day_without_a_year_that_is_soon_to_come_is_not_moved_a_year_back() {
    let today = day("2026-11-28");
    for (typed, ahead, past) in [
        ("14 December", "2026-12-14", "2025-12-14"),
        ("29/11", "2026-11-29", "2025-11-29"),
        ("Sunday, Dec 31", "2026-12-31", "2025-12-31"),
    ] {
        assert_eq!(year_in_doubt(typed, today), Some((day(ahead), day(past))), "{typed}");
    }
    for typed in [
        "27 November",
        "28 November",
        "1 May",
        "14 December 2025",
        "tomorrow",
        "Tuesday",
        "29 Feb",
        "soon",
        "",
    ] {
        assert_eq!(year_in_doubt(typed, today), None, "{typed}");
    }
    // in January a day of December is the one just past
    assert_eq!(year_in_doubt("20 December", day("2027-01-10")), None);
    assert_eq!(year_in_doubt("20 March", day("2027-01-10")), Some((day("2027-03-20"), day("2026-03-20"))));
}

#[test]
fn a_day_is_said_with_its_day_of_the_week_where_it_is_to_be_checked() {
    assert_eq!(full_date(day("2026-11-01")), "Sunday 1 November 2026");
    assert_eq!(full_date(day("2024-02-29")), "Thursday 29 February 2024");
}

#[test]
fn a_day_in_a_narrow_column_has_its_year_unless_that_is_this_one() {
    assert_eq!(short_date(day("2026-12-03"), day("2026-11-30")), "3 Dec");
    assert_eq!(short_date(day("2027-01-18"), day("2026-11-30")), "18 Jan 2027");
    assert_eq!(short_date(day("2025-09-01"), day("2026-11-30")), "1 Sep 2025");
}
