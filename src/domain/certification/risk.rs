//! Where a certification year is heading before its deadline.

use crate::domain::codes::codes;
use crate::domain::ledger::Sums;

codes! {
    /// What a year would come to, as things stand.
    pub enum RiskClass {
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

impl RiskClass {
    /// The outlook of a year with these sums.
    pub fn of(sums: &Sums) -> RiskClass {
        if sums.met() {
            RiskClass::Safe
        } else if sums.covered() {
            RiskClass::Pending
        } else if sums.approved.is_zero() && sums.pending.is_zero() {
            RiskClass::Nothing
        } else {
            RiskClass::AtRisk
        }
    }

    /// What people read.
    pub const fn label(self) -> &'static str {
        match self {
            RiskClass::Safe => "minimum reached",
            RiskClass::Pending => "covered by waiting reports",
            RiskClass::AtRisk => "credits missing",
            RiskClass::Nothing => "nothing reported yet",
        }
    }

    /// Whether the holder should hear from somebody.
    pub const fn needs_a_word(self) -> bool {
        matches!(self, RiskClass::AtRisk | RiskClass::Nothing)
    }
}
