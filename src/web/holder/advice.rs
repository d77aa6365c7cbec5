//! Advice: what the holder and the body have written to each other, and until when writing helps.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::domain::calendar::long_date;
use crate::domain::certificate::CertificationYear;
use crate::domain::ids::ConversationId;
use crate::domain::steps::Reader;
use crate::portal::Portal;
use crate::store::{conversations, files, policies};
use crate::web::blocking::blocking;
use crate::web::checked::Fields;
use crate::web::conversation::ConversationLine;
use crate::web::error::WebError;
use crate::web::layout::Layout;
use crate::web::page::render;
use crate::web::paging::{Pager, place};
use crate::web::session::AsHolder;

/// Conversations on one page.
const PAGE: i64 = 25;

/// The page.
#[derive(Template)]
#[template(path = "holder/advice/index.html")]
struct AdvicePage {
    page: Layout,
    lines: Vec<ConversationLine>,
    pager: Pager,
    deadlines: Vec<Until>,
    notice_days: i64,
}

struct Until {
    certificate: i64,
    year: i64,
    title: String,
    day: String,
    /// Whether that day is over.
    over: bool,
    /// The last day to answer a flag; empty without one.
    answer: String,
}

/// GET /advice
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    holder: AsHolder,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let today = portal.clock.today();
    let query = Fields::parse(request.query_string().as_bytes());
    let place = place(&query, |key| key.parse().ok().map(ConversationId));
    let (file, policies, listed) = blocking(&portal, move |portal| {
        portal.store.read(|conn| {
            Ok((
                files::of_holder(conn, person, today)?,
                policies::all(conn)?,
                conversations::of_holder(conn, person, &place, PAGE)?,
            ))
        })
    })
    .await?;
    let mut deadlines = Vec::new();
    for own in file.certificates.iter().filter(|own| own.certificate.stands()) {
        for year in own.years.iter().filter(|year| year.settlement.is_none() && year.starts_on <= today) {
            let notice_days = policies.in_force_on(year.starts_on).notice_days;
            deadlines.push((
                year.deadline,
                Until {
                    certificate: own.certificate.id.0,
                    year: year.number,
                    title: format!("{}, {}", own.certificate.certification.title, own.certificate.number),
                    day: long_date(year.deadline),
                    over: year.deadline < today,
                    answer: year
                        .flagged_on
                        .map(|on| long_date(CertificationYear::answer_until(on, notice_days)))
                        .unwrap_or_default(),
                },
            ));
        }
    }
    deadlines.sort_by_key(|(day, _)| *day);
    let page = AdvicePage {
        page: holder.layout("Advice"),
        pager: Pager::new("/advice", &[], &listed, |row| row.id.to_string()),
        lines: listed.rows.iter().map(|row| ConversationLine::new(row, Reader::Holder, &portal)).collect(),
        deadlines: deadlines.into_iter().map(|(_, until)| until).collect(),
        notice_days: policies.in_force_on(today).notice_days,
    };
    Ok(render(StatusCode::OK, &page))
}
