//! What pages about "Would this count?" share: what was asked, the answer, and precedents.

use crate::domain::activities::activity::Activity;
use crate::domain::conversations::precedent::InquiryVerdict;
use crate::domain::dates::{days_in_words, long_date};
use crate::domain::ids::ConversationId;
use crate::domain::ledger::derivation::Reader;
use crate::domain::text::excerpt;
use crate::portal::Portal;
use crate::store::certification::catalogue;
use crate::store::conversations::inquiries;
use crate::store::conversations::precedents::{self, InquiryAnswer, Precedent};
use crate::store::{Conn, StoreError};
use crate::web::view::tags::Tag;

/// Precedents beside a report.
const BESIDE: usize = 3;

/// A question and its answer.
#[derive(Clone, Debug)]
pub struct QuestionShown {
    /// The conversation.
    pub id: i64,
    /// What it is.
    pub title: String,
    /// The kind of activity.
    pub category: &'static str,
    /// Who holds it; may be empty.
    pub organiser: String,
    /// The field.
    pub field: String,
    /// When; may be empty.
    pub days: String,
    /// How long or how much; may be empty.
    pub quantity: String,
    /// The answer in force.
    pub answer: Option<AnswerShown>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct AnswerShown {
    /// How it looks.
    pub tag: Tag,
    /// The words for the holder.
    pub words: String,
    /// When.
    pub day: String,
    /// Whether it can be reported with it.
    pub counts: bool,
    /// The public title; empty when others do not find it.
    pub public_title: String,
    /// The public words.
    pub public_words: String,
}

/// How a verdict looks.
#[must_use]
pub const fn verdict_tag(verdict: InquiryVerdict) -> Tag {
    let kind = match verdict {
        InquiryVerdict::Yes => "good",
        InquiryVerdict::Conditions => "action",
        InquiryVerdict::No => "bad",
    };
    Tag { kind, label: verdict.label() }
}

fn answer_shown(answer: InquiryAnswer, portal: &Portal) -> AnswerShown {
    let (public_title, public_words) = answer.public.unwrap_or_default();
    AnswerShown {
        tag: verdict_tag(answer.verdict),
        words: answer.words,
        day: long_date(portal.clock.day_of(answer.answered_at)),
        counts: answer.verdict != InquiryVerdict::No,
        public_title,
        public_words,
    }
}

/// The question of a conversation, if it is one.
pub fn shown(
    conn: &mut Conn<'_>,
    portal: &Portal,
    id: ConversationId,
) -> Result<Option<QuestionShown>, StoreError> {
    let Some(asked) = inquiries::find(conn, id)? else { return Ok(None) };
    let fields = catalogue::fields(conn)?;
    let field = fields.iter().find(|field| field.id == asked.field);
    let answer = precedents::in_force(conn, id)?.map(|answer| answer_shown(answer, portal));
    Ok(Some(QuestionShown {
        id: id.0,
        category: asked.category.label(),
        field: field.map(|field| field.title.clone()).unwrap_or_default(),
        days: days_in_words(asked.started_on, asked.completed_on),
        quantity: asked.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        title: asked.title,
        organiser: asked.organiser,
        answer,
    }))
}

/// A precedent, ready to be shown.
#[derive(Clone, Debug)]
pub struct PrecedentShown {
    /// The question it answered, for staff; nothing for everybody else.
    pub conversation: Option<i64>,
    /// The verdict.
    pub tag: Tag,
    /// What it was.
    pub title: String,
    /// The kind of activity.
    pub category: &'static str,
    /// The field.
    pub field: String,
    /// The answer.
    pub words: String,
    /// Its beginning, where there is little room.
    pub brief: String,
    /// When.
    pub day: String,
}

/// Most characters of an answer where there is little room.
const BRIEF: usize = 140;

/// A precedent, as somebody reads it.
#[must_use]
pub fn precedent_shown(precedent: &Precedent, reader: Reader, portal: &Portal) -> PrecedentShown {
    PrecedentShown {
        conversation: (reader == Reader::Staff).then_some(precedent.conversation.0),
        tag: verdict_tag(precedent.verdict),
        title: precedent.title.clone(),
        category: precedent.category.label(),
        field: precedent.field.clone(),
        words: precedent.words.clone(),
        brief: excerpt(&precedent.words, BRIEF),
        day: long_date(portal.clock.day_of(precedent.answered_at)),
    }
}

/// What was answered before, beside a report.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// What its holder asked beforehand about it.
    pub asked: Option<QuestionShown>,
    /// Precedents that resemble it.
    pub similar: Vec<PrecedentShown>,
}

/// What was answered before that a reviewer of this report should know.
pub fn beside(conn: &mut Conn<'_>, portal: &Portal, activity: &Activity) -> Result<Beside, StoreError> {
    let question = inquiries::of_activity(conn, activity.id)?;
    let asked = match question {
        Some(id) => shown(conn, portal, id)?,
        None => None,
    };
    let text = format!("{} {}", activity.facts.title, activity.facts.organiser);
    let similar = precedents::similar(conn, &text, BESIDE)?
        .iter()
        .filter(|precedent| Some(precedent.conversation) != question)
        .map(|precedent| precedent_shown(precedent, Reader::Staff, portal))
        .collect();
    Ok(Beside { asked, similar })
}
