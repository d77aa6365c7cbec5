//! When jobs are due, by the local clock of the body.

use chrono::{NaiveDate, NaiveDateTime};

use crate::clock::Clock;

/// When a job is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// All the time.
    EveryFewSeconds,
    /// All the time, but asked every five minutes only.
    EveryFewMinutes,
    /// On each full hour from the first to the last, in the body's time zone: once for each such hour of each local day.
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
            Schedule::EveryFewMinutes => "every five minutes".to_owned(),
            Schedule::LocalHours { from, to } if from == to => format!("every day at {from}:00"),
            Schedule::LocalHours { from, to } => format!("every hour from {from}:00 to {to}:00"),
        }
    }

    /// When the timetable asks the job whether it is due, as tokio-cron-scheduler writes it: seconds, minutes, hours, day, month, weekday,
    /// in UTC. A job of certain hours is asked each minute, because only it knows the local hour, and one that failed is tried again.
    #[must_use]
    pub const fn asked(self) -> &'static str {
        match self {
            Schedule::EveryFewSeconds => "*/3 * * * * *",
            // beside the jobs of the full hour
            Schedule::EveryFewMinutes => "40 */5 * * * *",
            Schedule::LocalHours { .. } => "0 * * * * *",
        }
    }

    /// The latest moment (UTC) up to `at` at which it fell due; `None` when it always is. Each hour of each local day falls due once:
    /// when the wall clock first shows it, or something later because it skips it. So an hour that summer time leaves out falls due at the
    /// change, one that comes twice at its first coming, and a day that the zone left out has none.
    #[must_use]
    pub fn last_due(self, clock: &Clock, at: NaiveDateTime) -> Option<NaiveDateTime> {
        let Schedule::LocalHours { from, to } = self else { return None };
        let today = clock.day_of(at);
        // where the clocks go back over midnight, tomorrow has begun before today ends
        let mut day = today.succ_opt().unwrap_or(today);
        for _ in 0..DAYS_BACK {
            if clock.has(day) {
                let mut hours = (from..=to).rev().filter_map(|hour| falls_due(clock, day, hour));
                if let Some(due) = hours.find(|due| *due <= at) {
                    return Some(due);
                }
            }
            day = day.pred_opt().unwrap_or(day);
        }
        Some(clock.start_of(today))
    }
}

/// Days looked back for the latest hour: tomorrow, today, yesterday, and the days that a zone can leave out between them.
const DAYS_BACK: u32 = 5;

fn falls_due(clock: &Clock, day: NaiveDate, hour: u32) -> Option<NaiveDateTime> {
    day.and_hms_opt(hour, 0, 0).map(|wall| clock.reaches(wall))
}
