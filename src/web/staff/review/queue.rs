//! The review queue: what a holder needs before a near deadline stands on top, and a report is read beside the list; several can be
//! approved at once.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::TimeDelta;

use super::case::{CaseData, CaseShown};
use super::claims::{is_script, view_of};
use super::evidence::Way;
use super::form::ReviewForm;
use super::page::with_viewer;
use super::queue_address::QueueAddress;
use super::queue_page::{QueueInput, QueuePage, QueuePageData, Selection};
use super::returned;
use crate::actions::ActionError;
use crate::actions::reviews::{BulkLine, BulkResult, Ticked, approve_all};
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::notices::delivery::Reach;
use crate::domain::roles::Reviewer;
use crate::portal::Portal;
use crate::store::activities::same_event::{ReportProofs, proofs_of};
use crate::store::mail::reach;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::certificates::figures::counted;
use crate::web::staff::mail::reach::with_cure;
use crate::web::view::flash::{see_other, see_other_with};
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "staff/review/result.html")]
struct ResultPage {
    page: Layout,
    approved: Vec<ResultRow>,
    skipped: Vec<ResultRow>,
    /// How many, in words.
    approved_words: String,
    skipped_words: String,
    /// Where what was approved is undone; none where the emails left at once.
    undo: Option<String>,
    onwards: String,
}

/// A report of a bulk approval.
struct ResultRow {
    line: BulkLine,
    /// Why it was left as it was; empty when it was approved.
    reason: String,
    /// What shows it, and what its holder ticked.
    proofs: ReportProofs,
}

/// What became of a bulk approval, with what shows each of its reports.
pub(in crate::web::staff) struct BulkOutcome {
    /// What became of it.
    pub result: BulkResult,
    /// Whom of the holders an email about it reaches.
    reach: BTreeMap<HolderId, Reach>,
    proofs: BTreeMap<ActivityId, ReportProofs>,
}

impl BulkOutcome {
    /// Approves the ticked reports as they were reported.
    ///
    /// # Errors
    /// `ActionError::Store`.
    pub fn of(portal: &Portal, actor: Reviewer, ticked: &[Ticked]) -> Result<Self, ActionError> {
        let result = approve_all(portal, actor, ticked)?;
        let holders: Vec<HolderId> = result.approved.iter().map(|line| line.holder).collect();
        let reach = portal.store.read(|conn| reach::of_people(conn, &holders))?;
        // all of it needs no page
        if result.skipped.is_empty() {
            return Ok(Self { result, reach, proofs: BTreeMap::new() });
        }
        let skipped = result.skipped.iter().map(|(line, _)| line.activity);
        let all: Vec<ActivityId> = result.approved.iter().map(|line| line.activity).chain(skipped).collect();
        let proofs = portal.store.read(|conn| proofs_of(conn, &all))?;
        Ok(Self { result, reach, proofs })
    }

    /// The notice of what was approved, with what its holders hear of it.
    pub fn notice(&self, staff: &Person, undo: TimeDelta) -> Flash {
        let words = format!("{} {}", approved_of(&self.result), self.told(undo));
        let held = self.reach.iter().find(|(_, reach)| **reach != Reach::Leaves);
        match held {
            Some((holder, reach)) => with_cure(Flash::success(words), staff, *holder, *reach),
            None => Flash::success(words),
        }
    }

    /// What the holders hear: "They are told in a minute. 1 of them gets no email yet: they were never invited."
    fn told(&self, undo: TimeDelta) -> String {
        let mut told = match self.reach.len() {
            1 => format!("The holder is told{}.", within(undo)),
            _ => format!("They are told{}.", within(undo)),
        };
        let kinds: BTreeSet<Reach> = self.reach.values().copied().collect();
        if let (Some(only), 1) = (kinds.first(), kinds.len()) {
            return match (only, self.reach.len()) {
                (Reach::Leaves, _) => told,
                (only, 1) => only.sentence(""),
                (only, _) => only.of_all(),
            };
        }
        let mut sentences = Vec::new();
        for kind in kinds {
            let many = count(self.reach.values().filter(|reach| **reach == kind).count());
            let of_them = counted(many, "of them gets", "of them get");
            match kind {
                Reach::Leaves => sentences.push(std::mem::take(&mut told)),
                Reach::Held(by) => sentences.push(format!("{of_them} no email yet: {}.", by.cause())),
                Reach::Closed => sentences.push(format!("{of_them} none: the account is closed.")),
            }
        }
        // what is said of all comes first: Leaves is the first kind
        sentences.join(" ")
    }

    fn row(&self, line: &BulkLine, reason: &str) -> ResultRow {
        let proofs = self.proofs.get(&line.activity).cloned().unwrap_or_default();
        ResultRow { line: line.clone(), reason: reason.to_owned(), proofs }
    }
}

/// A report as a script puts it beside the list.
#[derive(Template)]
#[template(path = "staff/review/fragment.html")]
struct CaseFragment {
    page: Layout,
    case: CaseShown,
}

/// GET /staff/review; with `?show=returned` those that are with their holders; with `?report=` one of them beside the list.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    if query.one("show") == "returned" {
        return returned::index(&staff, &portal, &query).await;
    }
    let chosen = query.one("report").parse().ok().map(ActivityId);
    show(&staff, &portal, &query, chosen, QueueInput::default()).await
}

/// The list with a report beside it, and what was typed when there is something to mend.
async fn show(
    staff: &AsReviewer,
    portal: &web::Data<Portal>,
    query: &Fields,
    chosen: Option<ActivityId>,
    typed: QueueInput,
) -> Result<HttpResponse, WebError> {
    let address = QueueAddress::read(query).beside_list();
    let (view, actor) = (view_of(staff, portal, &address.filter), staff.actor());
    let selection = Selection::read(query, &address, chosen);
    let data = blocking(portal, move |portal| QueuePageData::load(portal, actor, &view, &selection)).await?;
    let status = if typed.is_fine() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = QueuePage::new(staff, portal, data, (address, query), typed);
    Ok(with_viewer(render(status, &page)))
}

/// The list again, beside it the report whose verdict has something to mend.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub(super) async fn mend(
    staff: &AsReviewer,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    id: ActivityId,
    verdict: (ReviewForm, FieldErrors),
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let typed = QueueInput { verdict: Some(verdict), ..QueueInput::default() };
    show(staff, portal, &query, Some(id), typed).await
}

/// GET /staff/activities/{id}/reading: a report for the script that puts it beside the list. Reading it there does not claim it.
///
/// # Errors
/// `WebError::NotFound` for drafts and what is not there.
pub async fn reading(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    let (id, actor) = (ActivityId(*id), staff.actor());
    let query = Fields::parse(request.query_string().as_bytes());
    let address = QueueAddress::read(&query).beside_list();
    let file = query.one("file").parse().ok();
    let read = blocking(&portal, move |portal| {
        portal.store.read(|conn| CaseData::looked_at(conn, portal, actor, id, file))
    });
    let data = read.await?;
    if !is_script(&request) {
        return Ok(see_other(address.report(id)));
    }
    let case = CaseShown::new(&staff, &portal, data, &address, Err(&query));
    Ok(render(StatusCode::OK, &CaseFragment { page: staff.layout("Review"), case }))
}

/// POST /staff/review: approves the ticked reports as they were reported.
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn approve(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let mut seen = BTreeSet::new();
    let ticked = fields.all("report").filter_map(ticked).filter(|tick| seen.insert(tick.activity));
    let ticked: Vec<Ticked> = ticked.take(200).collect();
    if ticked.is_empty() {
        let query = Fields::parse(request.query_string().as_bytes());
        let ticks = FieldErrors::of("queue", "Tick at least one report to approve.");
        let chosen = query.one("report").parse().ok().map(ActivityId);
        return show(&staff, &portal, &query, chosen, QueueInput { ticks, ..QueueInput::default() }).await;
    }
    let address = QueueAddress::of(&request);
    let path = address.list();
    let actor = staff.actor();
    let outcome = blocking(&portal, move |portal| BulkOutcome::of(portal, actor, &ticked)).await?;
    let result = &outcome.result;
    if result.skipped.is_empty() && result.approved.is_empty() {
        return Ok(see_other(path));
    }
    let undo = address.undo(&portal, result.range);
    if result.skipped.is_empty() {
        return Ok(see_other_with(path, outcome.notice(&staff, portal.config.undo).with_undo(undo)));
    }
    Ok(approval(&staff, &outcome, undo, path))
}

/// The page about a bulk approval that was done in part; `undo` is where that part is undone, `onwards` where the reviewer goes on.
pub(in crate::web::staff) fn approval(
    staff: &Person,
    outcome: &BulkOutcome,
    undo: Option<String>,
    onwards: String,
) -> HttpResponse {
    let BulkResult { approved, skipped, .. } = &outcome.result;
    let page = ResultPage {
        page: staff.layout("What was approved"),
        approved_words: counted(
            count(approved.len()),
            "report has been approved",
            "reports have been approved",
        ),
        skipped_words: counted(
            count(skipped.len()),
            "report was left as it was",
            "reports were left as they were",
        ),
        approved: approved.iter().map(|line| outcome.row(line, "")).collect(),
        skipped: skipped.iter().map(|(line, reason)| outcome.row(line, reason)).collect(),
        undo,
        onwards,
    };
    render(StatusCode::OK, &page)
}

/// Holders whom a message names.
const NAMED: usize = 2;

/// What was approved at once: "Approved 3 reports of Anna Berg, Jan de Vries and 1 more."
fn approved_of(result: &BulkResult) -> String {
    let mut names: Vec<&str> = Vec::new();
    for line in &result.approved {
        if !names.contains(&line.holder_name.as_str()) {
            names.push(&line.holder_name);
        }
    }
    let reports = counted(count(result.approved.len()), "report", "reports");
    let more = names.len().saturating_sub(NAMED);
    let named: Vec<&str> = names.iter().take(NAMED).copied().collect();
    let holders = match more {
        0 => named.join(" and "),
        more => format!("{} and {more} more", named.join(", ")),
    };
    format!("Approved {reports} of {holders}.")
}

/// How long emails about verdicts wait: " in a minute", or nothing where they leave at once.
pub(super) fn within(undo: TimeDelta) -> String {
    match undo.num_seconds() {
        ..=0 => String::new(),
        60 => " in a minute".to_owned(),
        seconds if seconds % 60 == 0 => format!(" in {}", counted(seconds / 60, "minute", "minutes")),
        seconds => format!(" in {}", counted(seconds, "second", "seconds")),
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// A ticked report with the version that was seen: `12:3`.
pub(in crate::web::staff) fn ticked(value: &str) -> Option<Ticked> {
    let (id, version) = value.split_once(':')?;
    Some(Ticked { activity: ActivityId(id.parse().ok()?), version: version.parse().ok()? })
}
