//! How long nightly backups are kept.

use std::collections::BTreeSet;

use chrono::{Datelike, IsoWeek, NaiveDate};

/// Days whose backup is kept.
pub const DAYS: usize = 7;
/// Weeks whose last backup is kept.
pub const WEEKS: usize = 4;

/// Of backups of these days, those that may go: the latest [`DAYS`] stay, and the last one of each of the latest [`WEEKS`] weeks (Monday to
/// Sunday) that have one. Days after `today` were written by a clock that was wrong; they stay, and count for nothing.
#[must_use]
pub fn superseded(days: &BTreeSet<NaiveDate>, today: NaiveDate) -> Vec<NaiveDate> {
    let past = || days.range(..=today).rev();
    let mut kept: BTreeSet<NaiveDate> = past().take(DAYS).copied().collect();
    let mut weeks: Vec<IsoWeek> = Vec::with_capacity(WEEKS);
    for day in past() {
        let week = day.iso_week();
        if weeks.last() != Some(&week) {
            if weeks.len() == WEEKS {
                break;
            }
            weeks.push(week);
            kept.insert(*day);
        }
    }
    days.range(..=today).filter(|day| !kept.contains(day)).copied().collect()
}
