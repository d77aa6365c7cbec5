//! Advice: what the holder and the body have written to each other, and until when writing helps.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::turns::Talks;
use crate::domain::certification::notice_period::NoticePeriod;
use crate::domain::dates::long_date;
use crate::domain::ids::ConversationId;
use crate::domain::ledger::derivation::Reader;
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::portal::Portal;
use crate::store::certification::policies;
use crate::store::conversations;
use crate::store::records::holder_records;
use crate::web::forms::token::Fields;
use crate::web::holder::certificates::year_card::YearCard;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::conversation::ConversationLine;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};

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
    /// Why there is nothing to write about: it is reached or covered. Empty while credits are missing.
    covered: String,
    /// The conversation in which the flag was answered, and whose turn it is there.
    answered: Option<(i64, String)>,
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
    let ((file, talks), policies, listed) = blocking(&portal, move |portal| {
        portal.store.read(|conn| {
            let file = holder_records::of_holder(conn, person, today)?;
            let talks = Talks::load(conn, &file)?;
            Ok(((file, talks), policies::all(conn)?, conversations::of_holder(conn, person, &place, PAGE)?))
        })
    })
    .await?;
    let ledger = HolderLedger::new(&file, &policies, today);
    let titles = BTreeMap::new();
    let mut deadlines = Vec::new();
    for own in file.certificates.iter().filter(|own| own.certificate.stands()) {
        let id = own.certificate.id;
        let begun = |found: &LedgerYear<'_>| found.year.settlement.is_none() && found.year.starts_on <= today;
        for found in ledger.years_of(own).filter(begun) {
            let year = found.year;
            let card = YearCard::new(&ledger, &found, &titles);
            let answer =
                year.flagged_on.map(|on| NoticePeriod::of(year.starts_on, on, &policies).answer_until);
            let number = &own.certificate.number;
            deadlines.push((
                year.deadline,
                Until {
                    certificate: id.0,
                    year: year.number,
                    title: format!("{}, {number}, year {}", own.certificate.certification.title, year.number),
                    day: long_date(year.deadline),
                    over: year.deadline < today,
                    answer: answer.map(long_date).unwrap_or_default(),
                    covered: if found.sums.covered() { card.headline } else { String::new() },
                    answered: talks.answer(id, year.number, &portal.clock),
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
