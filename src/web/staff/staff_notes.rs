//! Writing notes for staff, and taking their words out again.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::review::form::ReviewForm;
use super::review::queue_address::QueueAddress;
use super::{conversations, holders, review};
use crate::actions::staff_notes::{NoteAbout, remove, write};
use crate::domain::ids::{AccountId, ActivityId, ConversationId};
use crate::portal::Portal;
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

/// What a form writes a note about: the page on which it stands.
fn about(request: &HttpRequest, id: i64) -> Option<NoteAbout> {
    let on = |folder: &str| request.path().starts_with(folder);
    if on("/staff/activities/") {
        Some(NoteAbout::Report(ActivityId(id)))
    } else if on("/staff/holders/") {
        Some(NoteAbout::Holder(AccountId(id)))
    } else if on("/staff/advice/") {
        Some(NoteAbout::Conversation(ConversationId(id)))
    } else {
        None
    }
}

/// On to the page of what the note is about: for a report, where it is read.
fn done(request: &HttpRequest, about: NoteAbout, words: &'static str) -> HttpResponse {
    let page = match about {
        NoteAbout::Report(id) => QueueAddress::of(request).report(id),
        NoteAbout::Holder(_) | NoteAbout::Conversation(_) => path(about),
    };
    see_other_with(format!("{page}#notes"), Flash::success(words))
}

/// POST /staff/activities/{id}/notes, /staff/holders/{id}/notes and /staff/advice/{id}/notes
///
/// # Errors
/// `WebError::NotFound` for drafts and what is not there.
pub async fn create(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<NoteForm>,
) -> Result<HttpResponse, WebError> {
    let about = about(&request, *id).ok_or(WebError::NotFound)?;
    let (actor, typed) = (staff.actor(), form.note.clone());
    let written = once(&request, &portal, move |portal| write(portal, actor, about, &typed)).await;
    match (written.or_corrections()?, about) {
        (Ok(()), _) => Ok(done(&request, about, "The note has been added. Only staff read it.")),
        (Err(errors), NoteAbout::Report(id)) => {
            let form = ReviewForm { note: form.note, ..ReviewForm::default() };
            review::verdict::mend(&staff, &request, &portal, id, (form, errors)).await
        }
        (Err(errors), NoteAbout::Holder(id)) => {
            let form = holders::page::ColleagueForm { note: form.note, ..Default::default() };
            holders::page::page(&staff, &request, &portal, id, Some((form, errors))).await
        }
        (Err(errors), NoteAbout::Conversation(id)) => {
            conversations::with_note(&staff, &portal, id, form.note, errors).await
        }
    }
}

/// POST /staff/notes/{id}/removal: takes the words out, for the author or an administrator.
///
/// # Errors
/// `WebError::NotFound` for a colleague's.
pub async fn delete(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (actor, id) = (staff.actor(), *id);
    let about = blocking(&portal, move |portal| remove(portal, actor, id)).await?;
    Ok(done(&request, about, "The note has been removed. The history says that there was one."))
}
