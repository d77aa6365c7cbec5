//! A badge for machines: its signed text, its pictures, the status list and the issuer's keys. Nothing is signed on a request:
//! what was signed is served as it is.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use qrcode::QrCode;
use qrcode::render::svg::Color;
use sha2::{Digest, Sha256};

use super::verify;
use crate::actions::ActionError;
use crate::actions::badges::badge_files;
use crate::actions::badges::badge_files::BadgeFile;
use crate::badges::picture::Picture;
use crate::badges::{BadgeError, credential, embed};
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::badges::{signed_badges, status_lists};
use crate::web::http::auth::Visitor;
use crate::web::http::blocking::{blocking, looked_up};
use crate::web::http::error::WebError;

/// Seconds for which a badge or a status list may be kept: as long as this, a withdrawn badge may go on verifying.
const KEPT: &str = "public, max-age=300";
/// Seconds for the issuer's keys and the words about a certification.
const KEPT_LONG: &str = "public, max-age=3600";
/// Letters of a signature that stand for its document.
const TAG_LETTERS: usize = 24;
/// Pixels of a picture's side.
const SIDE: u16 = 512;
/// Pictures that are kept drawn: one for each certification and year that somebody asked for lately.
const DRAWN: usize = 24;

/// GET /badges/{id}: the page for people; the signed text for whatever does not ask for a page.
///
/// # Errors
/// `WebError::NotFound`.
pub async fn show(
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let mut response = match wants_page(&request) {
        // a visitor's form token is made only where there is a page to put it in
        true => verify::badge(Visitor::extract(&request).await?, portal, id).await?,
        false => signed_text(&request, &portal, id.into_inner()).await?,
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

/// GET /badges/{id}.json: the signed text as a file.
///
/// # Errors
/// `WebError::NotFound`.
pub async fn json(
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let id = id.into_inner();
    let file = blocking(&portal, move |portal| badge_files::find(portal, &id)).await?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::CONTENT_DISPOSITION, disposition(&file, "json")));
    Ok(signed(&request, answer, file.document))
}

async fn signed_text(
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    id: String,
) -> Result<HttpResponse, WebError> {
    let find = move |conn: &mut Conn<'_>| signed_badges::text(conn, &id)?.ok_or(ActionError::NotFound);
    Ok(signed(request, HttpResponse::Ok(), looked_up(portal, find).await?))
}

/// A signed document. Its signature says which one it is: another text has another.
fn signed(request: &HttpRequest, answer: HttpResponseBuilder, text: String) -> HttpResponse {
    const BEFORE: &str = "\"proofValue\":\"";
    let signature = text.split_once(BEFORE).and_then(|(_, rest)| rest.split_once('"'));
    match signature.and_then(|(signature, _)| signature.get(..TAG_LETTERS)) {
        Some(begin) => {
            let tag = format!("\"{begin}\"");
            tagged(request, answer, "application/vc+ld+json", KEPT, text, &tag)
        }
        None => document(request, answer, "application/vc+ld+json", KEPT, text),
    }
}

/// GET /badges/{id}.png: the picture that carries the signed text. 410 once it was revoked.
///
/// # Errors
/// `WebError::NotFound`.
pub async fn png(portal: web::Data<Portal>, id: web::Path<String>) -> Result<HttpResponse, WebError> {
    let id = id.into_inner();
    let (file, baked) = blocking(&portal, move |portal| {
        let file = badge_files::find(portal, &id)?;
        let picture = drawn(&badge_files::picture(&file.case))?;
        let baked = embed::png(&picture, &file.document, file.assertion.as_deref())?;
        Ok::<_, ActionError>((file, baked))
    })
    .await?;
    Ok(image(&file, "png", "image/png", baked))
}

/// GET /badges/{id}.svg: the same as a drawing.
///
/// # Errors
/// `WebError::NotFound`.
pub async fn svg(portal: web::Data<Portal>, id: web::Path<String>) -> Result<HttpResponse, WebError> {
    let id = id.into_inner();
    let (file, baked) = blocking(&portal, move |portal| {
        let file = badge_files::find(portal, &id)?;
        let picture = badge_files::picture(&file.case).svg()?;
        let baked = embed::svg(&picture, &file.document, file.assertion.as_deref())?;
        Ok::<_, ActionError>((file, baked.into_bytes()))
    })
    .await?;
    Ok(image(&file, "svg", "image/svg+xml", baked))
}

fn image(file: &BadgeFile, kind: &str, media_type: &'static str, bytes: Vec<u8>) -> HttpResponse {
    if file.case.revoked_on.is_some() {
        return open_to_all(HttpResponse::Gone(), KEPT)
            .content_type("text/plain; charset=utf-8")
            .body("This badge was withdrawn.\n");
    }
    open_to_all(HttpResponse::Ok(), KEPT)
        .content_type(media_type)
        .insert_header((header::CONTENT_DISPOSITION, disposition(file, kind)))
        .body(bytes)
}

fn disposition(file: &BadgeFile, kind: &str) -> String {
    let number: String =
        file.case.number.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).collect();
    format!("inline; filename=\"badge-{number}.{kind}\"")
}

/// GET /badges/{id}/qr.svg: the address of the badge's page, to be read by a camera.
///
/// # Errors
/// `WebError::NotFound`.
pub async fn qr(portal: web::Data<Portal>, id: web::Path<String>) -> Result<HttpResponse, WebError> {
    let id = id.into_inner();
    let address = portal.origin.at(&credential::path(&id));
    blocking(&portal, move |portal| badge_files::find(portal, &id)).await?;
    let code = QrCode::new(address.as_bytes()).map_err(|problem| WebError::Fault(problem.to_string()))?;
    let drawing = code
        .render::<Color<'_>>()
        .min_dimensions(240, 240)
        .dark_color(Color("#000000"))
        .light_color(Color("#ffffff"))
        .build();
    Ok(open_to_all(HttpResponse::Ok(), KEPT).content_type("image/svg+xml").body(drawing))
}

/// GET /status/{number}: the signed status list.
///
/// # Errors
/// `WebError::NotFound`.
pub async fn status_list(
    request: HttpRequest,
    portal: web::Data<Portal>,
    number: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let number: i64 = number.parse().map_err(|_| WebError::NotFound)?;
    let find = move |conn: &mut Conn<'_>| status_lists::find(conn, number)?.ok_or(ActionError::NotFound);
    let list = looked_up(&portal, find).await?;
    Ok(signed(&request, HttpResponse::Ok(), list.document))
}

/// GET /.well-known/did.json: the issuer's keys.
///
/// # Errors
/// `WebError` when the keys cannot be read.
pub async fn issuer(request: HttpRequest, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let text = blocking(&portal, |portal| {
        Ok::<_, ActionError>(portal.badge_keys()?.did_document(&portal.origin).to_string())
    })
    .await?;
    Ok(document(&request, HttpResponse::Ok(), "application/did+json", KEPT_LONG, text))
}

/// A picture as PNG; the last ones that were asked for are kept.
///
/// # Errors
/// `BadgeError::Picture`.
pub(super) fn drawn(picture: &Picture) -> Result<Arc<Vec<u8>>, BadgeError> {
    type Kept = Mutex<BTreeMap<String, Arc<Vec<u8>>>>;
    static KEPT_DRAWN: LazyLock<Kept> = LazyLock::new(Mutex::default);
    let name = format!("{picture:?}");
    if let Some(found) = KEPT_DRAWN.lock().unwrap_or_else(PoisonError::into_inner).get(&name) {
        return Ok(Arc::clone(found));
    }
    let bytes = Arc::new(picture.png(SIDE)?);
    let mut kept = KEPT_DRAWN.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= DRAWN {
        kept.clear();
    }
    kept.insert(name, Arc::clone(&bytes));
    Ok(bytes)
}

/// A stored document: with an ETag, so that whoever has it already gets no body.
pub(super) fn document(
    request: &HttpRequest,
    answer: HttpResponseBuilder,
    media_type: &'static str,
    kept: &'static str,
    text: String,
) -> HttpResponse {
    let digest = Sha256::digest(text.as_bytes());
    let tag: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    tagged(request, answer, media_type, kept, text, &format!("\"{tag}\""))
}

fn tagged(
    request: &HttpRequest,
    answer: HttpResponseBuilder,
    media_type: &'static str,
    kept: &'static str,
    text: String,
    tag: &str,
) -> HttpResponse {
    let mut answer = open_to_all(answer, kept);
    answer.insert_header((header::ETAG, tag));
    let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag)) {
        return answer.status(StatusCode::NOT_MODIFIED).finish();
    }
    answer.content_type(media_type).body(text)
}

/// Any site may read it.
pub(super) fn open_to_all(mut answer: HttpResponseBuilder, kept: &'static str) -> HttpResponseBuilder {
    answer
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::CACHE_CONTROL, kept));
    answer
}

/// Whether a page is preferred to JSON. What takes anything gets JSON; an `image/*` never picks an image here.
pub(super) fn wants_page(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut page = 0;
    let mut data = 0;
    for part in accept.split(',') {
        let mut pieces = part.split(';').map(str::trim);
        let kind = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let weight = pieces.find_map(|piece| piece.strip_prefix("q=")).map_or(1000, thousandths);
        match kind.as_str() {
            "text/html" | "application/xhtml+xml" => page = page.max(weight),
            "application/json" | "application/ld+json" | "application/vc+ld+json" | "application/vc" => {
                data = data.max(weight);
            }
            _ => {}
        }
    }
    page > data
}

/// A weight such as `0.8` in thousandths; what is no weight counts as 1.
fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    if whole != "0" {
        return 1000;
    }
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    digits.parse().unwrap_or(1000)
}
