//! What an IMAP server says (RFC 3501): lines, and between them bytes that are counted ahead. Read by ourselves, because of what a hostile
//! server can make of the parsers there are: they take in what it sends without a bound (`imap`, `async-imap`), and the one below both
//! panics at a date that is NIL and runs out of stack in a structure of brackets (`imap-proto`). Of all that IMAP can say, five things are
//! asked for here; what else a server says is passed over.

use std::io::{self, Read};

use crate::mail::message::one_line;
use crate::mail::smtp::connection::{Wire, read_bytes, read_line, unreadable};

/// Characters of what a server says that are shown to staff.
const LONGEST_SAID: usize = 300;

/// What lines and counted bytes are read from.
pub(super) trait Source {
    /// One line of at most so many bytes, without its line feed.
    fn line(&mut self, longest: usize) -> io::Result<Vec<u8>>;
    /// So many bytes.
    fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>>;
}

impl Source for Wire {
    fn line(&mut self, longest: usize) -> io::Result<Vec<u8>> {
        Wire::line(self, longest)
    }

    fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        Wire::bytes(self, count)
    }
}

/// One response.
#[derive(Debug, Default)]
pub(super) struct MailboxResponse {
    /// Its text, line by line, each with the counted bytes that follow it.
    parts: Vec<(String, Option<Vec<u8>>)>,
}

/// How a command ended, as its tagged response says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Completion {
    /// It was done.
    pub done: bool,
    /// What the server says about it, on one line.
    pub said: String,
}

impl MailboxResponse {
    /// Reads one; `room` is what may still be read for the command that is answered, in bytes.
    pub(super) fn read(source: &mut dyn Source, room: &mut usize) -> io::Result<MailboxResponse> {
        let mut parts = Vec::new();
        loop {
            let line = source.line(*room)?;
            *room = room.checked_sub(line.len() + 1).ok_or_else(unreadable)?;
            let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
            let Some((before, count)) = counted_bytes(&line) else {
                parts.push((line, None));
                return Ok(MailboxResponse { parts });
            };
            // more than was asked for is not waited for
            let count = usize::try_from(count).ok().filter(|count| count <= room).ok_or_else(unreadable)?;
            let before = before.to_owned();
            *room -= count;
            parts.push((before, Some(source.bytes(count)?)));
        }
    }

    fn text(&self) -> &str {
        self.parts.first().map_or("", |(text, _)| text.as_str())
    }

    /// What the server waits for next, when it asks for more (`+`).
    pub(super) fn asks_for_more(&self) -> bool {
        self.text().starts_with('+')
    }

    /// How the command of this tag ended, when this says so.
    pub(super) fn completion(&self, tag: &str) -> Option<Completion> {
        let (status, _) = self.after(tag)?;
        Some(Completion { done: status.eq_ignore_ascii_case("OK"), said: self.said(tag) })
    }

    /// What an untagged response is about, in capitals: the word after the star.
    pub(super) fn kind(&self) -> String {
        self.after("*").map(|(word, _)| word.to_ascii_uppercase()).unwrap_or_default()
    }

    /// The words after the kind of an untagged response.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.after("*").map_or("", |(_, rest)| rest).split_ascii_whitespace()
    }

    /// What it says, as staff read it: one line, not too long.
    pub(super) fn said(&self, tag: &str) -> String {
        let text = self.text();
        let text = text.strip_prefix(tag).unwrap_or(text);
        one_line(text).trim().chars().take(LONGEST_SAID).collect()
    }

    /// The number that a code in brackets gives, such as `[UIDVALIDITY 7]`.
    pub(super) fn code_number(&self, code: &str) -> Option<u32> {
        let (_, inside) = self.text().split_once('[')?;
        let (inside, _) = inside.split_once(']')?;
        let mut words = inside.split_ascii_whitespace();
        words.next().filter(|word| word.eq_ignore_ascii_case(code))?;
        words.next()?.parse().ok()
    }

    /// The message that it brings, when it is the one of this number: empty where it has no counted bytes. A response that is about the
    /// message and does not bring it, as one that tells its marks, brings nothing.
    pub(super) fn message(self, uid: u32) -> Option<Vec<u8>> {
        if !self.is_fetch_of(uid) {
            return None;
        }
        let mut parts = self.parts.into_iter();
        parts.find_map(|(text, bytes)| {
            let text = text.trim_end().to_ascii_uppercase();
            let counted = text.ends_with("BODY[]") || text.ends_with("BODY[]<0>");
            match bytes {
                Some(bytes) => counted.then_some(bytes),
                None => names_message(&text).then(Vec::new),
            }
        })
    }

    fn is_fetch_of(&self, uid: u32) -> bool {
        let mut words = self.words();
        let fetch = words.next().is_some_and(|word| word.eq_ignore_ascii_case("FETCH"));
        fetch
            && self.parts.iter().any(|(text, _)| {
                let words: Vec<&str> = text.split([' ', '(', ')']).filter(|word| !word.is_empty()).collect();
                words.windows(2).any(|pair| {
                    matches!(pair, [name, number]
                        if name.eq_ignore_ascii_case("UID") && number.parse() == Ok(uid))
                })
            })
    }

    /// The first word after a beginning, and what follows it.
    fn after(&self, beginning: &str) -> Option<(&str, &str)> {
        let rest = self.text().strip_prefix(beginning)?.strip_prefix(' ')?;
        Some(rest.split_once(' ').unwrap_or((rest, "")))
    }
}

/// Whether a line of capitals has the whole message as one of its words, outside anything that is quoted.
fn names_message(text: &str) -> bool {
    let outside: String = text.split('"').step_by(2).collect::<Vec<_>>().join(" ");
    outside.split([' ', '(', ')']).any(|word| matches!(word, "BODY[]" | "BODY[]<0>"))
}

/// Splits `… {12}` into what stands before, and the number of bytes that follow.
fn counted_bytes(line: &str) -> Option<(&str, u64)> {
    let (before, number) = line.strip_suffix('}')?.rsplit_once('{')?;
    Some((before, number.strip_suffix('+').unwrap_or(number).parse().ok()?))
}

/// What was said already.
struct Said<'a> {
    unread: Vec<u8>,
    rest: &'a [u8],
}

impl Source for Said<'_> {
    fn line(&mut self, longest: usize) -> io::Result<Vec<u8>> {
        read_line(&mut self.unread, &mut |chunk| self.rest.read(chunk), longest)
    }

    fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        read_bytes(&mut self.unread, &mut |chunk| self.rest.read(chunk), count)
    }
}

/// Every response in what a server said, as far as it can be read: its kind, and what it would bring if it were asked for message 1.
#[must_use]
pub fn mailbox_responses(said: &[u8]) -> Vec<(String, Option<Vec<u8>>)> {
    let mut source = Said { unread: Vec::new(), rest: said };
    let (mut room, mut responses) = (said.len(), Vec::new());
    while let Ok(response) = MailboxResponse::read(&mut source, &mut room) {
        let kind = match response.completion("a1") {
            Some(completion) => format!("{} {}", completion.done, completion.said),
            None => format!("{} {:?}", response.kind(), response.code_number("UIDVALIDITY")),
        };
        responses.push((kind, response.message(1)));
    }
    responses
}
