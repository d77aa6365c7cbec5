//! Evidence: which proof files belong to which activity. The bytes lie in the evidence folder under their hash.

use chrono::NaiveDateTime;

use crate::domain::ids::{AccountId, ActivityId, ConversationId, EvidenceId, HolderId};
use crate::store::engine::prelude::*;
use crate::store::schema::{activities, evidence, message_files, messages};
use crate::store::{Conn, StoreError};

/// A proof file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its identity.
    pub id: EvidenceId,
    /// Who brought it.
    pub holder: HolderId,
    /// What it proves; `None` while the form it came with is being corrected.
    pub activity: Option<ActivityId>,
    /// Hash of its content.
    pub sha256: String,
    /// Its name, safe to show.
    pub name: String,
    /// What it is, recognised by content: a MIME type.
    pub media_type: String,
    /// Its size.
    pub bytes: i64,
    /// When it was brought (UTC).
    pub added_at: NaiveDateTime,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = evidence)]
struct EvidenceRow {
    id: i64,
    holder_id: i64,
    activity_id: Option<i64>,
    sha256: String,
    name: String,
    media_type: String,
    bytes: i64,
    added_at: NaiveDateTime,
}

impl From<EvidenceRow> for Evidence {
    fn from(row: EvidenceRow) -> Self {
        Evidence {
            id: EvidenceId(row.id),
            holder: AccountId(row.holder_id),
            activity: row.activity_id.map(ActivityId),
            sha256: row.sha256,
            name: row.name,
            media_type: row.media_type,
            bytes: row.bytes,
            added_at: row.added_at,
        }
    }
}

/// A file to be recorded; its bytes are on the disk already.
#[derive(Clone, Debug)]
pub struct NewEvidence<'a> {
    /// Who brings it.
    pub holder: HolderId,
    /// What it proves; `None` while a form is being corrected.
    pub activity: Option<ActivityId>,
    /// Hash of its content.
    pub sha256: &'a str,
    /// Its cleaned name.
    pub name: &'a str,
    /// Its MIME type.
    pub media_type: &'a str,
    /// Its size.
    pub bytes: i64,
}

/// Records a file.
pub fn add(conn: &mut Conn<'_>, new: &NewEvidence<'_>, now: NaiveDateTime) -> Result<EvidenceId, StoreError> {
    let id = diesel::insert_into(evidence::table)
        .values((
            evidence::holder_id.eq(new.holder.0),
            evidence::activity_id.eq(new.activity.map(|id| id.0)),
            evidence::sha256.eq(new.sha256),
            evidence::name.eq(new.name),
            evidence::media_type.eq(new.media_type),
            evidence::bytes.eq(new.bytes),
            evidence::added_at.eq(now),
        ))
        .returning(evidence::id)
        .get_result(conn.0)?;
    Ok(EvidenceId(id))
}

/// The file, whoever's it is: callers decide who may see it. Removed ones are not found.
pub fn find(conn: &mut Conn<'_>, id: EvidenceId) -> Result<Option<Evidence>, StoreError> {
    let row: Option<EvidenceRow> = evidence::table
        .find(id.0)
        .filter(evidence::removed_at.is_null())
        .select(EvidenceRow::as_select())
        .first(conn.0)
        .optional()?;
    Ok(row.map(Evidence::from))
}

/// The files of an activity, in the order they were brought.
pub fn of_activity(conn: &mut Conn<'_>, activity: ActivityId) -> Result<Vec<Evidence>, StoreError> {
    let rows: Vec<EvidenceRow> = evidence::table
        .filter(evidence::activity_id.eq(activity.0))
        .filter(evidence::removed_at.is_null())
        .order(evidence::id)
        .select(EvidenceRow::as_select())
        .load(conn.0)?;
    Ok(rows.into_iter().map(Evidence::from).collect())
}

/// Those of the given files that a holder brought and that wait for the form they came with. Others are left out.
pub fn waiting(
    conn: &mut Conn<'_>,
    holder: HolderId,
    ids: &[EvidenceId],
) -> Result<Vec<Evidence>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<EvidenceRow> = evidence::table
        .filter(evidence::id.eq_any(ids.iter().map(|id| id.0).collect::<Vec<_>>()))
        .filter(evidence::holder_id.eq(holder.0))
        .filter(evidence::activity_id.is_null())
        .filter(evidence::removed_at.is_null())
        .filter(diesel::dsl::not(diesel::dsl::exists(
            message_files::table.filter(message_files::evidence_id.eq(evidence::id)),
        )))
        .order(evidence::id)
        .select(EvidenceRow::as_select())
        .load(conn.0)?;
    Ok(rows.into_iter().map(Evidence::from).collect())
}

/// Bytes of a holder's files that nobody has been handed yet: those of forms that need another look, those of drafts, and those sent
/// with messages since a moment.
pub fn bytes_waiting(conn: &mut Conn<'_>, holder: HolderId, since: NaiveDateTime) -> Result<i64, StoreError> {
    let sent = message_files::table.filter(message_files::evidence_id.eq(evidence::id));
    let draft = activities::table
        .filter(activities::id.nullable().eq(evidence::activity_id))
        .filter(activities::reported_at.is_null());
    let bytes: Vec<i64> = evidence::table
        .filter(evidence::holder_id.eq(holder.0))
        .filter(evidence::removed_at.is_null())
        .filter(evidence::activity_id.is_null().or(diesel::dsl::exists(draft)))
        .filter(evidence::added_at.ge(since).or(diesel::dsl::not(diesel::dsl::exists(sent))))
        .select(evidence::bytes)
        .load(conn.0)?;
    Ok(bytes.into_iter().fold(0, i64::saturating_add))
}

/// Ties a waiting file to the message that it was sent with.
///
/// # Errors
/// `StoreError::Changed` when it does not wait any more; the database refuses a file of another holder.
pub fn send_with(conn: &mut Conn<'_>, id: EvidenceId, message: i64) -> Result<(), StoreError> {
    let waits = evidence::table
        .filter(evidence::id.eq(id.0))
        .filter(evidence::activity_id.is_null())
        .filter(evidence::removed_at.is_null());
    if !diesel::select(diesel::dsl::exists(waits)).get_result::<bool>(conn.0)? {
        return Err(StoreError::Changed);
    }
    diesel::insert_into(message_files::table)
        .values((message_files::evidence_id.eq(id.0), message_files::message_id.eq(message)))
        .execute(conn.0)?;
    Ok(())
}

/// Whether a file was sent with a message.
pub fn was_sent(conn: &mut Conn<'_>, id: EvidenceId) -> Result<bool, StoreError> {
    let sent = message_files::table.filter(message_files::evidence_id.eq(id.0));
    Ok(diesel::select(diesel::dsl::exists(sent)).get_result(conn.0)?)
}

/// The files of a conversation, each with its message, in the order they were brought.
pub fn of_conversation(
    conn: &mut Conn<'_>,
    conversation: ConversationId,
) -> Result<Vec<(i64, Evidence)>, StoreError> {
    let rows: Vec<(i64, EvidenceRow)> = evidence::table
        .inner_join(message_files::table.inner_join(messages::table))
        .filter(messages::conversation_id.eq(conversation.0))
        .filter(evidence::removed_at.is_null())
        .order(evidence::id)
        .select((message_files::message_id, EvidenceRow::as_select()))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(message, row)| (message, Evidence::from(row))).collect())
}

/// Ties a waiting file to the activity it proves.
///
/// # Errors
/// `StoreError::Changed` when it does not wait any more.
pub fn attach(conn: &mut Conn<'_>, id: EvidenceId, activity: ActivityId) -> Result<(), StoreError> {
    let waiting = evidence::table
        .filter(evidence::id.eq(id.0))
        .filter(evidence::activity_id.is_null())
        .filter(evidence::removed_at.is_null())
        .filter(diesel::dsl::not(diesel::dsl::exists(
            message_files::table.filter(message_files::evidence_id.eq(evidence::id)),
        )));
    let tied = diesel::update(waiting).set(evidence::activity_id.eq(Some(activity.0))).execute(conn.0)?;
    if tied == 1 { Ok(()) } else { Err(StoreError::Changed) }
}

/// Takes a file away. Its row stays, so that history can be told; nobody can open it any more.
///
/// # Errors
/// `StoreError::Changed` when it was gone already.
pub fn remove(conn: &mut Conn<'_>, id: EvidenceId, now: NaiveDateTime) -> Result<(), StoreError> {
    let there = evidence::table.find(id.0).filter(evidence::removed_at.is_null());
    let removed = diesel::update(there).set(evidence::removed_at.eq(Some(now))).execute(conn.0)?;
    if removed == 1 { Ok(()) } else { Err(StoreError::Changed) }
}

/// How many files each activity of a holder has.
pub fn counts_of_holder(
    conn: &mut Conn<'_>,
    holder: HolderId,
) -> Result<std::collections::BTreeMap<ActivityId, i64>, StoreError> {
    let rows: Vec<(i64, i64)> = evidence::table
        .inner_join(activities::table)
        .filter(activities::holder_id.eq(holder.0))
        .filter(evidence::removed_at.is_null())
        .group_by(activities::id)
        .select((activities::id, diesel::dsl::count(evidence::id)))
        .load(conn.0)?;
    Ok(rows.into_iter().map(|(id, count)| (ActivityId(id), count)).collect())
}

/// Forgets files whose form never came back, if they were brought before `moment`. Gives their number.
pub fn clear_waiting_before(conn: &mut Conn<'_>, moment: NaiveDateTime) -> Result<usize, StoreError> {
    let waiting = evidence::table
        .filter(evidence::activity_id.is_null())
        .filter(evidence::added_at.lt(moment))
        .filter(diesel::dsl::not(diesel::dsl::exists(
            message_files::table.filter(message_files::evidence_id.eq(evidence::id)),
        )));
    Ok(diesel::delete(waiting).execute(conn.0)?)
}

/// The hashes beginning with `digit` of all files that somebody may still ask for: those that were not removed, and those that were
/// removed at `moment` or later.
pub fn hashes_wanted_since(
    conn: &mut Conn<'_>,
    digit: char,
    moment: NaiveDateTime,
) -> Result<std::collections::BTreeSet<String>, StoreError> {
    let hashes: Vec<String> = evidence::table
        .filter(evidence::sha256.like(format!("{digit}%")))
        .filter(evidence::removed_at.is_null().or(evidence::removed_at.ge(moment).assume_not_null()))
        .select(evidence::sha256)
        .load(conn.0)?;
    Ok(hashes.into_iter().collect())
}
