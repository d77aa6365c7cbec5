//! The mailbox to which mail comes back, read by IMAP.
//!
//! Whatever its server does, a command ends in the time that it may take, and holds no more of what it was told than it asked for.

mod responses;
mod session;

use std::time::Duration;

use rustls::pki_types::CertificateDer;

use crate::config::MailboxAddress;

pub use responses::mailbox_responses;
pub use session::{MailboxError, MailboxSession};

/// The longest that one command may take, connecting included, unless set otherwise.
const USUAL_LIMIT: Duration = Duration::from_secs(30);

/// A mailbox and what is needed to open it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Mailbox {
    address: MailboxAddress,
    limit: Duration,
    private_roots: Vec<CertificateDer<'static>>,
}

impl Mailbox {
    /// The mailbox of this address. Opens nothing yet.
    #[must_use]
    pub const fn new(address: MailboxAddress) -> Mailbox {
        Mailbox { address, limit: USUAL_LIMIT, private_roots: Vec::new() }
    }

    /// With another limit for each command.
    #[must_use]
    pub fn with_limit(mut self, limit: Duration) -> Mailbox {
        self.limit = limit;
        self
    }

    /// Trusts one more certificate authority (DER).
    #[must_use]
    pub fn trusting(mut self, authority: Vec<u8>) -> Mailbox {
        self.private_roots.push(CertificateDer::from(authority));
        self
    }

    /// Which mailbox it is, without its password.
    #[must_use]
    pub fn name(&self) -> String {
        self.address.to_string()
    }

    /// Connects, signs in, and opens the folder.
    ///
    /// # Errors
    /// [`MailboxError`] in words for staff.
    pub fn open(&self) -> Result<MailboxSession, MailboxError> {
        MailboxSession::open(&self.address, &self.private_roots, self.limit)
    }
}
