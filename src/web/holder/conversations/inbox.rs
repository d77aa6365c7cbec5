//! Advice: what the holder and the body have written to each other, and until when writing helps.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use super::turns::{FlagAnswer, Talks};
use crate::clock::Clock;
use crate::domain::certification::certificate::Certificate;
use crate::domain::certification::notice_period::NoticePeriod;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::long_date;
use crate::domain::ids::{ConversationId, HolderId};
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::derivation::Reader;
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::portal::Portal;
use crate::store::certification::policies;
use crate::store::conversations::Conversation;
use crate::store::engine::paging::{Page, Place};
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError, conversations};
use crate::web::forms::fields::Fields;
use crate::web::holder::certificates::year_words::{Undecided, said};
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
    answered: Option<FlagAnswer>,
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
    let read = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| AdvicePageData::load(conn, person, &place, today))?)
    });
    let page = AdvicePage::new(&holder, &portal, &read.await?);
    Ok(render(StatusCode::OK, &page))
}

/// What the page needs, read together.
struct AdvicePageData {
    file: HolderFile,
    policies: Policies,
    talks: Talks,
    conversations: Page<Conversation>,
}

impl AdvicePageData {
    fn load(
        conn: &mut Conn<'_>,
        holder: HolderId,
        place: &Place<ConversationId>,
        today: NaiveDate,
    ) -> Result<Self, StoreError> {
        let file = holder_records::of_holder(conn, holder, today)?;
        Ok(Self {
            talks: Talks::load(conn, &file)?,
            policies: policies::all(conn)?,
            conversations: conversations::of_holder(conn, holder, place, PAGE)?,
            file,
        })
    }
}

impl AdvicePage {
    fn new(person: &AsHolder, portal: &Portal, data: &AdvicePageData) -> AdvicePage {
        let today = portal.clock.today();
        let ledger = HolderLedger::new(&data.file, &data.policies, today);
        let lines = data.conversations.rows.iter();
        AdvicePage {
            page: person.layout("Advice"),
            pager: Pager::new("/advice", &[], &data.conversations, |row| row.id.to_string()),
            lines: lines.map(|row| ConversationLine::new(row, Reader::Holder, portal)).collect(),
            deadlines: deadlines(&ledger, &data.file, &data.talks, &portal.clock),
            notice_days: data.policies.in_force_on(today).notice_days,
        }
    }
}

/// The years that writing may still help, the nearest deadline first.
fn deadlines(ledger: &HolderLedger<'_>, file: &HolderFile, talks: &Talks, clock: &Clock) -> Vec<Until> {
    let begun =
        |found: &LedgerYear<'_>| found.year.settlement.is_none() && found.year.starts_on <= ledger.today();
    let standing = file.certificates.iter().filter(|own| own.certificate.stands());
    let mut deadlines: Vec<(NaiveDate, Until)> = standing
        .flat_map(|own| {
            ledger.years_of(own).filter(begun).map(move |found| {
                (found.year.deadline, Until::new(ledger, &own.certificate, &found, talks, clock))
            })
        })
        .collect();
    deadlines.sort_by_key(|(day, _)| *day);
    deadlines.into_iter().map(|(_, until)| until).collect()
}

impl Until {
    fn new(
        ledger: &HolderLedger<'_>,
        holds: &Certificate,
        found: &LedgerYear<'_>,
        talks: &Talks,
        clock: &Clock,
    ) -> Until {
        let year = found.year;
        let notice = year.flagged_on.map(|on| NoticePeriod::of(year.starts_on, on, ledger.policies()));
        let covered = found.sums.covered();
        Until {
            certificate: holds.id.0,
            year: year.number,
            title: format!("{}, {}, year {}", holds.certification.title, holds.number, year.number),
            day: long_date(year.deadline),
            over: year.deadline < ledger.today(),
            answer: notice.map(|notice| long_date(notice.answer_until)).unwrap_or_default(),
            covered: if covered { said(ledger, found, Undecided::of(found)).headline } else { String::new() },
            answered: talks.answer(holds.id, year.number, clock),
        }
    }
}
