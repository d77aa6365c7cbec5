//! What pages about conversations share: a line of a list, a message, and what it is all about.

use chrono::NaiveDateTime;

use crate::domain::conversations::conversation::{ConversationKind, Turn};
use crate::domain::dates::days_between;
use crate::domain::ledger::derivation::Reader;
use crate::portal::Portal;
use crate::store::activities::evidence::Evidence;
use crate::store::certification::certificates;
use crate::store::conversations::Conversation;
use crate::store::conversations::messages::Message;
use crate::store::{Conn, StoreError, activities};
use crate::web::holder::activities::evidence::FileLine;
use crate::web::view::dates::instant;
use crate::web::view::tags::Tag;

/// A conversation in a list.
#[derive(Clone, Debug)]
pub struct ConversationLine {
    /// Its identity.
    pub id: i64,
    /// What it is.
    pub kind: &'static str,
    /// Whether that is worth saying: a plain question is what one expects.
    pub special: bool,
    /// What it is about, in words.
    pub subject: String,
    /// Whose it is.
    pub holder: i64,
    /// Their name.
    pub holder_name: String,
    /// Who looks after it; empty when nobody does.
    pub owner: String,
    /// Whose turn it is.
    pub tag: Tag,
    /// Since when: "since today", "for 3 days".
    pub age: String,
}

impl ConversationLine {
    /// The line of a conversation, as somebody reads it.
    #[must_use]
    pub fn new(conversation: &Conversation, reader: Reader, portal: &Portal) -> Self {
        Self {
            id: conversation.id.0,
            kind: conversation.kind.label(),
            special: conversation.kind != ConversationKind::Question,
            subject: conversation.subject.clone(),
            holder: conversation.holder.0,
            holder_name: conversation.holder_name.clone(),
            owner: conversation.owner_name.clone().unwrap_or_default(),
            tag: turn_tag(conversation, reader),
            age: age_of(portal, conversation),
        }
    }
}

/// Whose turn it is, as somebody reads it.
#[must_use]
pub const fn turn_tag(conversation: &Conversation, reader: Reader) -> Tag {
    if conversation.closed_at.is_some() {
        return Tag { kind: "off", label: "Closed" };
    }
    match (conversation.turn, reader) {
        (Turn::Body, Reader::Holder) => Tag { kind: "wait", label: "Waiting for us" },
        (Turn::Holder, Reader::Holder) => Tag { kind: "action", label: "We have written: your turn" },
        (Turn::Nobody, _) => Tag { kind: "good", label: "Answered" },
        (Turn::Body, Reader::Staff) => Tag { kind: "action", label: "Waiting for us" },
        (Turn::Holder, Reader::Staff) => Tag { kind: "wait", label: "Waiting for the holder" },
    }
}

/// How long a conversation has waited, or how long ago it was closed.
#[must_use]
pub fn age_of(portal: &Portal, conversation: &Conversation) -> String {
    let Some(closed_at) = conversation.closed_at else { return age(portal, conversation.turn_since) };
    match days_between(portal.clock.day_of(closed_at), portal.clock.today()) {
        ..=0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// "since today", "for 1 day", "for 12 days".
#[must_use]
pub fn age(portal: &Portal, since: NaiveDateTime) -> String {
    match days_between(portal.clock.day_of(since), portal.clock.today()) {
        ..=0 => "since today".to_owned(),
        1 => "for 1 day".to_owned(),
        days => format!("for {days} days"),
    }
}

/// A message, ready to be shown.
#[derive(Clone, Debug)]
pub struct MessageShown {
    /// Its place.
    pub id: i64,
    /// Who wrote it, as the reader knows them.
    pub author: String,
    /// Whether the reader's side wrote it.
    pub own: bool,
    /// The words.
    pub words: String,
    /// When.
    pub at: String,
    /// The files that came with it.
    pub files: Vec<FileLine>,
}

/// Messages, as somebody reads them, each with its files.
#[must_use]
pub fn messages_shown(
    messages: &[Message],
    files: &[(i64, Evidence)],
    reader: Reader,
    portal: &Portal,
) -> Vec<MessageShown> {
    let shown = |message: &Message| MessageShown {
        id: message.id,
        author: match (message.from_body, reader) {
            (true, Reader::Holder) => format!("{}, {}", message.author_name, portal.config.body),
            (false, Reader::Holder) => "You".to_owned(),
            (_, Reader::Staff) => message.author_name.clone(),
        },
        own: message.from_body == (reader == Reader::Staff),
        words: message.words.clone(),
        at: instant(&portal.clock, message.written_at),
        files: files
            .iter()
            .filter(|(with, _)| *with == message.id)
            .map(|(_, file)| FileLine::from(file.clone()))
            .collect(),
    };
    messages.iter().map(shown).collect()
}

/// What a conversation is about: words and an address.
#[derive(Clone, Debug)]
pub struct Matter {
    /// "Your report", "Certificate".
    pub what: &'static str,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub href: String,
}

/// What a conversation is about, with addresses for its reader.
pub fn matters(
    conn: &mut Conn<'_>,
    about: crate::domain::conversations::conversation::About,
    reader: Reader,
) -> Result<Vec<Matter>, StoreError> {
    let folder = if reader == Reader::Staff { "/staff" } else { "" };
    let mut matters = Vec::new();
    if let Some(id) = about.activity
        && let Some(activity) = activities::find(conn, id)?
    {
        let title = activity.facts.title;
        let name = if title.is_empty() { "A draft without a title".to_owned() } else { title };
        matters.push(Matter { what: "Report", name, href: format!("{folder}/activities/{id}") });
    }
    if let Some(id) = about.certificate
        && let Some(certificate) = certificates::find(conn, id)?
    {
        let mut name = format!("{}, {}", certificate.certification.title, certificate.number);
        if let Some(year) = about.year {
            name.push_str(&format!(", year {year}"));
        }
        matters.push(Matter { what: "Certificate", name, href: format!("{folder}/certificates/{id}") });
    }
    Ok(matters)
}
