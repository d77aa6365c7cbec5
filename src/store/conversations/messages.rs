//! What was written in conversations. Append-only; the database refuses changes.

use chrono::NaiveDateTime;

use crate::domain::conversations::precedent::InquiryVerdict;
use crate::domain::ids::{AccountId, ConversationId, HolderId};
use crate::store::engine::codes::read;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, answers, conversations, messages};
use crate::store::{Conn, StoreError};

/// Something that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its place.
    pub id: i64,
    /// Who wrote it.
    pub author: AccountId,
    /// Their name.
    pub author_name: String,
    /// Whether it was written for the body, and not by the holder.
    pub from_body: bool,
    /// The words.
    pub words: String,
    /// When (UTC).
    pub written_at: NaiveDateTime,
}

/// Adds a message. Gives its place.
pub fn add(
    conn: &mut Conn<'_>,
    conversation: ConversationId,
    author: AccountId,
    from_body: bool,
    words: &str,
    now: NaiveDateTime,
) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(messages::table)
        .values((
            messages::conversation_id.eq(conversation.0),
            messages::author_id.eq(author.0),
            messages::from_body.eq(from_body),
            messages::words.eq(words),
            messages::written_at.eq(now),
        ))
        .returning(messages::id)
        .get_result(conn.0)?)
}

/// Most messages that are read at once for their holder.
const MOST_RECENT: i64 = 200;

/// A message of the body to a holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentMessage {
    /// Where it was written.
    pub conversation: ConversationId,
    /// What that is about.
    pub subject: String,
    /// The words.
    pub words: String,
    /// When (UTC).
    pub written_at: NaiveDateTime,
    /// The answer in force, where it was asked whether something would count.
    pub verdict: Option<InquiryVerdict>,
}

/// What was written to a holder after a moment (UTC), the latest first.
pub fn to_holder_since(
    conn: &mut Conn<'_>,
    holder: HolderId,
    since: NaiveDateTime,
) -> Result<Vec<RecentMessage>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        conversation: i64,
        subject: String,
        words: String,
        written_at: NaiveDateTime,
        verdict: Option<String>,
    }
    let in_force = answers::table
        .filter(answers::conversation_id.eq(conversations::id))
        .filter(answers::retired_at.is_null())
        .select(answers::verdict)
        .limit(1)
        .single_value();
    let rows: Vec<Row> = messages::table
        .inner_join(conversations::table.on(conversations::id.eq(messages::conversation_id)))
        .filter(conversations::holder_id.eq(holder.0))
        .filter(messages::from_body.eq(true))
        .filter(messages::written_at.gt(since))
        .order(messages::id.desc())
        .limit(MOST_RECENT)
        .select((
            messages::conversation_id,
            conversations::subject,
            messages::words,
            messages::written_at,
            in_force,
        ))
        .load(conn.0)?;
    rows.into_iter()
        .map(|Row { conversation, subject, words, written_at, verdict }| {
            let verdict = verdict.map(|verdict| read(&verdict, "answers.verdict")).transpose()?;
            let conversation = ConversationId(conversation);
            Ok(RecentMessage { conversation, subject, words, written_at, verdict })
        })
        .collect()
}

/// Everything written in a conversation, from the first.
pub fn of_conversation(
    conn: &mut Conn<'_>,
    conversation: ConversationId,
) -> Result<Vec<Message>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        id: i64,
        author: i64,
        author_name: String,
        from_body: bool,
        words: String,
        written_at: NaiveDateTime,
    }
    let rows: Vec<Row> = messages::table
        .inner_join(accounts::table.on(accounts::id.eq(messages::author_id)))
        .filter(messages::conversation_id.eq(conversation.0))
        .order(messages::id)
        .select((
            messages::id,
            messages::author_id,
            accounts::name,
            messages::from_body,
            messages::words,
            messages::written_at,
        ))
        .load(conn.0)?;
    Ok(rows
        .into_iter()
        .map(|Row { id, author, author_name, from_body, words, written_at }| Message {
            id,
            author: AccountId(author),
            author_name,
            from_body,
            words,
            written_at,
        })
        .collect())
}
