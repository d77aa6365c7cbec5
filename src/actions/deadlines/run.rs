//! A run as it is asked for, and what every step of it needs.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::certification::policy::Policies;
use crate::portal::Portal;

/// What a run is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// The day, in the body's time zone.
    pub today: NaiveDate,
    /// The instant (UTC) that is recorded.
    pub now: NaiveDateTime,
    /// Decide and announce only; change nothing.
    pub dry_run: bool,
    /// Let every flag pass the guard.
    pub confirm_mass_flag: bool,
}

impl RunOptions {
    /// A real run on the clock's day.
    pub fn today(portal: &Portal) -> RunOptions {
        let (today, now) = portal.clock.today_and_now();
        RunOptions { today, now, dry_run: false, confirm_mass_flag: false }
    }

    /// The same, changing nothing.
    #[must_use]
    pub const fn dry(mut self) -> RunOptions {
        self.dry_run = true;
        self
    }
}

/// What every step of a run needs.
pub(super) struct Run<'a> {
    pub portal: &'a Portal,
    pub options: RunOptions,
    pub policies: Policies,
}
