//! The list of the holder's activities.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::Datelike;
use serde::Deserialize;

use super::title_or_nameless;
use crate::domain::activity::{Activity, ActivityStatus};
use crate::domain::calendar::long_date;
use crate::domain::category::Category;
use crate::domain::ids::ActivityId;
use crate::domain::ledger::shares;
use crate::portal::Portal;
use crate::store::{evidence, files, policies};
use crate::web::blocking::blocking;
use crate::web::error::WebError;
use crate::web::form::{Choice, FieldErrors};
use crate::web::layout::Layout;
use crate::web::page::render;
use crate::web::session::AsHolder;
use crate::web::state::{Tag, activity_tag};

/// The list.
#[derive(Template)]
#[template(path = "holder/activities/index.html")]
struct IndexPage {
    page: Layout,
    years: Vec<Choice>,
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

/// What to list: a calendar year and a status, either of them empty for all.
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
    let (all, file, policies, files) = blocking(&portal, move |portal| {
        portal.store.read(|conn| {
            let (file, all) = files::with_activities(conn, id, today)?;
            Ok((all, file, policies::all(conn)?, evidence::counts_of_holder(conn, id)?))
        })
    })
    .await?;
    let shares = shares(&file, &policies);
    let counted = |id: ActivityId| {
        let place = file.reports.iter().position(|report| report.id == id);
        let Some((report, share)) =
            place.and_then(|place| Some((file.reports.get(place)?, shares.get(place)?)))
        else {
            return (String::new(), String::new());
        };
        let rate = policies.in_force_on(report.completed_on).rate(report.category);
        let reported = rate.credits(report.reported);
        let of = if share.credits < reported { format!("{reported} reported") } else { String::new() };
        (share.credits.to_string(), of)
    };
    let years: BTreeSet<i32> =
        all.iter().filter_map(|activity| activity.facts.completed_on.map(|day| day.year())).collect();
    // an address that was typed or has become outdated lists everything, and the form says so
    let status = ActivityStatus::from_code(&listed.status);
    let year = listed.year.parse::<i32>().ok().filter(|year| years.contains(year));
    let fits = |activity: &&Activity| {
        status.is_none_or(|status| activity.status == status)
            && year.is_none_or(|year| activity.facts.completed_on.is_some_and(|day| day.year() == year))
    };
    let rows = all.iter().filter(fits).map(|activity| (activity, counted(activity.id)));
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
        years: years.iter().rev().map(|year| Choice::new(year.to_string(), year.to_string())).collect(),
        statuses: ActivityStatus::ALL
            .into_iter()
            .map(|status| Choice::new(status.code(), activity_tag(status).label))
            .collect(),
        year: year.map(|year| year.to_string()).unwrap_or_default(),
        status: status.map_or("", ActivityStatus::code).to_owned(),
        filtered: year.is_some() || status.is_some(),
        errors: FieldErrors::new(),
    };
    Ok(render(StatusCode::OK, &page))
}
