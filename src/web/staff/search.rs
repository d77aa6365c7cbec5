//! Finding anything: one search over holders and reports, as a page and, while somebody types, as a list.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::activities::staff_tag;
use crate::domain::calendar::long_date;
use crate::portal::Portal;
use crate::store::search::{self, FoundHolder, FoundReport};
use crate::web::blocking::blocking;
use crate::web::checked::Fields;
use crate::web::error::WebError;
use crate::web::layout::Layout;
use crate::web::page::render;
use crate::web::session::AsReviewer;
use crate::web::state::Tag;

/// Of each kind, on the page.
const ON_PAGE: i64 = 25;
/// Of each kind, while somebody types.
const WHILE_TYPING: i64 = 6;
/// Longest search, in characters.
const LONGEST: usize = 100;

#[derive(Template)]
#[template(path = "staff/search/index.html")]
struct SearchPage {
    page: Layout,
    search: String,
    holders: Vec<HolderFound>,
    reports: Vec<ReportFound>,
}

#[derive(Template)]
#[template(path = "staff/search/suggestions.html")]
struct Suggestions {
    search: String,
    holders: Vec<HolderFound>,
    reports: Vec<ReportFound>,
}

struct HolderFound {
    id: i64,
    name: String,
    email: String,
    numbers: String,
}

struct ReportFound {
    id: i64,
    title: String,
    holder_name: String,
    completed: String,
    tag: Tag,
}

fn holder(found: FoundHolder) -> HolderFound {
    HolderFound {
        id: found.account.id.0,
        name: found.account.name,
        email: found.account.email,
        numbers: found.numbers.join(", "),
    }
}

fn report(found: FoundReport) -> ReportFound {
    ReportFound {
        id: found.id.0,
        title: found.title,
        holder_name: found.holder_name,
        completed: found.completed_on.map(long_date).unwrap_or_default(),
        tag: staff_tag(found.status),
    }
}

async fn find(
    portal: &web::Data<Portal>,
    request: &HttpRequest,
    most: i64,
) -> Result<(String, Vec<HolderFound>, Vec<ReportFound>), WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let search: String = query.one("q").trim().chars().take(LONGEST).collect();
    let typed = search.clone();
    let (holders, reports) = blocking(portal, move |portal| {
        Ok(portal.store.read(|conn| {
            let holders = search::holders(conn, &typed, most)?;
            Ok::<_, crate::store::StoreError>((holders, search::reports(conn, &typed, most)?))
        })?)
    })
    .await?;
    let holders = holders.into_iter().map(holder).collect();
    Ok((search, holders, reports.into_iter().map(report).collect()))
}

/// GET /staff/search `?q=`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let (search, holders, reports) = find(&portal, &request, ON_PAGE).await?;
    let title = if search.is_empty() { "Search".to_owned() } else { format!("Search: {search}") };
    let mut page = SearchPage { page: staff.layout(title), search, holders, reports };
    page.page.search.clone_from(&page.search);
    Ok(render(StatusCode::OK, &page))
}

/// GET /staff/search/suggestions `?q=`: the same as a short list, for the search box of every page.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn suggestions(
    _staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let (search, holders, reports) = find(&portal, &request, WHILE_TYPING).await?;
    Ok(render(StatusCode::OK, &Suggestions { search, holders, reports }))
}
