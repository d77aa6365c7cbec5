//! The rules in force, in plain words, with the readings.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;

use crate::domain::activities::category::Category;
use crate::domain::activities::credits::Credits;
use crate::domain::certification::catalogue::{Field, Level, Neighbours};
use crate::domain::certification::policy::{Policies, Policy};
use crate::domain::dates::{long_date, plus_days};
use crate::domain::ledger::derivation::rate_in_words;
use crate::domain::plural::counted;
use crate::portal::Portal;
use crate::store::certification::{catalogue, policies};
use crate::web::http::auth::Visitor;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// The page.
#[derive(Template)]
#[template(path = "public/guide.html")]
struct GuidePage {
    page: Layout,
    version: i64,
    /// Since when; empty for the first version, which has always been in force.
    since: String,
    minimums: Vec<(&'static str, String)>,
    rates: Vec<RateView>,
    cap: String,
    stages: String,
    notice_days: String,
    carry_over: String,
    fields: Vec<FieldView>,
    upcoming: Vec<Upcoming>,
}

struct RateView {
    kind: &'static str,
    explanation: &'static str,
    rate: String,
    source: &'static str,
}

struct FieldView {
    title: String,
    neighbours: String,
}

/// A version that is not in force yet.
struct Upcoming {
    day: String,
    changes: Vec<String>,
}

/// GET /guide
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(visitor: Visitor, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let today = portal.clock.today();
    let read = blocking(&portal, |portal| {
        portal
            .store
            .read(|conn| Ok((policies::all(conn)?, catalogue::fields(conn)?, catalogue::neighbours(conn)?)))
    });
    let (policies, fields, neighbours) = read.await?;
    let policy = policies.in_force_on(today);
    let rates = Category::ALL.into_iter().map(|category| RateView {
        kind: category.label(),
        explanation: category.explanation(),
        rate: rate_in_words(category, policy.rate(category)),
        source: category.source(),
    });
    let page = GuidePage {
        page: visitor.layout("The rules in plain words"),
        version: policy.version,
        since: if policies.all().next() == Some(policy) {
            String::new()
        } else {
            long_date(policy.first_day)
        },
        minimums: Level::ALL.into_iter().map(|level| (level.label(), minimum(policy, level))).collect(),
        rates: rates.collect(),
        cap: policy.publication_cap.counted(),
        stages: in_a_row(&policy.stages),
        notice_days: counted(policy.notice_days, "day", "days"),
        carry_over: if policy.carry_over.is_zero() { String::new() } else { policy.carry_over.plain() },
        fields: fields_and_neighbours(&fields, &neighbours),
        upcoming: upcoming(&policies, today),
    };
    Ok(render(StatusCode::OK, &page))
}

fn minimum(policy: &Policy, level: Level) -> String {
    match policy.minimum(level) {
        Some(credits) => format!("{} in each certification year", credits.counted()),
        None => "No credits; it never expires".to_owned(),
    }
}

/// "90, 60 and 30"
/// "60, 30 and 1 day": the word goes with the last number.
fn in_a_row(days: &[i64]) -> String {
    let Some((last, rest)) = days.split_last() else { return String::new() };
    let last = counted(*last, "day", "days");
    let rest: Vec<String> = rest.iter().map(i64::to_string).collect();
    if rest.is_empty() { last } else { format!("{} and {last}", rest.join(", ")) }
}

fn fields_and_neighbours(fields: &[Field], neighbours: &Neighbours) -> Vec<FieldView> {
    fields
        .iter()
        .map(|field| FieldView {
            title: field.title.clone(),
            neighbours: fields
                .iter()
                .filter(|other| neighbours.adjoin(field.id, other.id))
                .map(|other| other.title.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        })
        .collect()
}

/// What every version to come changes against the one before it.
fn upcoming(policies: &Policies, today: NaiveDate) -> Vec<Upcoming> {
    policies
        .all()
        .zip(policies.all().skip(1))
        .filter(|(_, next)| next.first_day > today)
        .map(|(before, next)| Upcoming {
            day: long_date(next.first_day),
            changes: changes(before, next, &long_date(plus_days(next.first_day, -1))),
        })
        .collect()
}

/// `last` is the last day of the version before, in words.
fn changes(before: &Policy, next: &Policy, last: &str) -> Vec<String> {
    let mut changes = Vec::new();
    for level in Level::ALL {
        if before.minimum(level) != next.minimum(level) {
            changes.push(format!(
                "{}: {} (until {last}: {}).",
                level.label(),
                minimum(next, level),
                before.minimum(level).unwrap_or_default().plain()
            ));
        }
    }
    for category in Category::ALL {
        if before.rate(category) != next.rate(category) {
            changes.push(format!(
                "{}: {} (until {last}: {}).",
                category.label(),
                rate_in_words(category, next.rate(category)),
                rate_in_words(category, before.rate(category))
            ));
        }
    }
    let mut amounts = |what: &str, before: Credits, next: Credits| {
        if before != next {
            changes.push(format!("{what}: {} (until {last}: {}).", next.counted(), before.plain()));
        }
    };
    amounts("At most for one publication", before.publication_cap, next.publication_cap);
    amounts("At most carried into the next year", before.carry_over, next.carry_over);
    if before.stages != next.stages {
        changes.push(format!("Reminders: {} before a deadline.", in_a_row(&next.stages)));
    }
    if before.notice_days != next.notice_days {
        changes.push(format!(
            "Time to answer after a missed deadline: {} (until {last}: {}).",
            counted(next.notice_days, "day", "days"),
            before.notice_days
        ));
    }
    changes
}
