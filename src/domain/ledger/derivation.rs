//! How a report was counted, step by step, in words that a person can check with pencil and paper.

use super::Line;
use crate::domain::activities::category::{Category, Unit};
use crate::domain::certification::certificate::{CertificationYear, YearOutcome};
use crate::domain::certification::policy::{Policies, Rate};
use crate::domain::dates::long_date;

/// A category's rate in words: "1 credit for each hour", "1 credit for each 150 pages" (G2–G7).
pub fn rate_in_words(category: Category, rate: Rate) -> String {
    let units = rate.units_per_credit();
    match (category.unit(), units) {
        (Unit::Minutes, 1) => "1 credit for each minute".to_owned(),
        (Unit::Minutes, 60) => "1 credit for each hour".to_owned(),
        (Unit::Minutes, units) if units % 60 == 0 => format!("1 credit for every {} hours", units / 60),
        (Unit::Minutes, units) => format!("1 credit for every {units} minutes"),
        (Unit::Pages, 1) => "1 credit for each page".to_owned(),
        (Unit::Pages, units) => format!("1 credit for each {units} pages"),
        (Unit::A4Pages, 1) => "1 credit for each A4 page".to_owned(),
        (Unit::A4Pages, units) => format!("1 credit for each {units} A4 pages"),
    }
}

/// Who reads the steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The one who reported.
    Holder,
    /// Those who review.
    Staff,
}

/// The steps from what was reported to what counts in a year, as the holder reads them.
pub fn steps(line: &Line<'_>, year: &CertificationYear, policies: &Policies) -> Vec<String> {
    steps_for(Reader::Holder, line, year, policies)
}

/// The same for any reader.
pub fn steps_for(
    reader: Reader,
    line: &Line<'_>,
    year: &CertificationYear,
    policies: &Policies,
) -> Vec<String> {
    let report = line.report;
    let policy = policies.in_force_on(report.completed_on);
    let mut steps = Vec::new();
    if let Some(awarded) = report.awarded.filter(|awarded| *awarded != report.reported) {
        let who = if reader == Reader::Holder { "You" } else { "The holder" };
        steps.push(format!("{who} reported {}; the reviewer awarded {awarded}.", report.reported));
    }
    steps.push(format!(
        "{} at {} is {} ({}).",
        report.quantity(),
        rate_in_words(report.category, policy.rate(report.category)),
        line.share.raw.counted(),
        report.category.source(),
    ));
    let capped = line.share.cap.filter(|(_, taken)| line.share.credits < line.share.raw || !taken.is_zero());
    if let Some((cap, taken)) = capped {
        let others = if taken.is_zero() {
            String::new()
        } else {
            format!("; other reports had taken {}", taken.plain())
        };
        steps.push(format!(
            "One publication earns at most {} over its whole life{others}, so {} count (G4).",
            cap.counted(),
            line.share.credits.plain(),
        ));
    }
    steps.push(format!(
        "Completed on {}, which counts for the certification year from {} to {}.",
        long_date(report.completed_on),
        long_date(year.starts_on),
        long_date(year.deadline),
    ));
    if let Some(settlement) = year.settlement.filter(|settlement| settlement.outcome == YearOutcome::Void) {
        steps.push(format!(
            "The certificate ended on {}, so this year counts nothing.",
            long_date(settlement.settled_on)
        ));
    } else if let Some(settlement) = year.settlement {
        steps.push(format!(
            "This year was settled on {}; it counted {} of this report, and that never changes.",
            long_date(settlement.settled_on),
            line.counts.counted(),
        ));
    } else if !line.approved() {
        steps.push(match reader {
            Reader::Holder => "Not decided yet, and nothing is held against you until it is.".to_owned(),
            Reader::Staff => "Not decided yet.".to_owned(),
        });
    }
    steps
}
