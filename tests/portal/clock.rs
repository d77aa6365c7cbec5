//! The clock, above all over summer-time changes.

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use cpe_portal::clock::Clock;

const AMSTERDAM: Tz = Tz::Europe__Amsterdam;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn utc(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

#[test]
fn the_system_clock_tells_the_machines_instant_in_whole_seconds() {
    let before = Utc::now().naive_utc() - TimeDelta::seconds(1);
    let now = Clock::system(AMSTERDAM).now();
    assert!(before <= now && now <= Utc::now().naive_utc());
    assert_eq!(now.nanosecond(), 0);
}

#[test]
fn the_day_is_the_one_of_the_bodys_zone_and_not_of_utc() {
    let instant = utc("2027-01-31T23:30:00");
    assert_eq!(Clock::manual(Tz::UTC, instant).today(), day("2027-01-31"));
    assert_eq!(Clock::manual(AMSTERDAM, instant).today(), day("2027-02-01"));
    assert_eq!(Clock::manual(Tz::America__New_York, utc("2027-02-01T04:59:59")).today(), day("2027-01-31"));
}

#[test]
fn in_summer_the_amsterdam_day_begins_two_hours_before_utc_and_in_winter_one() {
    for (instant, expected) in [
        ("2027-06-30T21:59:59", "2027-06-30"),
        ("2027-06-30T22:00:00", "2027-07-01"),
        ("2027-12-31T22:59:59", "2027-12-31"),
        ("2027-12-31T23:00:00", "2028-01-01"),
    ] {
        assert_eq!(Clock::manual(AMSTERDAM, utc(instant)).today(), day(expected), "{instant}");
    }
}

#[test]
fn the_local_hour_skips_two_in_spring_and_repeats_it_in_autumn() {
    let hours = |from: &str, steps: i64| -> Vec<u32> {
        let clock = Clock::manual(AMSTERDAM, utc(from));
        (0..steps)
            .map(|_| {
                let hour = clock.to_local(clock.now()).hour();
                clock.advance(TimeDelta::hours(1));
                hour
            })
            .collect()
    };
    assert_eq!(hours("2027-03-28T00:00:00", 3), [1, 3, 4]);
    assert_eq!(hours("2027-10-30T23:00:00", 4), [1, 2, 2, 3]);
}

#[test]
fn clones_of_a_manual_clock_move_together() {
    let clock = Clock::manual(AMSTERDAM, utc("2027-03-14T10:00:00.900"));
    let twin = clock.clone();
    assert_eq!(twin.now(), utc("2027-03-14T10:00:00"));
    clock.advance(TimeDelta::days(20));
    assert_eq!(twin.now(), utc("2027-04-03T10:00:00"));
    assert_eq!(twin.today(), day("2027-04-03"));
    twin.set(utc("1969-12-31T23:59:59"));
    assert_eq!(clock.now(), utc("1969-12-31T23:59:59"));
    clock.set_local(day("2027-07-01"), 6);
    assert_eq!(twin.to_local(twin.now()).to_string(), "2027-07-01 06:00:00");
    assert_eq!(twin.now(), utc("2027-07-01T04:00:00"));
}

#[test]
fn a_wall_time_that_summer_time_skips_is_the_hour_after_it_and_a_repeated_one_is_the_first() {
    let clock = Clock::manual(AMSTERDAM, utc("2027-01-01T00:00:00"));
    clock.set_local(day("2027-03-28"), 2);
    assert_eq!(clock.now(), utc("2027-03-28T01:00:00"), "02:00 is skipped, 03:00 summer time is 01:00 UTC");
    clock.set_local(day("2027-10-31"), 2);
    assert_eq!(clock.now(), utc("2027-10-31T00:00:00"), "the first 02:00 is summer time");
}

#[test]
fn only_manual_clocks_can_be_moved() {
    let held = Clock::on_day(AMSTERDAM, day("2027-03-14"));
    held.set(utc("2030-01-01T00:00:00"));
    held.advance(TimeDelta::days(1));
    held.set_local(day("2030-01-01"), 6);
    assert_eq!(held.today(), day("2027-03-14"));
    let system = Clock::system(AMSTERDAM);
    system.set(utc("2030-01-01T00:00:00"));
    assert!((system.now() - Utc::now().naive_utc()).num_seconds().abs() < 60);
}

#[test]
fn a_clock_held_on_a_day_tells_instants_of_that_day_only() {
    let zones = [
        AMSTERDAM,
        Tz::UTC,
        Tz::America__New_York,
        Tz::Pacific__Kiritimati,
        Tz::Asia__Beirut,
        Tz::America__Asuncion,
    ];
    let days =
        ["2024-02-29", "2027-01-01", "2027-03-14", "2027-03-28", "2027-10-31", "2027-11-07", "2027-12-31"];
    for zone in zones {
        for text in days {
            let clock = Clock::on_day(zone, day(text));
            assert_eq!(clock.today(), day(text));
            assert_eq!(clock.day_of(clock.now()), day(text), "{zone} {text}");
            assert_eq!(clock.now().nanosecond(), 0);
        }
    }
}

#[test]
fn a_clock_held_on_a_day_keeps_the_time_of_day_of_the_machine() {
    let held = Clock::on_day(Tz::UTC, day("2027-06-15"));
    let apart = (held.now().time() - Clock::system(Tz::UTC).now().time()).num_seconds().abs();
    assert!(!(60..=86_340).contains(&apart), "{apart} seconds apart");
}

#[test]
fn a_local_day_begins_at_its_first_instant_also_where_midnight_is_skipped() {
    for (zone, text, begins) in [
        (AMSTERDAM, "2027-03-14", "2027-03-13T23:00:00"),
        (AMSTERDAM, "2027-03-28", "2027-03-27T23:00:00"),
        (AMSTERDAM, "2027-03-29", "2027-03-28T22:00:00"),
        (AMSTERDAM, "2027-10-31", "2027-10-30T22:00:00"),
        // In Beirut the clocks go forward at midnight: 28 March 2021 began at 01:00, 22:00 UTC.
        (Tz::Asia__Beirut, "2021-03-28", "2021-03-27T22:00:00"),
    ] {
        assert_eq!(Clock::system(zone).start_of(day(text)), utc(begins), "{zone} {text}");
    }
}

#[test]
fn every_day_begins_where_the_day_before_it_ends() {
    for zone in [AMSTERDAM, Tz::Asia__Beirut, Tz::America__Asuncion, Tz::Africa__Cairo] {
        let clock = Clock::system(zone);
        for date in day("2020-01-01").iter_days().take(1_500) {
            let begins = clock.start_of(date);
            assert_eq!(clock.day_of(begins), date, "{zone} {date}");
            let second_before = clock.day_of(begins - TimeDelta::seconds(1));
            assert_eq!(Some(second_before), date.pred_opt(), "{zone} {date}");
        }
    }
}
