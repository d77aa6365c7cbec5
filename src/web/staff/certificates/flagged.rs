//! Flagged years: what people have to decide about.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::figures::decidable;
use super::year_list::{YearRow, with_figures};
use crate::domain::certification::standing::YearStanding;
use crate::domain::conversations::conversation::Turn;
use crate::domain::dates::long_date;
use crate::domain::ids::CertificateId;
use crate::portal::Portal;
use crate::store::certification::year_lists::{self, YearPlace};
use crate::store::certification::{held_flags, policies};
use crate::store::conversations::{self, Conversation};
use crate::web::forms::token::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};
use crate::web::view::tags::Tag;

/// Years on one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "staff/flagged.html")]
struct FlaggedPage {
    page: Layout,
    rows: Vec<FlaggedRow>,
    pager: Pager,
    held: i64,
    administers: bool,
}

struct FlaggedRow {
    certificate: i64,
    number: String,
    code: String,
    year: i64,
    holder: i64,
    holder_name: String,
    since: String,
    answer_until: String,
    row: YearRow,
    tag: Tag,
    words: String,
    /// The holder's answer to the flag, while it is open: where it is, and whose turn it is.
    answer: Option<(i64, &'static str)>,
}

/// GET /staff/flagged
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
    let today = portal.clock.today();
    let (pager, rows, held) = blocking(&portal, move |portal| {
        portal.store.read(|conn| {
            let page = year_lists::flagged(conn, &place, PAGE)?;
            let pager = Pager::new("/staff/flagged", &[], &page, |listed| {
                year_key((listed.flagged_on.unwrap_or(listed.deadline), listed.certificate, listed.number))
            });
            let policies = policies::all(conn)?;
            let mut rows = Vec::new();
            for row in with_figures(conn, page.rows, &policies, today)? {
                let (certificate, year) = (row.listed.certificate, row.listed.number);
                let answers = conversations::open_flag_answers(conn, certificate, year)?;
                rows.push((row, answers.last().map(answer)));
            }
            Ok((pager, rows, held_flags::waiting(conn)?))
        })
    })
    .await?;
    let rows = rows.into_iter().map(|(row, answer)| flagged_row(row, answer, today)).collect();
    let page = FlaggedPage {
        page: staff.layout("Flagged years"),
        rows,
        pager,
        held,
        administers: staff.administers(),
    };
    Ok(render(StatusCode::OK, &page))
}

fn answer(conversation: &Conversation) -> (i64, &'static str) {
    let turn = match conversation.turn {
        Turn::Body => "it is waiting for an answer",
        Turn::Holder => "it is waiting for the holder",
    };
    (conversation.id.0, turn)
}

fn flagged_row(row: YearRow, answer: Option<(i64, &'static str)>, today: chrono::NaiveDate) -> FlaggedRow {
    let sums = &row.figures.sums;
    let (tag, words) = if sums.met() {
        (Tag { kind: "good", label: "Minimum now met" }, "the next run lifts the flag".to_owned())
    } else if sums.covered() {
        (
            Tag { kind: "wait", label: "Review first" },
            "reports waiting for review could still meet the minimum".to_owned(),
        )
    } else {
        match decidable(row.figures.standing, today) {
            Some((true, words)) => (Tag { kind: "action", label: "To decide" }, words),
            Some((false, words)) => (Tag { kind: "off", label: "Notice period" }, words),
            None => (Tag { kind: "off", label: "Not flagged any more" }, String::new()),
        }
    };
    let answer_until = match row.figures.standing {
        YearStanding::Flagged { answer_until, .. } => long_date(answer_until),
        _ => String::new(),
    };
    FlaggedRow {
        certificate: row.listed.certificate.0,
        number: row.listed.certificate_number.clone(),
        code: row.listed.code.clone(),
        year: row.listed.number,
        holder: row.listed.holder.0,
        holder_name: row.listed.holder_name.clone(),
        since: row.listed.flagged_on.map(long_date).unwrap_or_default(),
        answer_until,
        row,
        tag,
        words,
        answer,
    }
}

/// Reads a place in a list of years: "2027-03-14.12.3".
pub fn year_place(text: &str) -> Option<YearPlace> {
    let mut parts = text.split('.');
    let day = parts.next()?.parse().ok()?;
    let certificate = CertificateId(parts.next()?.parse().ok()?);
    Some((day, certificate, parts.next()?.parse().ok()?))
}

/// Writes such a place.
pub fn year_key((day, certificate, number): YearPlace) -> String {
    format!("{day}.{certificate}.{number}")
}
