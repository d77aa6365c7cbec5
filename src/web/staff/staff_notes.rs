//! Writing notes for staff, and taking their words out again.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::review::form::ReviewForm;
use super::review::queue_address::QueueAddress;
use super::{conversations, holders, review};
use crate::actions::staff_notes::{NoteAbout, remove, write};
use crate::domain::ids::{AccountId, ActivityId, ConversationId};
use crate::portal::Portal;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::forms::receipt::once;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Flash;
use crate::web::view::staff_notes::path;

/// A note as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct NoteForm {
    note: String,
}

/// Writes a note; gives what is wrong with it, if anything.
async fn written(
    staff: &AsReviewer,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    about: NoteAbout,
    form: &NoteForm,
) -> Result<Result<(), FieldErrors>, WebError> {
    let (actor, note) = (staff.actor(), form.note.clone());
    once(request, portal, move |portal| write(portal, actor, about, &note)).await.or_corrections()
}

/// On to the page of what the note is about.
fn done(about: NoteAbout, suffix: &str, words: &'static str) -> HttpResponse {
    see_other_with(format!("{}{suffix}#notes", path(about)), Flash::success(words))
}

const WRITTEN: &str = "The note has been added. Only staff read it.";

/// POST /staff/activities/{id}/notes
///
/// # Errors
/// `WebError::NotFound` for drafts and what is not there.
pub async fn of_report(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<NoteForm>,
) -> Result<HttpResponse, WebError> {
    let id = ActivityId(*id);
    match written(&staff, &request, &portal, NoteAbout::Report(id), &form).await? {
        Ok(()) => Ok(done(NoteAbout::Report(id), &QueueAddress::of(&request).filter.suffix(), WRITTEN)),
        Err(errors) => {
            let form = ReviewForm { note: form.note, ..ReviewForm::default() };
            review::page::page(&staff, &request, &portal, id, Some((form, errors))).await
        }
    }
}

/// POST /staff/holders/{id}/notes
///
/// # Errors
/// `WebError::NotFound`.
pub async fn of_holder(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<NoteForm>,
) -> Result<HttpResponse, WebError> {
    let id = AccountId(*id);
    match written(&staff, &request, &portal, NoteAbout::Holder(id), &form).await? {
        Ok(()) => Ok(done(NoteAbout::Holder(id), "", WRITTEN)),
        Err(errors) => {
            let form = holders::page::ColleagueForm { note: form.note, ..Default::default() };
            holders::page::page(&staff, &request, &portal, id, Some((form, errors))).await
        }
    }
}

/// POST /staff/advice/{id}/notes
///
/// # Errors
/// `WebError::NotFound`.
pub async fn of_conversation(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<NoteForm>,
) -> Result<HttpResponse, WebError> {
    let id = ConversationId(*id);
    match written(&staff, &request, &portal, NoteAbout::Conversation(id), &form).await? {
        Ok(()) => Ok(done(NoteAbout::Conversation(id), "", WRITTEN)),
        Err(errors) => conversations::with_note(&staff, &portal, id, form.note, errors).await,
    }
}

/// POST /staff/notes/{id}/removal: takes the words out, for the author or an administrator.
///
/// # Errors
/// `WebError::NotFound` for a colleague's.
pub async fn delete(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (actor, id) = (staff.actor(), *id);
    let about = blocking(&portal, move |portal| remove(portal, actor, id)).await?;
    Ok(done(about, "", "The note has been removed. The history says that there was one."))
}
