//! Which evidence is read again in which night.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, NaiveDateTime};
use chrono_tz::TZ_VARIANTS;
use cpe_portal::clock::Clock;
use cpe_portal::upkeep::rotation::WeekPart;

use crate::support::day;

/// Two hashes of each of the seven parts.
fn hashes() -> Vec<String> {
    (0..14).map(|nth| format!("{nth:04x}{:060x}", 0)).collect()
}

/// The local days of a zone that there are from one to another.
fn nights(clock: &Clock, from: &str, to: &str) -> Vec<NaiveDate> {
    let (first, last) = (day(from), day(to));
    first.iter_days().take_while(|day| *day <= last).filter(|day| clock.has(*day)).collect()
}

#[test]
fn seven_nights_in_a_row_read_everything_in_every_zone_also_where_a_day_was_left_out() {
    let hashes = hashes();
    let mut left_out = 0;
    for zone in TZ_VARIANTS {
        let clock = Clock::manual(zone, NaiveDateTime::default());
        // days that Kwajalein, Kiribati and Samoa left out, and a change to summer time
        for (from, to) in [
            ("1993-08-10", "1993-09-05"),
            ("1994-12-20", "1995-01-15"),
            ("2011-12-18", "2012-01-12"),
            ("2026-03-20", "2026-04-12"),
        ] {
            let nights = nights(&clock, from, to);
            let there = u64::try_from(nights.len()).unwrap();
            left_out += usize::from(day(from) + Days::new(there) <= day(to));
            for week in nights.windows(7) {
                // the first of them was preceded by a night, too
                let before = week[0].pred_opt().filter(|day| clock.has(*day));
                let lasts = std::iter::once(before.or_else(|| week[0].checked_sub_days(Days::new(2))));
                let lasts = lasts.chain(week.iter().copied().map(Some));
                let turns: Vec<WeekPart> =
                    lasts.zip(week).map(|(last, night)| WeekPart::since(last, *night)).collect();
                for sha256 in &hashes {
                    let read = turns.iter().any(|turn| turn.includes(sha256));
                    assert!(read, "{zone}: {sha256} is not read in the week of {}", week[0]);
                }
            }
        }
    }
    assert!(left_out >= 4, "only {left_out} zones left out a day");
}

#[test]
fn each_night_reads_about_a_seventh_and_no_hash_is_read_twice_a_week() {
    let hashes: Vec<String> = (0..65_536).map(|nth| format!("{nth:04x}{:060x}", 0)).collect();
    let mut seen: BTreeSet<&String> = BTreeSet::new();
    for back in 0..7 {
        let night = day("2026-11-23") + Days::new(back);
        let turn = WeekPart::since(night.pred_opt(), night);
        let read: Vec<&String> = hashes.iter().filter(|sha256| turn.includes(sha256)).collect();
        assert!((9_000..10_000).contains(&read.len()), "{}", read.len());
        assert!(read.into_iter().all(|sha256| seen.insert(sha256)));
    }
    assert_eq!(seen.len(), hashes.len());
}

#[test]
fn a_night_takes_the_parts_of_those_that_were_missed_and_all_of_them_when_that_was_a_week_or_nobody_knows() {
    let hashes = hashes();
    let today = day("2026-11-26");
    let read = |last: Option<&str>| {
        let turn = WeekPart::since(last.map(day), today);
        hashes.iter().filter(|sha256| turn.includes(sha256)).count()
    };
    for (last, parts) in [
        ("2026-11-26", 1), // once more on the same day
        ("2026-11-25", 1),
        ("2026-11-24", 2),
        ("2026-11-20", 6),
        ("2026-11-19", 7),
        ("2026-11-18", 7),
        ("2020-01-01", 7),
        ("2026-11-27", 7), // a clock that was wrong
    ] {
        assert_eq!(read(Some(last)), parts * 2, "{last}");
    }
    assert_eq!(read(None), 14);
    // a machine that is off on every Wednesday reads that seventh on Thursday
    let wednesday = WeekPart::since(Some(day("2026-11-24")), day("2026-11-25"));
    let thursday = WeekPart::since(Some(day("2026-11-24")), today);
    assert!(
        hashes.iter().filter(|sha256| wednesday.includes(sha256)).all(|sha256| thursday.includes(sha256))
    );
}
