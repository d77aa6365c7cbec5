//! How long a report has waited for staff: from its first submission on, without the time it was its holder's turn. Whoever has answered a question,
//! or was asked one by mistake, begins no new wait.

use chrono::{NaiveDateTime, TimeDelta};

use super::activity_status::ActivityStatus;

/// The waiting time of a report, as it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitingTime {
    /// The first submission (UTC), moved on by the time it was the holder's turn; `None` for a draft.
    pub since: Option<NaiveDateTime>,
    /// When the holder's present turn began (UTC).
    pub returned_at: Option<NaiveDateTime>,
    /// How long the holder's earlier turns took together.
    pub holders_turn: TimeDelta,
}

impl WaitingTime {
    /// Of a report that is submitted for the first time at `at`; `None` for a draft.
    #[must_use]
    pub fn from_submission(at: Option<NaiveDateTime>) -> WaitingTime {
        WaitingTime { since: at, ..WaitingTime::default() }
    }

    /// After a change of the status at `now`.
    #[must_use]
    pub fn changed(self, from: ActivityStatus, to: ActivityStatus, now: NaiveDateTime) -> WaitingTime {
        use ActivityStatus::{Returned, Submitted};
        let mut after = self;
        match (from, to) {
            (Returned, Returned) => {}
            (_, Returned) => after.returned_at = Some(now),
            (Returned, _) => {
                let turn = self.returned_at.map_or(TimeDelta::zero(), |begun| now - begun);
                // a clock that was set back makes nobody wait longer
                let turn = turn.max(TimeDelta::zero());
                after.holders_turn += turn;
                after.since = self.since.map(|since| since + turn);
                after.returned_at = None;
            }
            _ => {}
        }
        if to == Submitted {
            after.since = after.since.or(Some(now));
        }
        after
    }

    /// When the wait began (UTC): the first submission, or the correction that a holder asked for and staff accepted.
    #[must_use]
    pub fn began(&self) -> Option<NaiveDateTime> {
        self.since.map(|since| since - self.holders_turn)
    }
}
