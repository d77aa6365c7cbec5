//! Where a report stands, from the draft to the decision.

use crate::domain::codes::codes;

codes! {
    /// Where a report stands.
    pub enum ActivityStatus {
        /// Kept by the holder, not reported yet.
        Draft = "draft",
        /// Reported; the body's turn.
        Submitted = "submitted",
        /// Sent back with a question; the holder's turn. Still undecided.
        Returned = "returned",
        /// Counts.
        Approved = "approved",
        /// Does not count.
        Rejected = "rejected",
        /// Taken back by the holder.
        Withdrawn = "withdrawn",
    }
}

impl ActivityStatus {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            ActivityStatus::Draft => "Draft",
            ActivityStatus::Submitted => "Waiting for review",
            ActivityStatus::Returned => "Returned to the holder",
            ActivityStatus::Approved => "Approved",
            ActivityStatus::Rejected => "Rejected",
            ActivityStatus::Withdrawn => "Taken back",
        }
    }

    /// Whether the ledger counts it: approved, or reported and not decided yet.
    pub const fn counts(self) -> bool {
        matches!(self, ActivityStatus::Approved) || self.undecided()
    }

    /// Reported and not decided: never held against the holder.
    pub const fn undecided(self) -> bool {
        matches!(self, ActivityStatus::Submitted | ActivityStatus::Returned)
    }

    /// Whether the holder can still change it.
    pub const fn editable(self) -> bool {
        matches!(self, ActivityStatus::Draft | ActivityStatus::Submitted | ActivityStatus::Returned)
    }
}
