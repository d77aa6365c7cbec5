//! Answers to "Would this count?", and those of them that everybody can find.

use chrono::NaiveDateTime;

use crate::domain::activities::category::Category;
use crate::domain::conversations::precedent::{
    Asked, InquiryVerdict, MOST_WORDS, likeness, resembles, telling_words,
};
use crate::domain::ids::{AccountId, ConversationId};
use crate::store::engine::paging::{Page, Place};
use crate::store::engine::prelude::*;
use crate::store::schema::{answers, fields, questions};
use crate::store::{Conn, StoreError, containing, fold};

/// An answer in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InquiryAnswer {
    /// Its identity.
    pub id: i64,
    /// Yes, with conditions, or no.
    pub verdict: InquiryVerdict,
    /// The words for the holder.
    pub words: String,
    /// When (UTC).
    pub answered_at: NaiveDateTime,
    /// Title and words that everybody can find, if it is a precedent.
    pub public: Option<(String, String)>,
}

/// An answer that is given.
#[derive(Clone, Copy, Debug)]
pub struct NewAnswer<'a> {
    /// Yes, with conditions, or no.
    pub verdict: InquiryVerdict,
    /// The words for the holder.
    pub words: &'a str,
    /// Title and words that everybody can find, if it becomes a precedent.
    pub public: Option<(&'a str, &'a str)>,
    /// Who answers.
    pub by: AccountId,
}

/// A precedent, as everybody finds it: nothing of who asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precedent {
    /// Its identity.
    pub id: i64,
    /// The question it answered; for staff.
    pub conversation: ConversationId,
    /// Yes, with conditions, or no.
    pub verdict: InquiryVerdict,
    /// The kind of activity.
    pub category: Category,
    /// The title of its field.
    pub field: String,
    /// What it was, in public words.
    pub title: String,
    /// The answer, in public words.
    pub words: String,
    /// When (UTC).
    pub answered_at: NaiveDateTime,
    fold: String,
}

/// Records an answer; one that was in force is retired.
pub fn add(
    conn: &mut Conn<'_>,
    conversation: ConversationId,
    asked: &Asked,
    answer: &NewAnswer<'_>,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    retire_of(conn, conversation, now)?;
    let (title, words) = answer.public.unzip();
    let text = format!("{} {} {}", title.unwrap_or_default(), asked.organiser, words.unwrap_or_default());
    diesel::insert_into(answers::table)
        .values((
            answers::conversation_id.eq(conversation.0),
            answers::verdict.eq(answer.verdict.code()),
            answers::words.eq(answer.words),
            answers::answered_by.eq(answer.by.0),
            answers::answered_at.eq(now),
            answers::public_title.eq(title),
            answers::public_words.eq(words),
            answers::fold.eq(fold(&text)),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// Takes back the answer of a question, if one is in force.
pub fn retire_of(
    conn: &mut Conn<'_>,
    conversation: ConversationId,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    diesel::update(
        answers::table
            .filter(answers::conversation_id.eq(conversation.0))
            .filter(answers::retired_at.is_null()),
    )
    .set(answers::retired_at.eq(Some(now)))
    .execute(conn.0)?;
    Ok(())
}

/// The answer of a question that is in force, if there is one.
pub fn in_force(
    conn: &mut Conn<'_>,
    conversation: ConversationId,
) -> Result<Option<InquiryAnswer>, StoreError> {
    #[derive(Queryable)]
    struct Row {
        id: i64,
        verdict: String,
        words: String,
        answered_at: NaiveDateTime,
        title: Option<String>,
        public: Option<String>,
    }
    let row: Option<Row> = answers::table
        .filter(answers::conversation_id.eq(conversation.0))
        .filter(answers::retired_at.is_null())
        .select((
            answers::id,
            answers::verdict,
            answers::words,
            answers::answered_at,
            answers::public_title,
            answers::public_words,
        ))
        .first(conn.0)
        .optional()?;
    row.map(|Row { id, verdict, words, answered_at, title, public }| {
        let verdict = InquiryVerdict::from_code(&verdict).ok_or(StoreError::Unreadable("answers.verdict"))?;
        Ok(InquiryAnswer { id, verdict, words, answered_at, public: title.zip(public) })
    })
    .transpose()
}

#[diesel::dsl::auto_type(no_type_alias)]
fn public() -> _ {
    answers::table
        .inner_join(questions::table.on(questions::conversation_id.eq(answers::conversation_id)))
        .inner_join(fields::table.on(fields::id.eq(questions::field_id)))
        .filter(answers::public_title.is_not_null())
        .filter(answers::retired_at.is_null())
}

#[derive(Queryable)]
struct Found {
    id: i64,
    conversation: i64,
    verdict: String,
    category: String,
    field: String,
    title: Option<String>,
    words: Option<String>,
    answered_at: NaiveDateTime,
    fold: String,
}

macro_rules! columns {
    () => {
        (
            answers::id,
            answers::conversation_id,
            answers::verdict,
            questions::category,
            fields::title,
            answers::public_title,
            answers::public_words,
            answers::answered_at,
            answers::fold,
        )
    };
}

fn precedent(found: Found) -> Result<Precedent, StoreError> {
    let Found { id, conversation, verdict, category, field, title, words, answered_at, fold } = found;
    let unreadable = || StoreError::Unreadable("answers");
    Ok(Precedent {
        id,
        conversation: ConversationId(conversation),
        verdict: InquiryVerdict::from_code(&verdict).ok_or_else(unreadable)?,
        category: Category::from_code(&category).ok_or_else(unreadable)?,
        field,
        title: title.unwrap_or_default(),
        words: words.unwrap_or_default(),
        answered_at,
        fold,
    })
}

/// Precedents in which every word of a search stands, the latest first. Always as many patterns, so that the statement stays prepared.
pub fn search(
    conn: &mut Conn<'_>,
    text: &str,
    place: &Place<i64>,
    size: i64,
) -> Result<Page<Precedent>, StoreError> {
    let folded = fold(text);
    let words = folded.split(' ').take(MOST_WORDS);
    let rows: Vec<Found> = boxed!(conn.0, Engine, load, {
        let mut query = public().select(columns!()).limit(size.saturating_add(1)).into_boxed::<Engine>();
        for word in words.chain(std::iter::repeat("")).take(MOST_WORDS) {
            query = query.filter(answers::fold.like(containing(word)).escape('\\'));
        }
        match place {
            Place::Start => query.order(answers::id.desc()),
            Place::After(id) => query.filter(answers::id.lt(*id)).order(answers::id.desc()),
            Place::Before(id) => query.filter(answers::id.gt(*id)).order(answers::id),
        }
    })?;
    let rows = rows.into_iter().map(precedent).collect::<Result<_, _>>()?;
    Ok(Page::new(rows, place, size))
}

/// Precedents that resemble something by the words of its title and organiser, the most alike first.
pub fn similar(conn: &mut Conn<'_>, text: &str, most: usize) -> Result<Vec<Precedent>, StoreError> {
    let words = telling_words(&fold(text));
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    let pattern = |index: usize| containing(words.get(index).unwrap_or(first));
    let any = answers::fold
        .like(pattern(0))
        .escape('\\')
        .or(answers::fold.like(pattern(1)).escape('\\'))
        .or(answers::fold.like(pattern(2)).escape('\\'))
        .or(answers::fold.like(pattern(3)).escape('\\'))
        .or(answers::fold.like(pattern(4)).escape('\\'))
        .or(answers::fold.like(pattern(5)).escape('\\'));
    let rows: Vec<Found> =
        public().filter(any).order(answers::id.desc()).limit(100).select(columns!()).load(conn.0)?;
    let mut alike = rows.into_iter().map(precedent).collect::<Result<Vec<_>, _>>()?;
    alike.retain(|precedent| resembles(&words, &precedent.fold));
    alike.sort_by_key(|precedent| std::cmp::Reverse(likeness(&words, &precedent.fold)));
    alike.truncate(most);
    Ok(alike)
}
