//! The charts of staff's first page, worked out to shapes: what stands where, in whole thousandths.

use chrono::{Datelike, NaiveDate};

use crate::actions::overview::charts::{Charts, PastYears, Week};
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::certification::risk::RiskClass;
use crate::domain::dates::long_date;
use crate::web::staff::certificates::figures::counted;
use crate::web::view::bar::{Segment, Thousandths, stack};

/// A chart of standing columns.
pub struct Columns {
    /// From left to right.
    pub columns: Vec<ChartColumn>,
    /// Words below: where, what.
    pub marks: Vec<(Thousandths, String)>,
    /// What the highest column stands for.
    pub most: i64,
    /// What the chart says, in one sentence.
    pub words: String,
}

/// A column.
pub struct ChartColumn {
    /// What it stands for.
    pub label: String,
    /// Where it begins.
    pub x: Thousandths,
    /// How wide it is.
    pub width: Thousandths,
    /// All of it.
    pub total: i64,
    /// Its parts, from the bottom.
    pub pieces: Vec<Piece>,
}

/// A part of a column.
pub struct Piece {
    /// The kind, as for tags.
    pub kind: &'static str,
    /// What it counts.
    pub label: &'static str,
    /// How many.
    pub amount: i64,
    /// Its upper edge.
    pub y: Thousandths,
    /// Its height.
    pub height: Thousandths,
}

/// One row of the table of past years.
pub struct PastRow {
    /// The calendar year and the level.
    pub label: String,
    /// All of them.
    pub total: i64,
    /// By outcome: the word and how many.
    pub outcomes: Vec<(&'static str, i64)>,
    /// The same as a bar.
    pub segments: Vec<Segment>,
}

/// The charts as the page shows them.
pub struct ChartsShown {
    /// Deadlines by week.
    pub weeks: Columns,
    /// How long reports have waited.
    pub ages: Columns,
    /// How past years came out.
    pub past: Vec<PastRow>,
    /// When they were counted, when that was not just now.
    pub counted_on: String,
    /// Whether there is nothing to show yet, because there is too much to count now.
    pub not_counted: bool,
}

/// The colour of an outlook.
const fn kind(outlook: RiskClass) -> &'static str {
    match outlook {
        RiskClass::Safe => "good",
        RiskClass::Pending => "wait",
        RiskClass::AtRisk => "action",
        RiskClass::Nothing => "bad",
    }
}

/// The charts as the page shows them.
pub fn shown(charts: &Charts) -> ChartsShown {
    ChartsShown {
        weeks: weeks(&charts.weeks),
        ages: ages(charts.ages),
        past: past(&charts.past),
        counted_on: charts.counted_on.map(long_date).unwrap_or_default(),
        not_counted: charts.not_counted,
    }
}

type Parts = Vec<(&'static str, &'static str, i64)>;

fn columns(rows: Vec<(String, Option<String>, Parts)>, words: String) -> Columns {
    let total = |parts: &Parts| parts.iter().map(|(.., amount)| amount).sum::<i64>();
    let most = rows.iter().map(|(.., parts)| total(parts)).max().unwrap_or(0);
    let whole = i64::try_from(rows.len()).unwrap_or(1).max(1);
    let mut columns = Vec::new();
    let mut marks = Vec::new();
    for (index, (label, mark, parts)) in rows.into_iter().enumerate() {
        let index = i64::try_from(index).unwrap_or(0);
        let (x, end) = (index * 1000 / whole, (index + 1) * 1000 / whole);
        let gap = ((end - x) / 6).max(1);
        if let Some(mark) = mark {
            marks.push((Thousandths(x), mark));
        }
        let height = |amount: i64| amount * 1000 / most.max(1);
        let mut before = 0;
        let pieces = parts
            .iter()
            .map(|&(kind, label, amount)| {
                let bottom = height(before);
                before += amount;
                let top = height(before);
                let (y, height) = (Thousandths(1000 - top), Thousandths(top - bottom));
                Piece { kind, label, amount, y, height }
            })
            .collect();
        let (x, width) = (Thousandths(x), Thousandths(end - x - gap));
        columns.push(ChartColumn { label, x, width, total: total(&parts), pieces });
    }
    Columns { columns, marks, most, words }
}

fn weeks(weeks: &[Week]) -> Columns {
    let mut month = 0;
    let mut sums = [0_i64; 4];
    let mut rows = Vec::new();
    for week in weeks {
        for (sum, amount) in sums.iter_mut().zip(week.years) {
            *sum += amount;
        }
        let begins = week.monday.month() != month;
        month = week.monday.month();
        // every other month, so that words do not touch on a telephone
        let mark = (begins && week.monday.day() <= 7 && month % 2 == 1).then(|| month_word(week.monday));
        let parts = RiskClass::ALL.iter().zip(week.years);
        let parts = parts.map(|(outlook, years)| (kind(*outlook), outlook.label(), years)).collect();
        rows.push((long_date(week.monday), mark, parts));
    }
    let said: Vec<String> = RiskClass::ALL
        .iter()
        .zip(sums)
        .map(|(outlook, years)| format!("{years} {}", outlook.label()))
        .collect();
    let all: i64 = sums.iter().sum();
    let words = format!("{} in the next year: {}", counted(all, "deadline", "deadlines"), said.join(", "));
    columns(rows, words)
}

fn month_word(day: NaiveDate) -> String {
    day.format("%b").to_string()
}

fn ages(ages: [i64; 5]) -> Columns {
    const LABELS: [(&str, &str, &str); 5] = [
        ("up to 2 days", "0–2 d", "good"),
        ("3 to 7 days", "3–7 d", "good"),
        ("8 to 14 days", "8–14 d", "wait"),
        ("15 to 30 days", "15–30 d", "action"),
        ("longer", "longer", "bad"),
    ];
    let rows = LABELS
        .into_iter()
        .zip(ages)
        .map(|((label, short, kind), amount)| {
            (label.to_owned(), Some(short.to_owned()), vec![(kind, "reports", amount)])
        })
        .collect();
    let said: Vec<String> =
        LABELS.into_iter().zip(ages).map(|((label, ..), amount)| format!("{amount} {label}")).collect();
    let all: i64 = ages.iter().sum();
    let words = format!(
        "{} for review: {}",
        counted(all, "report is waiting", "reports are waiting"),
        said.join(", ")
    );
    columns(rows, words)
}

fn past(past: &[PastYears]) -> Vec<PastRow> {
    past.iter()
        .map(|one| {
            let of = |outcome: YearOutcome| {
                let found = one.outcomes.iter().find(|(found, _)| *found == outcome);
                found.map_or(0, |(_, years)| *years)
            };
            let parts = [
                ("good", YearOutcome::Recertified.label(), of(YearOutcome::Recertified)),
                ("wait", YearOutcome::Waived.label(), of(YearOutcome::Waived)),
                ("bad", YearOutcome::Decertified.label(), of(YearOutcome::Decertified)),
            ];
            PastRow {
                label: format!("{}, {}", one.year, one.level.label()),
                total: parts.iter().map(|(.., amount)| amount).sum(),
                outcomes: parts.iter().map(|(_, label, amount)| (*label, *amount)).collect(),
                segments: stack(&parts, 0),
            }
        })
        .collect()
}
