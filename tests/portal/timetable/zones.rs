//! The schedule of the night in every zone of the tz database, around every change of its clocks from 1840 to 2100.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::{TZ_VARIANTS, Tz};
use cpe_portal::clock::Clock;
use cpe_portal::jobs::Schedule;

const NIGHTLY: Schedule = Schedule::LocalHours { from: 2, to: 2 };
const HOURLY: Schedule = Schedule::LocalHours { from: 6, to: 22 };
/// Zones that have lost or repeated days, or change by half an hour.
const NAMED: [&str; 4] = ["Pacific/Apia", "Australia/Lord_Howe", "Pacific/Kwajalein", "Asia/Manila"];
const STEP: TimeDelta = TimeDelta::minutes(30);

fn offset(zone: Tz, at: NaiveDateTime) -> i32 {
    zone.offset_from_utc_datetime(&at).fix().local_minus_utc()
}

/// The instants at which the clocks of a zone change.
fn changes(zone: Tz) -> Vec<NaiveDateTime> {
    let mut found = Vec::new();
    let mut at: NaiveDateTime = "1840-01-01T00:00:00".parse().unwrap();
    let end: NaiveDateTime = "2100-01-01T00:00:00".parse().unwrap();
    let mut here = offset(zone, at);
    while at < end {
        // no zone has changed its clocks and back again within so few days, but for a handful of years of war
        let next = at + TimeDelta::days(12);
        let there = offset(zone, next);
        if here != there {
            let (mut early, mut late) = (at, next);
            while late - early > TimeDelta::seconds(1) {
                let middle = early + TimeDelta::seconds((late - early).num_seconds() / 2);
                if offset(zone, middle) == here { early = middle } else { late = middle }
            }
            found.push(late);
        }
        (at, here) = (next, there);
    }
    found
}

/// One change of each kind, of all zones: from and to which offset, and at which time of the day.
fn kinds_of_changes() -> Vec<(Tz, NaiveDateTime)> {
    let mut seen = BTreeSet::new();
    let mut kinds = Vec::new();
    for zone in TZ_VARIANTS {
        for change in changes(zone) {
            let (before, after) = (offset(zone, change - TimeDelta::seconds(1)), offset(zone, change));
            let wall = zone.from_utc_datetime(&change).num_seconds_from_midnight();
            // dates count where a day is lost or comes twice; and some zones are looked at under their own names
            let day = (before - after).abs() >= 12 * 3600;
            let rare = (day || NAMED.contains(&zone.name())).then_some((zone.name(), change));
            if seen.insert((before, after, wall, rare)) {
                kinds.push((zone, change));
            }
        }
    }
    kinds
}

/// The local days on which a job would run that is asked at these moments, each as often as it would.
fn runs(
    clock: &Clock,
    schedule: Schedule,
    moments: impl Iterator<Item = NaiveDateTime>,
) -> Vec<NaiveDateTime> {
    let mut done = None;
    let mut runs = Vec::new();
    for at in moments {
        let due = schedule.last_due(clock, at).unwrap();
        assert!(due <= at);
        if done.is_none_or(|done| done < due) {
            done = Some(at);
            runs.push(at);
        }
    }
    runs
}

fn counted(clock: &Clock, runs: &[NaiveDateTime], days: &BTreeSet<NaiveDate>) -> BTreeMap<NaiveDate, usize> {
    days.iter().map(|day| (*day, runs.iter().filter(|at| clock.day_of(**at) == *day).count())).collect()
}

#[test]
fn every_night_is_worked_through_once_in_every_zone_and_a_day_begins_at_its_first_instant() {
    let kinds = kinds_of_changes();
    assert!(kinds.len() > 600, "{} kinds of changes", kinds.len());
    for name in NAMED {
        assert!(kinds.iter().any(|(zone, _)| zone.name() == name), "{name}");
    }
    for (zone, change) in kinds {
        let clock = Clock::manual(zone, change);
        let moments: Vec<NaiveDateTime> =
            (0..6 * 48).map(|step| change - TimeDelta::days(3) + STEP * step).collect();
        // whole days only: the first and the last are cut off
        let mut days: BTreeSet<NaiveDate> = moments.iter().map(|at| clock.day_of(*at)).collect();
        days.pop_first();
        days.pop_last();
        let once: BTreeMap<NaiveDate, usize> = days.iter().map(|day| (*day, 1)).collect();
        let all = runs(&clock, NIGHTLY, moments.iter().copied());
        assert_eq!(counted(&clock, &all, &days), once, "{zone} {change}");
        // a portal that is started in the evening of each day only
        let evenings = moments.iter().copied().filter(|at| clock.day_of(*at) != clock.day_of(*at + STEP));
        let all = runs(&clock, NIGHTLY, evenings);
        assert!(counted(&clock, &all, &days).values().all(|times| *times >= 1), "{zone} {change}: made up");
        for day in days {
            let begins = clock.start_of(day);
            assert_eq!(clock.day_of(begins), day, "{zone} {change}");
            assert!(clock.day_of(begins - TimeDelta::seconds(1)) < day, "{zone} {change} {day}");
            assert!(clock.has(day));
        }
    }
}

#[test]
fn every_hour_from_6_to_22_is_worked_through_once_in_every_zone() {
    for (zone, change) in kinds_of_changes().into_iter().step_by(9) {
        let clock = Clock::manual(zone, change);
        let moments = (0..3 * 288).map(|step| change - TimeDelta::hours(36) + TimeDelta::minutes(5) * step);
        let mut hours: BTreeMap<(NaiveDate, u32), u32> = BTreeMap::new();
        for at in runs(&clock, HOURLY, moments).into_iter().skip(1) {
            let local = clock.to_local(at);
            *hours.entry((local.date(), local.hour())).or_default() += 1;
        }
        assert!(hours.values().all(|times| *times == 1), "{zone} {change}: {hours:?}");
        let whole = hours.keys().filter(|(day, _)| *day == clock.day_of(change)).count();
        assert!(whole <= 18, "{zone} {change}: {hours:?}");
    }
}

#[test]
fn a_day_that_a_zone_left_out_is_none() {
    let apia: NaiveDate = "2011-12-30".parse().unwrap();
    let clock = Clock::system(Tz::Pacific__Apia);
    assert!(!clock.has(apia) && clock.has(apia.pred_opt().unwrap()) && clock.has(apia.succ_opt().unwrap()));
    assert_eq!(clock.start_of(apia), clock.start_of(apia.succ_opt().unwrap()));
    let manila: NaiveDate = "1844-12-31".parse().unwrap();
    assert!(!Clock::system(Tz::Asia__Manila).has(manila));
}
