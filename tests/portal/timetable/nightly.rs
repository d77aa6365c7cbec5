//! Jobs of the night: once for every local day, in every zone and on every day of it, also where the clocks skip or repeat an hour or a day.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use cpe_portal::jobs::health::{Condition, vitals};
use cpe_portal::jobs::{TIMETABLE, Tick, tick};

use crate::support::{TestPortal, day};

fn ran(portal: &TestPortal, name: &str) -> bool {
    let job = TIMETABLE.iter().find(|job| job.name.code() == name).unwrap();
    matches!(tick(portal, job, &|| false).unwrap(), Tick::Ran(_))
}

/// A zone, a day on which its clocks change, and the days around it that exist.
const NIGHTS: [(&str, &str, &[&str]); 8] = [
    ("Europe/Amsterdam", "2027-03-28", &["2027-03-27", "2027-03-28", "2027-03-29"]),
    ("Europe/Amsterdam", "2027-10-31", &["2027-10-30", "2027-10-31", "2027-11-01"]),
    // from Thursday to Saturday: there was no 30 December
    ("Pacific/Apia", "2011-12-30", &["2011-12-29", "2011-12-31"]),
    // half an hour
    ("Australia/Lord_Howe", "2026-10-04", &["2026-10-03", "2026-10-04", "2026-10-05"]),
    ("Australia/Lord_Howe", "2026-04-05", &["2026-04-04", "2026-04-05", "2026-04-06"]),
    // one minute past midnight is one minute past eleven of the day before
    ("America/St_Johns", "2009-11-01", &["2009-10-31", "2009-11-01", "2009-11-02"]),
    // two hours
    ("Antarctica/Troll", "2026-03-29", &["2026-03-28", "2026-03-29", "2026-03-30"]),
    ("Antarctica/Troll", "2026-10-25", &["2026-10-24", "2026-10-25", "2026-10-26"]),
];

#[test]
fn every_nightly_job_runs_once_a_local_day_where_hours_and_days_are_skipped_and_repeated() {
    for (zone, change, days) in NIGHTS {
        let portal = TestPortal::with(|settings| settings.time_zone = Some(zone.to_owned()));
        let names = ["backup", "housekeeping", "figures", "check"];
        portal.clock.set(portal.clock.start_of(day(change)) - TimeDelta::hours(47));
        assert_eq!(names.map(|name| ran(&portal, name)), [true; 4]);
        let mut runs: BTreeMap<&str, Vec<NaiveDate>> = BTreeMap::new();
        for _ in 0..4 * 24 * 4 {
            portal.clock.advance(TimeDelta::minutes(15));
            for name in names {
                if ran(&portal, name) {
                    runs.entry(name).or_default().push(portal.clock.today());
                }
            }
            let sick: Vec<_> = vitals(&portal)
                .into_iter()
                .filter(|vital| names.contains(&vital.name) && vital.condition == Condition::Bad)
                .collect();
            assert!(sick.is_empty(), "{zone} {}: {sick:?}", portal.clock.to_local(portal.clock.now()));
        }
        for name in names {
            let around: Vec<String> = runs[name]
                .iter()
                .filter(|ran| (day(days[0])..=day(days[days.len() - 1])).contains(*ran))
                .map(ToString::to_string)
                .collect();
            assert_eq!(around, days, "{name} in {zone}");
        }
    }
}

#[test]
fn a_night_without_a_two_o_clock_that_was_missed_is_made_up_in_the_evening_and_told_until_then() {
    let portal = TestPortal::new();
    portal.clock.set_local(day("2027-03-27"), 12);
    for name in ["backup", "housekeeping", "figures", "check"] {
        assert!(ran(&portal, name));
    }
    // down from that noon until the next evening: the night between had no 2:00
    portal.clock.set_local(day("2027-03-28"), 20);
    for name in ["backup", "housekeeping", "figures", "check"] {
        let late = "it should have been done by now";
        let told = vitals(&portal).into_iter().any(|vital| vital.name == name && vital.words == late);
        assert!(told, "{name}");
        assert!(ran(&portal, name), "{name} was missed");
        assert!(!ran(&portal, name), "{name} again");
    }
}
