//! What the figures of the report to the board count: certification years that have ended, and reminders with what followed them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use super::at_risk::MOST_CHUNKS;
use super::board_filter::{days_of, group_key, group_of, group_title, year_of};
use crate::domain::board_figure::BoardFigure;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::dates::long_date;
use crate::portal::Portal;
use crate::store::certification::year_lists::{self, EndedKind, EndedSearch, EndedYear};
use crate::store::operations::board_figures::{RemindedYear, ReminderPlace, reminded_years};
use crate::store::{Conn, StoreError};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::certificates::flagged::{year_key, year_place};
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};
use crate::web::view::tags::Tag;

/// Rows on one page.
const PAGE: i64 = 50;
/// Reminders that are read together. When few were followed by anything, a page may have fewer rows.
const REMINDERS_AT_ONCE: i64 = 500;

#[derive(Template)]
#[template(path = "staff/board/years.html")]
struct YearsPage {
    page: Layout,
    back: String,
    of: String,
    rows: Vec<EndedRow>,
    pager: Pager,
}

struct EndedRow {
    ends_on: String,
    certificate: i64,
    number: String,
    code: String,
    year: i64,
    holder: i64,
    holder_name: String,
    /// Until when it was extended; empty otherwise.
    extended_to: String,
    tag: Tag,
    settled_on: String,
}

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

fn ended_kind(figure: BoardFigure) -> Option<EndedKind> {
    match figure {
        BoardFigure::Recertified => Some(EndedKind::Outcome(Some(YearOutcome::Recertified))),
        BoardFigure::Waived => Some(EndedKind::Outcome(Some(YearOutcome::Waived))),
        BoardFigure::Decertified => Some(EndedKind::Outcome(Some(YearOutcome::Decertified))),
        BoardFigure::Undecided => Some(EndedKind::Outcome(None)),
        BoardFigure::Extended => Some(EndedKind::Extended),
        _ => None,
    }
}

/// GET /staff/board/years `?year=&figure=&of=`
///
/// # Errors
/// `WebError::NotFound` for a figure that counts no years.
pub async fn years(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let today = portal.clock.today();
    let year = year_of(&query, today);
    let asked = BoardFigure::from_code(query.one("figure"));
    let (figure, which) =
        asked.and_then(|figure| Some((figure, ended_kind(figure)?))).ok_or(WebError::NotFound)?;
    let (from, to) = days_of(year).ok_or(WebError::NotFound)?;
    let group = group_of(query.one("of"));
    let (search, place) = (EndedSearch { from, to: to.min(today), which, group }, place(&query, year_place));
    let (listed, of) = blocking(&portal, move |portal| {
        portal.store.read(|conn| {
            let of = group.map(|group| group_title(conn, group)).transpose()?.flatten();
            Ok((year_lists::ended(conn, &search, &place, PAGE)?, of))
        })
    })
    .await?;
    let (written, group) = (year.to_string(), group.map(group_key).unwrap_or_default());
    let kept = [("year", written.as_str()), ("figure", figure.code()), ("of", group.as_str())];
    let page = YearsPage {
        page: staff.layout(format!("{}: years that ended in {year}", figure.label())),
        back: format!("/staff/board?year={year}"),
        of: of.unwrap_or_default(),
        pager: Pager::new("/staff/board/years", &kept, &listed, |row| {
            year_key((row.ends_on, row.listed.certificate, row.listed.number))
        }),
        rows: listed.rows.iter().map(ended_row).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}

fn ended_row(row: &EndedYear) -> EndedRow {
    let listed = &row.listed;
    EndedRow {
        ends_on: long_date(row.ends_on),
        certificate: listed.certificate.0,
        number: listed.certificate_number.clone(),
        code: listed.code.clone(),
        year: listed.number,
        holder: listed.holder.0,
        holder_name: listed.holder_name.clone(),
        extended_to: if listed.deadline > row.ends_on { long_date(listed.deadline) } else { String::new() },
        tag: outcome_tag(row),
        settled_on: row.settled_on.map(long_date).unwrap_or_default(),
    }
}

const fn outcome_tag(row: &EndedYear) -> Tag {
    match row.outcome {
        Some(YearOutcome::Recertified) => Tag { kind: "good", label: YearOutcome::Recertified.label() },
        Some(YearOutcome::Waived) => Tag { kind: "wait", label: YearOutcome::Waived.label() },
        Some(YearOutcome::Decertified) => Tag { kind: "bad", label: YearOutcome::Decertified.label() },
        Some(other) => Tag { kind: "", label: other.label() },
        None if row.listed.flagged_on.is_some() => Tag { kind: "action", label: "Flagged" },
        None => Tag { kind: "wait", label: BoardFigure::Undecided.label() },
    }
}

/// GET /staff/board/reminders `?year=&figure=`
///
/// # Errors
/// `WebError::NotFound` for a figure that counts no reminders.
pub async fn reminders(
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
