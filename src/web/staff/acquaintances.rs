//! "I know this holder": said on the page of the holder or of a report, and taken back on that of the holder.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;

use super::review::claims::view_of;
use super::review::form::ReviewForm;
use super::review::queue_address::QueueAddress;
use super::{holders, review};
use crate::actions::ActionError;
use crate::actions::accounts::acquaintances::{GivenEnd, checked_reason, declare, take_back};
use crate::actions::reviews::queue::Onwards;
use crate::domain::activities::queue_order::QueueSorting;
use crate::domain::ids::{AccountId, ActivityId, HolderId};
use crate::portal::Portal;
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedForm;
use crate::web::http::auth::{AsAdministrator, AsReviewer};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Flash;

/// What was said about it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AcquaintanceForm {
    known_reason: String,
    /// That it is meant: only somebody else can take it back.
    known_sure: String,
}

/// Whose word is taken back, and why.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AcquaintanceEndForm {
    colleague: String,
    ended_reason: String,
    alone: String,
}

/// The report on whose page the form stands, if it is one's: `?report=12`.
fn report(request: &HttpRequest) -> Option<ActivityId> {
    Fields::parse(request.query_string().as_bytes()).one("report").parse().ok()
}

/// What has to be ticked.
const NOT_SURE: &str =
    "Tick this when you know this holder and leave what is decided about them to colleagues.";

/// On to the next report that whoever said it may decide; from the page of the holder, back to it.
fn noted(
    holder: HolderId,
    from: Option<ActivityId>,
    address: &QueueAddress,
    next: Option<ActivityId>,
) -> HttpResponse {
    let words = "Noted. Colleagues decide about this holder from now on. What was given to you about them is free for any of them.";
    let (path, then) = match (from, next) {
        (None, _) => (format!("/staff/holders/{holder}"), ""),
        (Some(_), Some(next)) => (address.report(next), " This is the next report that you may decide."),
        (Some(_), None) => (address.list(), " Nothing else is waiting for you."),
    };
    see_other_with(path, Flash::success(format!("{words}{then}")))
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
    let address = QueueAddress::of(&request);
    // in the usual order, which is asked after it was said: one that somebody sorted may go on to the same holder
    let view = view_of(&staff, &portal, &address.filter);
    let from = report(&request);
    let said = blocking(&portal, move |portal| {
        if given.known_sure.is_empty() {
            let unsure: Result<(), _> = Err(ActionError::invalid("known_sure", NOT_SURE));
            ActionError::both(checked_reason(&given.known_reason), unsure)?;
        }
        let Some(report) = from else {
            return declare(portal, actor, id, &given.known_reason).map(|()| None);
        };
        let onwards = portal.store.read(|conn| Onwards::of(conn, &view, QueueSorting::USUAL, report))?;
        declare(portal, actor, id, &given.known_reason)?;
        Ok(portal.store.read(|conn| onwards.next(conn, &view))?)
    });
    let errors = match said.await.or_corrections()? {
        Ok(next) => return Ok(noted(id, from, &address, next)),
        Err(errors) => errors,
    };
    let known_reason = form.known_reason;
    match report(&request) {
        Some(report) => {
            let form = ReviewForm { known_reason, ..ReviewForm::default() };
            review::verdict::mend(&staff, &request, &portal, report, (form, errors)).await
        }
        None => {
            let form = holders::page::ColleagueForm { known_reason, ..Default::default() };
            holders::page::page(&staff, &request, &portal, id, Some((form, errors))).await
        }
    }
}

/// POST /staff/holders/{id}/acquaintance/removal: an administrator takes back what a colleague said.
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn delete(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<AcquaintanceEndForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, typed) = (AccountId(*id), staff.actor(), form.clone());
    let done = blocking(&portal, move |portal| {
        let AcquaintanceEndForm { colleague, ended_reason, alone } = &typed;
        let given = GivenEnd { colleague, reason: ended_reason, alone: !alone.is_empty() };
        take_back(portal, actor, id, &given)
    });
    match done.await.or_corrections()? {
        Ok(()) => {
            let words = "Taken back. Whoever had said it can decide about this holder again.";
            Ok(see_other_with(format!("/staff/holders/{id}"), Flash::success(words)))
        }
        Err(errors) => {
            let AcquaintanceEndForm { colleague, ended_reason, alone } = form;
            let form = holders::page::ColleagueForm { colleague, ended_reason, alone, ..Default::default() };
            holders::page::page(&staff, &request, &portal, id, Some((form, errors))).await
        }
    }
}
