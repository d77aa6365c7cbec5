//! What is known about a mail that the portal wrote to somebody.

use super::notice_kind::NoticeKind;
use crate::domain::codes::codes;
use crate::domain::roles::Role;

codes! {
    /// Where a mail of the outbox stands.
    pub enum MailState {
        /// It has yet to leave.
        Pending = "pending",
        /// Somebody delivers it, and the server has not been given the message yet.
        Claimed = "claimed",
        /// The message itself is on its way.
        Committing = "committing",
        /// The mail server took it, or a person says that it arrived.
        Sent = "sent",
        /// It may have arrived or not.
        Uncertain = "uncertain",
        /// It could not be delivered, or is not to be.
        Failed = "failed",
    }
}

codes! {
    /// Why mail is held: the database does not know what was sent last.
    pub enum HoldCause {
        /// A backup was put back.
        Restore = "restore",
        /// The database came without the note beside it: from a replica, or a copied disk.
        Takeover = "takeover",
    }
}

impl HoldCause {
    /// What happened to the portal, in the words that follow "this portal was"; `until` is when the backup was made, or the last thing
    /// happened that the copy knows.
    #[must_use]
    pub fn happened(self, until: &str) -> String {
        match self {
            HoldCause::Restore => format!("restored from a backup of {until}"),
            HoldCause::Takeover => {
                format!("started on a copy of its database, which knows what happened until {until}")
            }
        }
    }

    /// What waits is from, in the words that follow "from the".
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            HoldCause::Restore => "backup",
            HoldCause::Takeover => "copy",
        }
    }
}

/// Whether a mail is one to a holder: it leaves only from a portal that is live, and only to somebody who was invited.
#[must_use]
pub fn is_to_holder(kind: NoticeKind, recipient: Role) -> bool {
    recipient == Role::Holder && !kind.always_leaves()
}

/// Where a mail is, as far as anybody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It waits in the outbox, or is being delivered.
    OnItsWay,
    /// The mail server took it, or a person says that it arrived.
    Delivered,
    /// It may have arrived or not.
    Uncertain,
    /// It could not be delivered.
    Failed,
    /// The mail server took it, and later it came back.
    CameBack,
}

impl Delivery {
    /// From where it stands in the outbox, and whether it came back since it was sent.
    pub const fn of(state: MailState, came_back: bool) -> Delivery {
        match state {
            MailState::Sent if came_back => Delivery::CameBack,
            MailState::Sent => Delivery::Delivered,
            MailState::Uncertain => Delivery::Uncertain,
            MailState::Failed => Delivery::Failed,
            MailState::Pending | MailState::Claimed | MailState::Committing => Delivery::OnItsWay,
        }
    }

    /// What has to be said before a flag is confirmed whose mail is in this state; `None` when it was delivered. Without any mail
    /// (`None`) there is something to say, too.
    pub const fn doubt(known: Option<Delivery>) -> Option<&'static str> {
        match known {
            Some(Delivery::Delivered) => None,
            Some(Delivery::OnItsWay) => Some("The email about the flag has not been delivered yet."),
            Some(Delivery::Uncertain) => Some("The email about the flag may or may not have arrived."),
            Some(Delivery::Failed) => Some("The email about the flag could not be delivered."),
            Some(Delivery::CameBack) => Some("The email about the flag came back."),
            None => Some("There is no record of an email about the flag."),
        }
    }
}
