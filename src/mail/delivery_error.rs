//! Why a mail was not delivered.

use thiserror::Error;

/// Whatever went wrong in the caller's own step.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a mail was not delivered, with words for staff: one line, without secrets.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum DeliveryError {
    /// It was certainly not accepted, and trying again later may help: a 4xx reply, a server that cannot be reached or does not
    /// let us in, a connection lost before the message was sent.
    #[error("not delivered for now: {0}")]
    Temporary(String),
    /// It was certainly not accepted, and trying again cannot help: a 5xx reply about this mail, an unusable address.
    #[error("refused: {0}")]
    Permanent(String),
    /// It was certainly not accepted, because of the address or its mailbox: a 5xx reply about the recipient.
    #[error("refused: {0}")]
    NoRecipient(String),
    /// `before_body` succeeded and no answer came after it: the mail may have arrived or not. A person decides.
    #[error("may or may not have been delivered: {0}")]
    Uncertain(String),
    /// `before_body` failed, so the message was not sent.
    #[error("not attempted: {0}")]
    NotAttempted(String),
}

/// Whom a refusal for now is about, beyond the one mail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// The recipient's domain.
    Domain {
        /// The server said that it closes the line (421): no further mail needs to find out the same.
        at_once: bool,
    },
    /// The mail server itself.
    Server,
}
