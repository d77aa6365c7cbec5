//! What a report counts for each certificate of its holder, step by step.

use chrono::NaiveDate;

use super::figures::{Book, YearFigures};
use crate::actions::review_cases::ReviewCase;
use crate::domain::calendar::long_date;
use crate::domain::ledger::{shares, year_ledger};
use crate::domain::stakes::{FallenShort, hanging_on};
use crate::domain::steps::{Reader, steps_for};

/// What the report counts for one certificate.
pub struct CountShown {
    /// The certificate.
    pub certificate: i64,
    /// Its title.
    pub title: String,
    /// Its number.
    pub number: String,
    /// What it counts; empty when it counts nothing there.
    pub counts: String,
    /// From what was reported to what counts.
    pub steps: Vec<String>,
    /// The year it counts for.
    pub year: Option<YearFigures>,
    /// Why it counts nothing; empty when it counts.
    pub why_not: String,
}

/// What a reviewer should know before a verdict: the years that reach their minimum only with this report.
pub fn stakes(case: &ReviewCase, today: NaiveDate) -> Vec<String> {
    let said = |year: &FallenShort| {
        format!(
            "{}, year {}, needs this report: without it {} missing; {}.",
            year.number,
            year.year,
            lacking(year),
            by_when(year, today)
        )
    };
    hanging_on(&case.file, case.activity.id, &case.policies).iter().map(said).collect()
}

/// What a verdict has changed for the worse, after it was given; empty when no year fell short.
pub fn fell_short(fallen: &[FallenShort], today: NaiveDate) -> String {
    let said = fallen.iter().map(|year| {
        format!(
            " In {}, year {}, {} now missing; {}.",
            year.number,
            year.year,
            lacking(year),
            by_when(year, today)
        )
    });
    said.collect()
}

/// "its deadline is 14 March 2027", or that it has passed.
fn by_when(year: &FallenShort, today: NaiveDate) -> String {
    let verb = if year.deadline < today { "was" } else { "is" };
    format!("its deadline {verb} {}", long_date(year.deadline))
}

fn lacking(year: &FallenShort) -> String {
    let missing = year.missing.rounded_up();
    if missing == "1" { "1 credit is".to_owned() } else { format!("{missing} credits are") }
}

/// What it counts for every certificate of the holder.
pub fn counts(case: &ReviewCase, today: NaiveDate) -> Vec<CountShown> {
    let shares = shares(&case.file, &case.policies);
    let book = Book { file: &case.file, shares: &shares, policies: &case.policies, today };
    let Some(day) = case.activity.facts.completed_on else { return Vec::new() };
    let report = case.file.reports.iter().find(|report| report.id == case.activity.id);
    let mut shown = Vec::new();
    for certificate in &case.file.certificates {
        let holds = &certificate.certificate;
        let index = certificate.year_for(day).filter(|_| holds.needs_cpe());
        let why_not = match (index, report) {
            (None, _) if !holds.needs_cpe() => "A Foundation certificate needs no credits.".to_owned(),
            (None, _) if day < holds.granted_on => {
                format!("Completed before the certificate was granted, on {}.", long_date(holds.granted_on))
            }
            (None, _) => "The certificate was not active on that day.".to_owned(),
            (Some(_), None) => "It does not count: it was rejected or withdrawn.".to_owned(),
            (Some(_), Some(_)) => String::new(),
        };
        let mut counted = (String::new(), Vec::new());
        if let (Some(index), Some(report)) = (index, report)
            && let Some(year) = certificate.years.get(index)
        {
            let ledger = year_ledger(&case.file, &shares, certificate, index, &case.policies);
            if let Some(line) = ledger.lines.iter().find(|line| line.activity == report.id) {
                let steps = steps_for(Reader::Staff, report, line, year, &case.policies);
                counted = (line.counts.to_string(), steps);
            }
        }
        shown.push(CountShown {
            certificate: holds.id.0,
            title: holds.certification.title.clone(),
            number: holds.number.clone(),
            counts: counted.0,
            steps: counted.1,
            year: index.and_then(|index| book.year(certificate, index)),
            why_not,
        });
    }
    shown
}
