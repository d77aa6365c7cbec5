//! Flagged years: what people have to decide about.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

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
use crate::store::engine::paging::Place;
use crate::store::{Conn, StoreError};
use crate::web::forms::fields::Fields;
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
    let read = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| FlaggedPageData::load(conn, &place, today))?)
    });
    let data = read.await?;
    let page = FlaggedPage {
        page: staff.layout("Flagged years"),
        pager: data.pager,
        held: data.held,
        administers: staff.administers(),
        rows: data.rows.into_iter().map(|row| flagged_row(row, &data.answers, today)).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// What the list needs, read together.
struct FlaggedPageData {
    rows: Vec<YearRow>,
    pager: Pager,
    /// The latest open answer to each flag.
    answers: BTreeMap<(CertificateId, i64), Conversation>,
    /// Flags that the guard holds.
    held: i64,
}

impl FlaggedPageData {
    fn load(conn: &mut Conn<'_>, place: &Place<YearPlace>, today: NaiveDate) -> Result<Self, StoreError> {
        let page = year_lists::flagged(conn, place, PAGE)?;
        let pager = Pager::new("/staff/flagged", &[], &page, |listed| {
            year_key((listed.flagged_on.unwrap_or(listed.deadline), listed.certificate, listed.number))
        });
        let certificates: Vec<CertificateId> = page.rows.iter().map(|listed| listed.certificate).collect();
        let answers = conversations::open_flag_answers_among(conn, &certificates)?;
        let about = |talk: Conversation| Some(((talk.about.certificate?, talk.about.year?), talk));
        let policies = policies::all(conn)?;
        Ok(Self {
            rows: with_figures(conn, page.rows, &policies, today)?,
            pager,
            answers: answers.into_iter().filter_map(about).collect(),
            held: held_flags::waiting(conn)?,
        })
    }
}

fn answer(conversation: &Conversation) -> (i64, &'static str) {
    let turn = match conversation.turn {
        Turn::Body => "it is waiting for an answer",
        Turn::Holder => "it is waiting for the holder",
        Turn::Nobody => "it is answered",
    };
    (conversation.id.0, turn)
}

fn flagged_row(
    row: YearRow,
    answers: &BTreeMap<(CertificateId, i64), Conversation>,
    today: NaiveDate,
) -> FlaggedRow {
    let sums = &row.figures.sums;
    let (tag, words) = if sums.met() {
        (
            Tag { kind: "good", label: "Minimum now met" },
            "the flag ends by itself, within the hour during the day".to_owned(),
        )
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
    let answer_to = answers.get(&(row.listed.certificate, row.listed.number));
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
        answer: answer_to.map(answer),
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
