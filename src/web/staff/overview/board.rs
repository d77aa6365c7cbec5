//! The report to the board: what a calendar year came to, the year before beside it, and every figure with the way to its list.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::Datelike;

use super::board_filter::{group_key, span, year_of};
use crate::actions::overview::board::{BoardReport, MOST_REPORTS_AT_ONCE, board_report};
use crate::clock::Clock;
use crate::domain::board_figure::BoardFigure;
use crate::domain::certification::catalogue::{CertificationGroup, Level};
use crate::domain::dates::long_date;
use crate::domain::plural::grouped;
use crate::portal::Portal;
use crate::transfer::board_export;
use crate::web::forms::errors::Choice;
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "staff/board/index.html")]
struct BoardPage {
    page: Layout,
    year: i32,
    /// What the columns are called: the year, and the one before it.
    heads: (String, String),
    by: &'static str,
    years: Vec<Choice>,
    divisions: Vec<Choice>,
    columns: Vec<&'static str>,
    rows: Vec<BoardRow>,
    parts: Vec<BoardPart>,
    /// What waits for review now, in a sentence.
    waiting: String,
    counted_on: String,
    not_counted: bool,
    made_on: String,
}

/// One row of the table of certification years.
struct BoardRow {
    label: String,
    whole: bool,
    cells: Vec<BoardCell>,
}

/// A figure, the year before beside it.
struct BoardCell {
    label: &'static str,
    /// What the figure counts, as whoever hears the link alone hears it behind the figure: "appeal made".
    counts: String,
    now: String,
    /// Empty where there is none to compare with.
    before: String,
    /// Empty where there is nothing to list.
    href: String,
}

/// A small table of figures of the whole body.
struct BoardPart {
    title: &'static str,
    words: &'static str,
    cells: Vec<BoardCell>,
}

/// How the certifications are divided.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Division {
    Level,
    Field,
    Certification,
}

impl Division {
    const ALL: [(Division, &'static str, &'static str); 3] = [
        (Division::Level, "by-level", "Level"),
        (Division::Field, "by-field", "Field"),
        (Division::Certification, "by-certification", "Certification"),
    ];

    fn read(text: &str) -> (Division, &'static str) {
        let [(first, word, _), ..] = Division::ALL;
        Division::ALL
            .into_iter()
            .find(|(_, word, _)| *word == text)
            .map_or((first, word), |(division, word, _)| (division, word))
    }

    fn groups(self, report: &BoardReport) -> Vec<(String, CertificationGroup)> {
        match self {
            Division::Level => Level::ALL
                .into_iter()
                .filter(|level| level.needs_cpe())
                .map(|level| (level.label().to_owned(), CertificationGroup::Level(level)))
                .collect(),
            Division::Field => report
                .fields
                .iter()
                .map(|field| (field.title.clone(), CertificationGroup::Field(field.id)))
                .collect(),
            Division::Certification => report
                .certifications
                .iter()
                .filter(|certification| certification.level.needs_cpe())
                .map(|one| {
                    (format!("{}, {}", one.code, one.title), CertificationGroup::Certification(one.id))
                })
                .collect(),
        }
    }
}

/// GET /staff/board `?year=&by=`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let today = portal.clock.today();
    let (year, (division, by)) = (year_of(&query, today), Division::read(query.one("by")));
    let report = blocking(&portal, board_report).await?;
    let mut years = report.figures.years();
    if !years.contains(&today.year()) {
        years.insert(0, today.year());
    }
    let page = BoardPage {
        page: staff.layout("Report to the board"),
        heads: (
            if year == today.year() { format!("{year} so far") } else { year.to_string() },
            (year - 1).to_string(),
        ),
        by,
        years: years.iter().map(|year| Choice::new(year.to_string(), year.to_string())).collect(),
        divisions: Division::ALL.into_iter().map(|(_, word, label)| Choice::new(word, label)).collect(),
        columns: BoardFigure::OF_YEARS.iter().map(|figure| figure.label()).collect(),
        rows: rows(&report, division, (year, today.year())),
        parts: parts(&report, year),
        waiting: waiting(&report, &portal.clock),
        counted_on: report.counted_on.map(long_date).unwrap_or_default(),
        not_counted: report.not_counted,
        made_on: long_date(today),
        year,
    };
    Ok(render(StatusCode::OK, &page))
}

/// GET /staff/board/figures.xlsx `?year=`: the same figures by certification, for whoever works on with them.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn download(
    _staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let year = year_of(&query, portal.clock.today());
    let bytes = blocking(&portal, move |portal| {
        let report = board_report(portal)?;
        board_export::workbook(&report, year)
    })
    .await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, board_export::MEDIA_TYPE))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"board-{year}.xlsx\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(bytes))
}

/// The rows of the table, those without any figure left out, and the whole body last.
fn rows(report: &BoardReport, division: Division, (year, this_year): (i32, i32)) -> Vec<BoardRow> {
    let sum = |year: i32, group: Option<CertificationGroup>, figure: BoardFigure| -> i64 {
        report
            .certifications
            .iter()
            .filter(|certification| group.is_none_or(|group| group.holds(certification)))
            .map(|certification| report.figures.of(year, Some(certification.id), figure))
            .sum()
    };
    let cells = |group: Option<CertificationGroup>| -> Vec<BoardCell> {
        let cell = |figure: BoardFigure| {
            let sum_now = sum(year, group, figure);
            let (now, before) = match figure {
                BoardFigure::AtRisk if year != this_year => ("–".to_owned(), String::new()),
                // nobody counted a year ago what was at risk then
                BoardFigure::AtRisk => (grouped(sum_now), String::new()),
                _ => match (sum_now, sum(year - 1, group, figure)) {
                    (0, 0) => ("0".to_owned(), String::new()),
                    (now, before) => (grouped(now), grouped(before)),
                },
            };
            let listed = now != "0" && now != "–";
            let href = if listed { list_address(figure, year, group) } else { String::new() };
            BoardCell { label: figure.label(), counts: figure.counted(sum_now), now, before, href }
        };
        BoardFigure::OF_YEARS.into_iter().map(cell).collect()
    };
    let any = |row: &BoardRow| {
        row.cells.iter().any(|cell| !matches!(cell.now.as_str(), "0" | "–"))
            || row.cells.iter().any(|cell| !matches!(cell.before.as_str(), "0" | ""))
    };
    let groups = division.groups(report).into_iter();
    let mut rows: Vec<BoardRow> = groups
        .map(|(label, group)| BoardRow { label, whole: false, cells: cells(Some(group)) })
        .filter(any)
        .collect();
    rows.push(BoardRow { label: "All".to_owned(), whole: true, cells: cells(None) });
    rows
}

fn list_address(figure: BoardFigure, year: i32, group: Option<CertificationGroup>) -> String {
    let group = group.map(|group| format!("&of={}", group_key(group))).unwrap_or_default();
    match figure {
        BoardFigure::AtRisk => format!("/staff/at-risk?{}", group.trim_start_matches('&')),
        _ => format!("/staff/board/years?year={year}&figure={}{group}", figure.code()),
    }
}

fn parts(report: &BoardReport, year: i32) -> Vec<BoardPart> {
    let of = |year: i32, figure: BoardFigure| report.figures.of(year, None, figure);
    let plain = |figure: BoardFigure, href: String| BoardCell {
        label: figure.label(),
        counts: figure.counted(of(year, figure)),
        now: grouped(of(year, figure)),
        before: grouped(of(year - 1, figure)),
        href: if of(year, figure) == 0 { String::new() } else { href },
    };
    let span = |figure: BoardFigure| BoardCell {
        label: figure.label(),
        counts: String::new(),
        now: span_of(of(year, figure), of(year, BoardFigure::Decided)),
        before: span_of(of(year - 1, figure), of(year - 1, BoardFigure::Decided)),
        href: String::new(),
    };
    let reminders = |figure: BoardFigure| {
        plain(figure, format!("/staff/board/reminders?year={year}&figure={}", figure.code()))
    };
    let appeals = |figure: BoardFigure| {
        plain(figure, format!("/staff/board/appeals?year={year}&figure={}", figure.code()))
    };
    vec![
        BoardPart {
            title: "Review",
            words: "From the first submission to the verdict, without the time in which we waited for the holder.",
            cells: vec![
                plain(BoardFigure::Decided, format!("/staff/board/reports?year={year}")),
                span(BoardFigure::HalfDecided),
                span(BoardFigure::MostDecided),
            ],
        },
        BoardPart {
            title: "Reminders",
            words: "What the holder did within 14 days of a reminder. One email about two certificates counts twice.",
            cells: [BoardFigure::Reminded, BoardFigure::Reported, BoardFigure::Reached].map(reminders).into(),
        },
        BoardPart {
            title: "Appeals",
            words: "By the year in which they were made, and in which they ended.",
            cells: [
                BoardFigure::Appealed,
                BoardFigure::Upheld,
                BoardFigure::Reinstated,
                BoardFigure::Withdrawn,
            ]
            .map(appeals)
            .into(),
        },
    ]
}

/// The backlog, which is of today whatever year is asked about.
fn waiting(report: &BoardReport, clock: &Clock) -> String {
    let Some(since) = report.waiting_since.filter(|_| report.waiting > 0) else {
        return "Today nothing waits for review.".to_owned();
    };
    let since = long_date(clock.day_of(since));
    match report.waiting {
        1 => format!("Today 1 report waits for review, since {since}."),
        MOST_REPORTS_AT_ONCE.. => {
            format!(
                "Today {} reports or more wait for review, the oldest since {since}.",
                grouped(MOST_REPORTS_AT_ONCE)
            )
        }
        waiting => format!("Today {} reports wait for review, the oldest since {since}.", grouped(waiting)),
    }
}

/// A waiting time; a dash when nothing was decided.
fn span_of(minutes: i64, decided: i64) -> String {
    if decided == 0 { "–".to_owned() } else { span(minutes) }
}
