//! One report on a page of its own, as staff review it. Opening it claims it.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::case::{CaseData, CaseShown};
use super::evidence::Way;
use super::form::ReviewForm;
use super::queue_address::QueueAddress;
use crate::domain::ids::{ActivityId, EvidenceId};
use crate::portal::Portal;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::http::middleware::POLICY_WITH_VIEWER;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::staff_notes::notes_before;

#[derive(Template)]
#[template(path = "staff/activities/show.html")]
struct ActivityPage {
    page: Layout,
    case: CaseShown,
    /// The list that it was opened from.
    list: String,
}

/// GET /staff/activities/{id}
///
/// # Errors
/// `WebError::NotFound` for drafts and what is not there.
pub async fn show(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    page(&staff, &request, &portal, ActivityId(*id), None).await
}

/// The page of a report, with what was typed when there is something to mend.
///
/// # Errors
/// As [`show`].
pub(in crate::web::staff) async fn page(
    staff: &AsReviewer,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    id: ActivityId,
    typed: Option<(ReviewForm, FieldErrors)>,
) -> Result<HttpResponse, WebError> {
    let actor = staff.actor();
    let query = Fields::parse(request.query_string().as_bytes());
    let file: Option<EvidenceId> = query.one("file").parse().ok();
    let notes = notes_before(&query);
    let data = blocking(portal, move |portal| CaseData::claimed(portal, actor, id, (file, notes))).await?;
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let address = QueueAddress::read(&query);
    let case = CaseShown::new(staff, portal, data, &address, typed.ok_or(&query));
    let page = ActivityPage { page: staff.layout(case.title.clone()), case, list: address.list() };
    Ok(with_viewer(render(status, &page)))
}

/// An answer whose page shows evidence in a frame of its own.
pub(super) fn with_viewer(mut response: HttpResponse) -> HttpResponse {
    let policy = HeaderValue::from_static(POLICY_WITH_VIEWER);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}
