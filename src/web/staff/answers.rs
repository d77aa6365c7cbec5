//! The answer to "Would this count?".

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::conversation::after_answer;
use super::verdicts::seen;
use crate::actions::questions::{GivenAnswer, answer, retire};
use crate::domain::ids::ConversationId;
use crate::portal::Portal;
use crate::web::blocking::blocking;
use crate::web::checked::{CheckedFields, CheckedForm};
use crate::web::error::WebError;
use crate::web::flash::see_other_with;
use crate::web::layout::Flash;
use crate::web::session::AsReviewer;

/// An answer as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AnswerForm {
    version: String,
    /// A verdict's code.
    pub verdict: String,
    /// The words for the holder.
    pub answer_words: String,
    /// Whether others may find it.
    pub public: String,
    /// What it was, in public words.
    pub public_title: String,
    /// The answer, in public words.
    pub public_words: String,
}

/// POST /staff/advice/{id}/answer
///
/// # Errors
/// `WebError`.
pub async fn create(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<AnswerForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (ConversationId(*id), staff.actor(), form.clone());
    let done = blocking(&portal, move |portal| {
        let answer_given = GivenAnswer {
            verdict: &given.verdict,
            words: &given.answer_words,
            public: !given.public.is_empty(),
            public_title: &given.public_title,
            public_words: &given.public_words,
        };
        answer(portal, actor, id, seen(&given.version), &answer_given)
    })
    .await;
    after_answer(
        &staff,
        &portal,
        id,
        form,
        done.map(|_| "Answered. The holder gets a mail that says where to read it."),
    )
    .await
}

/// POST /staff/advice/{id}/answer/removal
///
/// # Errors
/// `WebError::NotFound` without an answer in force.
pub async fn delete(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (id, actor) = (ConversationId(*id), staff.actor());
    blocking(&portal, move |portal| retire(portal, actor, id)).await?;
    let words = "The answer is taken back: nobody finds it any more. The message to the holder stays.";
    Ok(see_other_with(format!("/staff/advice/{id}"), Flash::success(words)))
}
