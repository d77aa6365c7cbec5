//! A conversation with the server of a mailbox, command by command.

use std::io;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rustls::pki_types::CertificateDer;
use thiserror::Error;

use super::responses::{Completion, MailboxResponse};
use crate::config::{MailboxAddress, MailboxEncryption};
use crate::mail::delivery_reports::LARGEST_REPORT;
use crate::mail::smtp::connection::{Wire, client_tls};

/// Bytes that a server may say to a command that brings no message.
const ROOM_FOR_WORDS: usize = 256 * 1024;
/// Bytes that the list of new messages may take: some half a million of them.
const ROOM_FOR_NUMBERS: usize = 4 * 1024 * 1024;
/// Bytes that the server may say around a message.
const ROOM_AROUND_MESSAGE: usize = 64 * 1024;
/// The longest that saying goodbye may take.
const LOGOUT_LIMIT: Duration = Duration::from_secs(2);

/// Why a mailbox cannot be read, in words for staff. Holds no password.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{words}")]
pub struct MailboxError {
    words: String,
    refusal: bool,
}

impl MailboxError {
    fn new(words: impl Into<String>) -> MailboxError {
        MailboxError { words: words.into(), refusal: false }
    }

    /// The numbers of the messages began anew while they were read.
    #[must_use]
    pub fn renumbered() -> MailboxError {
        MailboxError::new("the mail server gave its messages other numbers meanwhile")
    }

    /// Whether the server did not do what it was asked for, and waits for the next command.
    #[must_use]
    pub const fn is_refusal(&self) -> bool {
        self.refusal
    }
}

/// An open mailbox.
#[derive(Debug)]
pub struct MailboxSession {
    line: MailboxLine,
    uid_validity: u32,
}

/// The line to its server.
#[derive(Debug)]
struct MailboxLine {
    wire: Wire,
    commands: u32,
    /// The longest that one command may take.
    limit: Duration,
    /// Until when the mailbox has to be open; none once it is.
    opening_ends: Option<Instant>,
}

impl MailboxSession {
    /// Connects, encrypts, signs in and opens the folder.
    pub(super) fn open(
        address: &MailboxAddress,
        private_roots: &[CertificateDer<'static>],
        limit: Duration,
    ) -> Result<MailboxSession, MailboxError> {
        let lost = |error: io::Error| {
            MailboxError::new(format!("no connection to {}:{}: {error}", address.host, address.port))
        };
        let tls = || {
            client_tls(private_roots)
                .map_err(|error| MailboxError::new(format!("TLS cannot be set up: {error}")))
        };
        let until = Instant::now() + limit;
        let mut wire = Wire::connect(&address.host, address.port, until).map_err(lost)?;
        if address.encryption == MailboxEncryption::Implicit {
            wire = wire.encrypt(&address.host, &tls()?).map_err(lost)?;
        }
        let mut room = ROOM_FOR_WORDS;
        let greeting = MailboxResponse::read(&mut wire, &mut room).map_err(lost)?;
        let known = match greeting.kind().as_str() {
            "OK" => false,
            "PREAUTH" => true,
            _ => {
                return Err(MailboxError::new(format!(
                    "the mail server greets with: {}",
                    greeting.said("*")
                )));
            }
        };
        let mut line = MailboxLine { wire, commands: 0, limit, opening_ends: Some(until) };
        if address.encryption == MailboxEncryption::Starttls {
            // who says in clear that we are signed in already would have us go on without encryption
            if known || !line.offers()?.iter().any(|offer| offer == "STARTTLS") {
                let problem = "the mail server offers no encryption, and it is required";
                return Err(MailboxError::new(problem));
            }
            line.done("STARTTLS", "STARTTLS", ROOM_FOR_WORDS, &mut |_| {})?;
            line.wire = line.wire.encrypt(&address.host, &tls()?).map_err(lost)?;
        }
        if !known {
            line.sign_in(&address.user, &address.password)?;
        }
        let uid_validity = line.select(&address.folder)?;
        line.opening_ends = None;
        Ok(MailboxSession { line, uid_validity })
    }

    /// The validity of the folder's numbers: another one means that they begin anew.
    #[must_use]
    pub const fn uid_validity(&self) -> u32 {
        self.uid_validity
    }

    /// The numbers of the messages after this one, the oldest first.
    ///
    /// # Errors
    /// `MailboxError`.
    pub fn messages_after(&mut self, uid: u32) -> Result<Vec<u32>, MailboxError> {
        let Some(first) = uid.checked_add(1) else { return Ok(Vec::new()) };
        let mut found: Vec<u32> = Vec::new();
        let command = format!("UID SEARCH UID {first}:*");
        self.line.done("the list of messages", &command, ROOM_FOR_NUMBERS, &mut |response| {
            if response.kind() == "SEARCH" {
                found.extend(response.words().filter_map(|word| word.parse::<u32>().ok()));
            }
        })?;
        // the last message is always in the range, also when it is an old one
        found.retain(|found| *found > uid);
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The first [`LARGEST_REPORT`] bytes of a message, without marking it as read. `None` when it is not there any more.
    ///
    /// # Errors
    /// `MailboxError`.
    pub fn message(&mut self, uid: u32) -> Result<Option<Vec<u8>>, MailboxError> {
        let mut found = None;
        let command = format!("UID FETCH {uid} (UID BODY.PEEK[]<0.{LARGEST_REPORT}>)");
        let room = LARGEST_REPORT + ROOM_AROUND_MESSAGE;
        self.line.done("a message", &command, room, &mut |response| {
            found = response.message(uid).or(found.take());
        })?;
        Ok(found)
    }

    /// Marks a message as read.
    ///
    /// # Errors
    /// `MailboxError`.
    pub fn mark_as_read(&mut self, uid: u32) -> Result<(), MailboxError> {
        let command = format!("UID STORE {uid} +FLAGS.SILENT (\\Seen)");
        self.line.done("a mark", &command, ROOM_FOR_WORDS, &mut |_| {})
    }
}

impl MailboxLine {
    /// What the server can do, in capitals.
    fn offers(&mut self) -> Result<Vec<String>, MailboxError> {
        let mut offers = Vec::new();
        self.done("CAPABILITY", "CAPABILITY", ROOM_FOR_WORDS, &mut |response| {
            if response.kind() == "CAPABILITY" {
                offers.extend(response.words().map(str::to_ascii_uppercase));
            }
        })?;
        Ok(offers)
    }

    fn sign_in(&mut self, user: &str, password: &str) -> Result<(), MailboxError> {
        let offers = self.offers()?;
        let offered = |offer: &str| offers.iter().any(|other| other == offer);
        let step = "the sign-in";
        if offered("AUTH=PLAIN") {
            let credentials = BASE64_STANDARD.encode(format!("\0{user}\0{password}"));
            return self.done_with(step, "AUTHENTICATE PLAIN", &[credentials]);
        }
        if offered("LOGINDISABLED") || !user.is_ascii() || !password.is_ascii() {
            let problem = "the mail server offers no way to sign in with a password (AUTH=PLAIN)";
            return Err(MailboxError::new(problem));
        }
        let login = format!("LOGIN {} {}", quoted(user), quoted(password));
        self.done(step, &login, ROOM_FOR_WORDS, &mut |_| {})
    }

    /// Opens a folder. Gives the validity of its numbers.
    fn select(&mut self, folder: &str) -> Result<u32, MailboxError> {
        let mut uid_validity = None;
        let command = format!("SELECT {}", quoted(&modified_utf7(folder)));
        self.done("the folder", &command, ROOM_FOR_WORDS, &mut |response| {
            uid_validity = response.code_number("UIDVALIDITY").or(uid_validity);
        })?;
        // without one nobody can tell which messages were read already
        uid_validity.ok_or_else(|| MailboxError::new("the mail server keeps no numbers of its messages"))
    }

    /// Sends a command, takes what comes, and waits for its end.
    fn done(
        &mut self,
        step: &str,
        command: &str,
        room: usize,
        take: &mut dyn FnMut(MailboxResponse),
    ) -> Result<(), MailboxError> {
        let lost = |error: io::Error| MailboxError::new(format!("{step}: {error}"));
        let tag = self.send(command).map_err(lost)?;
        accepted(step, self.ended(&tag, room, take).map_err(lost)?)
    }

    /// The same for a command that asks for further lines, one after another.
    fn done_with(&mut self, step: &str, command: &str, lines: &[String]) -> Result<(), MailboxError> {
        let lost = |error: io::Error| MailboxError::new(format!("{step}: {error}"));
        let tag = self.send(command).map_err(lost)?;
        let mut room = ROOM_FOR_WORDS;
        for line in lines {
            loop {
                let response = MailboxResponse::read(&mut self.wire, &mut room).map_err(lost)?;
                if let Some(completion) = response.completion(&tag) {
                    return accepted(step, completion);
                }
                if response.asks_for_more() {
                    break;
                }
            }
            self.wire.send(format!("{line}\r\n").as_bytes()).map_err(lost)?;
        }
        accepted(step, self.ended(&tag, room, &mut |_| {}).map_err(lost)?)
    }

    fn send(&mut self, command: &str) -> io::Result<String> {
        let until = Instant::now() + self.limit;
        self.wire.limit(self.opening_ends.map_or(until, |ends| ends.min(until)));
        self.commands = self.commands.wrapping_add(1);
        let tag = format!("a{}", self.commands);
        self.wire.send(format!("{tag} {command}\r\n").as_bytes())?;
        Ok(tag)
    }

    fn ended(
        &mut self,
        tag: &str,
        mut room: usize,
        take: &mut dyn FnMut(MailboxResponse),
    ) -> io::Result<Completion> {
        loop {
            let response = MailboxResponse::read(&mut self.wire, &mut room)?;
            match response.completion(tag) {
                Some(completion) => return Ok(completion),
                None => take(response),
            }
        }
    }
}

impl Drop for MailboxSession {
    fn drop(&mut self) {
        self.line.limit = self.line.limit.min(LOGOUT_LIMIT);
        // what matters has been answered; a server that does not say goodbye does no harm
        if let Ok(tag) = self.line.send("LOGOUT") {
            let _ = self.line.ended(&tag, ROOM_FOR_WORDS, &mut |_| {});
        }
    }
}

fn accepted(step: &str, completion: Completion) -> Result<(), MailboxError> {
    match completion.done {
        true => Ok(()),
        false => Err(MailboxError {
            words: format!("the mail server did not accept {step}: {}", completion.said),
            refusal: true,
        }),
    }
}

/// A text between quotation marks. Line ends are in no setting.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A folder's name in the one alphabet that every server knows (RFC 3501, 5.1.3).
fn modified_utf7(name: &str) -> String {
    let mut written = String::new();
    let mut foreign: Vec<u8> = Vec::new();
    for letter in name.chars() {
        if matches!(letter, ' '..='~') {
            write_foreign(&mut written, &mut foreign);
            written.push(letter);
            if letter == '&' {
                written.push('-');
            }
        } else {
            let mut units = [0; 2];
            foreign.extend(letter.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    write_foreign(&mut written, &mut foreign);
    written
}

fn write_foreign(written: &mut String, foreign: &mut Vec<u8>) {
    if !foreign.is_empty() {
        let encoded = BASE64_STANDARD.encode(&foreign).replace('/', ",");
        written.push_str(&format!("&{}-", encoded.trim_end_matches('=')));
        foreign.clear();
    }
}
