//! A form that nobody is signed in for: taken in, and kept for whose it is.

use actix_web::HttpMessage;
use actix_web::dev::ServiceRequest;

use super::multipart::read_form;
use super::recovery::signed_out;
use super::token::Expected;
use crate::web::http::auth::{current, portal};
use crate::web::http::csrf;
use crate::web::http::error::WebError;
use crate::web::http::route;

/// Takes in a form that nobody is signed in for. `None` for every other request.
pub(in crate::web) async fn without_session(request: &mut ServiceRequest) -> Option<WebError> {
    if request.method() != "POST" {
        return None;
    }
    // no copy of the request may outlive this block: the router needs it for itself
    let asked = request.request().clone();
    let public = route::find("POST", asked.path()).is_none_or(route::Route::is_public);
    if public || !matches!(current(&asked).await, Ok(None)) {
        return None;
    }
    let portal = portal(&asked).ok()?;
    csrf::refuse_other_sites(&asked, &portal.config).ok()?;
    let payload = request.take_payload();
    match read_form(&asked, payload, Expected::nobody()).await {
        Err(kept @ WebError::SignIn(_)) => Some(kept),
        _ => Some(signed_out()),
    }
}
