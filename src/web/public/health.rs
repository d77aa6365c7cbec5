//! What machines ask: does the portal live, and can it answer?

use actix_web::{HttpResponse, web};

use crate::actions::badge_signing::list_is_old;
use crate::portal::Portal;
use crate::store::policies;
use crate::web::blocking::blocking;
use crate::web::error::WebError;

/// `GET /healthz`: the process lives.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: the database answers, and the status list of badges is signed as it should be.
///
/// # Errors
/// 503 when it does not.
pub async fn ready(portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let lists_are_old = blocking(&portal, |portal| {
        portal.store.read(policies::all)?;
        list_is_old(portal)
    })
    .await?;
    if lists_are_old {
        let words = "the status list of badges was not signed for two days; after seven every badge fails\n";
        return Ok(HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body(words));
    }
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}
