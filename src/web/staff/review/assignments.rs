//! Giving a report to a colleague, and handing it back to everybody.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};

use super::claims::view_of;
use super::form::ReviewForm;
use super::queue_address::QueueAddress;
use super::verdict::mend;
use crate::actions::ActionError;
use crate::actions::reviews::assignments::{GivenAssignment, give, hand_back};
use crate::actions::reviews::queue::Onwards;
use crate::domain::ids::{AccountId, ActivityId};
use crate::portal::Portal;
use crate::store::StoreError;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::plain::CheckedForm;
use crate::web::forms::receipt::once;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Flash;

/// Who had the report when the page was read; what is no number is somebody whom nobody is, so that it is refused.
fn holding(typed: &str) -> Option<AccountId> {
    let typed = typed.trim();
    if typed.is_empty() { None } else { Some(AccountId(typed.parse().unwrap_or(-1))) }
}

/// POST /staff/activities/{id}/assignment: gives it to a colleague, or takes it.
///
/// # Errors
/// `WebError::NotFound` for drafts and what is not there.
pub async fn create(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<ReviewForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (ActivityId(*id), staff.actor(), form.clone());
    let address = QueueAddress::of(&request);
    let (view, sorting) = (view_of(&staff, &portal, &address.filter), address.filter.sorting());
    let done = once(&request, &portal, move |portal| {
        let onwards = portal.store.read(|conn| Onwards::of(conn, &view, sorting, id))?;
        let wanted = GivenAssignment {
            colleague: &given.colleague,
            words: &given.for_colleague,
            seen: holding(&given.held_by),
        };
        let name = give(portal, actor, id, &wanted)?;
        Ok((name, portal.store.read(|conn| onwards.next(conn, &view))?))
    });
    let (name, next) = match done.await {
        Err(WebError::Action(ActionError::Store(StoreError::Changed))) => {
            return overtaken(&staff, &request, &portal, id, form).await;
        }
        done => match done.or_corrections()? {
            Ok(done) => done,
            Err(errors) => return mend(&staff, &request, &portal, id, (form, errors)).await,
        },
    };
    if form.colleague.trim() == actor.id.to_string() {
        let words = "You have this report now. It is among those that are yours.";
        return Ok(see_other_with(address.report(id), Flash::success(words)));
    }
    Ok(given_away(&name, id, &address, next))
}

/// On to the next report, as after a verdict.
fn given_away(name: &str, id: ActivityId, address: &QueueAddress, next: Option<ActivityId>) -> HttpResponse {
    let (path, then) = match next {
        Some(next) => (address.report(next), "This is the next report in the queue."),
        None => (address.list(), "Nothing else is waiting for you."),
    };
    let flash = Flash::success(format!("{name} has the report now, and finds it on the overview. {then}"))
        .with_link(address.report(id), "Look at it again");
    see_other_with(path, flash)
}

/// POST /staff/activities/{id}/assignment/removal: it is everybody's again.
///
/// # Errors
/// As [`create`].
pub async fn delete(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<ReviewForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, seen) = (ActivityId(*id), staff.actor(), holding(&form.held_by));
    let done = match blocking(&portal, move |portal| hand_back(portal, actor, id, seen)).await {
        Err(WebError::Action(ActionError::Store(StoreError::Changed))) => {
            return overtaken(&staff, &request, &portal, id, form).await;
        }
        done => done.or_corrections()?,
    };
    match done {
        Ok(()) => {
            let path = QueueAddress::of(&request).report(id);
            Ok(see_other_with(path, Flash::success("The report is everybody's again.")))
        }
        Err(errors) => mend(&staff, &request, &portal, id, (form, errors)).await,
    }
}

/// Somebody else gave it to somebody else meanwhile: the page says who has it now, with what was typed.
async fn overtaken(
    staff: &AsReviewer,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    id: ActivityId,
    form: ReviewForm,
) -> Result<HttpResponse, WebError> {
    let words = "A colleague changed who has this report while you were reading. Look who has it now.";
    let errors = FieldErrors::of("colleague", words);
    let mut response = mend(staff, request, portal, id, (form, errors)).await?;
    *response.status_mut() = StatusCode::CONFLICT;
    Ok(response)
}
