//! Deadlines: which come, which have passed and are not settled, and where each holder stands.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::flagged::{year_key, year_place};
use super::year_list::{Months, YearRow, months, with_figures};
use crate::actions::overview::charts::MONTHS_AHEAD;
use crate::domain::dates::{FIRST_DAY, plus_days};
use crate::portal::Portal;
use crate::store::certification::policies;
use crate::store::certification::year_lists;
use crate::store::engine::paging::Place;
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};

/// Years on one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "staff/deadlines.html")]
struct DeadlinesPage {
    page: Layout,
    passed: bool,
    months: Option<Months>,
    rows: Vec<YearRow>,
    pager: Pager,
}

/// GET /staff/deadlines
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let place = place(&query, year_place);
    let passed = query.one("which") == "passed";
    let today = portal.clock.today();
    let (from, to) = if passed {
        (FIRST_DAY, today.pred_opt().unwrap_or(today))
    } else {
        (today, plus_days(today, MONTHS_AHEAD))
    };
    let (months, rows, pager) = blocking(&portal, move |portal| {
        portal.store.read(|conn| {
            let policies = policies::all(conn)?;
            let chart = !passed && place == Place::Start;
            let months = if chart { Some(months(conn, from, to, &policies, today)?) } else { None };
            let page = year_lists::by_deadline(conn, from, to, &place, PAGE)?;
            let kept = [("which", if passed { "passed" } else { "" })];
            let pager = Pager::new("/staff/deadlines", &kept, &page, |listed| {
                year_key((listed.deadline, listed.certificate, listed.number))
            });
            Ok((months, with_figures(conn, page.rows, &policies, today)?, pager))
        })
    })
    .await?;
    let months = months.filter(|months| !months.months.is_empty());
    let page = DeadlinesPage { page: staff.layout("Deadlines"), passed, months, rows, pager };
    Ok(render(StatusCode::OK, &page))
}
