//! Reminders, with what followed them, as the report to the board counts them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use super::PAGE;
use crate::domain::board_figure::BoardFigure;
use crate::domain::dates::long_date;
use crate::portal::Portal;
use crate::store::operations::board_figures::{RemindedYear, ReminderPlace, reminded_years};
use crate::store::{Conn, StoreError};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::overview::at_risk::MOST_CHUNKS;
use crate::web::staff::overview::board_filter::{days_of, year_of};
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// Reminders that are read together. When few were followed by anything, a page may have fewer rows.
const REMINDERS_AT_ONCE: i64 = 500;

#[derive(Template)]
#[template(path = "staff/board/reminders.html")]
struct RemindersPage {
    page: Layout,
    back: String,
    rows: Vec<RemindedRow>,
    first: Option<String>,
    more: Option<String>,
}

struct RemindedRow {
    day: String,
    stage: i64,
    certificate: i64,
    number: String,
    year: i64,
    holder: i64,
    holder_name: String,
    reported: bool,
    reached: bool,
}

/// GET /staff/board/reminders `?year=&figure=`
///
/// # Errors
/// `WebError::NotFound` for a figure that counts no reminders.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let year = year_of(&query, portal.clock.today());
    let figure = BoardFigure::from_code(query.one("figure")).filter(|figure| {
        matches!(figure, BoardFigure::Reminded | BoardFigure::Reported | BoardFigure::Reached)
    });
    let figure = figure.ok_or(WebError::NotFound)?;
    let days = days_of(year).ok_or(WebError::NotFound)?;
    let after = reminder_place(query.one("after"));
    let (rows, more) = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| some_reminders(conn, days, after, figure))?)
    })
    .await?;
    let address = format!("/staff/board/reminders?year={year}&figure={}", figure.code());
    let page = RemindersPage {
        page: staff.layout(format!("{}: reminders of {year}", figure.label())),
        back: format!("/staff/board?year={year}"),
        rows: rows.into_iter().map(reminded_row).collect(),
        first: after.map(|_| address.clone()),
        more: more.map(|(day, id)| format!("{address}&after={day}.{id}")),
    };
    Ok(render(StatusCode::OK, &page))
}

fn reminder_place(text: &str) -> Option<ReminderPlace> {
    let (day, id) = text.split_once('.')?;
    Some((day.parse().ok()?, id.parse().ok()?))
}

/// A page of reminders that the figure counts, and where the next one begins.
fn some_reminders(
    conn: &mut Conn<'_>,
    days: (NaiveDate, NaiveDate),
    after: Option<ReminderPlace>,
    figure: BoardFigure,
) -> Result<(Vec<RemindedYear>, Option<ReminderPlace>), StoreError> {
    let page = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let counts = |year: &RemindedYear| match figure {
        BoardFigure::Reported => year.reported,
        BoardFigure::Reached => year.reached,
        _ => true,
    };
    let (mut found, mut more): (Vec<RemindedYear>, _) = (Vec::new(), after);
    for _ in 0..MOST_CHUNKS {
        let read = reminded_years(conn, days, more, REMINDERS_AT_ONCE)?;
        let whole = i64::try_from(read.len()).unwrap_or(i64::MAX) == REMINDERS_AT_ONCE;
        more = read.last().map(|year| year.place).filter(|_| whole);
        found.extend(read.into_iter().filter(counts));
        if found.len() > page || more.is_none() {
            break;
        }
    }
    if found.len() > page {
        found.truncate(page);
        more = found.last().map(|year| year.place);
    }
    Ok((found, more))
}

fn reminded_row(row: RemindedYear) -> RemindedRow {
    RemindedRow {
        day: long_date(row.place.0),
        stage: row.stage,
        certificate: row.year.0.0,
        number: row.certificate_number,
        year: row.year.1,
        holder: row.holder.0.0,
        holder_name: row.holder.1,
        reported: row.reported,
        reached: row.reached,
    }
}
