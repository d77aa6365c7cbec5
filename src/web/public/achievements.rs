//! A certification in words, and the Open Badges 2.0 documents.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::badge_documents::{document, drawn, open_to_all, wants_page};
use crate::actions::ActionError;
use crate::actions::badges::badge_files::picture_of_certification;
use crate::actions::badges::badge_sharing;
use crate::actions::badges::badge_sharing::Shared;
use crate::actions::badges::signing::achievement;
use crate::badges::contexts;
use crate::badges::credential::{self, Achievement};
use crate::badges::ob2;
use crate::domain::certification::catalogue::{Certification, Field};
use crate::portal::Portal;
use crate::store::certification::catalogue;
use crate::web::http::auth::Visitor;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

const KEPT: &str = "public, max-age=300";
const KEPT_LONG: &str = "public, max-age=3600";

#[derive(Template)]
#[template(path = "public/achievement.html")]
struct AchievementPage {
    page: Layout,
    code: String,
    description: String,
    criteria: String,
    field: String,
    level: &'static str,
    image: String,
}

async fn find(
    portal: &web::Data<Portal>,
    code: String,
) -> Result<(Certification, Field, Achievement), WebError> {
    let (certification, field) = blocking(portal, move |portal| {
        portal.store.read(|conn| {
            let found = catalogue::certification_by_code(conn, &code)?.ok_or(ActionError::NotFound)?;
            let fields = catalogue::fields(conn)?;
            let field = fields.into_iter().find(|field| field.id == found.field);
            Ok::<_, ActionError>((found, field.ok_or(ActionError::NotFound)?))
        })
    })
    .await?;
    let says = achievement(&certification.code, &certification.title, certification.level, &field.title);
    Ok((certification, field, says))
}

/// GET /achievements/{code}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn show(
    visitor: Visitor,
    request: HttpRequest,
    portal: web::Data<Portal>,
    code: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let (certification, field, says) = find(&portal, code.into_inner()).await?;
    let mut response = if wants_page(&request) {
        let page = AchievementPage {
            page: visitor.layout(certification.title.clone()),
            image: format!("{}/image.png", credential::achievement_path(&certification.code)),
            code: certification.code,
            description: says.description,
            criteria: says.criteria,
            field: field.title,
            level: certification.level.label(),
        };
        render(StatusCode::OK, &page)
    } else {
        let mut words = credential::achievement(&says, &portal.origin).map_err(ActionError::from)?;
        if let Some(members) = words.as_object_mut() {
            members.insert("@context".to_owned(), contexts::of_badge());
        }
        document(&request, HttpResponse::Ok(), "application/ld+json", KEPT_LONG, words.to_string())
    };
    let vary = actix_web::http::header::HeaderValue::from_static("Accept");
    response.headers_mut().insert(actix_web::http::header::VARY, vary);
    Ok(response)
}

/// GET /achievements/{code}/image.png: the picture without anybody's badge in it.
///
/// # Errors
/// `WebError::NotFound`.
pub async fn image(portal: web::Data<Portal>, code: web::Path<String>) -> Result<HttpResponse, WebError> {
    let (certification, field, _) = find(&portal, code.into_inner()).await?;
    let picture = picture_of_certification(&field.code, certification.level, &certification.code);
    let bytes = blocking(&portal, move |_| Ok::<_, ActionError>(drawn(&picture)?.as_ref().clone())).await?;
    Ok(open_to_all(HttpResponse::Ok(), KEPT_LONG).content_type("image/png").body(bytes))
}

/// GET /ob2/issuer
pub async fn issuer(request: HttpRequest, portal: web::Data<Portal>) -> HttpResponse {
    let text = ob2::issuer(&portal.origin, &portal.config.body, &portal.config.contact).to_string();
    document(&request, HttpResponse::Ok(), "application/ld+json", KEPT_LONG, text)
}

/// GET /ob2/badges/{code}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn class(
    request: HttpRequest,
    portal: web::Data<Portal>,
    code: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let (_, _, says) = find(&portal, code.into_inner()).await?;
    let text = ob2::class(&portal.origin, &says).to_string();
    Ok(document(&request, HttpResponse::Ok(), "application/ld+json", KEPT_LONG, text))
}

/// GET /ob2/assertions/{id}: only for holders who asked for it.
///
/// # Errors
/// `WebError::NotFound`.
pub async fn assertion(
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let id = id.into_inner();
    Ok(match blocking(&portal, move |portal| badge_sharing::assertion(portal, &id)).await? {
        Shared::There(text) => document(&request, HttpResponse::Ok(), "application/ld+json", KEPT, text),
        Shared::Revoked(text) => {
            open_to_all(HttpResponse::Gone(), KEPT).content_type("application/ld+json").body(text)
        }
    })
}
