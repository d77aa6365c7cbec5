//! Mail: what is told to people ([`Notice`]), and how it leaves the house ([`Mailer`]).
//!
//! Delivery goes in stages, so that the outbox can commit between them: everything up to the server's go-ahead, then the caller's
//! own step (`before_body`), then the message itself. What is lost after that step is [`DeliveryError::Uncertain`], never a
//! blind retry.

mod account_notices;
mod advice_notices;
mod decision_notices;
mod directory;
mod memory;
mod message;
mod notice;
mod review_notices;
mod smtp;
mod words;
mod year_notices;

use std::time::Duration;

use chrono::NaiveDateTime;
use thiserror::Error;

use crate::config::{Config, Sender};

pub use account_notices::{AccountChange, AccountChanged, Granted, Invitation, MailTest, PasswordReset};
pub use advice_notices::Reply;
pub use decision_notices::{Corrected, Decertified, Ended, Extended, Reinstated, Waived};
pub use directory::Directory;
pub use memory::Memory;
pub use message::message_id;
pub use notice::{CertificateLine, Letter, Notice, RenderError, Rendered, YearLine};
pub use review_notices::{
    Approved, ApprovedActivity, Award, CorrectionAnswered, OtherVerdict, QuestionTakenBack, Rejected,
    Returned, VerdictTakenBack, Verdicts,
};
pub use smtp::Smtp;
pub use smtp::connection::replies;
pub use smtp::server::{Encryption, MailerProblem, Server};
pub use year_notices::{
    FlagLifted, Flagged, FlaggedYear, FriendlyReminder, MinimumReached, Recertified, RecertifiedYear,
    Reminder,
};

/// Whatever went wrong in the caller's own step.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The longest that one whole delivery may take, connecting included, unless set otherwise.
pub const STANDARD_LIMIT: Duration = Duration::from_secs(30);

/// One mail, ready to be sent: one recipient, fixed identity. Sending it again gives the same bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Envelope {
    /// The fixed Message-ID with its angle brackets, from [`message_id`].
    pub message_id: String,
    /// When the mail was written (UTC): its Date.
    pub created_at: NaiveDateTime,
    /// The word in the header `X-CPE-Notice`.
    pub kind: String,
    /// The recipient's name.
    pub to_name: String,
    /// The recipient's address.
    pub to_address: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as a page.
    pub html: String,
    /// Files that go with it.
    pub attachments: Vec<Attachment>,
}

/// A file that goes with a mail.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// What it is: a MIME type.
    pub media_type: &'static str,
    /// Its content.
    pub bytes: Vec<u8>,
}

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

/// Where the mails go. Cheap to clone, shared between threads.
#[derive(Clone, Debug)]
pub enum Mailer {
    /// To a mail server.
    Smtp(Smtp),
    /// Into a folder, as `.eml` files.
    Directory(Directory),
    /// Into a list that tests look at.
    Memory(Memory),
}

impl Mailer {
    /// The mailer of a configuration: its mail server, or files in `DATA/mail`. Opens and makes nothing yet.
    ///
    /// # Errors
    /// [`MailerProblem`] when the mail server's URL cannot be used.
    pub fn new(config: &Config) -> Result<Mailer, MailerProblem> {
        match &config.smtp {
            Some(url) => Ok(Mailer::Smtp(Smtp::new(Server::parse(url)?, config))),
            None => Ok(Mailer::Directory(Directory::new(config.data.join("mail"), config.mail_from.clone()))),
        }
    }

    /// A mailer that keeps everything in memory, for tests; see [`Memory::delivered`].
    #[must_use]
    pub fn memory(sender: Sender) -> Mailer {
        Mailer::Memory(Memory::new(sender))
    }

    /// Opens a session, which delivers any number of mails one after another. It connects with the first of them and says goodbye when
    /// it is dropped.
    #[must_use]
    pub fn open(&self) -> MailSession {
        MailSession(match self {
            Mailer::Smtp(smtp) => Way::Smtp(Box::new(smtp.open())),
            Mailer::Directory(directory) => Way::Directory(directory.clone()),
            Mailer::Memory(memory) => Way::Memory(memory.clone()),
        })
    }
}

/// A run of deliveries. One that fails never stops the next.
#[derive(Debug)]
pub struct MailSession(Way);

#[derive(Debug)]
enum Way {
    Smtp(Box<smtp::Dialogue>),
    Directory(Directory),
    Memory(Memory),
}

impl MailSession {
    /// Whether the mail server could not be reached, or did not let us in: every further mail of this session then fails at once with
    /// `Temporary`, and the rest of a batch may as well wait for the next session.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        match &self.0 {
            Way::Smtp(dialogue) => dialogue.is_closed(),
            Way::Directory(_) | Way::Memory(_) => false,
        }
    }

    /// Delivers one mail. `before_body` is called at most once, when everything but the message itself is done: the place to record
    /// that the mail is on its way. Not called at all when the delivery fails before.
    ///
    /// # Errors
    /// A [`DeliveryError`], which says whether to try again.
    pub fn deliver(
        &mut self,
        envelope: &Envelope,
        before_body: &mut dyn FnMut() -> Result<(), BoxError>,
    ) -> Result<(), DeliveryError> {
        match &mut self.0 {
            Way::Smtp(dialogue) => dialogue.deliver(envelope, before_body),
            Way::Directory(directory) => directory.deliver(envelope, before_body),
            Way::Memory(memory) => memory.deliver(envelope, before_body),
        }
    }
}
