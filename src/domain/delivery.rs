//! What is known about a mail that the portal wrote to somebody.

use super::roles::Role;

/// Kinds that always leave: somebody's own way in, and the try whether mail arrives at all.
const ALWAYS_LEAVE: [&str; 3] = ["invitation", "password-reset", "test"];

/// Whether a mail is one to a holder: it leaves only from a portal that is live, and only to somebody who was invited.
#[must_use]
pub fn is_to_holder(kind: &str, recipient: Role) -> bool {
    recipient == Role::Holder && !ALWAYS_LEAVE.contains(&kind)
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
    /// From the outbox's word for it, and whether it came back since it was sent.
    pub fn of(state: &str, came_back: bool) -> Delivery {
        match state {
            "sent" if came_back => Delivery::CameBack,
            "sent" => Delivery::Delivered,
            "uncertain" => Delivery::Uncertain,
            "failed" => Delivery::Failed,
            _ => Delivery::OnItsWay,
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
