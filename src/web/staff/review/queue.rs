//! The review queue: what a holder needs before a near deadline stands on top; several can be approved at once.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use chrono::NaiveDateTime;

use super::claims::{filter_of, view_of};
use super::queue_filter::QueueFilter;
use super::queue_table::{QueueHead, QueueRow, heads, orders, row};
use super::returned;
use super::verdict::undo_path;
use crate::actions::ActionError;
use crate::actions::reviews::queue::sorted;
use crate::actions::reviews::{BulkResult, Ticked, approve_all};
use crate::domain::activities::category::Category;
use crate::domain::activities::queue_order::QueueSorting;
use crate::domain::activities::queue_place::QueuePlace;
use crate::domain::certification::catalogue::{Certification, Field};
use crate::domain::certification::policy::Policies;
use crate::domain::dates::days_between;
use crate::domain::ids::{AccountId, ActivityId};
use crate::portal::Portal;
use crate::store::activities::review_claims;
use crate::store::activities::review_queue::{self, View, Waiting};
use crate::store::certification::{catalogue, policies};
use crate::store::engine::paging::{Page, Place};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::certificates::figures::counted;
use crate::web::view::flash::{see_other, see_other_with};
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};

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
    /// Whether more wait than were sorted.
    cut_off: bool,
    heads: Vec<QueueHead>,
    orders: Vec<Choice>,
    filter: QueueFilter,
    categories: Vec<Choice>,
    fields: Vec<Choice>,
    certifications: Vec<Choice>,
    readers: Vec<Choice>,
    waiting: Vec<Choice>,
    /// How long the oldest has waited, in words; empty when nothing waits.
    age: String,
    queue: String,
}

#[derive(Template)]
#[template(path = "staff/review/result.html")]
struct ResultPage {
    page: Layout,
    result: BulkResult,
    approved: String,
    skipped: String,
    /// Where what was approved is undone; none where the emails left at once.
    undo: Option<String>,
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
    let (sorting, number) = (filter.sorting(), query.one("page").parse().unwrap_or(1));
    let place =
        if sorting == QueueSorting::USUAL { place(query, |key| key.parse().ok()) } else { Place::Start };
    let first = place == Place::Start && number <= 1;
    let data = blocking(portal, move |portal| QueuePageData::load(portal, &view, sorting, &place)).await?;
    Ok(render(status, &QueuePage::new(staff, portal, data, filter, (number, first), errors)))
}

/// What the list needs, read together.
struct QueuePageData {
    /// A page of it; of a sorted queue, all of what was sorted.
    page: Page<Waiting>,
    policies: Policies,
    fields: Vec<Field>,
    certifications: Vec<Certification>,
    /// Who reads something now.
    readers: Vec<(AccountId, String)>,
    /// Since when the report that waits longest does (UTC).
    oldest: Option<NaiveDateTime>,
}

impl QueuePageData {
    fn load(
        portal: &Portal,
        view: &View,
        sorting: QueueSorting,
        place: &Place<QueuePlace>,
    ) -> Result<Self, ActionError> {
        portal.store.read(|conn| {
            let policies = policies::all(conn)?;
            let page = if sorting == QueueSorting::USUAL {
                review_queue::list(conn, view, place, PAGE)?
            } else {
                let found = sorted(conn, view, sorting, &policies)?;
                Page { rows: found.rows, before: false, after: found.more }
            };
            Ok(Self {
                page,
                policies,
                fields: catalogue::fields(conn)?,
                certifications: catalogue::certifications(conn)?,
                readers: review_claims::readers(conn, view.now)?,
                oldest: review_queue::oldest(conn)?,
            })
        })
    }
}

impl QueuePage {
    fn new(
        staff: &Person,
        portal: &Portal,
        data: QueuePageData,
        filter: QueueFilter,
        (number, first): (usize, bool),
        errors: FieldErrors,
    ) -> QueuePage {
        let usual = filter.sorting() == QueueSorting::USUAL;
        let cut_off = !usual && data.page.after;
        let (rows, pager) = if usual {
            let pager =
                Pager::new("/staff/review", &filter.kept(), &data.page, |waiting| waiting.place.to_string());
            (data.page.rows, pager)
        } else {
            numbered(data.page.rows, &filter, number)
        };
        let title = |one: Certification| Choice::new(one.id.to_string(), one.title);
        QueuePage {
            page: staff.layout("Review"),
            errors,
            rows: rows.into_iter().map(|waiting| row(waiting, &data.policies, portal)).collect(),
            pager,
            first,
            cut_off,
            heads: heads(&filter),
            orders: orders(&filter),
            categories: Category::ALL.iter().map(|c| Choice::new(c.code(), c.label())).collect(),
            fields: data
                .fields
                .into_iter()
                .map(|field| Choice::new(field.id.to_string(), field.title))
                .collect(),
            certifications: data.certifications.into_iter().map(title).collect(),
            readers: QueueFilter::reader_choices(data.readers, staff.account.id),
            waiting: QueueFilter::waiting_choices(),
            age: data.oldest.map(|at| age(at, portal)).unwrap_or_default(),
            queue: filter.suffix(),
            filter,
        }
    }
}

/// How long the oldest has waited, in words.
fn age(oldest: NaiveDateTime, portal: &Portal) -> String {
    match days_between(portal.clock.day_of(oldest), portal.clock.today()) {
        ..=0 => "The oldest came today.".to_owned(),
        days => format!("The oldest has waited for {}.", counted(days, "day", "days")),
    }
}

/// Page `number` of a sorted queue, which is read whole.
fn numbered(rows: Vec<Waiting>, filter: &QueueFilter, number: usize) -> (Vec<Waiting>, Pager) {
    let size = usize::try_from(PAGE).unwrap_or(1);
    let last = rows.len().div_ceil(size).max(1);
    let number = number.clamp(1, last);
    let pager = Pager::numbered("/staff/review", &filter.kept(), number, last);
    (rows.into_iter().skip((number - 1).saturating_mul(size)).take(size).collect(), pager)
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
    let suffix = filter_of(&request).suffix();
    let path = format!("/staff/review{suffix}");
    let actor = staff.actor();
    let result = blocking(&portal, move |portal| approve_all(portal, actor, &ticked)).await?;
    if result.skipped.is_empty() && result.approved.is_empty() {
        return Ok(see_other(path));
    }
    if result.skipped.is_empty() {
        let approved =
            counted(count(result.approved.len()), "report has been approved", "reports have been approved");
        let undo = undo_path(&portal, result.range, &suffix);
        return Ok(see_other_with(path, Flash::success(format!("{approved}.")).with_undo(undo)));
    }
    let undo = undo_path(&portal, result.range, &suffix);
    Ok(approval(&staff, result, undo, &path))
}

/// The page about a bulk approval that was done in part; `undo` is where that part is undone, `onwards` where the reviewer goes on.
pub(in crate::web::staff) fn approval(
    staff: &Person,
    result: BulkResult,
    undo: Option<String>,
    onwards: &str,
) -> HttpResponse {
    let approved =
        counted(count(result.approved.len()), "report has been approved", "reports have been approved");
    let skipped =
        counted(count(result.skipped.len()), "report was left as it was", "reports were left as they were");
    let onwards = onwards.to_owned();
    let page =
        ResultPage { page: staff.layout("What was approved"), result, approved, skipped, undo, onwards };
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
