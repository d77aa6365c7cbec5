//! Answering a reviewer's question on the page of the report.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::evidence::FileLine;
use super::page::{Answering, page};
use super::withdrawal::SeenForm;
use crate::actions::ActionError;
use crate::actions::activities::answer::answer;
use crate::actions::activities::evidence::keep;
use crate::domain::ids::ActivityId;
use crate::portal::Portal;
use crate::store::StoreError;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::evidence::{Files, received};
use crate::web::forms::receipt::once;
use crate::web::forms::upload::CheckedMultipart;
use crate::web::holder::reference::activity_id;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Flash;

/// POST /activities/{id}/answer
///
/// # Errors
/// `WebError::NotFound` for somebody else's.
pub async fn create(
    holder: AsHolder,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    form: CheckedMultipart,
) -> Result<HttpResponse, WebError> {
    let (person, id) = (holder.actor(), activity_id(&id)?);
    let version = SeenForm { version: form.fields.one("version").to_owned() }.number();
    let words = form.fields.one("explanation").to_owned();
    let files = received(&portal, person.id, form).await?;
    let (given, proofs) = (words.clone(), files.clone());
    let done =
        once(&request, &portal, move |portal| answer(portal, person, id, version, &given, &proofs.proofs()))
            .await;
    if matches!(done, Err(WebError::Action(ActionError::Store(StoreError::Changed)))) {
        let message = "This report was changed elsewhere after you opened it here, perhaps in another window. Look at it as it stands now.";
        let errors = FieldErrors::of("", message);
        return shown_again(&holder, &portal, id, (words, files, errors), StatusCode::CONFLICT).await;
    }
    match done.or_corrections()? {
        Ok(()) => Ok(see_other_with(
            format!("/activities/{id}"),
            Flash::success("Your answer has been sent. It is our turn again."),
        )),
        Err(errors) => {
            let typed = (words, files, errors);
            shown_again(&holder, &portal, id, typed, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// The page with what was typed, and with the files that came with it.
async fn shown_again(
    holder: &AsHolder,
    portal: &web::Data<Portal>,
    id: ActivityId,
    (words, files, errors): (String, Files, FieldErrors),
    status: StatusCode,
) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let kept = blocking(portal, move |portal| keep(portal, person, &files.proofs())).await?;
    let kept = kept.into_iter().map(FileLine::from).collect();
    page(holder, portal, id, Answering { words, kept, errors, status }).await
}
