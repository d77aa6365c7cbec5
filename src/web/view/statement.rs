//! What stood on a day: a statement about a holder or a certificate, for staff and for the holder, to be printed.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::statement_lines::{StatementFacts, StatementShown};
use crate::actions::ActionError;
use crate::actions::overview::past_record;
use crate::domain::dates::{DayProblem, Lean, either_way, long_date, read_day};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{AccountId, CertificateId, HolderId};
use crate::domain::ledger::derivation::Reader;
use crate::domain::ledger::past_record::{KeptRecord, PastDay};
use crate::portal::Portal;
use crate::store::certification::{certificate_corrections, certificates, policies};
use crate::store::records::history;
use crate::store::{Conn, accounts, badges};
use crate::web::forms::errors::FieldErrors;
use crate::web::http::auth::{AsHolder, AsReviewer, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "statement.html")]
struct StatementPage {
    page: Layout,
    /// Where it stands.
    address: String,
    /// What it is about: its page, and what the link to that says.
    back: (String, &'static str),
    errors: FieldErrors,
    /// The day, as it was typed.
    on: String,
    /// None when the day cannot be used.
    statement: Option<StatementShown>,
}

/// The day that a statement is asked for, as it was typed; today without one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct AskedDay {
    on: String,
}

/// What a statement is about.
#[derive(Clone, Copy)]
enum About {
    /// A person, with every certificate.
    Person(HolderId),
    /// A certificate.
    Certificate(CertificateId),
    /// A certificate of the reader's own.
    Own(HolderId, CertificateId),
}

impl About {
    /// Whose affair it is, and the one certificate if it is about one.
    fn find(self, conn: &mut Conn<'_>) -> Result<(HolderId, Option<CertificateId>), ActionError> {
        let (holder, id) = match self {
            About::Person(holder) => return Ok((holder, None)),
            About::Certificate(id) => (None, id),
            About::Own(holder, id) => (Some(holder), id),
        };
        let found = certificates::find(conn, id)?.ok_or(ActionError::NotFound)?;
        if holder.is_some_and(|holder| holder != found.holder) {
            return Err(ActionError::NotFound);
        }
        Ok((found.holder, Some(id)))
    }

    const fn reader(self) -> Reader {
        match self {
            About::Own(..) => Reader::Holder,
            About::Person(_) | About::Certificate(_) => Reader::Staff,
        }
    }

    /// The page of what it is about, and what the link to it says.
    fn back(self) -> (String, &'static str) {
        match self {
            About::Person(holder) => (format!("/staff/holders/{holder}"), "The holder today"),
            About::Certificate(id) => (format!("/staff/certificates/{id}"), "The certificate today"),
            About::Own(_, id) => (format!("/certificates/{id}"), "The certificate today"),
        }
    }
}

/// GET /staff/holders/{id}/statement `?on=`
///
/// # Errors
/// `WebError::NotFound`.
pub async fn of_person(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    asked: web::Query<AskedDay>,
) -> Result<HttpResponse, WebError> {
    let id: AccountId = id.parse().map_err(|_| WebError::NotFound)?;
    page(&staff, &portal, About::Person(id), asked.into_inner().on).await
}

/// GET /staff/certificates/{id}/statement `?on=`
///
/// # Errors
/// `WebError::NotFound`.
pub async fn of_certificate(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    asked: web::Query<AskedDay>,
) -> Result<HttpResponse, WebError> {
    let id: CertificateId = id.parse().map_err(|_| WebError::NotFound)?;
    page(&staff, &portal, About::Certificate(id), asked.into_inner().on).await
}

/// GET /certificates/{id}/statement `?on=`
///
/// # Errors
/// `WebError::NotFound` for somebody else's.
pub async fn of_own(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    asked: web::Query<AskedDay>,
) -> Result<HttpResponse, WebError> {
    let id: CertificateId = id.parse().map_err(|_| WebError::NotFound)?;
    page(&holder, &portal, About::Own(holder.holder(), id), asked.into_inner().on).await
}

async fn page(
    person: &Person,
    portal: &web::Data<Portal>,
    about: About,
    typed: String,
) -> Result<HttpResponse, WebError> {
    let asked = typed.clone();
    let read = blocking(portal, move |portal| portal.store.read(|conn| load(conn, portal, about, &asked)));
    let read = read.await.or_corrections()?;
    let back = about.back();
    let mut page = StatementPage {
        page: person.layout("Statement"),
        address: format!("{}/statement", back.0),
        back,
        errors: FieldErrors::new(),
        on: typed,
        statement: None,
    };
    let status = match read {
        Ok(facts) => {
            page.on = long_date(facts.day);
            page.page.title = format!("Statement as of {}", page.on);
            page.statement = Some(StatementShown::new(&facts, about.reader(), portal));
            StatusCode::OK
        }
        Err(errors) => {
            page.errors = errors;
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    Ok(render(status, &page))
}

/// What the page needs, read together.
fn load(
    conn: &mut Conn<'_>,
    portal: &Portal,
    about: About,
    typed: &str,
) -> Result<StatementFacts, ActionError> {
    let (holder, only) = about.find(conn)?;
    let account = accounts::find(conn, holder)?.ok_or(ActionError::NotFound)?;
    let kept = past_record::of_holder(conn, &portal.clock, holder)?;
    let first = first_day(&kept, only).unwrap_or_else(|| portal.clock.day_of(account.created_at));
    let day = usable_day(typed, portal.clock.today(), first)?;
    let next = day.succ_opt().unwrap_or(day);
    let policies = policies::all(conn)?;
    let record = kept.as_on(PastDay { day, until: portal.clock.start_of(next) }, &policies);
    let renamed = [HistoryEvent::HolderRenamed, HistoryEvent::HolderCorrected];
    let renamed = history::of_holder(conn, holder, &renamed)?;
    let mut decisions = certificates::decisions_of_holder(conn, holder)?;
    decisions.retain(|decision| decision.decided_on <= day);
    Ok(StatementFacts {
        day,
        only,
        record,
        policies,
        decisions,
        corrections: certificate_corrections::facts_of_holder(conn, holder)?,
        badges: badges::of_holder(conn, holder)?,
        renamed_on: renamed.iter().map(|event| portal.clock.day_of(event.at)).find(|on| *on > day),
        holder: account,
    })
}

/// The day on which the portal took a certificate over.
fn first_day(kept: &KeptRecord, only: Option<CertificateId>) -> Option<NaiveDate> {
    let found = kept.certificates.iter().find(|kept| Some(kept.now.id) == only)?;
    Some(found.taken_over_on)
}

/// The day as it was typed: none that can be two days, none before anything is known, and none that is still to come.
fn usable_day(typed: &str, today: NaiveDate, first: NaiveDate) -> Result<NaiveDate, ActionError> {
    if typed.trim().is_empty() {
        return Ok(today);
    }
    let problem = match (either_way(typed), read_day(typed, today, Lean::Back)) {
        (Some((one, other)), _) => DayProblem::TwoDays(typed.trim().to_owned(), one, other).to_string(),
        (None, None) => DayProblem::of(typed).to_string(),
        (None, Some(day)) if day > today => {
            format!("{} is still to come. Choose today or a day before it.", long_date(day))
        }
        (None, Some(day)) if day < first => {
            let first = long_date(first);
            format!("The portal knows nothing from before {first}. Choose that day or a later one.")
        }
        (None, Some(day)) => return Ok(day),
    };
    Err(ActionError::invalid("on", problem))
}
