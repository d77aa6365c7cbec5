//! Reports that were decided, with how long they had waited, as the report to the board counts them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDateTime;

use super::PAGE;
use crate::clock::Clock;
use crate::domain::board_figure::BoardFigure;
use crate::portal::Portal;
use crate::store::engine::paging::Page;
use crate::store::operations::board_lists::{DecidedPlace, DecidedReport, decided};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::overview::board_filter::{moments_of, span, year_of};
use crate::web::view::dates::instant;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};
use crate::web::view::tags::{Tag, staff_tag};

#[derive(Template)]
#[template(path = "staff/board/reports.html")]
struct ReportsPage {
    page: Layout,
    back: String,
    rows: Vec<DecidedRow>,
    pager: Pager,
}

struct DecidedRow {
    decided: String,
    id: i64,
    title: String,
    holder: i64,
    holder_name: String,
    tag: Tag,
    waited: String,
}

/// GET /staff/board/reports `?year=`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let year = year_of(&query, portal.clock.today());
    let moments = moments_of(&portal.clock, year).ok_or(WebError::NotFound)?;
    let place = place(&query, read_key);
    let listed: Page<DecidedReport> = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| decided(conn, moments, &place, PAGE))?)
    })
    .await?;
    let written = year.to_string();
    let page = ReportsPage {
        page: staff.layout(format!("{} in {year}", BoardFigure::Decided.label())),
        back: format!("/staff/board?year={year}"),
        pager: Pager::new("/staff/board/reports", &[("year", &written)], &listed, |row| key(row.place)),
        rows: listed.rows.into_iter().map(|row| decided_row(row, &portal.clock)).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}

fn decided_row(row: DecidedReport, clock: &Clock) -> DecidedRow {
    let (decided, id) = row.place;
    DecidedRow {
        decided: instant(clock, decided),
        id: id.0,
        title: row.title,
        holder: row.holder.0.0,
        holder_name: row.holder.1,
        tag: staff_tag(row.status),
        // a clock that was set back makes no wait shorter than none
        waited: span((decided - row.waiting_since).num_minutes().max(0)),
    }
}

/// A place in the list: "2026-11-23T09:00:00~17".
fn key((at, id): DecidedPlace) -> String {
    format!("{}~{id}", at.format("%Y-%m-%dT%H:%M:%S%.f"))
}

fn read_key(text: &str) -> Option<DecidedPlace> {
    let (at, id) = text.split_once('~')?;
    let at: NaiveDateTime = at.parse().ok()?;
    Some((at, id.parse().ok()?))
}
