//! The notice period of a flag: until when its holder can answer, and from when an administrator can decide.

use chrono::NaiveDate;

use super::policy::Policies;
use crate::domain::dates::plus_days;

/// The days that follow from a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticePeriod {
    /// How many days the holder has to answer.
    pub days: i64,
    /// The last day on which the holder can answer before the flag can be confirmed.
    pub answer_until: NaiveDate,
    /// The first day on which it can be confirmed: flagged on 1 January with 14 days' notice, 16 January.
    pub decide_from: NaiveDate,
}

impl NoticePeriod {
    /// The notice period of a year that was, or would be, flagged on a day. The policy in force on the year's first day says how long it is,
    /// wherever an extension has moved the deadline to.
    #[must_use]
    pub fn of(year_starts_on: NaiveDate, flagged_on: NaiveDate, policies: &Policies) -> NoticePeriod {
        let days = policies.in_force_on(year_starts_on).notice_days;
        NoticePeriod {
            days,
            answer_until: plus_days(flagged_on, days),
            decide_from: plus_days(flagged_on, days.saturating_add(1)),
        }
    }
}
