//! The years of a certificate as a row of marks: each with its shape and its word, and how many were met in a row.

use chrono::Datelike;

use crate::domain::certification::certificate::{CertificationYear, YearOutcome};
use crate::domain::certification::standing::YearStanding;
use crate::domain::ledger::holder_ledger::LedgerYear;

/// Marks in a row; earlier years, and those that were settled before the takeover, are only counted.
const MOST_MARKS: usize = 10;

/// The marks of one certificate.
#[derive(Clone, Debug, Default)]
pub struct YearMarks {
    /// "3 years in a row"; empty for fewer than two.
    pub in_a_row: String,
    /// How many years stand before the first mark, those before the takeover among them.
    pub earlier: usize,
    /// The earliest first; none while there is only one year.
    pub marks: Vec<YearMark>,
}

/// One year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearMark {
    /// 1, 2 … from the grant.
    pub number: i64,
    /// The calendar year in which it ends.
    pub ends_in: i32,
    /// Its shape: good, wait, info, bad or off.
    pub shape: &'static str,
    /// What became of it.
    pub word: &'static str,
}

impl YearMarks {
    /// The years of a certificate that have begun, given from the earliest.
    #[must_use]
    pub fn of<'a>(years: impl Iterator<Item = LedgerYear<'a>>) -> YearMarks {
        let years: Vec<LedgerYear<'_>> = years.collect();
        let before = YearStanding::Settled(YearOutcome::BeforeTakeover);
        let known = years.iter().filter(|found| found.standing != before).count();
        if known < 2 {
            return YearMarks::default();
        }
        let met = in_a_row(years.iter().map(|found| found.year));
        let earlier = years.len().saturating_sub(known.min(MOST_MARKS));
        YearMarks {
            in_a_row: if met < 2 { String::new() } else { format!("{met} years in a row") },
            earlier,
            marks: years.iter().skip(earlier).map(mark).collect(),
        }
    }
}

/// How many settled years up to the latest were met one after the other. A waiver neither counts nor ends the row; what was before the takeover
/// is not known here, so the row begins after it.
fn in_a_row<'a>(years: impl DoubleEndedIterator<Item = &'a CertificationYear>) -> usize {
    let outcomes = years.rev().filter_map(|year| year.settlement).map(|settlement| settlement.outcome);
    outcomes
        .take_while(|outcome| matches!(outcome, YearOutcome::Recertified | YearOutcome::Waived))
        .filter(|outcome| *outcome == YearOutcome::Recertified)
        .count()
}

fn mark(found: &LedgerYear<'_>) -> YearMark {
    let extended = found.year.extended();
    let (shape, word) = match found.standing {
        YearStanding::Settled(YearOutcome::Recertified) if extended => ("good", "met, extended"),
        YearStanding::Settled(YearOutcome::Recertified) => ("good", "met"),
        YearStanding::Settled(YearOutcome::Waived) => ("info", "waived"),
        YearStanding::Settled(YearOutcome::Decertified) => ("bad", "missed"),
        YearStanding::Settled(YearOutcome::Void) => ("off", "not counted"),
        YearStanding::Settled(YearOutcome::BeforeTakeover) => ("off", "before this portal"),
        YearStanding::Flagged { .. } => ("bad", "flagged"),
        YearStanding::AwaitingReview => ("wait", "in review"),
        YearStanding::Met => ("good", "reached"),
        _ if extended => ("wait", "extended"),
        YearStanding::Upcoming | YearStanding::Open | YearStanding::Extended | YearStanding::Short => {
            ("next", "in progress")
        }
    };
    YearMark { number: found.year.number, ends_in: found.year.deadline.year(), shape, word }
}
