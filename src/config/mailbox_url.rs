//! The URL of the mailbox that mail comes back to.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// The folder that is read when the URL names none.
const USUAL_FOLDER: &str = "INBOX";
/// Most bytes of a name, a password or a folder, as a mail server may be asked for them.
const LONGEST_PART: usize = 500;

/// A mailbox's URL (`imap://` or `imaps://`) as it was given, kept so that its password never reaches a log or a message.
#[derive(Clone, Eq, PartialEq)]
pub struct MailboxUrl(String);

impl FromStr for MailboxUrl {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl fmt::Debug for MailboxUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MailboxUrl(hidden)")
    }
}

/// How the connection to a mailbox is encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MailboxEncryption {
    /// Not at all: `imap://localhost`, for a mail server on the same machine.
    None,
    /// By STARTTLS, or nothing is said: `imap://host`.
    Starttls,
    /// From the first byte: `imaps://host`.
    Implicit,
}

/// A mailbox: where it is, and how to sign in.
#[derive(Clone, Eq, PartialEq)]
pub struct MailboxAddress {
    /// The mail server's name or address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: MailboxEncryption,
    /// Whose mailbox.
    pub user: String,
    /// The password, for signing in only.
    pub password: String,
    /// The folder, as the mail server names it.
    pub folder: String,
}

impl fmt::Display for MailboxAddress {
    /// Without the password: which mailbox it is.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} at {}:{}, {}", self.user, self.host, self.port, self.folder)
    }
}

impl fmt::Debug for MailboxAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "MailboxAddress({self}, {:?})", self.encryption)
    }
}

/// None of the messages repeats the value: it holds a password.
pub(super) fn check_mailbox(given: Option<&MailboxUrl>) -> Result<Option<MailboxAddress>, String> {
    let example = "for example imaps://user:password@mail.example.org/INBOX";
    let Some(MailboxUrl(text)) = given.filter(|url| !url.0.is_empty()) else { return Ok(None) };
    let url = Url::parse(text).map_err(|_| format!("the value is not a URL; {example}"))?;
    let (host, here) = match url.host() {
        None | Some(Host::Domain("")) => return Err(format!("the URL names no mail server; {example}")),
        Some(Host::Domain(name)) => (name.to_owned(), name == "localhost" || is_loopback(name)),
        Some(Host::Ipv4(address)) => (address.to_string(), address.is_loopback()),
        Some(Host::Ipv6(address)) => (address.to_string(), address.is_loopback()),
    };
    let mut encryption = match url.scheme() {
        "imaps" => MailboxEncryption::Implicit,
        "imap" if here => MailboxEncryption::None,
        "imap" => MailboxEncryption::Starttls,
        _ => return Err(format!("the URL does not begin with imap:// or imaps://; {example}")),
    };
    for (key, value) in url.query_pairs() {
        if (key.as_ref(), value.as_ref()) != ("tls", "required") {
            return Err(format!("the URL has a setting other than tls=required; {example}"));
        }
        if encryption == MailboxEncryption::None {
            encryption = MailboxEncryption::Starttls;
        }
    }
    let part = |text: &str, what: &str| {
        decoded(text)
            .filter(|part| part.len() <= LONGEST_PART && !part.chars().any(char::is_control))
            .ok_or_else(|| format!("the {what} cannot be read; write special characters as %40; {example}"))
    };
    let user = part(url.username(), "user name")?;
    let password = part(url.password().unwrap_or_default(), "password")?;
    if user.is_empty() || password.is_empty() {
        return Err(format!("the URL needs a user name and a password; {example}"));
    }
    let folder = part(url.path().trim_start_matches('/'), "folder")?;
    let folder = if folder.is_empty() { USUAL_FOLDER.to_owned() } else { folder };
    let usual = if encryption == MailboxEncryption::Implicit { 993 } else { 143 };
    let port = url.port().unwrap_or(usual);
    Ok(Some(MailboxAddress { host, port, encryption, user, password, folder }))
}

fn is_loopback(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A part of a URL as it was before its special characters were written with `%`.
fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}
