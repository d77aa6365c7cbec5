//! The answers that staff give again and again.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::actions::ActionError;
use crate::actions::conversations::canned_answers::{CannedAnswerWords, add, remove, update};
use crate::portal::Portal;
use crate::store::conversations::canned_answers::{self, CannedAnswer};
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::forms::receipt::once;
use crate::web::http::auth::{AsAdministrator, AsReviewer, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::staff::review::verdict::seen;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "staff/canned_answers/index.html")]
struct AnswersPage {
    page: Layout,
    answers: Vec<CannedAnswer>,
    administers: bool,
}

#[derive(Template)]
#[template(path = "staff/canned_answers/form.html")]
struct AnswerPage {
    page: Layout,
    errors: FieldErrors,
    form: CannedAnswerForm,
    address: String,
    /// Address of the form that removes it; empty for those who may not.
    removal: String,
}

/// An answer as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CannedAnswerForm {
    title: String,
    words: String,
    version: String,
}

/// GET /staff/canned-answers
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(staff: AsReviewer, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let answers = blocking(&portal, |portal| Ok(portal.store.read(canned_answers::all)?)).await?;
    let page =
        AnswersPage { page: staff.layout("Prepared answers"), answers, administers: staff.administers() };
    Ok(render(StatusCode::OK, &page))
}

/// GET /staff/canned-answers/new
pub async fn new(staff: AsAdministrator) -> HttpResponse {
    form_page(&staff, None, CannedAnswerForm::default(), None)
}

fn form_page(
    staff: &Person,
    id: Option<i64>,
    form: CannedAnswerForm,
    errors: Option<FieldErrors>,
) -> HttpResponse {
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let title = if id.is_some() { "Change a prepared answer" } else { "Add a prepared answer" };
    let address =
        id.map_or_else(|| "/staff/canned-answers".to_owned(), |id| format!("/staff/canned-answers/{id}"));
    let page = AnswerPage {
        page: staff.layout(title),
        errors: errors.unwrap_or_default(),
        form,
        removal: match id {
            Some(_) if staff.administers() => format!("{address}/removal"),
            _ => String::new(),
        },
        address,
    };
    render(status, &page)
}

/// POST /staff/canned-answers
pub async fn create(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    CheckedForm(form): CheckedForm<CannedAnswerForm>,
) -> Result<HttpResponse, WebError> {
    let (by, given) = (staff.actor(), form.clone());
    let added = once(&request, &portal, move |portal| {
        add(portal, by, &CannedAnswerWords { title: &given.title, words: &given.words })
    })
    .await;
    match added.or_corrections()? {
        Ok(_) => Ok(see_other_with("/staff/canned-answers", Flash::success("Added."))),
        Err(errors) => Ok(form_page(&staff, None, form, Some(errors))),
    }
}

/// GET /staff/canned-answers/{id}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn edit(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    let id = *id;
    let answer = blocking(&portal, move |portal| {
        portal.store.read(|conn| canned_answers::find(conn, id))?.ok_or(ActionError::NotFound)
    })
    .await?;
    let form =
        CannedAnswerForm { title: answer.title, words: answer.words, version: answer.version.to_string() };
    Ok(form_page(&staff, Some(id), form, None))
}

/// POST /staff/canned-answers/{id}
///
/// # Errors
/// `WebError`; 409 when somebody was first.
pub async fn change(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<CannedAnswerForm>,
) -> Result<HttpResponse, WebError> {
    let (id, by, given) = (*id, staff.actor(), form.clone());
    let changed = blocking(&portal, move |portal| {
        let answer = CannedAnswerWords { title: &given.title, words: &given.words };
        update(portal, by, id, seen(&given.version), &answer)
    })
    .await;
    match changed.or_corrections()? {
        Ok(()) => Ok(see_other_with("/staff/canned-answers", Flash::success("Saved."))),
        Err(errors) => Ok(form_page(&staff, Some(id), form, Some(errors))),
    }
}

/// POST /staff/canned-answers/{id}/removal
///
/// # Errors
/// `WebError::NotFound`.
pub async fn delete(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (id, by) = (*id, staff.actor());
    blocking(&portal, move |portal| remove(portal, by, id)).await?;
    Ok(see_other_with("/staff/canned-answers", Flash::success("Removed. What was sent with it stays.")))
}
