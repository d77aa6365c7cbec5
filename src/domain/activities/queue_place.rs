//! Where a report stands in the review queue: what a holder needs before a near deadline stands on top.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::ids::ActivityId;

/// A place in the queue. Reports that some year needs for its minimum come first, then the nearest deadline, then the first report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueuePlace {
    /// Whether some year that it counts for has not met its minimum by approved credits.
    pub needed: bool,
    /// The earliest deadline that it helps.
    pub deadline: Option<NaiveDate>,
    /// When it was first reported (UTC).
    pub reported_at: NaiveDateTime,
    /// Whose place it is.
    pub report: ActivityId,
}

/// The day that stands for "helps no deadline": such a report comes after all that help one.
pub const NO_DEADLINE: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

impl QueuePlace {
    /// 0 for what is needed, 1 for the rest.
    #[must_use]
    pub const fn rank(&self) -> i64 {
        if self.needed { 0 } else { 1 }
    }

    /// The place right before it, so that a page after that begins with it: of equals, the id decides.
    #[must_use]
    pub const fn just_before(self) -> QueuePlace {
        QueuePlace { report: ActivityId(self.report.0.saturating_sub(1)), ..self }
    }

    /// The day by which it is sorted.
    #[must_use]
    pub fn sorted_by(&self) -> NaiveDate {
        self.deadline.unwrap_or(NO_DEADLINE)
    }
}

const TIME: &str = "%Y%m%d%H%M%S";

/// As it stands in the address of a page.
impl fmt::Display for QueuePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reported_at = self.reported_at.format(TIME);
        write!(f, "{}|{}|{reported_at}|{:012}", self.rank(), self.sorted_by(), self.report.0)
    }
}

/// The text is no place of the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoQueuePlace;

impl FromStr for QueuePlace {
    type Err = NoQueuePlace;

    fn from_str(text: &str) -> Result<QueuePlace, NoQueuePlace> {
        let mut parts = text.split('|');
        let mut part = || parts.next().ok_or(NoQueuePlace);
        let needed = match part()? {
            "0" => true,
            "1" => false,
            _ => return Err(NoQueuePlace),
        };
        let deadline: NaiveDate = part()?.parse().map_err(|_| NoQueuePlace)?;
        let reported_at = NaiveDateTime::parse_from_str(part()?, TIME).map_err(|_| NoQueuePlace)?;
        let report = part()?.parse().map_err(|_| NoQueuePlace)?;
        let deadline = Some(deadline).filter(|day| *day != NO_DEADLINE);
        Ok(QueuePlace { needed, deadline, reported_at, report })
    }
}
