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

/// Why a mail that waits does not leave, however often it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HeldBy {
    /// After a restore or a takeover no mail leaves at all.
    Everything,
    /// The portal is not live: none to holders leaves.
    NotLive,
    /// Its recipient was never invited.
    Uninvited,
}

impl HeldBy {
    /// The cause, in the words that follow "gets no email yet:".
    #[must_use]
    pub const fn cause(self) -> &'static str {
        match self {
            HeldBy::Everything => "all emails are held",
            HeldBy::NotLive => "emails to holders are held",
            HeldBy::Uninvited => "they were never invited",
        }
    }

    /// The cause and what ends it, in one sentence.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            HeldBy::Everything => {
                "All emails are held until an administrator has said what becomes of those that are waiting."
            }
            HeldBy::NotLive => "Emails to holders are held until an administrator releases them.",
            HeldBy::Uninvited => "It is sent once its recipient has been invited.",
        }
    }
}

/// What becomes of a mail that is written to somebody now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// It leaves.
    Leaves,
    /// It waits until somebody does something about it.
    Held(HeldBy),
    /// The account is closed: none is written.
    Closed,
}

impl Reach {
    /// What a holder hears of what was just done; `told` when a mail says it.
    #[must_use]
    pub fn sentence(self, told: &str) -> String {
        match self {
            Reach::Leaves => told.to_owned(),
            Reach::Held(by) => format!("The holder will see it, but gets no email yet: {}.", by.cause()),
            Reach::Closed => "The account is closed, so nobody is told.".to_owned(),
        }
    }

    /// The same of several holders whom all no mail reaches.
    #[must_use]
    pub fn of_all(self) -> String {
        match self {
            Reach::Leaves => "They are told.".to_owned(),
            Reach::Held(by) => format!("They will see it, but get no email yet: {}.", by.cause()),
            Reach::Closed => "Their accounts are closed, so nobody is told.".to_owned(),
        }
    }
}

/// Where a mail is, as far as anybody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// It waits in the outbox, or is being delivered.
    OnItsWay,
    /// It waits, and does not leave before somebody does something about it.
    Held(HeldBy),
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
    /// From where it stands in the outbox, whether it came back since it was sent, and what holds it while it waits.
    pub const fn of(state: MailState, came_back: bool, held: Option<HeldBy>) -> Delivery {
        if let (MailState::Pending, Some(by)) = (state, held) {
            return Delivery::Held(by);
        }
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
            Some(Delivery::Held(HeldBy::Everything)) => Some(
                "The email about the flag is held after a restore or a takeover: it may have left before.",
            ),
            Some(Delivery::Held(_)) => {
                Some("The email about the flag is held: nobody has sent it to the holder yet.")
            }
            Some(Delivery::OnItsWay) => Some("The email about the flag has not been delivered yet."),
            Some(Delivery::Uncertain) => Some("The email about the flag may or may not have arrived."),
            Some(Delivery::Failed) => Some("The email about the flag could not be delivered."),
            Some(Delivery::CameBack) => Some("The email about the flag came back."),
            None => Some("There is no record of an email about the flag."),
        }
    }
}
