//! What machines ask: does the portal live, and can it answer?

use actix_web::{HttpResponse, web};

use crate::portal::Portal;
use crate::store::policies;
use crate::web::blocking::blocking;
use crate::web::error::WebError;

/// `GET /healthz`: the process lives.
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `GET /readyz`: the database answers.
///
/// # Errors
/// 503 when it does not.
pub async fn ready(portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    blocking(&portal, |portal| Ok(portal.store.read(policies::all)?)).await?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"))
}
