//! A certificate as PDF, made when somebody asks for it.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use crate::actions::ActionError;
use crate::actions::badges::badge_files;
use crate::domain::ids::{CertificateId, HolderId};
use crate::portal::Portal;
use crate::web::holder::activities::evidence::attachment;
use crate::web::http::auth::{AsHolder, AsReviewer};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Flash;

/// GET /certificates/{id}/certificate.pdf
///
/// # Errors
/// `WebError::NotFound` for somebody else's.
pub async fn of_holder(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    made(&portal, &id, Some(holder.holder()), "/certificates").await
}

/// GET /staff/certificates/{id}/certificate.pdf
///
/// # Errors
/// `WebError::NotFound` when there is no such certificate.
pub async fn of_staff(
    _staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    made(&portal, &id, None, "/staff/certificates").await
}

async fn made(
    portal: &web::Data<Portal>,
    id: &str,
    holder: Option<HolderId>,
    pages: &str,
) -> Result<HttpResponse, WebError> {
    let id: CertificateId = id.parse().map_err(|_| WebError::NotFound)?;
    let made = blocking(portal, move |portal| {
        let paper = badge_files::paper(portal, id, holder)?;
        paper.map(|paper| Ok::<_, ActionError>((paper.pdf()?, paper.number))).transpose()
    });
    let Some((pdf, number)) = made.await? else {
        let words = "This certificate was withdrawn, so there is no PDF of it.";
        return Ok(see_other_with(format!("{pages}/{id}"), Flash::warning(words)));
    };
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header(attachment(&format!("certificate-{number}.pdf")))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(pdf))
}
