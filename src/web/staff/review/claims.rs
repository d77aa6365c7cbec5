//! Going through the queue: claiming a report, giving it back, and the ways to the next and the one before.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::case::{ReaderShown, read_by};
use super::queue_address::QueueAddress;
use super::queue_filter::QueueFilter;
use crate::actions::reviews::claims::{claim, release};
use crate::actions::reviews::queue::beside;
use crate::domain::activities::queue_order::QueueSorting;
use crate::domain::ids::ActivityId;
use crate::portal::Portal;
use crate::store::activities::review_queue::{self, View};
use crate::web::forms::plain::CheckedForm;
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::flash::{see_other, see_other_with};
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

/// What the form of a claim says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClaimForm {
    /// Not empty to take it over from a colleague.
    take_over: String,
}

/// What stands on top of a report that a colleague reads; nothing otherwise.
#[derive(Template)]
#[template(path = "staff/activities/reading.html")]
struct ReadingNotice {
    page: Layout,
    id: i64,
    queue: String,
    read_by: Option<ReaderShown>,
}

/// Whether a script of ours asks, which puts the answer into the page that is open.
pub(super) fn is_script(request: &HttpRequest) -> bool {
    request.headers().contains_key("x-requested-with")
}

/// What a reviewer sees of the queue now.
pub fn view_of(staff: &Person, portal: &Portal, filter: &QueueFilter) -> View {
    let now = portal.clock.now();
    View { reviewer: staff.account.id, now, filter: filter.of_store(now, staff.account.id) }
}

/// POST /staff/activities/{id}/claim: takes a report over, or renews one's own claim. A script is told which colleague reads it.
///
/// # Errors
/// `WebError::NotFound` for drafts and what is not there.
pub async fn create(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<ClaimForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor) = (ActivityId(*id), staff.actor());
    let address = QueueAddress::of(&request);
    let found = blocking(&portal, move |portal| claim(portal, actor, id, !form.take_over.is_empty())).await?;
    if !is_script(&request) {
        return Ok(see_other(address.report(id)));
    }
    let page = staff.layout("Review");
    let notice = ReadingNotice { page, id: id.0, queue: address.suffix(), read_by: read_by(found, &portal) };
    Ok(render(StatusCode::OK, &notice))
}

/// POST /staff/activities/{id}/release: gives a report back, on to the queue.
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn delete(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedForm<ClaimForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor) = (ActivityId(*id), staff.actor());
    blocking(&portal, move |portal| release(portal, actor, id)).await?;
    Ok(see_other(QueueAddress::of(&request).list()))
}

/// GET /staff/activities/{id}/next: the next report in the queue that no colleague reads.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn next(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    go(&staff, &request, &portal, ActivityId(*id), true).await
}

/// GET /staff/activities/{id}/previous: the report before it in the queue that no colleague reads.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn previous(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    go(&staff, &request, &portal, ActivityId(*id), false).await
}

async fn go(
    staff: &AsReviewer,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    id: ActivityId,
    onwards: bool,
) -> Result<HttpResponse, WebError> {
    let address = QueueAddress::of(request);
    let (view, actor) = (view_of(staff, portal, &address.filter), staff.actor());
    let sorting = address.filter.sorting();
    let found = blocking(portal, move |portal| {
        let found = portal.store.read(|conn| {
            if sorting != QueueSorting::USUAL {
                return beside(conn, &view, sorting, id, onwards);
            }
            let place = review_queue::place_of(conn, id)?;
            Ok(match (onwards, place) {
                (true, place) => review_queue::next(conn, &view, place)?,
                (false, Some(place)) => review_queue::previous(conn, &view, place)?,
                (false, None) => None,
            })
        })?;
        // whoever goes on does not read it any more
        release(portal, actor, id)?;
        Ok(found.filter(|found| *found != id))
    })
    .await?;
    let none = if onwards {
        "That was the last report that nobody else is reading."
    } else {
        "There is no report before it in the queue."
    };
    Ok(match found {
        Some(found) => see_other(address.report(found)),
        None => see_other_with(address.list(), Flash::info(none)),
    })
}
