//! "I know this holder": said on the page of the holder or of a report, and taken back.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::review::form::ReviewForm;
use super::review::queue_address::QueueAddress;
use super::{holders, review};
use crate::actions::accounts::acquaintances::{declare, take_back};
use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::portal::Portal;
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Flash;

/// What was said about it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AcquaintanceForm {
    known_reason: String,
}

/// The report on whose page the form stands, if it is one's: `?report=12`.
fn report(request: &HttpRequest) -> Option<ActivityId> {
    Fields::parse(request.query_string().as_bytes()).one("report").parse().ok()
}

/// Back to the page on which the form stood.
fn back(request: &HttpRequest, holder: HolderId, flash: Flash) -> HttpResponse {
    let path = match report(request) {
        Some(report) => format!("/staff/activities/{report}{}", QueueAddress::of(request).filter.suffix()),
        None => format!("/staff/holders/{holder}"),
    };
    see_other_with(path, flash)
}

/// POST /staff/holders/{id}/acquaintance
///
/// # Errors
/// `WebError::NotFound`.
pub async fn create(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<AcquaintanceForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (AccountId(*id), staff.actor(), form.clone());
    let said = blocking(&portal, move |portal| declare(portal, actor, id, &given.known_reason));
    let errors = match said.await.or_corrections()? {
        Ok(()) => {
            let words =
                "Noted. Colleagues decide about this holder from now on, and what you had of it is theirs.";
            return Ok(back(&request, id, Flash::success(words)));
        }
        Err(errors) => errors,
    };
    let known_reason = form.known_reason;
    match report(&request) {
        Some(report) => {
            let form = ReviewForm { known_reason, ..ReviewForm::default() };
            review::page::page(&staff, &request, &portal, report, Some((form, errors))).await
        }
        None => {
            let form = holders::page::ColleagueForm { known_reason, ..Default::default() };
            holders::page::page(&staff, &request, &portal, id, Some((form, errors))).await
        }
    }
}

/// POST /staff/holders/{id}/acquaintance/removal
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn delete(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (id, actor) = (AccountId(*id), staff.actor());
    blocking(&portal, move |portal| take_back(portal, actor, id)).await?;
    Ok(back(&request, id, Flash::success("Taken back. You can decide about this holder again.")))
}
