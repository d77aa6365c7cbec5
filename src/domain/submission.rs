//! What becomes of a report form: a draft, or a report that waits for a review.

use super::activity::ActivityStatus;

/// What the holder wants done with the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Keep it for later.
    Draft,
    /// Report it.
    Submit,
}

impl Intent {
    /// Where the activity stands afterwards, that stood at `before` (`None` for a new one): a draft stays one until it is submitted; what
    /// was reported is reported again, whatever was wanted, which answers a returned one.
    #[must_use]
    pub const fn next(self, before: Option<ActivityStatus>) -> ActivityStatus {
        match (self, before) {
            (Intent::Draft, None | Some(ActivityStatus::Draft)) => ActivityStatus::Draft,
            _ => ActivityStatus::Submitted,
        }
    }
}
