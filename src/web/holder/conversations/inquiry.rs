//! "Would this count?": the question before the event, with the facts of a report.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::actions::activities::form::Typed;
use crate::actions::conversations::inquiry::ask_beforehand;
use crate::domain::activities::category::Category;
use crate::portal::Portal;
use crate::store::StoreError;
use crate::web::forms::errors::{Choice, ChoiceGroup, FieldErrors};
use crate::web::forms::plain::CheckedFields;
use crate::web::forms::receipt::once;
use crate::web::holder::activities::field_choices::FieldChoices;
use crate::web::holder::activities::form::typed;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::public::precedents::nearest;
use crate::web::view::flash::see_other_with;
use crate::web::view::inquiry_view::PrecedentShown;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

/// The form.
#[derive(Template)]
#[template(path = "holder/advice/question.html")]
struct QuestionPage {
    page: Layout,
    errors: FieldErrors,
    form: Typed,
    categories: Vec<Choice>,
    fields: Vec<ChoiceGroup>,
    /// What was answered before about something like it.
    nearest: Vec<PrecedentShown>,
}

/// GET /advice/question
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn new(holder: AsHolder, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    page(&holder, &portal, Typed::default(), None).await
}

async fn page(
    holder: &AsHolder,
    portal: &web::Data<Portal>,
    form: Typed,
    errors: Option<FieldErrors>,
) -> Result<HttpResponse, WebError> {
    let (person, today) = (holder.holder(), portal.clock.today());
    let title = form.title.clone();
    let (fields, nearest) = blocking(portal, move |portal| {
        Ok(portal.store.read(|conn| {
            Ok::<_, StoreError>((FieldChoices::load(conn, person, today)?, nearest(conn, portal, &title)?))
        })?)
    })
    .await?;
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = QuestionPage {
        page: holder.layout("Would this count?"),
        errors: errors.unwrap_or_default(),
        form,
        categories: Category::ALL
            .into_iter()
            .map(|category| Choice::new(category.code(), category.label()).hint(category.explanation()))
            .collect(),
        fields: fields.groups(),
        nearest,
    };
    Ok(render(status, &page))
}

/// POST /advice/question
pub async fn create(
    holder: AsHolder,
    request: HttpRequest,
    portal: web::Data<Portal>,
    form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (person, form) = (holder.actor(), typed(&form.0));
    let given = form.clone();
    let asked = once(&request, &portal, move |portal| ask_beforehand(portal, person, &given)).await;
    match asked.or_corrections()? {
        Ok(id) => Ok(see_other_with(
            format!("/advice/{id}"),
            Flash::success("Your question is with us. You will get an email when we have answered."),
        )),
        Err(errors) => page(&holder, &portal, form, Some(errors)).await,
    }
}
