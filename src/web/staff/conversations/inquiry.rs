//! The answer to "Would this count?".

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::{StepForm, after_answer, page};
use crate::actions::conversations::inquiry::{GivenAnswer, answer, retire};
use crate::domain::ids::ConversationId;
use crate::portal::Portal;
use crate::store::conversations::canned_answers;
use crate::web::forms::fields::FieldErrors;
use crate::web::forms::receipt::once;
use crate::web::forms::token::{CheckedFields, CheckedForm};
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::review::verdict::seen;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Flash;

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
    /// A prepared answer to begin from.
    pub prepared: String,
    intent: String,
}

/// Words with a prepared answer put behind them; `None` when there is no such answer.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub(in crate::web::staff) async fn put_in(
    portal: &web::Data<Portal>,
    chosen: &str,
    words: &str,
) -> Result<Option<String>, WebError> {
    let chosen = chosen.trim().parse().unwrap_or(0);
    let found =
        blocking(portal, move |portal| Ok(portal.store.read(|conn| canned_answers::find(conn, chosen))?));
    Ok(found.await?.map(|answer| match words.trim_end() {
        "" => answer.words,
        typed => format!("{typed}\n\n{}", answer.words),
    }))
}

/// What is wrong when no prepared answer was chosen.
pub(in crate::web::staff) const CHOOSE_ONE: &str = "Choose the answer to begin from.";

/// POST /staff/advice/{id}/answer
pub async fn create(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(mut form): CheckedForm<AnswerForm>,
) -> Result<HttpResponse, WebError> {
    if form.intent == "insert" {
        let (status, errors) = match put_in(&portal, &form.prepared, &form.answer_words).await? {
            Some(words) => {
                form.answer_words = words;
                (StatusCode::OK, FieldErrors::new())
            }
            None => (StatusCode::UNPROCESSABLE_ENTITY, FieldErrors::of("prepared", CHOOSE_ONE)),
        };
        let typed = (StepForm::default(), form);
        return page(&staff, &portal, ConversationId(*id), status, typed, errors).await;
    }
    let (id, actor, given) = (ConversationId(*id), staff.actor(), form.clone());
    let done = once(&request, &portal, move |portal| {
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
    if done.is_err() && !form.public.is_empty() && form.public_words.is_empty() {
        // nobody publishes what they have not read as everybody will read it
        form.public_words = form.answer_words.clone();
    }
    after_answer(
        &staff,
        &portal,
        id,
        form,
        done.map(|_| "Answered. The holder gets an email that says where to read it."),
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
    let words =
        "The answer has been taken back: nobody can find it any more. The message to the holder stays.";
    Ok(see_other_with(format!("/staff/advice/{id}"), Flash::success(words)))
}
