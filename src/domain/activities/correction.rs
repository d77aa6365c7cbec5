//! What a holder asks to have changed in a decided report, and what becomes of it.

use crate::domain::codes::codes;

codes! {
    /// Where a request for a correction stands.
    pub enum CorrectionState {
        /// The body's turn.
        Asked = "asked",
        /// The report was changed and waits for review again.
        Accepted = "accepted",
        /// The report stays as it is.
        Declined = "declined",
    }
}

codes! {
    /// What staff decide about it, as their form says it.
    pub enum CorrectionDecision {
        /// The report says it from now on, and is reviewed again.
        Accept = "accept",
        /// The report stays as it is.
        Decline = "decline",
    }
}
