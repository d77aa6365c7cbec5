//! A mail, ready to be sent.

use chrono::NaiveDateTime;

/// One mail, ready to be sent: one recipient, fixed identity. Sending it again gives the same bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Envelope {
    /// The fixed Message-ID with its angle brackets, from [`message_id`](super::message_id).
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
