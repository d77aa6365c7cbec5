//! Everything a holder reported, or one year of it, on one page to print and as a table to keep.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::period::{self, Period};
use super::year_card::YearCard;
use crate::actions::ActionError;
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::category::{Category, Unit};
use crate::domain::activities::credits::Credits;
use crate::domain::certification::catalogue::Field;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::long_date;
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::ledger::{CertificateFile, HolderFile, Line};
use crate::portal::Portal;
use crate::store::certification::{catalogue, policies};
use crate::store::records::holder_records;
use crate::transfer::csv_file::CsvFile;
use crate::web::forms::errors::{ChoiceGroup, FieldErrors};
use crate::web::holder::activities::derivation::{Amounts, Counting, amounts, countings, exact_amounts};
use crate::web::holder::activities::eligibility::no_report;
use crate::web::holder::activities::evidence::attachment;
use crate::web::holder::reference::{awarded_otherwise, title_or_nameless};
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::tags::{Tag, activity_tag};

/// The page.
#[derive(Template)]
#[template(path = "holder/transcript.html")]
struct TranscriptPage {
    page: Layout,
    holder: String,
    day: String,
    certificates: Vec<Held>,
    entries: Vec<Entry>,
    /// How many there are; more than are listed where the list would be long.
    found: usize,
    approved: usize,
    total: Amounts,
    /// What can be chosen, and what is.
    periods: Vec<ChoiceGroup>,
    year: String,
    /// What is chosen, in words; empty for everything.
    chosen: String,
    errors: FieldErrors,
    /// Why nothing can be reported today; empty when something can.
    no_report: String,
}

struct Held {
    id: i64,
    title: String,
    number: String,
    granted: String,
    ended: String,
    /// The latest first; only the chosen one when one is chosen.
    years: Vec<YearLine>,
}

/// A certification year in figures.
struct YearLine {
    /// "Year 3"; "Years 1 to 5" where several are one line.
    title: String,
    card: YearCard,
    /// Whether it was settled before the portal took the certificate over: then there are no figures.
    before_takeover: bool,
}

struct Entry {
    id: i64,
    day: String,
    /// The first day, when it took several; empty otherwise.
    from: String,
    title: String,
    organiser: String,
    kind: &'static str,
    quantity: String,
    /// What a reviewer awarded of that; empty where it is the same, or nothing.
    awarded: String,
    tag: Tag,
    amounts: Amounts,
}

/// What a transcript is made of.
struct Record {
    file: HolderFile,
    policies: Policies,
    /// Reported ones, the latest first.
    activities: Vec<Activity>,
    fields: Vec<Field>,
}

/// Which year of it: see `Period::read`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    year: String,
    /// Anything: a long list whole, as it is printed.
    whole: String,
}

/// Beyond so many reports the page has the latest ones only, unless it is asked for whole.
const SHORT_ENOUGH: usize = 50;
/// How many these are.
const LATEST: usize = 3;

fn load(portal: &Portal, holder: HolderId) -> Result<Record, ActionError> {
    let today = portal.clock.today();
    portal.store.read(|conn| {
        let (file, mut activities) = holder_records::with_activities(conn, holder, today)?;
        let policies = policies::all(conn)?;
        activities.retain(|activity| activity.reported_at.is_some());
        let fields = catalogue::fields(conn)?;
        Ok(Record { file, policies, activities, fields })
    })
}

/// GET /transcript `?year=`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(
    holder: AsHolder,
    portal: web::Data<Portal>,
    asked: web::Query<Chosen>,
) -> Result<HttpResponse, WebError> {
    let (person, today) = (holder.holder(), portal.clock.today());
    let record = blocking(&portal, move |portal| load(portal, person)).await?;
    let period = Period::read(&asked.year, &record.file, today);
    let listed: Vec<&Activity> =
        record.activities.iter().filter(|activity| period.covers(activity.facts.completed_on)).collect();
    let ledger = HolderLedger::new(&record.file, &record.policies, today);
    let whole = !asked.whole.is_empty() || listed.len() <= SHORT_ENOUGH;
    let shown = if whole { listed.len() } else { LATEST };
    let completed = record.activities.iter().filter_map(|activity| activity.facts.completed_on);
    let page = TranscriptPage {
        page: holder.layout("Transcript of CPE activities"),
        holder: holder.account.name.clone(),
        day: long_date(today),
        certificates: record.file.certificates.iter().filter_map(|own| held(&ledger, own, period)).collect(),
        approved: listed.iter().filter(|activity| activity.status == ActivityStatus::Approved).count(),
        total: total(&ledger, &listed),
        found: listed.len(),
        entries: listed.iter().take(shown).map(|activity| entry(&ledger, activity)).collect(),
        periods: period::choices(&record.file, completed, today),
        year: period.code(),
        chosen: in_words(period),
        errors: FieldErrors::new(),
        no_report: no_report(&record.file, today),
    };
    Ok(render(StatusCode::OK, &page))
}

/// What the transcript is cut down to; empty for all of it.
fn in_words(period: Period<'_>) -> String {
    match (period, period.year()) {
        (Period::Calendar(year), _) => format!("Completed in {year}"),
        (Period::Certificate(own), _) => {
            format!("All years of {}, {}", own.certificate.number, own.certificate.certification.title)
        }
        (_, Some((own, year))) => format!(
            "Year {} of {}: {} to {}",
            year.number,
            own.certificate.number,
            long_date(year.starts_on),
            long_date(year.deadline)
        ),
        _ => String::new(),
    }
}

/// A certificate and its years; `None` when the chosen year is another's.
fn held(ledger: &HolderLedger<'_>, own: &CertificateFile, period: Period<'_>) -> Option<Held> {
    let chosen = period.year();
    if matches!(period, Period::Certificate(other) if other.certificate.id != own.certificate.id) {
        return None;
    }
    if chosen.is_some_and(|(other, _)| other.certificate.id != own.certificate.id) {
        return None;
    }
    let shown = |found: &LedgerYear<'_>| {
        found.year.starts_on <= ledger.today()
            && chosen.is_none_or(|(_, chosen)| chosen.number == found.year.number)
    };
    let titles = BTreeMap::new();
    let years = ledger.years_of(own).rev().filter(shown).filter_map(|found| {
        let card = YearCard::new(ledger, &found, &titles);
        let outcome = found.year.settlement.map(|settlement| settlement.outcome);
        // what began after a withdrawal is no year of the certificate's
        let never = outcome == Some(YearOutcome::Void) && found.lines.is_empty();
        let title = format!("Year {}", card.number);
        let before_takeover = outcome == Some(YearOutcome::BeforeTakeover);
        (!never).then_some(YearLine { title, card, before_takeover })
    });
    let holds = &own.certificate;
    Some(Held {
        id: holds.id.0,
        title: holds.certification.title.clone(),
        number: holds.number.clone(),
        granted: long_date(holds.granted_on),
        ended: holds
            .ending()
            .map(|ending| format!("{} on {}", ending.kind.participle(), long_date(ending.ended_on)))
            .unwrap_or_default(),
        // a calendar year lies across two of them
        years: if matches!(period, Period::Calendar(_)) { Vec::new() } else { joined(years.collect()) },
    })
}

/// The years before the takeover, of which there are no figures, as one line.
fn joined(mut years: Vec<YearLine>) -> Vec<YearLine> {
    let known = years.iter().filter(|line| !line.before_takeover).count();
    let first = years.last().map_or(0, |line| line.card.number);
    years.truncate(known.saturating_add(1));
    if let Some(line) = years.last_mut().filter(|line| line.before_takeover && line.card.number > first) {
        line.title = format!("Years {first} to {}", line.card.number);
        line.card.span = String::new();
    }
    years
}

/// The sums over the listed reports, of what is neither rejected nor withdrawn.
fn total(ledger: &HolderLedger<'_>, listed: &[&Activity]) -> Amounts {
    let listed: std::collections::BTreeSet<ActivityId> = listed.iter().map(|activity| activity.id).collect();
    let lines = || ledger.lines().filter(|line| listed.contains(&line.report.id));
    let approved = || lines().filter(Line::approved);
    Amounts {
        reported: lines().map(|line| line.share.reported).sum::<Credits>().to_string(),
        approved: approved().map(|line| line.share.raw).sum::<Credits>().to_string(),
        counted: approved().map(|line| line.share.credits).sum::<Credits>().to_string(),
        ..Amounts::default()
    }
}

fn entry(ledger: &HolderLedger<'_>, activity: &Activity) -> Entry {
    let facts = &activity.facts;
    Entry {
        id: activity.id.0,
        day: facts.completed_on.map(long_date).unwrap_or_default(),
        title: title_or_nameless(facts.title.clone()),
        organiser: facts.organiser.clone(),
        kind: facts.category.map_or("", Category::label),
        quantity: facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        awarded: awarded_otherwise(activity),
        from: facts
            .started_on
            .filter(|first| facts.completed_on != Some(*first))
            .map(long_date)
            .unwrap_or_default(),
        tag: activity_tag(activity.status),
        amounts: amounts(ledger, activity.id).unwrap_or_default(),
    }
}

const COLUMNS: [&str; 17] = [
    "Kind",
    "Title",
    "Organiser, publisher or author",
    "Field",
    "First day",
    "Day completed",
    "How much",
    "Amount",
    "Unit",
    "Publication",
    "Status",
    "Credits reported",
    "Credits approved",
    "Credits counted",
    "Counts for",
    "Reported on",
    "Amount approved",
];

/// GET /transcript.csv `?year=`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn download(
    holder: AsHolder,
    portal: web::Data<Portal>,
    asked: web::Query<Chosen>,
) -> Result<HttpResponse, WebError> {
    let (person, today) = (holder.holder(), portal.clock.today());
    let record = blocking(&portal, move |portal| load(portal, person)).await?;
    let period = Period::read(&asked.year, &record.file, today);
    let table = table(&record, &portal, period).map_err(|error| WebError::Fault(error.to_string()))?;
    let name = match period {
        Period::All => format!("transcript-{today}.csv"),
        Period::Calendar(year) => format!("transcript-{year}.csv"),
        Period::Certificate(own) => format!("transcript-{}.csv", own.certificate.number),
        Period::Certification(own, _) => {
            let number = period.year().map_or(0, |(_, year)| year.number);
            format!("transcript-{}-year-{number}.csv", own.certificate.number)
        }
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header(attachment(&name))
        .body(table))
}

fn table(record: &Record, portal: &Portal, period: Period<'_>) -> Result<Vec<u8>, csv::Error> {
    let mut file = CsvFile::begin(Vec::new(), COLUMNS)?;
    let ledger = HolderLedger::new(&record.file, &record.policies, portal.clock.today());
    let listed = record.activities.iter().filter(|activity| period.covers(activity.facts.completed_on));
    for activity in listed {
        let facts = &activity.facts;
        let [reported, approved, counted] = exact_amounts(&ledger, activity.id);
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let field = facts.field.and_then(|id| record.fields.iter().find(|field| field.id == id));
        let countings = countings(&ledger, activity.id);
        let row = [
            facts.category.map_or("", Category::label).to_owned(),
            facts.title.clone(),
            facts.organiser.clone(),
            field.map(|field| field.title.clone()).unwrap_or_default(),
            day(facts.started_on),
            day(facts.completed_on),
            // a spreadsheet would read 2:30 as a time of day
            facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
            facts.quantity.map(|quantity| quantity.amount().to_string()).unwrap_or_default(),
            facts.quantity.map_or("", |quantity| unit(quantity.unit())).to_owned(),
            facts.publication.clone(),
            activity_tag(activity.status).label.to_owned(),
            reported,
            approved,
            counted,
            if activity.status == ActivityStatus::Approved { counts_for(&countings) } else { String::new() },
            activity.reported_at.map(|at| portal.clock.day_of(at).to_string()).unwrap_or_default(),
            activity.awarded.map(|awarded| awarded.amount().to_string()).unwrap_or_default(),
        ];
        file.row(row)?;
    }
    file.finish()
}

const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Minutes => "minutes",
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
