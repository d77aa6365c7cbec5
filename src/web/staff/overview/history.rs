//! The history: who did what to which thing, when.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{NaiveDate, NaiveDateTime};

use crate::clock::Clock;
use crate::domain::dates::{DayProblem, Lean, long_date, read_day};
use crate::domain::history_topic::HistoryTopic;
use crate::domain::ids::{AccountId, ActivityId, CertificateId};
use crate::portal::Portal;
use crate::store::records::history::{HistoryFilter, HistoryRow};
use crate::store::records::history_search::{self, HistorySearch};
use crate::store::records::holders;
use crate::store::records::search::people;
use crate::store::{Conn, StoreError};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::dates::instant;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// Rows on one page.
const PAGE: i64 = 100;
/// People whom the words may mean.
const PEOPLE: i64 = 20;
/// Letters of a search beyond these are not looked at.
const MOST_LETTERS: usize = 100;

#[derive(Template)]
#[template(path = "staff/history.html")]
struct HistoryPage {
    page: Layout,
    rows: Vec<Shown>,
    newer: Option<String>,
    older: Option<String>,
    /// Where to go on when a look ended before the beginning, and the day down to which it came.
    further: Option<(String, String)>,
    filtered: bool,
    /// The thing that it is about, as the address says: kept while something is looked for.
    about: Vec<(&'static str, String)>,
    topics: Vec<Choice>,
    topic: String,
    q: String,
    from: String,
    to: String,
    errors: FieldErrors,
}

/// A row of the history, for a page.
pub struct Shown {
    /// When.
    pub at: String,
    /// Who.
    pub who: String,
    /// What happened.
    pub event: String,
    /// More.
    pub detail: String,
    /// Whose affair, with the name.
    pub holder: Option<(i64, String)>,
    /// About which certificate.
    pub certificate: Option<i64>,
    /// About which report.
    pub activity: Option<i64>,
}

/// Rows for a page, with the names of the holders they are about.
pub fn shown(conn: &mut Conn<'_>, portal: &Portal, rows: Vec<HistoryRow>) -> Result<Vec<Shown>, StoreError> {
    let mut about: Vec<AccountId> = rows.iter().filter_map(|row| row.holder).collect();
    about.sort_unstable();
    about.dedup();
    let names = holders::named(conn, &about)?;
    let name_of = |id: AccountId| {
        names.iter().find(|account| account.id == id).map(|account| (id.0, account.name.clone()))
    };
    Ok(rows
        .into_iter()
        .map(|row| (row.event.is_of_draft(), row))
        .map(|(draft, row)| Shown {
            at: instant(&portal.clock, row.at),
            who: row.actor_name.unwrap_or_else(|| "the portal".to_owned()),
            activity: row.activity.map(|id| id.0).filter(|_| !draft),
            event: row.event.for_staff().to_owned(),
            detail: if draft { String::new() } else { row.detail },
            holder: row.holder.and_then(name_of),
            certificate: row.certificate.map(|id| id.0),
        })
        .collect())
}

/// GET /staff/history
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let mut errors = FieldErrors::new();
    let asked = Asked::read(&query, staff.account.id, &portal.clock, &mut errors);
    let (search, words) = (asked.search.clone(), asked.words.clone());
    let read = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| HistoryPageData::load(conn, portal, search, words))?)
    });
    let data = read.await?;
    let address = |before: Option<i64>| address_of(&query, before);
    let page = HistoryPage {
        page: staff.layout("History"),
        rows: data.rows,
        newer: asked.search.filter.before.map(|_| address(None)),
        older: data.last.map(|last| address(Some(last))),
        further: data.reached.map(|(row, at)| (address(Some(row)), long_date(portal.clock.day_of(at)))),
        filtered: asked.filters(),
        about: ["holder", "certificate", "activity"].map(|name| (name, query.one(name).to_owned())).into(),
        topics: HistoryTopic::ALL.map(|topic| Choice::new(topic.code(), topic.label())).into(),
        topic: asked.search.topic.map(|topic| topic.code().to_owned()).unwrap_or_default(),
        q: asked.words,
        from: query.one("from").to_owned(),
        to: query.one("to").to_owned(),
        errors,
    };
    Ok(render(StatusCode::OK, &page))
}

/// The address of the same search, from a row on.
fn address_of(query: &Fields, before: Option<i64>) -> String {
    let mut kept = url::form_urlencoded::Serializer::new(String::new());
    for name in ["holder", "certificate", "activity", "q", "topic", "from", "to"] {
        if !query.one(name).is_empty() {
            kept.append_pair(name, query.one(name));
        }
    }
    if let Some(before) = before {
        kept.append_pair("before", &before.to_string());
    }
    format!("/staff/history?{}", kept.finish())
}

/// What is looked for, as far as it could be read.
struct Asked {
    search: HistorySearch,
    /// The words, as they were typed.
    words: String,
}

impl Asked {
    fn read(query: &Fields, me: AccountId, clock: &Clock, errors: &mut FieldErrors) -> Asked {
        let filter = HistoryFilter {
            holder: query.one("holder").parse().ok().map(AccountId),
            certificate: query.one("certificate").parse().ok().map(CertificateId),
            activity: query.one("activity").parse().ok().map(ActivityId),
            about: None,
            before: query.one("before").parse().ok(),
            reader: Some(me),
        };
        let mut day = |name: &'static str| -> Option<NaiveDate> {
            let typed = query.one(name).trim();
            if typed.is_empty() {
                return None;
            }
            let day = read_day(typed, clock.today(), Lean::Back);
            if day.is_none() {
                errors.push(name, DayProblem::of(typed).to_string());
            }
            day
        };
        let (from, to) = (day("from"), day("to"));
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            errors.push("to", "This day is before the first one. Exchange the two.");
        }
        let search = HistorySearch {
            filter,
            topic: HistoryTopic::from_code(query.one("topic")),
            words: None,
            from: from.map(|day| clock.start_of(day)),
            until: to.and_then(|day| day.succ_opt()).map(|day| clock.start_of(day)),
        };
        Asked { search, words: query.one("q").trim().chars().take(MOST_LETTERS).collect() }
    }

    fn filters(&self) -> bool {
        let HistorySearch { filter, topic, from, until, .. } = &self.search;
        let about = filter.holder.is_some() || filter.certificate.is_some() || filter.activity.is_some();
        about || topic.is_some() || from.is_some() || until.is_some() || !self.words.is_empty()
    }
}

/// What the list needs, read together.
struct HistoryPageData {
    rows: Vec<Shown>,
    /// The last row, when older ones follow.
    last: Option<i64>,
    /// From where on nothing was looked at.
    reached: Option<(i64, NaiveDateTime)>,
}

impl HistoryPageData {
    fn load(
        conn: &mut Conn<'_>,
        portal: &Portal,
        search: HistorySearch,
        words: String,
    ) -> Result<Self, StoreError> {
        let words = match words.is_empty() {
            true => None,
            false => Some((words.clone(), people(conn, &words, PEOPLE)?)),
        };
        let found = history_search::search(conn, &HistorySearch { words, ..search }, PAGE + 1)?;
        let mut rows = found.rows;
        let more = rows.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
        if more {
            rows.pop();
        }
        let last = rows.last().map(|row| row.id).filter(|_| more);
        Ok(Self { rows: shown(conn, portal, rows)?, last, reached: found.reached })
    }
}
