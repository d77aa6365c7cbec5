//! Who may do what.

use super::codes::codes;
use super::ids::AccountId;

codes! {
    /// What an account is for. An account of any role can hold certificates.
    pub enum Role {
        /// Holds certificates and reports activities.
        Holder = "holder",
        /// Reviews reports.
        Reviewer = "reviewer",
        /// Reviews, and decides about certificates.
        Administrator = "administrator",
    }
}

impl Role {
    /// May review reports: reviewers and administrators.
    pub const fn reviews(self) -> bool {
        matches!(self, Role::Reviewer | Role::Administrator)
    }

    /// May decide about certificates and manage the portal.
    pub const fn administers(self) -> bool {
        matches!(self, Role::Administrator)
    }
}

/// Somebody acting, as the rules see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub id: AccountId,
    /// Its role.
    pub role: Role,
}

/// Somebody is about to review, grant or decide something of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is about your own account. A colleague has to do it.")]
pub struct Own;

/// Nobody reviews, grants or decides their own, whatever the way in: a page, a file, a list with ticks. Every action that gives a holder
/// something asks this first. `by` is the person who acts; the machine itself (a job, a command typed on it) is nobody.
///
/// # Errors
/// `Own`.
pub fn not_their_own(by: impl Into<Option<AccountId>>, holder: AccountId) -> Result<(), Own> {
    if by.into() == Some(holder) { Err(Own) } else { Ok(()) }
}
