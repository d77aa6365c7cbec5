//! What a report counts for each certificate of its holder, step by step.

use chrono::NaiveDate;

use crate::actions::reviews::review_case::ReviewCase;
use crate::domain::activities::credits::Credits;
use crate::domain::dates::long_date;
use crate::domain::ledger::derivation::{Reader, steps_for};
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::ledger::impact::FallenShort;
use crate::web::staff::certificates::figures::YearFigures;

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

/// What an approval would do for one certificate, in parts: "Gives 12, needs 20 → ", "8 to go" and ", or 2 with the others that wait".
pub struct OutcomeShown {
    /// What it gives, and what the year still needs.
    pub before: String,
    /// What comes of it.
    pub after: String,
    /// What comes of it when the others that wait are approved, too; empty when it is the same.
    pub others: String,
}

/// Certificates that are told in a line each; a holder of more finds the others beside the facts.
const OUTCOMES: usize = 3;

/// What an approval would do, for the certificates that it counts for.
pub fn outcomes(case: &ReviewCase, today: NaiveDate) -> Vec<OutcomeShown> {
    let ledger = HolderLedger::new(&case.file, &case.policies, today);
    let Some(day) = case.activity.facts.completed_on else { return Vec::new() };
    let several = case.file.certificates.len() > 1;
    let mut shown = Vec::new();
    for certificate in case.file.certificates.iter().filter(|one| one.certificate.needs_cpe()) {
        let Some(year) = ledger.year_for(certificate, day) else { continue };
        let Some(line) = year.line(case.activity.id) else { continue };
        let whose =
            if several { format!("{}: gives", certificate.certificate.number) } else { "Gives".to_owned() };
        let gives = line.counts.plain();
        let needs = year.sums.required.less(year.sums.approved);
        shown.push(if needs.is_zero() {
            OutcomeShown {
                before: format!("{whose} {gives}, "),
                after: "the minimum is reached already".to_owned(),
                others: String::new(),
            }
        } else {
            let left = needs.less(line.counts);
            OutcomeShown {
                before: format!("{whose} {gives}, needs {} → ", needs.plain_up()),
                after: if left.is_zero() {
                    "minimum reached".to_owned()
                } else {
                    format!("{} to go", left.plain_up())
                },
                others: with_others(left, year.sums.missing()),
            }
        });
    }
    shown.truncate(OUTCOMES);
    shown
}

/// What is to go besides, in the year whose other reports that wait are counted `with`, where that differs from what is said `without` them: the
/// bar of the year shows it.
fn with_others(without: Credits, with: Credits) -> String {
    let (left, then) = (without.plain_up(), with.plain_up());
    match (without.is_zero(), with.is_zero()) {
        (true, _) => String::new(),
        (false, _) if left == then => String::new(),
        (false, true) => ", or none with the others that wait".to_owned(),
        (false, false) => format!(", or {then} with the others that wait"),
    }
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
    let ledger = HolderLedger::new(&case.file, &case.policies, today);
    ledger.at_stake(case.activity.id).iter().map(said).collect()
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
    let missing = year.missing.counted_up();
    if missing == "1 credit" { "1 credit is".to_owned() } else { format!("{missing} are") }
}

/// What it counts for every certificate of the holder.
pub fn counts(case: &ReviewCase, today: NaiveDate) -> Vec<CountShown> {
    let ledger = HolderLedger::new(&case.file, &case.policies, today);
    let Some(day) = case.activity.facts.completed_on else { return Vec::new() };
    let report = case.file.report(case.activity.id);
    let mut shown = Vec::new();
    for certificate in &case.file.certificates {
        let holds = &certificate.certificate;
        let year = ledger.year_for(certificate, day).filter(|_| holds.needs_cpe());
        let why_not = match (&year, report) {
            (None, _) if !holds.needs_cpe() => "A Foundation certificate needs no credits.".to_owned(),
            (None, _) if day < holds.granted_on => {
                format!("Completed before the certificate was granted, on {}.", long_date(holds.granted_on))
            }
            (None, _) => "The certificate was not active on that day.".to_owned(),
            (Some(_), None) => "It does not count: it was rejected or taken back.".to_owned(),
            (Some(_), Some(_)) => String::new(),
        };
        let counted = year.as_ref().and_then(|year| {
            let line = year.line(case.activity.id)?;
            Some((line.counts.counted(), steps_for(Reader::Staff, line, year.year, &case.policies)))
        });
        let (counts, steps) = counted.unwrap_or_default();
        shown.push(CountShown {
            certificate: holds.id.0,
            title: holds.certification.title.clone(),
            number: holds.number.clone(),
            counts,
            steps,
            year: year.map(|year| YearFigures::new(&year, today)),
            why_not,
        });
    }
    shown
}
