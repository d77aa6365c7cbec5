//! Appeals by the year in which they were made or ended, as the report to the board counts them.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::PAGE;
use crate::clock::Clock;
use crate::domain::board_figure::BoardFigure;
use crate::domain::conversations::conversation::AppealOutcome;
use crate::domain::dates::long_date;
use crate::portal::Portal;
use crate::store::operations::board_lists::{AppealSearch, ListedAppeal, appeals};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::overview::board_filter::{days_of, moments_of, year_of};
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};
use crate::web::view::tags::Tag;

#[derive(Template)]
#[template(path = "staff/board/appeals.html")]
struct AppealsPage {
    page: Layout,
    back: String,
    rows: Vec<AppealRow>,
    pager: Pager,
}

struct AppealRow {
    made: String,
    id: i64,
    subject: String,
    holder: i64,
    holder_name: String,
    certificate: Option<(i64, String)>,
    tag: Tag,
    /// The day on which it ended; empty while it has not.
    ended: String,
}

/// GET /staff/board/appeals `?year=&figure=`
///
/// # Errors
/// `WebError::NotFound` for a figure that counts no appeals.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let year = year_of(&query, portal.clock.today());
    let figure = match query.one("figure") {
        "" => Some(BoardFigure::Appealed),
        code => BoardFigure::from_code(code),
    };
    let figure = figure.ok_or(WebError::NotFound)?;
    let search = search_of(figure, year, &portal.clock).ok_or(WebError::NotFound)?;
    let place = place(&query, |id| id.parse().ok());
    let listed =
        blocking(&portal, move |portal| Ok(portal.store.read(|conn| appeals(conn, search, &place, PAGE))?))
            .await?;
    let written = year.to_string();
    let kept = [("year", written.as_str()), ("figure", figure.code())];
    let page = AppealsPage {
        page: staff.layout(match figure {
            BoardFigure::Appealed => format!("{} in {year}", figure.label()),
            ended => format!("{}: appeals that ended in {year}", ended.label()),
        }),
        back: format!("/staff/board?year={year}"),
        pager: Pager::new("/staff/board/appeals", &kept, &listed, |row| row.id.to_string()),
        rows: listed.rows.into_iter().map(|row| appeal_row(row, &portal.clock)).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// What the figure counts; `None` for one that counts something else.
fn search_of(figure: BoardFigure, year: i32, clock: &Clock) -> Option<AppealSearch> {
    if figure == BoardFigure::Appealed {
        let (from, until) = moments_of(clock, year)?;
        return Some(AppealSearch::Made { from, until });
    }
    let outcome = AppealOutcome::ALL.into_iter().find(|one| BoardFigure::of_appeal(*one) == figure)?;
    let (from, to) = days_of(year)?;
    Some(AppealSearch::Ended { outcome, from, to })
}

fn appeal_row(row: ListedAppeal, clock: &Clock) -> AppealRow {
    let tag = match row.ended {
        None => Tag { kind: "wait", label: "Open" },
        Some((_, outcome)) => Tag { kind: "info", label: BoardFigure::of_appeal(outcome).label() },
    };
    AppealRow {
        made: long_date(clock.day_of(row.begun_at)),
        id: row.id.0,
        subject: row.subject,
        holder: row.holder.0.0,
        holder_name: row.holder.1,
        certificate: row.certificate.map(|(id, number)| (id.0, number)),
        tag,
        ended: row.ended.map(|(day, _)| long_date(day)).unwrap_or_default(),
    }
}
