//! Everything a holder reported, on one page to print and as a table to keep.

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::counting::{Counting, amounts, countings};
use super::evidence::attachment;
use super::title_or_nameless;
use crate::actions::ActionError;
use crate::domain::activity::{Activity, ActivityStatus};
use crate::domain::calendar::long_date;
use crate::domain::catalogue::Field;
use crate::domain::category::{Category, Unit};
use crate::domain::ids::HolderId;
use crate::domain::ledger::{HolderFile, Share, shares};
use crate::domain::policy::Policies;
use crate::portal::Portal;
use crate::store::{catalogue, files, policies};
use crate::transfer::table::guarded;
use crate::web::blocking::blocking;
use crate::web::error::WebError;
use crate::web::layout::Layout;
use crate::web::page::render;
use crate::web::session::AsHolder;
use crate::web::state::{Tag, activity_tag};

/// The page.
#[derive(Template)]
#[template(path = "holder/transcript.html")]
struct TranscriptPage {
    page: Layout,
    holder: String,
    day: String,
    certificates: Vec<Held>,
    entries: Vec<Entry>,
    approved: usize,
}

struct Held {
    title: String,
    number: String,
    granted: String,
    ended: String,
}

struct Entry {
    id: i64,
    day: String,
    title: String,
    organiser: String,
    kind: &'static str,
    quantity: String,
    tag: Tag,
    reported: String,
    approved: String,
    counted: String,
}

/// What a transcript is made of.
struct Record {
    file: HolderFile,
    shares: Vec<Share>,
    policies: Policies,
    /// Reported ones, the latest first.
    activities: Vec<Activity>,
    fields: Vec<Field>,
}

fn load(portal: &Portal, holder: HolderId) -> Result<Record, ActionError> {
    let today = portal.clock.today();
    portal.store.read(|conn| {
        let (file, mut activities) = files::with_activities(conn, holder, today)?;
        let policies = policies::all(conn)?;
        activities.retain(|activity| activity.reported_at.is_some());
        let fields = catalogue::fields(conn)?;
        Ok(Record { shares: shares(&file, &policies), file, policies, activities, fields })
    })
}

/// GET /transcript
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(holder: AsHolder, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let record = blocking(&portal, move |portal| load(portal, person)).await?;
    let entries: Vec<Entry> = record.activities.iter().map(|activity| entry(&record, activity)).collect();
    let page = TranscriptPage {
        page: holder.layout("Transcript of CPE activities"),
        holder: holder.account.name.clone(),
        day: long_date(portal.clock.today()),
        certificates: record
            .file
            .certificates
            .iter()
            .map(|own| Held {
                title: own.certificate.certification.title.clone(),
                number: own.certificate.number.clone(),
                granted: long_date(own.certificate.granted_on),
                ended: own.certificate.decertified_on().map(long_date).unwrap_or_default(),
            })
            .collect(),
        approved: record
            .activities
            .iter()
            .filter(|activity| activity.status == ActivityStatus::Approved)
            .count(),
        entries,
    };
    Ok(render(StatusCode::OK, &page))
}

fn entry(record: &Record, activity: &Activity) -> Entry {
    let amounts = amounts(&record.file, &record.shares, &record.policies, activity.id).unwrap_or_default();
    let facts = &activity.facts;
    Entry {
        id: activity.id.0,
        day: facts.completed_on.map(long_date).unwrap_or_default(),
        title: title_or_nameless(facts.title.clone()),
        organiser: facts.organiser.clone(),
        kind: facts.category.map_or("", Category::label),
        quantity: facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        tag: activity_tag(activity.status),
        reported: amounts.reported,
        approved: amounts.approved,
        counted: amounts.counted,
    }
}

const COLUMNS: [&str; 15] = [
    "category",
    "title",
    "organiser",
    "field",
    "started_on",
    "completed_on",
    "quantity",
    "unit",
    "publication",
    "status",
    "credits_reported",
    "credits_approved",
    "credits_counted",
    "counts_for",
    "reported_on",
];

/// GET /transcript.csv
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn download(holder: AsHolder, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let record = blocking(&portal, move |portal| load(portal, person)).await?;
    let table = table(&record, &portal).map_err(|error| WebError::Fault(error.to_string()))?;
    let name = format!("transcript-{}.csv", portal.clock.today());
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header(attachment(&name))
        .body(table))
}

fn table(record: &Record, portal: &Portal) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for activity in &record.activities {
        let facts = &activity.facts;
        let amounts =
            amounts(&record.file, &record.shares, &record.policies, activity.id).unwrap_or_default();
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let field = facts.field.and_then(|id| record.fields.iter().find(|field| field.id == id));
        let report = record.file.reports.iter().find(|report| report.id == activity.id);
        let countings = report
            .map(|report| countings(&record.file, &record.shares, &record.policies, report))
            .unwrap_or_default();
        let row = [
            facts.category.map_or("", Category::code).to_owned(),
            facts.title.clone(),
            facts.organiser.clone(),
            field.map(|field| field.code.clone()).unwrap_or_default(),
            day(facts.started_on),
            day(facts.completed_on),
            facts.quantity.map(|quantity| quantity.typed()).unwrap_or_default(),
            facts.quantity.map_or("", |quantity| unit(quantity.unit())).to_owned(),
            facts.publication.clone(),
            activity.status.code().to_owned(),
            amounts.reported,
            amounts.approved,
            amounts.counted,
            counts_for(&countings),
            activity.reported_at.map(|at| portal.clock.day_of(at).to_string()).unwrap_or_default(),
        ];
        writer.write_record(row.iter().map(|cell| guarded(cell)))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Minutes => "hours:minutes",
        Unit::Pages => "pages",
        Unit::A4Pages => "A4 pages",
    }
}

/// "ISP-1: 3.00 (year 2); ITSP-9: 3.00 (year 1)"
fn counts_for(countings: &[Counting]) -> String {
    countings
        .iter()
        .filter(|counting| counting.why_not.is_empty() && !counting.year.is_empty())
        .map(|counting| format!("{}: {} ({})", counting.number, counting.credits, counting.year))
        .collect::<Vec<_>>()
        .join("; ")
}
