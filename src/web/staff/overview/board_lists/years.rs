//! Certification years that have ended, as the report to the board counts them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::PAGE;
use crate::domain::board_figure::BoardFigure;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::dates::long_date;
use crate::portal::Portal;
use crate::store::certification::year_lists::{self, EndedKind, EndedSearch, EndedYear};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::certificates::flagged::{year_key, year_place};
use crate::web::staff::overview::board_filter::{days_of, group_key, group_of, group_title, year_of};
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};
use crate::web::view::tags::Tag;

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
pub async fn index(
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
