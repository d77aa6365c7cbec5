//! The list of the holder's activities.

pub mod answer;
pub mod correction;
pub mod derivation;
pub mod eligibility;
pub mod evidence;
pub mod field_choices;
pub mod form;
pub mod form_page;
pub mod page;
pub mod receipt;
pub mod uploads;
pub mod withdrawal;

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use super::certificates::period::{self, Period};
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::category::Category;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::long_date;
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::ledger::{HolderFile, Line};
use crate::portal::Portal;
use crate::store::activities;
use crate::store::certification::policies;
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError, fold};
use crate::web::forms::errors::{Choice, ChoiceGroup, FieldErrors};
use crate::web::holder::reference::{awarded_otherwise, title_or_nameless};
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::paging::Pager;
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
    /// What was looked for in the titles and organisers.
    q: String,
    rows: Vec<Row>,
    /// How many there are on all pages.
    found: usize,
    pager: Pager,
    filtered: bool,
    /// Why nothing can be reported today; empty when something can.
    no_report: String,
    errors: FieldErrors,
}

struct Row {
    id: i64,
    title: String,
    day: String,
    kind: &'static str,
    /// As it was reported.
    quantity: String,
    /// What a reviewer awarded of that; empty where it is the same, or nothing.
    awarded: String,
    credits: String,
    /// What it would count as it was reported, when it counts less; empty otherwise.
    of: String,
    tag: Tag,
    files: i64,
}

/// What to list: a year (see `Period::read`), a status and words, each of them empty for all; and the page, from 1.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Listed {
    year: String,
    status: String,
    q: String,
    page: String,
}

/// Reports on one page.
const PAGE: usize = 50;

/// GET /activities `?year=&status=&q=&page=`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    holder: AsHolder,
    portal: web::Data<Portal>,
    listed: web::Query<Listed>,
) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let today = portal.clock.today();
    let read = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| IndexPageData::load(conn, person, today))?)
    });
    let page = IndexPage::new(&holder, &read.await?, &listed, today);
    Ok(render(StatusCode::OK, &page))
}

/// What the list needs, read together.
struct IndexPageData {
    file: HolderFile,
    policies: Policies,
    /// The latest first. A draft that was deleted is gone.
    activities: Vec<Activity>,
    /// How many files there are for each of them; none for those without.
    files: BTreeMap<ActivityId, i64>,
}

impl IndexPageData {
    fn load(conn: &mut Conn<'_>, holder: HolderId, today: NaiveDate) -> Result<Self, StoreError> {
        let (file, mut activities) = holder_records::with_activities(conn, holder, today)?;
        activities.retain(|activity| {
            activity.status != ActivityStatus::Withdrawn || activity.reported_at.is_some()
        });
        let (policies, files) = (policies::all(conn)?, activities::evidence::counts_of_holder(conn, holder)?);
        Ok(Self { file, policies, activities, files })
    }

    fn days_completed(&self) -> impl Iterator<Item = NaiveDate> {
        self.activities.iter().filter_map(|activity| activity.facts.completed_on)
    }
}

impl IndexPage {
    fn new(person: &AsHolder, data: &IndexPageData, listed: &Listed, today: NaiveDate) -> IndexPage {
        let ledger = HolderLedger::new(&data.file, &data.policies, today);
        // an address that was typed or has become outdated lists everything, and the form says so
        let status = ActivityStatus::from_code(&listed.status);
        let period = match Period::read(&listed.year, &data.file, today) {
            Period::Calendar(year) if data.days_completed().all(|day| day.year() != year) => Period::All,
            period => period,
        };
        let words = fold(listed.q.trim());
        let fits = |activity: &&Activity| {
            status.is_none_or(|status| activity.status == status)
                && period.covers(activity.facts.completed_on)
                && [&activity.facts.title, &activity.facts.organiser]
                    .iter()
                    .any(|text| fold(text).contains(&words))
        };
        // what has no day yet is being written, so it stands on top
        let (undated, dated): (Vec<_>, Vec<_>) =
            data.activities.iter().filter(fits).partition(|activity| activity.facts.completed_on.is_none());
        let row = |activity: &Activity| {
            let files = data.files.get(&activity.id).copied().unwrap_or(0);
            Row::new(activity, ledger.line(activity.id).as_ref(), files)
        };
        let listing: Vec<&Activity> = undated.into_iter().chain(dated).collect();
        let last = listing.len().div_ceil(PAGE).max(1);
        let number = listed.page.parse().unwrap_or(1).clamp(1, last);
        let (year, code) = (period.code(), status.map_or("", ActivityStatus::code));
        let kept = [("year", &*year), ("status", code), ("q", listed.q.trim())];
        IndexPage {
            no_report: eligibility::no_report(&data.file, today),
            rows: listing.chunks(PAGE).nth(number - 1).unwrap_or_default().iter().copied().map(row).collect(),
            found: listing.len(),
            pager: Pager::numbered("/activities", &kept, number, last),
            q: listed.q.trim().to_owned(),
            page: person.layout("Your activities"),
            years: period::choices(&data.file, data.days_completed(), today),
            statuses: ActivityStatus::ALL
                .into_iter()
                .map(|status| Choice::new(status.code(), activity_tag(status).label))
                .collect(),
            filtered: !year.is_empty() || status.is_some() || !words.is_empty(),
            year,
            status: status.map_or("", ActivityStatus::code).to_owned(),
            errors: FieldErrors::new(),
        }
    }
}

impl Row {
    fn new(activity: &Activity, line: Option<&Line<'_>>, files: i64) -> Row {
        let share = line.map(|line| line.share);
        let cut = share.filter(|share| share.credits < share.reported);
        Row {
            id: activity.id.0,
            title: title_or_nameless(activity.facts.title.clone()),
            day: activity.facts.completed_on.map(long_date).unwrap_or_default(),
            kind: activity.facts.category.map_or("", Category::label),
            quantity: activity.facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
            awarded: awarded_otherwise(activity),
            credits: share.map(|share| share.credits.to_string()).unwrap_or_default(),
            of: cut.map(|share| format!("{} reported", share.reported)).unwrap_or_default(),
            tag: activity_tag(activity.status),
            files,
        }
    }
}
