//! Going through the queue: claiming a report, giving it back, and the ways to the next and the one before.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::queue_filter::QueueFilter;
use crate::actions::reviews::claims::{claim, release};
use crate::actions::reviews::queue::beside;
use crate::domain::activities::queue_order::QueueSorting;
use crate::domain::ids::ActivityId;
use crate::portal::Portal;
use crate::store::activities::review_queue::{self, View};
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedForm;
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::flash::{see_other, see_other_with};
use crate::web::view::layout::Flash;

/// What the form of a claim says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClaimForm {
    /// Not empty to take it over from a colleague.
    take_over: String,
}

/// The part of the queue that an address names.
pub fn filter_of(request: &HttpRequest) -> QueueFilter {
    QueueFilter::read(&Fields::parse(request.query_string().as_bytes()))
}

/// What a reviewer sees of the queue now.
pub fn view_of(staff: &Person, portal: &Portal, filter: &QueueFilter) -> View {
    let now = portal.clock.now();
    View { reviewer: staff.account.id, now, filter: filter.of_store(now) }
}

/// POST /staff/activities/{id}/claim: takes a report over, or renews one's own claim.
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
    blocking(&portal, move |portal| claim(portal, actor, id, !form.take_over.is_empty())).await?;
    Ok(see_other(format!("/staff/activities/{id}{}", filter_of(&request).suffix())))
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
    Ok(see_other(format!("/staff/review{}", filter_of(&request).suffix())))
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
    let filter = filter_of(request);
    let (view, actor) = (view_of(staff, portal, &filter), staff.actor());
    let sorting = filter.sorting();
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
    Ok(match found {
        Some(found) => see_other(format!("/staff/activities/{found}{}", filter.suffix())),
        None if onwards => see_other_with(
            format!("/staff/review{}", filter.suffix()),
            Flash::info("That was the last report that nobody else is reading."),
        ),
        None => see_other_with(
            format!("/staff/review{}", filter.suffix()),
            Flash::info("There is no report before it in the queue."),
        ),
    })
}
