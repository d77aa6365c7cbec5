//! Reports of the same event by different holders, approved together, each by its own check.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::claims::view_of;
use super::queue::{BulkOutcome, approval, ticked};
use super::queue_address::QueueAddress;
use crate::actions::ActionError;
use crate::actions::reviews::Ticked;
use crate::actions::reviews::queue::Onwards;
use crate::actions::reviews::same_event::{SameEvent, find};
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::dates::long_date;
use crate::domain::ids::ActivityId;
use crate::domain::roles::Reviewer;
use crate::portal::Portal;
use crate::store::accounts::acquaintances;
use crate::store::activities::same_event::{ReportProofs, SameDay, proofs_of};
use crate::store::{Conn, accounts};
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::staff::certificates::figures::counted;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "staff/activities/same_event.html")]
struct EventPage {
    page: Layout,
    errors: FieldErrors,
    id: i64,
    title: String,
    organiser: String,
    day: String,
    rows: Vec<EventRow>,
    /// How many are left out because the reader knows their holders, in words; empty without any.
    left_out: String,
    /// The list, and the report, from which the reviewer came.
    list: String,
    back: String,
    queue: String,
}

struct EventRow {
    id: i64,
    tick: String,
    ticked: bool,
    holder: i64,
    holder_name: String,
    quantity: String,
    /// Whether it is the report from which the reviewer came.
    this: bool,
    /// In what it is other than the report from which the reviewer came, in words; empty when in nothing.
    differs: String,
    /// What shows it.
    proofs: ReportProofs,
}

/// GET /staff/activities/{id}/same-event
///
/// # Errors
/// `WebError::NotFound` for drafts and what is not there.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    show(&staff, &request, &portal, ActivityId(*id), FieldErrors::new()).await
}

async fn show(
    staff: &AsReviewer,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    id: ActivityId,
    errors: FieldErrors,
) -> Result<HttpResponse, WebError> {
    let actor = staff.actor();
    let read = blocking(portal, move |portal| portal.store.read(|conn| EventPageData::load(conn, actor, id)));
    let EventPageData { activity, others, known, left_out, holder_name, mut proofs } = read.await?;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut rows = Vec::new();
    if activity.status == ActivityStatus::Submitted && activity.holder != actor.id && !known {
        rows.push(first(&activity, holder_name));
    }
    rows.extend(others.iter().map(row));
    let field = proofs.get(&id).map(|these| these.field.clone()).unwrap_or_default();
    for row in &mut rows {
        row.proofs = proofs.remove(&ActivityId(row.id)).unwrap_or_default();
        row.differs = differs(row, &activity, &field);
    }
    let address = QueueAddress::of(request);
    let page = EventPage {
        page: staff.layout("Reports of the same event"),
        errors,
        id: id.0,
        title: activity.facts.title.clone(),
        organiser: activity.facts.organiser.clone(),
        day: activity.facts.completed_on.map(long_date).unwrap_or_default(),
        rows,
        left_out: match left_out {
            0 => String::new(),
            many => counted(many, "report is left out", "reports are left out"),
        },
        list: address.list(),
        back: address.report(id),
        queue: address.suffix(),
    };
    Ok(render(status, &page))
}

/// What the page needs, read together.
struct EventPageData {
    activity: Activity,
    /// What other holders report about the same event.
    others: Vec<SameDay>,
    /// Whether the reader knows the holder of this report.
    known: bool,
    /// How many reports are left out, because the reader knows their holders.
    left_out: i64,
    holder_name: String,
    /// What shows each of them.
    proofs: BTreeMap<ActivityId, ReportProofs>,
}

impl EventPageData {
    fn load(conn: &mut Conn<'_>, actor: Reviewer, id: ActivityId) -> Result<Self, ActionError> {
        let (activity, SameEvent { others, known: left_out }) = find(conn, actor, id)?;
        let known = acquaintances::known_by(conn, activity.holder)?.contains(&actor.id);
        let holder = accounts::find(conn, activity.holder)?;
        let all: Vec<ActivityId> =
            std::iter::once(activity.id).chain(others.iter().map(|other| other.id)).collect();
        Ok(Self {
            proofs: proofs_of(conn, &all)?,
            activity,
            others,
            known,
            left_out: i64::try_from(left_out).unwrap_or(i64::MAX).saturating_add(i64::from(known)),
            holder_name: holder.map(|holder| holder.name).unwrap_or_default(),
        })
    }
}

/// The report from which the reviewer came: the only one that is ticked, because it is the only one that they have read.
fn first(activity: &Activity, holder_name: String) -> EventRow {
    EventRow {
        id: activity.id.0,
        tick: format!("{}:{}", activity.id, activity.version),
        ticked: true,
        holder: activity.holder.0,
        holder_name,
        quantity: activity.facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        this: true,
        differs: String::new(),
        proofs: ReportProofs::default(),
    }
}

fn row(other: &SameDay) -> EventRow {
    EventRow {
        id: other.id.0,
        tick: format!("{}:{}", other.id, other.version),
        ticked: false,
        holder: other.holder.0,
        holder_name: other.holder_name.clone(),
        quantity: other.quantity.to_string(),
        this: false,
        differs: String::new(),
        proofs: ReportProofs::default(),
    }
}

/// "Other field: Software security. Other quantity: 3 hours."
fn differs(row: &EventRow, activity: &Activity, field: &str) -> String {
    if row.this {
        return String::new();
    }
    let mut words = Vec::new();
    if row.proofs.field != field {
        words.push(format!("Other field: {}.", row.proofs.field));
    }
    let quantity = activity.facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default();
    if row.quantity != quantity {
        words.push(format!("Other quantity: {}.", row.quantity));
    }
    words.join(" ")
}

/// POST /staff/activities/{id}/same-event: approves the ticked ones as reported, and on to the next report in the queue.
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn approve(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (id, actor) = (ActivityId(*id), staff.actor());
    let chosen: BTreeSet<(ActivityId, i64)> =
        fields.all("report").filter_map(ticked).map(|tick| (tick.activity, tick.version)).collect();
    if chosen.is_empty() {
        let errors = FieldErrors::of("reports", "Tick at least one report to approve.");
        return show(&staff, &request, &portal, id, errors).await;
    }
    let address = QueueAddress::of(&request);
    let (view, sorting) = (view_of(&staff, &portal, &address.filter), address.filter.sorting());
    let (outcome, next) = blocking(&portal, move |portal| {
        let onwards = portal.store.read(|conn| Onwards::of(conn, &view, sorting, id))?;
        let ticked = of_event(portal, actor, id, chosen)?;
        let outcome = BulkOutcome::of(portal, actor, &ticked)?;
        let next = portal.store.read(|conn| onwards.next(conn, &view))?;
        Ok((outcome, next))
    })
    .await?;
    let path = match next {
        Some(next) => address.report(next),
        None => address.list(),
    };
    let result = &outcome.result;
    let undo = address.undo(&portal, result.range);
    if result.skipped.is_empty() && !result.approved.is_empty() {
        return Ok(see_other_with(path, outcome.notice(&staff, portal.config.undo).with_undo(undo)));
    }
    Ok(approval(&staff, &outcome, undo, path))
}

/// Those of the ticked reports that are of the event: what is not cannot be approved from here.
fn of_event(
    portal: &Portal,
    actor: Reviewer,
    id: ActivityId,
    chosen: BTreeSet<(ActivityId, i64)>,
) -> Result<Vec<Ticked>, ActionError> {
    let (activity, event) = portal.store.read(|conn| find(conn, actor, id))?;
    let is_of_event =
        |wanted: ActivityId| wanted == activity.id || event.others.iter().any(|o| o.id == wanted);
    let chosen = chosen.into_iter().filter(|(activity, _)| is_of_event(*activity));
    Ok(chosen.map(|(activity, version)| Ticked { activity, version }).collect())
}
