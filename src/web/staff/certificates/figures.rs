//! A certification year with its figures, as staff read it.

use chrono::NaiveDate;

use crate::domain::certification::certificate_status::CertificateStatus;
use crate::domain::certification::standing::YearStanding;
use crate::domain::dates::{days_between, long_date};
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::ledger::{CertificateFile, Sums};
pub use crate::domain::plural::counted;
use crate::web::view::bar::Bar;
use crate::web::view::tags::{Tag, ending_tag, status_tag};

/// A year and where it stands today.
#[derive(Clone, Debug)]
pub struct YearFigures {
    /// Its number.
    pub number: i64,
    /// "15 March 2026 to 14 March 2027".
    pub span: String,
    /// Its deadline, in words.
    pub deadline: String,
    /// How far the deadline is, in words: "in 12 days", "today", "3 days ago".
    pub distance: String,
    /// Where it stands.
    pub standing: YearStanding,
    /// The same as a tag.
    pub tag: Tag,
    /// Its sums.
    pub sums: Sums,
    /// Its sums as a bar.
    pub bar: Bar,
    /// What the bar says.
    pub words: String,
}

impl YearFigures {
    /// The figures of one year, as they are today.
    pub fn new(found: &LedgerYear<'_>, today: NaiveDate) -> YearFigures {
        let (year, sums) = (found.year, found.sums);
        YearFigures {
            number: year.number,
            span: format!("{} to {}", long_date(year.starts_on), long_date(year.ends_on)),
            deadline: long_date(year.deadline),
            distance: distance(today, year.deadline),
            standing: found.standing,
            tag: status_tag(found.status()),
            bar: Bar::new(sums.approved.parts(), sums.pending.parts(), sums.required.parts()),
            words: in_words(&sums),
            sums,
        }
    }
}

/// Where a certificate stands, by the most pressing of its years.
pub fn certificate_tag(ledger: &HolderLedger<'_>, certificate: &CertificateFile) -> Tag {
    let status = CertificateStatus::of(ledger, certificate);
    let kind = match status {
        CertificateStatus::Ended(kind) => ending_tag(kind).kind,
        CertificateStatus::NeverExpires => "good",
        CertificateStatus::Year(_, status, _) => status_tag(status).kind,
        CertificateStatus::NotBegun => "info",
    };
    Tag { kind, label: status.label() }
}

fn in_words(sums: &Sums) -> String {
    format!(
        "{} approved, {} waiting, {} missing of {}",
        sums.approved,
        sums.pending,
        sums.missing().rounded_up(),
        sums.required
    )
}

/// How far a day is from today, in words.
pub fn distance(today: NaiveDate, day: NaiveDate) -> String {
    match days_between(today, day) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days if days > 0 => format!("in {days} days"),
        days => format!("{} days ago", -days),
    }
}

/// Days a flagged certificate's holder has to answer, in words: when it can be decided.
pub fn decidable(standing: YearStanding, today: NaiveDate) -> Option<(bool, String)> {
    let YearStanding::Flagged { decide_from, .. } = standing else { return None };
    let now = today >= decide_from;
    let words = if now {
        "can be decided now".to_owned()
    } else {
        format!("can be decided from {} on", long_date(decide_from))
    };
    Some((now, words))
}
