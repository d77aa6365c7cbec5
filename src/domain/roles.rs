//! Who may do what.

use std::ops::Deref;

use super::codes::codes;
use super::ids::{AccountId, HolderId};

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

    /// May use the pages for holders: accounts for that, and whoever holds certificates.
    pub const fn holds(self, has_certificates: bool) -> bool {
        has_certificates || matches!(self, Role::Holder)
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

/// Declares a right: an actor that was found to have it. Whoever can show the value has it; nobody below asks again.
macro_rules! right {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Made where somebody is known to act: the extractors of the pages, the command line and the demonstration.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(Actor);

        impl Deref for $name {
            type Target = Actor;
            fn deref(&self) -> &Actor {
                &self.0
            }
        }
    };
}

right!(
    /// The right to one's own reports, certificates and conversations.
    Holder
);
right!(
    /// The right to review reports and to write for the body.
    Reviewer
);
right!(
    /// The right to decide about certificates and to manage the portal.
    Administrator
);

impl Holder {
    /// This person as a holder, if the account is one's or holds certificates.
    pub const fn of(actor: Actor, has_certificates: bool) -> Option<Self> {
        if actor.role.holds(has_certificates) { Some(Self(actor)) } else { None }
    }
}

impl Reviewer {
    /// This person as a reviewer, if the role is one that reviews.
    pub const fn of(actor: Actor) -> Option<Self> {
        if actor.role.reviews() { Some(Self(actor)) } else { None }
    }
}

impl Administrator {
    /// This person as an administrator, if the role is that.
    pub const fn of(actor: Actor) -> Option<Self> {
        if actor.role.administers() { Some(Self(actor)) } else { None }
    }
}

impl From<Administrator> for Reviewer {
    /// An administrator may do what a reviewer may.
    fn from(administrator: Administrator) -> Self {
        Self(administrator.0)
    }
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

/// Somebody is about to decide about a holder whom they said they know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("You said that you know this holder. A colleague has to do it.")]
pub struct Acquainted;

/// Nobody decides about a holder whom they said they know, whatever the way in. `known_by` are those who said so about this holder, `by` is
/// the person who acts; the machine itself is nobody.
///
/// # Errors
/// `Acquainted`.
pub fn not_acquainted(by: impl Into<Option<AccountId>>, known_by: &[AccountId]) -> Result<(), Acquainted> {
    by.into().filter(|by| known_by.contains(by)).map_or(Ok(()), |_| Err(Acquainted))
}

/// Why it stands that somebody said that they know a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AcquaintanceRefusal {
    /// Who said it is not who takes it back.
    #[error("You said it yourself, so another administrator has to take it back.")]
    OwnWord,
    /// Nobody else can take it back, and the administrator did not say that they know.
    #[error("You said it yourself. Tick the box if you take it back all the same.")]
    Alone,
}

/// May an administrator take back that `reviewer` knows a holder? Nobody frees themselves to decide: somebody else takes it back, unless there
/// is nobody else who could (`others`: administrators beside these two people who have not said it, too) and the administrator says that
/// they know it (`alone`). Gives whether somebody frees themselves. That the administrator is neither the holder nor knows them is asked for by
/// [`not_their_own`] and, for what a colleague said, [`not_acquainted`].
///
/// # Errors
/// The `AcquaintanceRefusal` to show.
pub fn check_taking_back(
    by: AccountId,
    reviewer: AccountId,
    others: bool,
    alone: bool,
) -> Result<bool, AcquaintanceRefusal> {
    match by == reviewer {
        false => Ok(false),
        true if others => Err(AcquaintanceRefusal::OwnWord),
        true if alone => Ok(true),
        true => Err(AcquaintanceRefusal::Alone),
    }
}

/// Whether a colleague could decide about a holder, and so be given what waits for it: somebody on staff whose account is open, who is not
/// the holder, and who has not said that they know the holder.
#[must_use]
pub fn may_be_given(colleague: Actor, closed: bool, holder: HolderId, known_by: &[AccountId]) -> bool {
    colleague.role.reviews()
        && !closed
        && not_their_own(colleague.id, holder).is_ok()
        && not_acquainted(colleague.id, known_by).is_ok()
}
