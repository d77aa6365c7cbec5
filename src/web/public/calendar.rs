//! The private calendar: the feed behind its address, and making or taking away the address.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LOCATION, CONTENT_TYPE, HeaderValue,
};
use actix_web::{HttpRequest, HttpResponse, web};

use super::account::with_calendar;
use crate::actions::ActionError;
use crate::actions::overview::calendar;
use crate::portal::Portal;
use crate::secrets::Token;
use crate::web::forms::plain::CheckedFields;
use crate::web::forms::receipt::once;
use crate::web::http::auth::AsAnyone;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Flash;

/// GET /calendar/{token}.ics
///
/// # Errors
/// `WebError::NotFound` for an address that does not work; every one is hashed and looked up, whatever it looks like.
pub async fn show(portal: web::Data<Portal>, token: web::Path<String>) -> Result<HttpResponse, WebError> {
    let token = Token::parse(&token);
    let file = blocking(&portal, move |portal| {
        let known = token.is_some();
        let token = match token {
            Some(token) => token,
            None => Token::random()?,
        };
        calendar::read(portal, &token)
            .and_then(|file| if known { Ok(file) } else { Err(ActionError::NotFound) })
    })
    .await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/calendar; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "inline; filename=\"cpe.ics\""))
        .insert_header((CACHE_CONTROL, "private, max-age=3600"))
        .body(file))
}

/// POST /account/calendar: makes an address, and shows it this one time.
pub async fn create(
    person: AsAnyone,
    request: HttpRequest,
    portal: web::Data<Portal>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let by = person.actor();
    let token = once(&request, &portal, move |portal| calendar::make(portal, by)).await?;
    let address = format!("{}/calendar/{}.ics", portal.config.url, token.expose());
    let mut page = with_calendar(&person, &portal, address).await?;
    // whoever reloads this page, which sends the form again, comes there, and the address that was shown goes on working
    page.headers_mut().insert(CONTENT_LOCATION, HeaderValue::from_static("/account"));
    Ok(page)
}

/// POST /account/calendar/removal
pub async fn delete(
    person: AsAnyone,
    portal: web::Data<Portal>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let by = person.actor();
    blocking(&portal, move |portal| calendar::revoke(portal, by)).await?;
    Ok(see_other_with("/account", Flash::success("The address does not work any more.")))
}
