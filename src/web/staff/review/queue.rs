//! The review queue: what a holder needs before a near deadline stands on top; several can be approved at once.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::claims::{filter_of, view_of};
use super::queue_filter::QueueFilter;
use super::returned;
use crate::actions::ActionError;
use crate::actions::reviews::{BulkResult, Ticked, approve_all};
use crate::domain::activities::category::Category;
use crate::domain::dates::{days_between, long_date};
use crate::domain::ids::ActivityId;
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::activities::review_queue::{self, Waiting};
use crate::store::certification::catalogue;
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::certificates::figures::{counted, distance};
use crate::web::view::flash::{see_other, see_other_with};
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};
use crate::web::view::tags::Tag;

/// Reports on one page: what somebody reads in one go.
const PAGE: i64 = 25;

#[derive(Template)]
#[template(path = "staff/review/index.html")]
struct QueuePage {
    page: Layout,
    errors: FieldErrors,
    rows: Vec<QueueRow>,
    pager: Pager,
    first: bool,
    filter: QueueFilter,
    categories: Vec<Choice>,
    fields: Vec<Choice>,
    waiting: Vec<Choice>,
    /// How long the oldest has waited, in words; empty when nothing waits.
    age: String,
    queue: String,
}

struct QueueRow {
    id: i64,
    tick: String,
    title: String,
    holder: i64,
    holder_name: String,
    category: &'static str,
    quantity: String,
    completed: String,
    waiting: String,
    /// Since when it is staff's turn, in words.
    turn: String,
    /// The colleague who reads it now.
    read_by: Option<String>,
    files: String,
    explained: bool,
    tag: Tag,
    urgency: String,
}

#[derive(Template)]
#[template(path = "staff/review/result.html")]
struct ResultPage {
    page: Layout,
    result: BulkResult,
    approved: String,
    skipped: String,
    onwards: String,
}

/// GET /staff/review; with `?show=returned` those that are with their holders.
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
    show(&staff, &portal, &query, FieldErrors::new(), StatusCode::OK).await
}

async fn show(
    staff: &Person,
    portal: &web::Data<Portal>,
    query: &Fields,
    errors: FieldErrors,
    status: StatusCode,
) -> Result<HttpResponse, WebError> {
    let filter = QueueFilter::read(query);
    let view = view_of(staff, portal, &filter);
    let place = place(query, |key| key.parse().ok());
    let first = place == crate::store::engine::paging::Place::Start;
    let (page, fields, oldest) = blocking(portal, move |portal| {
        Ok::<_, ActionError>(portal.store.read(|conn| {
            let page = review_queue::list(conn, &view, &place, PAGE)?;
            Ok::<_, StoreError>((page, catalogue::fields(conn)?, review_queue::oldest(conn)?))
        })?)
    })
    .await?;
    let today = portal.clock.today();
    let pager = Pager::new("/staff/review", &filter.kept(), &page, |waiting| waiting.place.to_string());
    let rows = page.rows.into_iter().map(|waiting| row(waiting, portal)).collect();
    let age = oldest.map(|at| match days_between(portal.clock.day_of(at), today) {
        ..=0 => "The oldest came today.".to_owned(),
        days => format!("The oldest has waited for {}.", counted(days, "day", "days")),
    });
    let page = QueuePage {
        page: staff.layout("Review"),
        errors,
        rows,
        pager,
        first,
        categories: Category::ALL.iter().map(|c| Choice::new(c.code(), c.label())).collect(),
        fields: fields.into_iter().map(|field| Choice::new(field.id.to_string(), field.title)).collect(),
        waiting: QueueFilter::waiting_choices(),
        age: age.unwrap_or_default(),
        queue: filter.suffix(),
        filter,
    };
    Ok(render(status, &page))
}

fn row(waiting: Waiting, portal: &Portal) -> QueueRow {
    let today = portal.clock.today();
    let tag = |kind, label| Tag { kind, label };
    let (tag, urgency) = match (waiting.place.needed, waiting.place.deadline) {
        (true, Some(day)) if day < today => {
            (tag("bad", "Overdue"), format!("the deadline was {}", long_date(day)))
        }
        (true, Some(day)) => {
            (tag("action", "Needed"), format!("by {}, {}", long_date(day), distance(today, day)))
        }
        (false, Some(_)) => (tag("off", "Not pressing"), "the minimum is reached without it".to_owned()),
        (_, None) => (tag("off", "Not pressing"), "no open year counts it".to_owned()),
    };
    QueueRow {
        id: waiting.id.0,
        tick: format!("{}:{}", waiting.id, waiting.version),
        title: waiting.title,
        holder: waiting.holder.0,
        holder_name: waiting.holder_name,
        category: waiting.category.label(),
        quantity: waiting.quantity.to_string(),
        completed: long_date(waiting.completed_on),
        waiting: long_date(portal.clock.day_of(waiting.reported_at)),
        turn: match days_between(portal.clock.day_of(waiting.waiting_since), today) {
            ..=0 => "your turn since today".to_owned(),
            days => format!("your turn for {}", counted(days, "day", "days")),
        },
        read_by: waiting.read_by,
        files: if waiting.files == 0 { String::new() } else { counted(waiting.files, "file", "files") },
        explained: waiting.explained,
        tag,
        urgency,
    }
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
        let errors = FieldErrors::of("queue", "Tick at least one report to approve.");
        return show(&staff, &portal, &query, errors, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let path = format!("/staff/review{}", filter_of(&request).suffix());
    let actor = staff.actor();
    let result = blocking(&portal, move |portal| approve_all(portal, actor, &ticked)).await?;
    if result.skipped.is_empty() && result.approved.is_empty() {
        return Ok(see_other(path));
    }
    if result.skipped.is_empty() {
        let approved =
            counted(count(result.approved.len()), "report has been approved", "reports have been approved");
        return Ok(see_other_with(path, Flash::success(format!("{approved}."))));
    }
    Ok(approval(&staff, result, &path))
}

/// The page about a bulk approval that was done in part; `onwards` is where the reviewer goes on.
pub(in crate::web::staff) fn approval(staff: &Person, result: BulkResult, onwards: &str) -> HttpResponse {
    let approved =
        counted(count(result.approved.len()), "report has been approved", "reports have been approved");
    let skipped =
        counted(count(result.skipped.len()), "report was left as it was", "reports were left as they were");
    let onwards = onwards.to_owned();
    let page = ResultPage { page: staff.layout("What was approved"), result, approved, skipped, onwards };
    render(StatusCode::OK, &page)
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// A ticked report with the version that was seen: `12:3`.
pub(in crate::web::staff) fn ticked(value: &str) -> Option<Ticked> {
    let (id, version) = value.split_once(':')?;
    Some(Ticked { activity: ActivityId(id.parse().ok()?), version: version.parse().ok()? })
}
