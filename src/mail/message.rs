//! An envelope as an internet message (RFC 5322), the same bytes every time.

use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};

use crate::config::Sender;

use super::delivery_error::DeliveryError;
use super::envelope::Envelope;

/// A message ready to be sent.
pub(super) struct Built {
    /// From whom, for `MAIL FROM`.
    pub from: Address,
    /// To whom, for `RCPT TO`.
    pub to: Address,
    /// The part of the Message-ID that makes it unique; fit for a file name.
    pub unique: String,
    /// The message: lines end in CRLF.
    pub bytes: Vec<u8>,
}

/// The Message-ID of a new mail: `unique` (letters, digits, `.`, `-`, `_`; a UUID, say) at the sender's domain.
#[must_use]
pub fn message_id(unique: &str, sender: &Sender) -> String {
    let domain = sender.address.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let domain = ascii_domain(domain).unwrap_or_else(|| "localhost".to_owned());
    format!("<{unique}@{domain}>")
}

/// Builds the message. Whatever could break a header is refused or made harmless here, whoever wrote it.
pub(super) fn build(envelope: &Envelope, sender: &Sender) -> Result<Built, DeliveryError> {
    let permanent = |problem: &str| DeliveryError::Permanent(problem.to_owned());
    let unique = unique_part(&envelope.message_id).ok_or_else(|| permanent("its Message-ID is malformed"))?;
    if !is_kind(&envelope.kind) {
        return Err(permanent("its kind is not a plain word"));
    }
    let from = address(&sender.address).ok_or_else(|| permanent("the sender's address cannot be used"))?;
    let to = address(&envelope.to_address).ok_or_else(|| permanent("the address cannot be used"))?;
    // the boundary cannot occur in a body: "=_" is neither 7-bit words of ours, nor quoted-printable, nor base64
    let words = MultiPart::alternative()
        .boundary(format!("=_{unique}"))
        .singlepart(SinglePart::plain(envelope.text.clone()))
        .singlepart(SinglePart::html(envelope.html.clone()));
    let body = match envelope.attachments.as_slice() {
        [] => words,
        files => {
            let mut mixed = MultiPart::mixed().boundary(format!("=_{unique}_")).multipart(words);
            for file in files {
                let kind = ContentType::parse(file.media_type)
                    .map_err(|_| permanent("a file of it is of no kind that mails know"))?;
                mixed =
                    mixed.singlepart(Attachment::new(one_line(&file.name)).body(file.bytes.clone(), kind));
            }
            mixed
        }
    };
    let seconds = u64::try_from(envelope.created_at.and_utc().timestamp()).unwrap_or(0);
    let message = Message::builder()
        .message_id(Some(envelope.message_id.clone()))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .from(mailbox(&sender.name, &from))
        .to(mailbox(&envelope.to_name, &to))
        .subject(one_line(&envelope.subject))
        .raw_header(fixed("Auto-Submitted", "auto-generated"))
        .raw_header(fixed("X-CPE-Notice", &envelope.kind))
        .multipart(body)
        .map_err(|error| DeliveryError::Permanent(format!("no message can be made of it: {error}")))?;
    Ok(Built { from, to, unique: unique.to_owned(), bytes: message.formatted() })
}

fn fixed(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// A name that is empty after tidying is left out.
fn mailbox(name: &str, address: &Address) -> Mailbox {
    let name = one_line(name);
    Mailbox::new(if name.is_empty() { None } else { Some(name) }, address.clone())
}

/// The text on one line: control characters and line separators become spaces, runs of spaces one.
pub(super) fn one_line(text: &str) -> String {
    let spaced = text.replace(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'), " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The address with its domain in ASCII, so that only a local part beyond ASCII needs a server that knows SMTPUTF8.
fn address(text: &str) -> Option<Address> {
    let (user, domain) = text.trim().rsplit_once('@')?;
    Address::new(user, ascii_domain(domain)?).ok()
}

fn ascii_domain(domain: &str) -> Option<String> {
    if domain.is_ascii() {
        return Some(domain.to_owned());
    }
    match url::Host::parse(domain) {
        Ok(url::Host::Domain(ascii)) => Some(ascii),
        _ => None,
    }
}

/// `unique` of `<unique@domain>`.
fn unique_part(message_id: &str) -> Option<&str> {
    let (unique, domain) = message_id.strip_prefix('<')?.strip_suffix('>')?.split_once('@')?;
    let plain = |part: &str, longest: usize| {
        !part.is_empty()
            && part.len() <= longest
            && !part.starts_with('.')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    // together short enough for one header line and one boundary
    if plain(unique, 60) && plain(domain, 255) { Some(unique) } else { None }
}

fn is_kind(kind: &str) -> bool {
    !kind.is_empty() && kind.len() <= 40 && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
}
