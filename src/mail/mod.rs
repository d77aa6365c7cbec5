//! Mail: what is told to people ([`Notice`]), how it leaves the house ([`Mailer`]), and where it comes back to ([`Mailbox`]).
//!
//! Delivery goes in stages, so that the outbox can commit between them: everything up to the server's go-ahead, then the caller's
//! own step (`before_body`), then the message itself. What is lost after that step is [`DeliveryError::Uncertain`], never a
//! blind retry.

mod account_notices;
mod advice_notices;
mod decision_notices;
mod delivery_error;
mod delivery_reports;
mod directory;
mod envelope;
mod lines;
mod mailbox;
mod memory;
mod message;
mod notice;
mod notice_context;
mod rendering;
mod review_notices;
mod smtp;
mod standing;
mod words;
mod year_notices;

use crate::config::{Config, Sender};

pub use account_notices::{AccountChange, AccountChanged, Granted, Invitation, MailTest, PasswordReset};
pub use advice_notices::Reply;
pub use decision_notices::{Corrected, Decertified, Ended, Extended, Reinstated, Waived};
pub use delivery_error::{BoxError, DeliveryError, Trouble};
pub use delivery_reports::{DeliveryReport, LARGEST_REPORT, ReportEnding, read_report};
pub use directory::Directory;
pub use envelope::{Attachment, Envelope};
pub use lines::{CertificateLine, YearLine};
pub use mailbox::{Mailbox, MailboxError, MailboxSession, mailbox_responses};
pub use memory::Memory;
pub use message::message_id;
pub use notice::Notice;
pub use notice_context::NoticeContext;
pub use rendering::{RenderError, Rendered};
pub use review_notices::{
    Approved, ApprovedActivity, Award, CapTaken, CorrectionAnswered, OtherVerdict, QuestionTakenBack,
    Rejected, Returned, VerdictTakenBack, Verdicts,
};
pub use smtp::connection::replies;
pub use smtp::server::{Encryption, MailerProblem, Server};
pub use smtp::{STANDARD_LIMIT, Smtp};
pub use standing::StandingLines;
pub use year_notices::{
    FlagLifted, Flagged, FlaggedYear, FriendlyReminder, MinimumReached, Recertified, RecertifiedYear,
    Reminder,
};

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

    /// The most sessions that are worth opening at once: a folder is written to by one.
    #[must_use]
    pub const fn sessions(&self) -> usize {
        match self {
            Mailer::Smtp(smtp) => smtp.sessions(),
            Mailer::Directory(_) | Mailer::Memory(_) => 1,
        }
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

    /// Whom the refusal of the last mail was about, when it was one for now and about more than this mail.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        match &self.0 {
            Way::Smtp(dialogue) => dialogue.trouble(),
            Way::Directory(_) | Way::Memory(_) => None,
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
