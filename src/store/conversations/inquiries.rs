//! What holders ask before an event, and the reports about it later.

use chrono::NaiveDate;

use crate::domain::activities::category::Category;
use crate::domain::activities::quantity::Quantity;
use crate::domain::conversations::precedent::{Asked, InquiryVerdict};
use crate::domain::ids::{ActivityId, ConversationId, FieldId, HolderId};
use crate::store::engine::prelude::*;
use crate::store::schema::{answers, asked_reports, conversations, questions};
use crate::store::{Conn, StoreError};

#[derive(Queryable)]
struct Row {
    category: String,
    title: String,
    organiser: String,
    field: i64,
    started_on: Option<NaiveDate>,
    completed_on: Option<NaiveDate>,
    quantity: Option<i64>,
    relevance: String,
}

fn asked(row: Row) -> Result<Asked, StoreError> {
    let Row { category, title, organiser, field, started_on, completed_on, quantity, relevance } = row;
    let unreadable = || StoreError::Unreadable("questions");
    let category = Category::from_code(&category).ok_or_else(unreadable)?;
    let quantity = quantity.map(|amount| Quantity::new(amount, category.unit()).map_err(|_| unreadable()));
    Ok(Asked {
        category,
        title,
        organiser,
        field: FieldId(field),
        started_on,
        completed_on,
        quantity: quantity.transpose()?,
        relevance,
    })
}

/// Adds what a conversation asks about.
pub fn add(conn: &mut Conn<'_>, conversation: ConversationId, asked: &Asked) -> Result<(), StoreError> {
    diesel::insert_into(questions::table)
        .values((
            questions::conversation_id.eq(conversation.0),
            questions::category.eq(asked.category.code()),
            questions::title.eq(&asked.title),
            questions::organiser.eq(&asked.organiser),
            questions::field_id.eq(asked.field.0),
            questions::started_on.eq(asked.started_on),
            questions::completed_on.eq(asked.completed_on),
            questions::quantity.eq(asked.quantity.map(Quantity::amount)),
            questions::relevance.eq(&asked.relevance),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// What a conversation asks about, if it is such a question.
pub fn find(conn: &mut Conn<'_>, conversation: ConversationId) -> Result<Option<Asked>, StoreError> {
    let row: Option<Row> = questions::table
        .find(conversation.0)
        .select((
            questions::category,
            questions::title,
            questions::organiser,
            questions::field_id,
            questions::started_on,
            questions::completed_on,
            questions::quantity,
            questions::relevance,
        ))
        .first(conn.0)
        .optional()?;
    row.map(asked).transpose()
}

/// A holder's questions that were answered and not with no, the latest first: what a report may be about.
pub fn answered_for(
    conn: &mut Conn<'_>,
    holder: HolderId,
    limit: i64,
) -> Result<Vec<(ConversationId, String, InquiryVerdict)>, StoreError> {
    let rows: Vec<(i64, String, String)> = answers::table
        .inner_join(questions::table.on(questions::conversation_id.eq(answers::conversation_id)))
        .inner_join(conversations::table.on(conversations::id.eq(answers::conversation_id)))
        .filter(conversations::holder_id.eq(holder.0))
        .filter(answers::retired_at.is_null())
        .filter(answers::verdict.ne(InquiryVerdict::No.code()))
        .order(answers::id.desc())
        .limit(limit)
        .select((answers::conversation_id, questions::title, answers::verdict))
        .load(conn.0)?;
    rows.into_iter()
        .map(|(id, title, verdict)| {
            let verdict =
                InquiryVerdict::from_code(&verdict).ok_or(StoreError::Unreadable("answers.verdict"))?;
            Ok((ConversationId(id), title, verdict))
        })
        .collect()
}

/// Records that a report is about what was asked.
///
/// # Errors
/// `StoreError::Constraint` when the report is about a question already.
pub fn attach(
    conn: &mut Conn<'_>,
    activity: ActivityId,
    conversation: ConversationId,
) -> Result<(), StoreError> {
    diesel::insert_into(asked_reports::table)
        .values((
            asked_reports::activity_id.eq(activity.0),
            asked_reports::conversation_id.eq(conversation.0),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// The question that a report is about, if there is one.
pub fn of_activity(conn: &mut Conn<'_>, activity: ActivityId) -> Result<Option<ConversationId>, StoreError> {
    let found: Option<i64> = asked_reports::table
        .find(activity.0)
        .select(asked_reports::conversation_id)
        .first(conn.0)
        .optional()?;
    Ok(found.map(ConversationId))
}
