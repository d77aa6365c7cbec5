//! Where a certification year is heading before its deadline.

use crate::domain::codes::codes;
use crate::domain::ledger::Sums;

codes! {
    /// What a year would come to, as things stand.
    pub enum Outlook {
        /// The minimum is reached by approved credits.
        Safe = "safe",
        /// It will be reached when what waits for review is approved.
        Pending = "pending",
        /// Something is reported, and credits are missing.
        AtRisk = "at_risk",
        /// Nothing is reported yet.
        Nothing = "nothing",
    }
}

impl Outlook {
    /// The outlook of a year with these sums.
    pub fn of(sums: &Sums) -> Outlook {
        if sums.met() {
            Outlook::Safe
        } else if sums.covered() {
            Outlook::Pending
        } else if sums.approved.is_zero() && sums.pending.is_zero() {
            Outlook::Nothing
        } else {
            Outlook::AtRisk
        }
    }

    /// What people read.
    pub const fn label(self) -> &'static str {
        match self {
            Outlook::Safe => "minimum reached",
            Outlook::Pending => "covered by waiting reports",
            Outlook::AtRisk => "credits missing",
            Outlook::Nothing => "nothing reported yet",
        }
    }

    /// Whether the holder should hear from somebody.
    pub const fn needs_a_word(self) -> bool {
        matches!(self, Outlook::AtRisk | Outlook::Nothing)
    }
}
