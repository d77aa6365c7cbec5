//! Where a certification year is heading before its deadline.

use super::ledger::Sums;

/// What a year would come to, as things stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outlook {
    /// The minimum is reached by approved credits.
    Safe,
    /// It will be reached when what waits for review is approved.
    Pending,
    /// Something is reported, and credits are missing.
    AtRisk,
    /// Nothing is reported yet.
    Nothing,
}

impl Outlook {
    /// All, from the best.
    pub const ALL: [Outlook; 4] = [Outlook::Safe, Outlook::Pending, Outlook::AtRisk, Outlook::Nothing];

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

    /// The word in addresses and the database.
    pub const fn code(self) -> &'static str {
        match self {
            Outlook::Safe => "safe",
            Outlook::Pending => "pending",
            Outlook::AtRisk => "at_risk",
            Outlook::Nothing => "nothing",
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
