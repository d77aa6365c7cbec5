//! The only place that asks the time.
//!
//! Everything else is told the day (`today`, in the certifying body's own time zone) and the instant
//! (`now`, UTC) as parameters. A clock is one of three kinds: the machine's own, one held on a day
//! (`--as-of`), and one that tests set by hand. Copies of a clock are cheap and agree with each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::{GapInfo, Tz};

/// Tells the day and the instant. Cheap to clone; clones of a manual clock move together.
#[derive(Clone, Debug)]
pub struct Clock {
    zone: Tz,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    System,
    OnDay(NaiveDate),
    /// Whole seconds since 1970-01-01T00:00:00Z.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's own clock, with days in the zone `zone`.
    #[must_use]
    pub fn system(zone: Tz) -> Self {
        Self { zone, source: Source::System }
    }

    /// A clock held on the day `day` (`--as-of`): the time of day goes on as on the machine's clock, the day
    /// stays, so that any day can be rehearsed.
    #[must_use]
    pub fn on_day(zone: Tz, day: NaiveDate) -> Self {
        Self { zone, source: Source::OnDay(day) }
    }

    /// A clock that stands still at the UTC instant `now` until it is set or advanced.
    #[must_use]
    pub fn manual(zone: Tz, now: NaiveDateTime) -> Self {
        Self { zone, source: Source::Manual(Arc::new(AtomicI64::new(now.and_utc().timestamp()))) }
    }

    /// Moves a manual clock and all its clones to the UTC instant `now`. Other clocks do not move.
    pub fn set(&self, now: NaiveDateTime) {
        if let Source::Manual(seconds) = &self.source {
            seconds.store(now.and_utc().timestamp(), Ordering::SeqCst);
        }
    }

    /// Moves a manual clock and all its clones to the local wall time `hour`:00 on the day `day`, in the body's
    /// zone. Other clocks do not move.
    pub fn set_local(&self, day: NaiveDate, hour: u32) {
        let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or(NOON);
        self.set(instant_on(self.zone, day, time));
    }

    /// Moves a manual clock and all its clones on by `by`, which counts elapsed time: a day of 24 hours is not
    /// always a calendar day. Other clocks do not move.
    pub fn advance(&self, by: TimeDelta) {
        if let Source::Manual(seconds) = &self.source {
            seconds.fetch_add(by.num_seconds(), Ordering::SeqCst);
        }
    }

    /// The calendar day it is in the body's time zone.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        match self.source {
            Source::OnDay(day) => day,
            Source::System | Source::Manual(_) => self.day_of(self.now()),
        }
    }

    /// The day and the instant, of one look at the clock: at midnight two looks would give a day and an instant that do not belong together.
    #[must_use]
    pub fn today_and_now(&self) -> (NaiveDate, NaiveDateTime) {
        let now = self.now();
        match self.source {
            Source::OnDay(day) => (day, now),
            Source::System | Source::Manual(_) => (self.day_of(now), now),
        }
    }

    /// The instant it is, in UTC, cut to whole seconds.
    #[must_use]
    pub fn now(&self) -> NaiveDateTime {
        match &self.source {
            Source::System => machine_now(),
            Source::OnDay(day) => instant_on(self.zone, *day, self.to_local(machine_now()).time()),
            Source::Manual(seconds) => {
                DateTime::from_timestamp(seconds.load(Ordering::SeqCst), 0).unwrap_or_default().naive_utc()
            }
        }
    }

    /// The instant the machine believes it is, also on a rehearsed day: for what processes on different days must agree about, such
    /// as who holds a lease. A manual clock tells its own instant.
    #[must_use]
    pub fn machine_now(&self) -> NaiveDateTime {
        match &self.source {
            Source::OnDay(_) => machine_now(),
            Source::System | Source::Manual(_) => self.now(),
        }
    }

    /// The body's time zone.
    #[must_use]
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The local wall time of the UTC instant `at`, for showing it to people.
    #[must_use]
    pub fn to_local(&self, at: NaiveDateTime) -> NaiveDateTime {
        self.zone.from_utc_datetime(&at).naive_local()
    }

    /// The local calendar day that contains the UTC instant `at`.
    #[must_use]
    pub fn day_of(&self, at: NaiveDateTime) -> NaiveDate {
        self.to_local(at).date()
    }

    /// The UTC instant at which the local day `day` begins; where the zone left that day out, at which the next one does.
    #[must_use]
    pub fn start_of(&self, day: NaiveDate) -> NaiveDateTime {
        self.reaches(day.and_time(NaiveTime::MIN))
    }

    /// The first UTC instant at which the local wall clock shows `wall`, or more because it skips it. There is exactly one for every wall
    /// time, also where the clocks skip or repeat an hour or a day.
    #[must_use]
    pub fn reaches(&self, wall: NaiveDateTime) -> NaiveDateTime {
        if let Some(found) = self.zone.from_local_datetime(&wall).earliest() {
            return found.naive_utc();
        }
        let skipped = GapInfo::new(&wall, &self.zone).and_then(|gap| gap.begin);
        // there is nothing to skip before the first change that the zone knows
        skipped.map_or(wall, |(last, offset)| last - offset.fix())
    }

    /// Whether the zone has the day `day` at all: Samoa had no 30 December 2011.
    #[must_use]
    pub fn has(&self, day: NaiveDate) -> bool {
        self.day_of(self.start_of(day)) == day
    }
}

const NOON: NaiveTime = match NaiveTime::from_hms_opt(12, 0, 0) {
    Some(noon) => noon,
    None => NaiveTime::MIN,
};

fn machine_now() -> NaiveDateTime {
    let now = Utc::now().naive_utc();
    now.with_nanosecond(0).unwrap_or(now)
}

/// The UTC instant of the wall time `time` on the local day `day`. A wall time that happens twice (clocks go
/// back) is the first of the two; one that is skipped (clocks go forward) is the one an hour on or, when that is
/// the next day already, an hour before: the answer always falls on `day`. Only a day that a zone left out
/// altogether (Samoa, 30 December 2011) has no such instant; its noon is then told as if the zone were UTC.
fn instant_on(zone: Tz, day: NaiveDate, time: NaiveTime) -> NaiveDateTime {
    let wall = day.and_time(time);
    [wall, wall + TimeDelta::hours(1), wall - TimeDelta::hours(1), day.and_time(NOON)]
        .into_iter()
        .filter(|candidate| candidate.date() == day)
        .find_map(|candidate| zone.from_local_datetime(&candidate).earliest())
        .map_or_else(|| day.and_time(NOON), |found| found.naive_utc())
}
