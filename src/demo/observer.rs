//! Who delivers and watches while the demonstration is made, and what they get in the end.

use crate::actions::ActionError;
use crate::domain::roles::Role;
use crate::portal::Portal;

/// What the demonstration needs from above: somebody who delivers the mails of each day, and somebody who watches.
pub struct Watching<'a> {
    /// Delivers what is in the outbox; called at the end of each past day, with a mailer that keeps everything to itself.
    pub deliver: &'a mut dyn FnMut(&Portal) -> Result<(), ActionError>,
    /// Hears how much is done, of how much.
    pub progress: &'a mut dyn FnMut(usize, usize),
}

/// Somebody who can sign in to the demonstration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoSignIn {
    /// What the account is for.
    pub role: Role,
    /// The address.
    pub email: String,
    /// The password; random, so that a demonstration that is reachable is not open to everybody.
    pub password: String,
    /// The name.
    pub name: String,
    /// What there is to see.
    pub situation: &'static str,
}
