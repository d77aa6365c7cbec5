//! Reports that were returned with a question: it is their holders' turn, and since when.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::domain::activities::review::ReasonCode;
use crate::domain::dates::{long_date, short_date};
use crate::portal::Portal;
use crate::store::activities::returned::{self, ReturnedKey, ReturnedReport};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::Person;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::conversation::age;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};

/// Reports on one page.
const PAGE: i64 = 25;

#[derive(Template)]
#[template(path = "staff/review/returned.html")]
struct ReturnedPage {
    page: Layout,
    rows: Vec<ReturnedRow>,
    pager: Pager,
    first: bool,
}

struct ReturnedRow {
    id: i64,
    title: String,
    category: &'static str,
    holder: i64,
    holder_name: String,
    quantity: String,
    /// The same, as short as it can be.
    amount: String,
    completed: String,
    /// The same, short.
    completed_short: String,
    since: String,
    /// How long it has been the holder's turn, in words.
    age: String,
    /// What was asked, as a kind.
    asked: &'static str,
}

/// GET /staff/review `?show=returned`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub(in crate::web::staff) async fn index(
    staff: &Person,
    portal: &web::Data<Portal>,
    query: &Fields,
) -> Result<HttpResponse, WebError> {
    let place = place(query, read_key);
    let first = place == crate::store::engine::paging::Place::Start;
    let page =
        blocking(portal, move |portal| Ok(portal.store.read(|conn| returned::list(conn, &place, PAGE))?))
            .await?;
    let pager =
        Pager::new("/staff/review", &[("show", "returned")], &page, |row| written_key((row.since, row.id.0)));
    let rows = page.rows.into_iter().map(|row| shown(row, portal)).collect();
    let page = ReturnedPage { page: staff.layout("Returned reports"), rows, pager, first };
    Ok(render(StatusCode::OK, &page))
}

fn shown(row: ReturnedReport, portal: &Portal) -> ReturnedRow {
    ReturnedRow {
        id: row.id.0,
        title: row.title,
        category: row.category.label(),
        holder: row.holder.0,
        holder_name: row.holder_name,
        quantity: row.quantity.to_string(),
        amount: row.quantity.short(),
        completed: long_date(row.completed_on),
        completed_short: short_date(row.completed_on, portal.clock.today()),
        since: long_date(portal.clock.day_of(row.since)),
        age: age(portal, row.since),
        asked: row.code.map(ReasonCode::label).unwrap_or_default(),
    }
}

fn written_key((at, id): ReturnedKey) -> String {
    format!("{}~{id}", at.format("%Y-%m-%dT%H:%M:%S%.f"))
}

fn read_key(text: &str) -> Option<ReturnedKey> {
    let (at, id) = text.split_once('~')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}
