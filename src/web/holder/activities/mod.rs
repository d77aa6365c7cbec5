//! The list of the holder's activities.

pub mod correction;
pub mod derivation;
pub mod evidence;
pub mod field_choices;
pub mod form;
pub mod form_page;
pub mod page;
pub mod withdrawal;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;

use super::certificates::period::{self, Period};
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::category::Category;
use crate::domain::dates::long_date;
use crate::domain::ids::ActivityId;
use crate::domain::ledger::Share;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::portal::Portal;
use crate::store::activities::evidence as store_evidence;
use crate::store::certification::policies;
use crate::store::records::holder_records;
use crate::web::forms::fields::{Choice, ChoiceGroup, FieldErrors};
use crate::web::holder::reference::title_or_nameless;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::tags::{Tag, activity_tag};

/// The list.
#[derive(Template)]
#[template(path = "holder/activities/index.html")]
struct IndexPage {
    page: Layout,
    years: Vec<ChoiceGroup>,
    statuses: Vec<Choice>,
    year: String,
    status: String,
    rows: Vec<Row>,
    filtered: bool,
    errors: FieldErrors,
}

struct Row {
    id: i64,
    title: String,
    day: String,
    kind: &'static str,
    quantity: String,
    credits: String,
    /// What it would count as it was reported, when it counts less; empty otherwise.
    of: String,
    tag: Tag,
    files: i64,
}

/// What to list: a year (see `Period::read`) and a status, either of them empty for all.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Listed {
    year: String,
    status: String,
}

/// GET /activities
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    holder: AsHolder,
    portal: web::Data<Portal>,
    listed: web::Query<Listed>,
) -> Result<HttpResponse, WebError> {
    let id = holder.holder();
    let today = portal.clock.today();
    let (mut all, file, policies, files) = blocking(&portal, move |portal| {
        portal.store.read(|conn| {
            let (file, all) = holder_records::with_activities(conn, id, today)?;
            Ok((all, file, policies::all(conn)?, store_evidence::counts_of_holder(conn, id)?))
        })
    })
    .await?;
    // a draft that was deleted is gone
    all.retain(|activity| activity.status != ActivityStatus::Withdrawn || activity.reported_at.is_some());
    let ledger = HolderLedger::new(&file, &policies, today);
    let counted = |id: ActivityId| {
        let Some(line) = ledger.line(id) else { return (String::new(), String::new()) };
        let Share { reported, credits, .. } = line.share;
        let of = if credits < reported { format!("{reported} reported") } else { String::new() };
        (credits.to_string(), of)
    };
    let completed = || all.iter().filter_map(|activity| activity.facts.completed_on);
    // an address that was typed or has become outdated lists everything, and the form says so
    let status = ActivityStatus::from_code(&listed.status);
    let period = match Period::read(&listed.year, &file, today) {
        Period::Calendar(year) if completed().all(|day| day.year() != year) => Period::All,
        period => period,
    };
    let fits = |activity: &&Activity| {
        status.is_none_or(|status| activity.status == status) && period.covers(activity.facts.completed_on)
    };
    // what has no day yet is being written, so it stands on top
    let (undated, dated): (Vec<_>, Vec<_>) =
        all.iter().filter(fits).partition(|activity| activity.facts.completed_on.is_none());
    let rows = undated.into_iter().chain(dated).map(|activity| (activity, counted(activity.id)));
    let rows = rows.map(|(activity, (credits, of))| Row {
        id: activity.id.0,
        title: title_or_nameless(activity.facts.title.clone()),
        day: activity.facts.completed_on.map(long_date).unwrap_or_default(),
        kind: activity.facts.category.map_or("", Category::label),
        quantity: activity
            .awarded
            .or(activity.facts.quantity)
            .map(|quantity| quantity.to_string())
            .unwrap_or_default(),
        credits,
        of,
        tag: activity_tag(activity.status),
        files: files.get(&activity.id).copied().unwrap_or(0),
    });
    let page = IndexPage {
        rows: rows.collect(),
        page: holder.layout("Your activities"),
        years: period::choices(&file, completed(), today),
        statuses: ActivityStatus::ALL
            .into_iter()
            .map(|status| Choice::new(status.code(), activity_tag(status).label))
            .collect(),
        filtered: !period.code().is_empty() || status.is_some(),
        year: period.code(),
        status: status.map_or("", ActivityStatus::code).to_owned(),
        errors: FieldErrors::new(),
    };
    Ok(render(StatusCode::OK, &page))
}
