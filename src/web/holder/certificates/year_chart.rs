//! A certification year as a picture: a strip from its first day to its deadline, with what was done on it; and credits by kind.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::activities::category::Category;
use crate::domain::activities::credits::Credits;
use crate::domain::dates::{days_between, long_date, plus_days};
use crate::domain::ids::ActivityId;
use crate::domain::ledger::holder_ledger::{HolderLedger, LedgerYear};
use crate::domain::plural::counted;
use crate::web::view::bar::{Segment, Thousandths, stack};
use crate::web::view::tags::{Tag, activity_tag};

/// The picture of a year.
#[derive(Clone, Debug, Default)]
pub struct YearPicture {
    /// In one sentence, for those who read.
    pub words: String,
    /// Where today is; nothing when it lies outside.
    pub today: Option<Thousandths>,
    /// First day and deadline.
    pub from: String,
    /// The deadline.
    pub to: String,
    /// Days on which a reminder can come.
    pub notices: Vec<Thousandths>,
    /// What was done, as it stands on the strip.
    pub dots: Vec<Dot>,
    /// What was done, by day: the latest of it.
    pub marks: Vec<Mark>,
    /// How much more there is, and where all of it is listed.
    pub more: usize,
    /// Where that is.
    pub all: String,
    /// Credits by kind of activity.
    pub kinds: Vec<KindLine>,
}

/// Rows of the table by day.
const MOST_MARKS: usize = 20;
/// Beyond so many, activities that lie close together are one dot.
const MOST_DOTS: usize = 60;

/// One or several activities on the strip.
#[derive(Clone, Debug)]
pub struct Dot {
    /// Where it stands on the strip.
    pub at: Thousandths,
    /// How it looks.
    pub kind: &'static str,
    /// What it is.
    pub words: String,
}

/// The activities as dots: one each, or one for all that lie close together and stand alike.
fn dots(marks: &[Mark]) -> Vec<Dot> {
    if marks.len() <= MOST_DOTS {
        let dot = |mark: &Mark| Dot {
            at: mark.at,
            kind: mark.tag.kind,
            words: format!("{}: {}, {}, {}", mark.day, mark.title, mark.counts, mark.tag.label),
        };
        return marks.iter().map(dot).collect();
    }
    let mut places: BTreeMap<(i64, &'static str), (usize, &'static str)> = BTreeMap::new();
    for mark in marks {
        // thirty-three places beside each other
        let place = mark.at.0 / 30 * 30;
        let (count, _) = places.entry((place, mark.tag.kind)).or_insert((0, mark.tag.label));
        *count = count.saturating_add(1);
    }
    let dot = |((at, kind), (count, label)): ((i64, &'static str), (usize, &'static str))| Dot {
        at: Thousandths(at),
        kind,
        words: format!("{}, {label}", counted(i64::try_from(count).unwrap_or(i64::MAX), "report", "reports")),
    };
    places.into_iter().map(dot).collect()
}

/// One activity.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Its identity.
    pub id: i64,
    /// Where it stands on the strip.
    pub at: Thousandths,
    /// Its title.
    pub title: String,
    /// The day it was completed.
    pub day: String,
    /// Where it stands.
    pub tag: Tag,
    /// What it counts.
    pub credits: String,
    /// The same with its word.
    pub counts: String,
}

/// The credits of one kind of activity.
#[derive(Clone, Debug)]
pub struct KindLine {
    /// The kind.
    pub label: &'static str,
    /// Approved and waiting, on a common scale.
    pub parts: Vec<Segment>,
    /// Approved credits.
    pub approved: String,
    /// Credits that wait.
    pub pending: String,
}

impl YearPicture {
    /// Draws a year from its ledger. Titles of activities are given by the caller.
    #[must_use]
    pub fn new(
        ledger: &HolderLedger<'_>,
        found: &LedgerYear<'_>,
        titles: &BTreeMap<ActivityId, String>,
    ) -> YearPicture {
        let year = found.year;
        let place = |day| place(year.starts_on, year.deadline, day);
        let mut marks = Vec::new();
        let mut kinds: BTreeMap<usize, (Credits, Credits)> = BTreeMap::new();
        for line in &found.lines {
            let report = line.report;
            marks.push(Mark {
                id: report.id.0,
                at: place(report.completed_on).unwrap_or_default(),
                title: titles.get(&report.id).cloned().unwrap_or_default(),
                day: long_date(report.completed_on),
                tag: activity_tag(report.status),
                credits: line.counts.to_string(),
                counts: line.counts.counted(),
            });
            let kind = Category::ALL.iter().position(|category| *category == report.category);
            let (approved, pending) = kinds.entry(kind.unwrap_or_default()).or_default();
            let sum = if line.approved() { approved } else { pending };
            *sum = *sum + line.counts;
        }
        let more = marks.len().saturating_sub(MOST_MARKS);
        let most = kinds.values().map(|(a, p)| (*a + *p).parts()).max().unwrap_or_default();
        let kinds = kinds.into_iter().filter_map(|(kind, (approved, pending))| {
            let parts =
                [("good", "approved", approved.parts()), ("wait", "waiting for review", pending.parts())];
            Some(KindLine {
                label: Category::ALL.get(kind)?.label(),
                parts: stack(&parts, most),
                approved: approved.to_string(),
                pending: pending.to_string(),
            })
        });
        let stages = &ledger.policies().in_force_on(year.starts_on).stages;
        let today = place(ledger.today());
        let passed = match today {
            Some(_) => format!(", today {}", long_date(ledger.today())),
            None => String::new(),
        };
        YearPicture {
            words: format!(
                "The year from {} to {}{passed}, with {}.",
                long_date(year.starts_on),
                long_date(year.deadline),
                match marks.len() {
                    0 => "nothing reported yet".to_owned(),
                    1 => "1 activity".to_owned(),
                    many => format!("{many} activities"),
                }
            ),
            today,
            from: long_date(year.starts_on),
            to: long_date(year.deadline),
            notices: stages.iter().filter_map(|days| place(plus_days(year.deadline, -days))).collect(),
            dots: dots(&marks),
            more,
            all: format!("/activities?year={}-{}", year.certificate, year.number),
            marks: marks.split_off(more),
            kinds: kinds.collect(),
        }
    }
}

/// Where a day stands between two others; nothing outside of them.
fn place(from: NaiveDate, to: NaiveDate, day: NaiveDate) -> Option<Thousandths> {
    let (whole, part) = (days_between(from, to).max(1), days_between(from, day));
    (0..=whole).contains(&part).then(|| Thousandths(part.saturating_mul(1000) / whole))
}
