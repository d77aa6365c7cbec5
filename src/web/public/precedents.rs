//! What was answered to "Would this count?": everybody who reports or reviews finds it, and nothing of who asked.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::ledger::derivation::Reader;
use crate::portal::Portal;
use crate::store::conversations::precedents;
use crate::store::{Conn, StoreError};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsAnyone;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::inquiry_view::{PrecedentShown, precedent_shown};
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};

/// Precedents on one page.
const PAGE: i64 = 25;

#[derive(Template)]
#[template(path = "public/precedents.html")]
struct PrecedentsPage {
    page: Layout,
    q: String,
    rows: Vec<PrecedentShown>,
    pager: Pager,
    /// Whether the reader could ask.
    asks: bool,
}

/// Precedents that are shown while a title is typed.
const NEAREST: usize = 3;
/// Most characters of a title that are looked at.
const LONGEST_TITLE: usize = 300;

/// The nearest precedents alone, for the script.
#[derive(Template)]
#[template(path = "public/nearest_precedents.html")]
struct NearestPart {
    nearest: Vec<PrecedentShown>,
}

/// The precedents that resemble a title, the most alike first. They are the answers that staff published, in words without names; what other
/// holders reported is never among them, in no form: of few holders even a title can tell who it was.
pub(in crate::web) fn nearest(
    conn: &mut Conn<'_>,
    portal: &Portal,
    title: &str,
) -> Result<Vec<PrecedentShown>, StoreError> {
    let title: String = title.chars().take(LONGEST_TITLE).collect();
    let found = precedents::similar(conn, &title, NEAREST)?;
    Ok(found.iter().map(|row| precedent_shown(row, Reader::Holder, portal)).collect())
}

/// GET /precedents/nearest `?title=`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn alike(
    _person: AsAnyone,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let title = Fields::parse(request.query_string().as_bytes()).one("title").to_owned();
    let nearest =
        blocking(&portal, move |portal| Ok(portal.store.read(|conn| nearest(conn, portal, &title))?)).await?;
    Ok(render(StatusCode::OK, &NearestPart { nearest }))
}

/// GET /precedents `?q=`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    person: AsAnyone,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let q: String = query.one("q").chars().take(200).collect();
    let place = place(&query, |key| key.parse().ok());
    let wanted = q.clone();
    let found = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| precedents::search(conn, &wanted, &place, PAGE))?)
    })
    .await?;
    let reader = if person.reviews() { Reader::Staff } else { Reader::Holder };
    let page = PrecedentsPage {
        page: person.layout("What counted before"),
        pager: Pager::new("/precedents", &[("q", &q)], &found, |row| row.id.to_string()),
        rows: found.rows.iter().map(|row| precedent_shown(row, reader, &portal)).collect(),
        asks: !person.reviews() || person.has_certificates,
        q,
    };
    Ok(render(StatusCode::OK, &page))
}
