//! The timetable under a clock that jumps, stops, goes back and changes to summer time, on the real binary: each reminder stage is decided
//! once, on a day on which it is due, and told by one mail; and a clock that ran away flags nobody.

mod ticker;
mod town;

use chrono::{NaiveDateTime, TimeDelta};

use super::trials;
use town::Town;

/// How the clock comes to the next instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// The portal was down meanwhile.
    Down,
    /// It serves, and its clock jumps.
    Jump,
}
use How::{Down, Jump};

/// Instants in UTC; Amsterdam is an hour ahead, two in summer.
const STORY: &[(How, &str, &str)] = &[
    (Down, "2027-12-30T19:00:00", "the eve of the last day of the year"),
    (Down, "2028-01-02T07:30:00", "New Year is over"),
    (Jump, "2028-01-02T08:30:00", "an hour on"),
    (Jump, "2028-01-03T08:30:00", "a day on"),
    (Jump, "2028-01-02T15:30:00", "back to the day before"),
    (Jump, "2028-01-02T16:30:00", "and on from there"),
    (Jump, "2028-01-31T20:30:00", "the end of a month"),
    (Down, "2028-02-01T06:30:00", "the next month"),
    (Down, "2028-02-28T20:00:00", "the eve of 29 February"),
    (Down, "2028-03-01T06:30:00", "29 February was missed"),
    (Jump, "2028-03-26T00:30:00", "half past one, before the clocks go forward"),
    (Jump, "2028-03-26T01:30:00", "half past three, after it"),
    (Down, "2028-03-26T04:30:00", "half past six in summer time"),
    (Jump, "2028-04-30T19:30:00", "the end of April"),
    (Down, "2028-05-01T05:30:00", "the first of May"),
    (Jump, "2028-10-28T09:00:00", "the day before the clocks go back"),
    (Jump, "2028-10-29T00:30:00", "half past two in summer time"),
    (Down, "2028-10-29T01:10:00", "ten past two once more, inside the repeated hour"),
    (Down, "2028-10-29T01:40:00", "and a restart inside it"),
    (Jump, "2028-10-29T05:30:00", "half past six in winter time"),
    (Down, "2028-12-31T20:30:00", "the last evening of the year"),
    (Jump, "2029-01-01T06:30:00", "New Year while it serves"),
];

#[test]
fn each_stage_is_told_once_whatever_the_clock_does_and_a_runaway_clock_flags_nobody() {
    let mut town = Town::new("2027-12-20T11:00:00".parse().unwrap());
    town.assert_the_fake_is_in_force();
    town.start();
    town.settle("the beginning");
    // the long form stops at every hour of the days around each change, too
    for (how, at, what) in STORY {
        let at: NaiveDateTime = at.parse().unwrap();
        let stops = trials(1, 4);
        for stop in 0..stops {
            let at = at + TimeDelta::minutes(25 * i64::try_from(stop).unwrap());
            match how {
                Down => town.restart_at(at, stop % 2 == 0),
                Jump => town.clock.set(at),
            }
            town.settle(what);
        }
    }
    let flagged = town.flagged();
    assert!(flagged > 0, "years that ended short of credits are flagged on the way");

    town.clock.advance(TimeDelta::days(400));
    town.settle("400 days on");
    assert_eq!(town.flagged(), flagged, "a clock that ran away flags nobody");
    assert!(town.held() > 10, "only {} flags are held", town.held());

    // and back: the ticker, the leases and the timetable's memory are all from the future now
    town.clock.set("2029-01-02T10:00:00".parse().unwrap());
    town.settle("back from 400 days on");
    town.clock.set("2029-01-03T10:00:00".parse().unwrap());
    town.settle("the day after");
    assert_eq!(town.flagged(), flagged);
    town.stop();
    town.assert_every_stage_was_told_by_one_mail();
}

#[test]
fn after_a_jump_of_400_days_flags_wait_for_the_mass_confirmation() {
    let mut town = Town::new("2027-12-20T11:00:00".parse().unwrap());
    assert!(town.deadlines(&[]).status.success());
    town.clock.advance(TimeDelta::days(400));
    for _ in 0..2 {
        let held = town.deadlines(&[]);
        assert_eq!(held.status.code(), Some(1), "{held:?}");
        assert_eq!(town.flagged(), 0);
    }
    assert!(town.held() > 10);
    assert!(town.deadlines(&["--confirm-mass-flag"]).status.success());
    assert!(town.flagged() > 10);
}
