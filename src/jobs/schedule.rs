//! When jobs are due, by the local clock of the body.

use chrono::{NaiveDateTime, TimeDelta, Timelike};

use crate::clock::Clock;

/// When a job is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// All the time.
    EveryFewSeconds,
    /// On each full hour from the first to the last, in the body's time zone.
    LocalHours {
        /// The first hour, 0 to 23.
        from: u32,
        /// The last hour.
        to: u32,
    },
}

impl Schedule {
    /// In words.
    pub fn words(self) -> String {
        match self {
            Schedule::EveryFewSeconds => "every few seconds".to_owned(),
            Schedule::LocalHours { from, to } if from == to => format!("every day at {from}:00"),
            Schedule::LocalHours { from, to } => format!("every hour from {from}:00 to {to}:00"),
        }
    }
}

/// The instant (UTC) at which the latest local full hour between `from` and `to` began. Elapsed hours are counted back and each is asked what
/// it is called locally, so a summer-time change neither loses nor doubles an hour of the timetable.
pub(super) fn last_hour(clock: &Clock, from: u32, to: u32) -> NaiveDateTime {
    let mut at = clock.now();
    // two days hold every hour of the day, also where the clocks change
    for _ in 0..48 {
        let local = clock.to_local(at);
        at -= TimeDelta::seconds(i64::from(local.minute()) * 60 + i64::from(local.second()));
        if (from..=to).contains(&clock.to_local(at).hour()) {
            return at;
        }
        at -= TimeDelta::seconds(1);
    }
    at
}
