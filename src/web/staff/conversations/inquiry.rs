//! The answer to "Would this count?".

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::forms::{InquiryForm, StepForm, none_chosen, put_in};
use super::{READ_THERE, after_answer, page};
use crate::actions::conversations::inquiry::{GivenAnswer, answer, retire};
use crate::domain::ids::ConversationId;
use crate::portal::Portal;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::forms::receipt::once;
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::review::verdict::seen;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Flash;

/// POST /staff/advice/{id}/answer
pub async fn create(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(mut form): CheckedForm<InquiryForm>,
) -> Result<HttpResponse, WebError> {
    if form.intent == "insert" {
        return insert(&staff, &portal, ConversationId(*id), form).await;
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
    after_answer(&staff, &portal, id, form, done.map(|_| ("Answered.", Some(READ_THERE)))).await
}

/// Shows the form again with the words of a prepared answer put in.
async fn insert(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: ConversationId,
    mut form: InquiryForm,
) -> Result<HttpResponse, WebError> {
    let (status, errors) = match put_in(portal, &form.prepared, &form.answer_words).await? {
        Some(words) => {
            form.answer_words = words;
            (StatusCode::OK, FieldErrors::new())
        }
        None => {
            (StatusCode::UNPROCESSABLE_ENTITY, none_chosen("prepared", ("answer_words", &form.answer_words)))
        }
    };
    page(staff, portal, id, status, (StepForm::default(), form), errors).await
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
