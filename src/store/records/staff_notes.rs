//! What staff note for each other about a holder, a report or a conversation. Only pages of staff and the export ask for it.

use chrono::NaiveDateTime;

use crate::domain::ids::{AccountId, ActivityId, ConversationId, HolderId};
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, activities, conversations, staff_notes};
use crate::store::{Conn, StoreError};

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoteSubject {
    /// The holder, in any case.
    pub holder: HolderId,
    /// One of their reports.
    pub activity: Option<ActivityId>,
    /// A conversation with them.
    pub conversation: Option<ConversationId>,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffNote {
    /// Its identity.
    pub id: i64,
    /// What it is about.
    pub subject: NoteSubject,
    /// The title of the report or the subject of the conversation that it is about.
    pub title: Option<String>,
    /// Who wrote it.
    pub author: AccountId,
    /// Their name.
    pub author_name: String,
    /// What it says; empty when the words were taken out again.
    pub words: String,
    /// When it was written (UTC).
    pub written_at: NaiveDateTime,
    /// When the words were taken out (UTC).
    pub removed_at: Option<NaiveDateTime>,
}

#[derive(Queryable)]
struct Row {
    id: i64,
    holder: i64,
    activity: Option<i64>,
    conversation: Option<i64>,
    report_title: Option<String>,
    talk_subject: Option<String>,
    author: i64,
    author_name: String,
    words: String,
    written_at: NaiveDateTime,
    removed_at: Option<NaiveDateTime>,
}

impl From<Row> for StaffNote {
    fn from(row: Row) -> StaffNote {
        StaffNote {
            id: row.id,
            subject: NoteSubject {
                holder: AccountId(row.holder),
                activity: row.activity.map(ActivityId),
                conversation: row.conversation.map(ConversationId),
            },
            title: row.report_title.or(row.talk_subject),
            author: AccountId(row.author),
            author_name: row.author_name,
            words: row.words,
            written_at: row.written_at,
            removed_at: row.removed_at,
        }
    }
}

/// What a [`Row`] is read from.
#[diesel::dsl::auto_type]
fn rows() -> _ {
    staff_notes::table
        .inner_join(accounts::table.on(staff_notes::author_id.eq(accounts::id)))
        .left_join(activities::table.on(staff_notes::activity_id.eq(activities::id.nullable())))
        .left_join(conversations::table.on(staff_notes::conversation_id.eq(conversations::id.nullable())))
        .select((
            staff_notes::id,
            staff_notes::holder_id,
            staff_notes::activity_id,
            staff_notes::conversation_id,
            activities::title.nullable(),
            conversations::subject.nullable(),
            staff_notes::author_id,
            accounts::name,
            staff_notes::words,
            staff_notes::written_at,
            staff_notes::removed_at,
        ))
}

/// Notes before this one are asked for.
fn upper(before: Option<i64>) -> i64 {
    before.unwrap_or(i64::MAX)
}

/// Notes about a holder and everything of theirs that are older than a note, if one is given; the latest first.
pub fn of_holder(
    conn: &mut Conn<'_>,
    holder: HolderId,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<StaffNote>, StoreError> {
    let query = rows().filter(staff_notes::holder_id.eq(holder.0)).filter(staff_notes::id.lt(upper(before)));
    let found: Vec<Row> = query.order(staff_notes::id.desc()).limit(most).load(conn.0)?;
    Ok(found.into_iter().map(StaffNote::from).collect())
}

/// Notes about a report, as [`of_holder`] gives them.
pub fn about_report(
    conn: &mut Conn<'_>,
    id: ActivityId,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<StaffNote>, StoreError> {
    let query = rows().filter(staff_notes::activity_id.eq(id.0)).filter(staff_notes::id.lt(upper(before)));
    let found: Vec<Row> = query.order(staff_notes::id.desc()).limit(most).load(conn.0)?;
    Ok(found.into_iter().map(StaffNote::from).collect())
}

/// Notes about a conversation, as [`of_holder`] gives them.
pub fn about_conversation(
    conn: &mut Conn<'_>,
    id: ConversationId,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<StaffNote>, StoreError> {
    let query =
        rows().filter(staff_notes::conversation_id.eq(id.0)).filter(staff_notes::id.lt(upper(before)));
    let found: Vec<Row> = query.order(staff_notes::id.desc()).limit(most).load(conn.0)?;
    Ok(found.into_iter().map(StaffNote::from).collect())
}

/// One note.
pub fn find(conn: &mut Conn<'_>, id: i64) -> Result<Option<StaffNote>, StoreError> {
    let found: Option<Row> = rows().filter(staff_notes::id.eq(id)).first(conn.0).optional()?;
    Ok(found.map(StaffNote::from))
}

/// Adds a note. Gives its identity.
pub fn add(
    conn: &mut Conn<'_>,
    subject: NoteSubject,
    author: AccountId,
    words: &str,
    now: NaiveDateTime,
) -> Result<i64, StoreError> {
    Ok(diesel::insert_into(staff_notes::table)
        .values((
            staff_notes::holder_id.eq(subject.holder.0),
            staff_notes::activity_id.eq(subject.activity.map(|id| id.0)),
            staff_notes::conversation_id.eq(subject.conversation.map(|id| id.0)),
            staff_notes::author_id.eq(author.0),
            staff_notes::words.eq(words),
            staff_notes::written_at.eq(now),
        ))
        .returning(staff_notes::id)
        .get_result(conn.0)?)
}

/// Takes the words of a note out.
pub fn remove(conn: &mut Conn<'_>, id: i64, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(staff_notes::table.find(id))
        .set((staff_notes::words.eq(""), staff_notes::removed_at.eq(now)))
        .execute(conn.0)?;
    Ok(())
}

/// A note as a file tells it.
#[derive(Clone, Debug)]
pub struct NoteLine {
    /// The note.
    pub note: StaffNote,
    /// The address of the holder whom it is about.
    pub holder: String,
}

/// The notes after this one that still say something, from the oldest; none about the reader, if somebody reads them.
pub fn lines_after(
    conn: &mut Conn<'_>,
    reader: Option<AccountId>,
    after: i64,
    limit: i64,
) -> Result<Vec<NoteLine>, StoreError> {
    let found: Vec<Row> = boxed!(conn.0, Engine, load, {
        let mut query = rows()
            .filter(staff_notes::id.gt(after))
            .filter(staff_notes::removed_at.is_null())
            .into_boxed::<Engine>();
        if let Some(reader) = reader {
            query = query.filter(staff_notes::holder_id.ne(reader.0));
        }
        query.order(staff_notes::id).limit(limit)
    })?;
    let mut ids: Vec<i64> = found.iter().map(|row| row.holder).collect();
    ids.sort_unstable();
    ids.dedup();
    let emails: Vec<(i64, String)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .select((accounts::id, accounts::email))
        .load(conn.0)?;
    let email = |id: i64| emails.iter().find(|(one, _)| *one == id).map(|(_, email)| email.clone());
    Ok(found
        .into_iter()
        .map(|row| NoteLine { holder: email(row.holder).unwrap_or_default(), note: row.into() })
        .collect())
}
