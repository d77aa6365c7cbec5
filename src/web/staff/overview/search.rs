//! Finding anything: one search over holders and reports, as a page and, while somebody types, as a list.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::activities::publication::fold_title;
use crate::domain::dates::long_date;
use crate::portal::Portal;
use crate::store::certification::certificates;
use crate::store::records::search::{self, FoundHolder, FoundReport};
use crate::store::{StoreError, accounts};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::tags::{Tag, staff_tag};

/// Of each kind, on the page.
const ON_PAGE: i64 = 25;
/// Of each kind, while somebody types.
const WHILE_TYPING: i64 = 6;
/// Longest search, in characters.
pub(in crate::web::staff) const LONGEST_SEARCH: usize = 100;

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
    titles: Vec<TitleFound>,
}

/// Reports with one title.
struct TitleFound {
    latest: ReportFound,
    /// How many of those that were looked at.
    reports: usize,
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

/// What somebody typed.
fn typed(request: &HttpRequest) -> String {
    let query = Fields::parse(request.query_string().as_bytes());
    query.one("q").trim().chars().take(LONGEST_SEARCH).collect()
}

async fn find(
    portal: &web::Data<Portal>,
    search: &str,
    most_holders: i64,
    most_reports: i64,
) -> Result<(Vec<HolderFound>, Vec<ReportFound>), WebError> {
    let typed = search.to_owned();
    let (holders, reports) = blocking(portal, move |portal| {
        Ok(portal.store.read(|conn| {
            let holders = search::holders(conn, &typed, most_holders)?;
            Ok::<_, StoreError>((holders, search::reports(conn, &typed, most_reports)?))
        })?)
    })
    .await?;
    Ok((holders.into_iter().map(holder).collect(), reports.into_iter().map(report).collect()))
}

/// Where a search goes on to at once, because it names one certificate or the address of one holder exactly.
async fn exactly(portal: &web::Data<Portal>, search: &str) -> Result<Option<String>, WebError> {
    let typed = search.to_owned();
    let found = blocking(portal, move |portal| {
        Ok(portal.store.read(|conn| {
            let exactly = certificates::find_by_number(conn, &typed)?;
            let numbered = match exactly {
                Some(found) => Some(found),
                None => certificates::find_by_bare_number(conn, &typed)?,
            };
            if let Some(certificate) = numbered {
                return Ok::<_, StoreError>(Some(format!("/staff/certificates/{}", certificate.id)));
            }
            let account = if typed.contains('@') { accounts::find_by_email(conn, &typed)? } else { None };
            let holders = if account.is_some() { search::holders(conn, &typed, 1)? } else { Vec::new() };
            let holder = account.filter(|account| holders.iter().any(|found| found.account.id == account.id));
            Ok(holder.map(|holder| format!("/staff/holders/{}", holder.id)))
        })?)
    });
    found.await
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
    let search = typed(&request);
    if let Some(path) = exactly(&portal, &search).await? {
        return Ok(see_other(path));
    }
    let (holders, reports) = find(&portal, &search, ON_PAGE, ON_PAGE).await?;
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
    let search = typed(&request);
    let (holders, reports) = find(&portal, &search, WHILE_TYPING, ON_PAGE).await?;
    Ok(render(StatusCode::OK, &Suggestions { search, holders, titles: by_title(reports) }))
}

/// Reports of one title as one line: ten people report the same conference.
fn by_title(reports: Vec<ReportFound>) -> Vec<TitleFound> {
    let mut titles: Vec<TitleFound> = Vec::new();
    for report in reports {
        let same = |found: &&mut TitleFound| fold_title(&found.latest.title) == fold_title(&report.title);
        match titles.iter_mut().find(same) {
            Some(found) => found.reports += 1,
            None => titles.push(TitleFound { latest: report, reports: 1 }),
        }
    }
    titles.truncate(usize::try_from(WHILE_TYPING).unwrap_or(usize::MAX));
    titles
}
