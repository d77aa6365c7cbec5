//! Delivery reports: what mail servers write when a mail comes back (RFC 3464, and the plain words of those that know no such form).
//!
//! Whoever wants can write one. So nothing is believed of an address in it: it counts only for the mail whose Message-ID it carries, which
//! nobody can guess.

use std::collections::BTreeMap;
use std::{io, thread};

use mail_parser::{HeaderValue, Message, MessageParser, MimeHeaders, PartType};

use super::message::one_line;

/// Bytes of a report that are read. What it returns of our mail comes last, and its head is enough. Inside an encoded message the reader
/// copies all of it once for each message in it, so that what it needs grows with the square of this: up to some 150 MB, where 256 KB needed
/// over 2 GB.
pub const LARGEST_REPORT: usize = 64 * 1024;
/// Parts of a message that is looked at; one with more is no report.
const MOST_PARTS: usize = 100;
/// Message-IDs that are looked for.
const MOST_IDS: usize = 20;
/// Characters of a report's own Message-ID that are kept; RFC 5322 allows none longer than a line.
const LONGEST_ID: usize = 998;
/// Characters of what is shown to staff.
const LONGEST_DIAGNOSIS: usize = 300;
/// Messages inside messages are read one inside the other: as many as fit into [`LARGEST_REPORT`] fit on such a stack.
const STACK: usize = 64 * 1024 * 1024;

/// A message about the delivery of others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeliveryReport {
    /// What tells it from every other report, whichever way it comes: its own Message-ID, or where it has none, its instant and its words.
    /// None when it has neither, as hardly any has.
    pub own_id: Option<String>,
    /// The Message-IDs that it carries, with their brackets; what it returns comes first.
    pub message_ids: Vec<String>,
    /// How the delivery ended.
    pub ending: ReportEnding,
    /// What it says about it, on one line.
    pub words: String,
}

/// How a delivery ended, by a report.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ReportEnding {
    /// For good: nobody tries again.
    Failed,
    /// It is being tried still.
    Delayed,
    /// It arrived, or nobody can tell from this report.
    Other,
}

/// Reads a message from a stranger. `None` when it is no delivery report.
///
/// # Errors
/// When the machine has no room for a reader: nobody knows then what the message is.
pub fn read_report(bytes: &[u8]) -> io::Result<Option<DeliveryReport>> {
    let bytes = bytes.get(..LARGEST_REPORT).unwrap_or(bytes);
    thread::scope(|scope| {
        let reading = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || read(bytes))?;
        // a reader that panicked has read nothing
        Ok(reading.join().unwrap_or_default())
    })
}

fn read(bytes: &[u8]) -> Option<DeliveryReport> {
    let message = MessageParser::default().parse(bytes)?;
    if message.parts.len() > MOST_PARTS {
        return None;
    }
    let status = status(&message);
    let mut message_ids = returned_ids(&message);
    let (ending, words) = match status.as_deref() {
        Some(fields) => {
            answered_ids(&message, &mut message_ids);
            by_fields(fields)
        }
        // whatever else answers a mail names it too: without a form only what is returned counts
        None => by_words(&message)?,
    };
    let words: String = one_line(&words).chars().take(LONGEST_DIAGNOSIS).collect();
    Some(DeliveryReport { own_id: own_id(&message, &words), message_ids, ending, words })
}

fn own_id(message: &Message<'_>, words: &str) -> Option<String> {
    let written = message.message_id().map(one_line).filter(|id| !id.is_empty());
    let dated = || Some(format!("{}: {words}", message.date()?.to_rfc3339()));
    Some(written.or_else(dated)?.chars().take(LONGEST_ID).collect())
}

fn is_of(part: &mail_parser::MessagePart<'_>, kinds: &[(&str, &str)]) -> bool {
    part.content_type().is_some_and(|found| {
        let subtype = found.subtype().unwrap_or_default();
        kinds
            .iter()
            .any(|(kind, sub)| found.ctype().eq_ignore_ascii_case(kind) && subtype.eq_ignore_ascii_case(sub))
    })
}

/// The fields about the delivery, as RFC 3464 has them.
fn status(message: &Message<'_>) -> Option<String> {
    let kinds = [("message", "delivery-status"), ("message", "global-delivery-status")];
    let part = message.parts.iter().find(|part| is_of(part, &kinds))?;
    Some(String::from_utf8_lossy(part.contents()).into_owned())
}

/// What the fields say: one that failed is one that came back, whoever else got it.
fn by_fields(fields: &str) -> (ReportEnding, String) {
    let mut found = (ReportEnding::Other, String::new());
    for recipient in fields.replace("\r\n", "\n").split("\n\n").map(unfolded) {
        let field = |name: &str| recipient.get(name).map(String::as_str).unwrap_or_default();
        let ending = match (field("action").to_ascii_lowercase().as_str(), field("status").get(..2)) {
            (_, Some("2.")) => ReportEnding::Other,
            ("failed", _) | ("", Some("5.")) => ReportEnding::Failed,
            ("delayed", _) | ("", Some("4.")) => ReportEnding::Delayed,
            _ => ReportEnding::Other,
        };
        let diagnosis = field("diagnostic-code");
        let diagnosis = diagnosis.split_once(';').map_or(diagnosis, |(_, words)| words).trim();
        let words = if diagnosis.is_empty() { field("status") } else { diagnosis };
        match ending {
            ReportEnding::Failed => return (ending, words.to_owned()),
            ReportEnding::Delayed => found = (ending, words.to_owned()),
            ReportEnding::Other => {}
        }
    }
    found
}

/// Fields by their names in small letters; lines that go on are one.
fn unfolded(block: &str) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for line in block.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some(value) = fields.get_mut(&last) {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            last = name.trim().to_ascii_lowercase();
            fields.insert(last.clone(), value.trim().to_owned());
        }
    }
    fields
}

/// What a server without such fields says, in its words (qmail, Exim, old Exchange). Only words of a mail system count: an answer of a
/// person, or of their machine, may say anything. Notes that somebody is away come without a return path too; Exim calls its reports
/// auto-replied, but names who failed.
fn by_words(message: &Message<'_>) -> Option<(ReportEnding, String)> {
    let header = |name: &'static str| message.header_raw(name).map(str::trim).unwrap_or_default();
    let from =
        message.from().and_then(|from| from.first()).and_then(|from| from.address()).unwrap_or_default();
    let from = from.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let names_who_failed = !header("X-Failed-Recipients").is_empty();
    let of_a_system = ["mailer-daemon", "postmaster", "mail-daemon"].contains(&from.as_str());
    let replies = header("Auto-Submitted").to_ascii_lowercase().starts_with("auto-replied");
    if !names_who_failed && (!of_a_system || replies) {
        return None;
    }
    let text = message.body_text(0)?;
    // the copy of our mail is not the server's words
    let own = text.get(..find_ignoring_case(&text, "message-id:").unwrap_or(text.len()))?;
    let permanent = own.lines().find(|line| says_permanent(line));
    Some(match permanent {
        Some(line) => (ReportEnding::Failed, line.to_owned()),
        None if says_delayed(own) => (ReportEnding::Delayed, String::new()),
        None => (ReportEnding::Other, String::new()),
    })
}

fn says_permanent(line: &str) -> bool {
    let words = line.split(|c: char| c.is_whitespace() || "()[]<>:;,#-".contains(c));
    let mut words = words.map(|word| word.trim_end_matches('.'));
    let code = |word: &str| {
        let parts: Vec<&str> = word.split('.').collect();
        match parts.as_slice() {
            // 5.1.1
            ["5", subject, detail] => [subject, detail].iter().all(|part| is_number(part, 3)),
            [reply] => reply.len() == 3 && is_number(reply, 3) && reply.starts_with("55"),
            _ => false,
        }
    };
    words.any(code) || find_ignoring_case(line, "permanent error").is_some()
}

fn is_number(text: &str, longest: usize) -> bool {
    !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn says_delayed(text: &str) -> bool {
    ["delayed", "not yet been delivered", "will be retried", "temporary"]
        .iter()
        .any(|words| find_ignoring_case(text, words).is_some())
}

/// Where `words` (in small letters, ASCII) begin.
fn find_ignoring_case(text: &str, words: &str) -> Option<usize> {
    // letters beyond ASCII stay as they are, so that places do too
    text.to_ascii_lowercase().find(words)
}

fn take_id(ids: &mut Vec<String>, id: &str) {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let id = format!("<{id}>");
    if ids.len() < MOST_IDS && !ids.contains(&id) {
        ids.push(id);
    }
}

/// The Message-IDs of what the report returns.
fn returned_ids(message: &Message<'_>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let mut take = |id: &str| take_id(&mut ids, id);
    for part in &message.parts {
        match &part.body {
            PartType::Message(returned) => returned.message_id().into_iter().for_each(&mut take),
            PartType::Text(text) => named_ids(text).into_iter().for_each(&mut take),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
                let heads = [("message", "rfc822-headers"), ("message", "global-headers")];
                if is_of(part, &heads) {
                    named_ids(&String::from_utf8_lossy(bytes)).into_iter().for_each(&mut take);
                }
            }
            PartType::Html(_) | PartType::Multipart(_) => {}
        }
    }
    ids
}

/// Adds the Message-IDs of what the report answers.
fn answered_ids(message: &Message<'_>, ids: &mut Vec<String>) {
    for answered in [message.in_reply_to(), message.references()] {
        match answered {
            HeaderValue::Text(id) => take_id(ids, id),
            HeaderValue::TextList(all) => all.iter().for_each(|id| take_id(ids, id)),
            _ => {}
        }
    }
}

/// Those of lines `Message-ID: <…>` in a text: heads that are returned as text.
fn named_ids(text: &str) -> Vec<&str> {
    let lower = text.to_ascii_lowercase();
    lower.match_indices("message-id:").take(MOST_IDS).filter_map(|(place, _)| id_at(text, place)).collect()
}

fn id_at(text: &str, place: usize) -> Option<&str> {
    let value = text.get(place..)?.split_once(':')?.1;
    let id = value.trim_start().strip_prefix('<')?;
    let id = id.get(..id.find('>')?)?;
    (!id.contains(char::is_whitespace)).then_some(id)
}
