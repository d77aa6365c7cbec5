//! The history: who did what to which thing, when.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::ids::{AccountId, ActivityId, CertificateId};
use crate::portal::Portal;
use crate::store::records::history::{self, HistoryFilter, HistoryRow};
use crate::store::records::holders;
use crate::store::{Conn, StoreError};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::dates::instant;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// Rows on one page.
const PAGE: i64 = 100;

#[derive(Template)]
#[template(path = "staff/history.html")]
struct HistoryPage {
    page: Layout,
    rows: Vec<Shown>,
    newer: Option<String>,
    older: Option<String>,
    filtered: bool,
}

/// A row of the history, for a page.
pub struct Shown {
    /// When.
    pub at: String,
    /// Who.
    pub who: String,
    /// What happened.
    pub event: String,
    /// More.
    pub detail: String,
    /// Whose affair, with the name.
    pub holder: Option<(i64, String)>,
    /// About which certificate.
    pub certificate: Option<i64>,
    /// About which report.
    pub activity: Option<i64>,
}

/// Rows for a page, with the names of the holders they are about.
pub fn shown(conn: &mut Conn<'_>, portal: &Portal, rows: Vec<HistoryRow>) -> Result<Vec<Shown>, StoreError> {
    let mut about: Vec<AccountId> = rows.iter().filter_map(|row| row.holder).collect();
    about.sort_unstable();
    about.dedup();
    let names = holders::named(conn, &about)?;
    let name_of = |id: AccountId| {
        names.iter().find(|account| account.id == id).map(|account| (id.0, account.name.clone()))
    };
    Ok(rows
        .into_iter()
        .map(|row| (row.event.is_of_draft(), row))
        .map(|(draft, row)| Shown {
            at: instant(&portal.clock, row.at),
            who: row.actor_name.unwrap_or_else(|| "the portal".to_owned()),
            activity: row.activity.map(|id| id.0).filter(|_| !draft),
            event: row.event.for_staff().to_owned(),
            detail: if draft { String::new() } else { row.detail },
            holder: row.holder.and_then(name_of),
            certificate: row.certificate.map(|id| id.0),
        })
        .collect())
}

/// GET /staff/history
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let filter = HistoryFilter {
        holder: query.one("holder").parse().ok().map(AccountId),
        certificate: query.one("certificate").parse().ok().map(CertificateId),
        activity: query.one("activity").parse().ok().map(ActivityId),
        about: None,
        before: query.one("before").parse().ok(),
    };
    let read = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| HistoryPageData::load(conn, portal, filter))?)
    });
    let data = read.await?;
    let kept = || {
        let mut kept = url::form_urlencoded::Serializer::new(String::new());
        for name in ["holder", "certificate", "activity"] {
            if !query.one(name).is_empty() {
                kept.append_pair(name, query.one(name));
            }
        }
        kept
    };
    let page = HistoryPage {
        page: staff.layout("History"),
        rows: data.rows,
        newer: filter.before.map(|_| format!("/staff/history?{}", kept().finish())),
        older: data.last.map(|last| {
            format!("/staff/history?{}", kept().append_pair("before", &last.to_string()).finish())
        }),
        filtered: filter.holder.is_some() || filter.certificate.is_some() || filter.activity.is_some(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// What the list needs, read together.
struct HistoryPageData {
    rows: Vec<Shown>,
    /// The last row, when older ones follow.
    last: Option<i64>,
}

impl HistoryPageData {
    fn load(conn: &mut Conn<'_>, portal: &Portal, filter: HistoryFilter) -> Result<Self, StoreError> {
        let mut rows = history::list(conn, filter, PAGE + 1)?;
        let more = rows.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
        if more {
            rows.pop();
        }
        let last = rows.last().map(|row| row.id).filter(|_| more);
        Ok(Self { rows: shown(conn, portal, rows)?, last })
    }
}
