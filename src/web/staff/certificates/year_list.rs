//! Lists of certification years with fresh figures: flagged ones, deadlines, and how a month stands.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::figures::YearFigures;
use crate::actions::overview::charts::{ByMonth, kept_months};
use crate::domain::certification::policy::Policies;
use crate::domain::certification::risk::RiskClass;
use crate::domain::certification::standing::YearStanding;
use crate::domain::dates::{FIRST_DAY, long_date};
use crate::domain::ids::HolderId;
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::store::certification::year_lists::{self, ListedYear};
use crate::store::engine::paging::Place;
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError};
use crate::web::view::bar::{Segment, stack};

/// Years whose figures are worked out for one chart at most; more are only counted.
const MOST_FOR_A_CHART: i64 = 2000;
/// Holders whose files are read together.
const CHUNK: usize = 200;

/// A listed year with its figures.
#[derive(Clone, Debug)]
pub struct YearRow {
    /// The certificate, the holder.
    pub listed: ListedYear,
    /// The figures.
    pub figures: YearFigures,
}

/// Works out the figures of listed years, few queries for many holders.
pub fn with_figures(
    conn: &mut Conn<'_>,
    listed: Vec<ListedYear>,
    policies: &Policies,
    today: NaiveDate,
) -> Result<Vec<YearRow>, StoreError> {
    let mut holders: Vec<HolderId> = listed.iter().map(|year| year.holder).collect();
    holders.sort_unstable();
    holders.dedup();
    let mut read: Vec<HolderFile> = Vec::new();
    for chunk in holders.chunks(CHUNK) {
        read.extend(holder_records::of_holders(conn, chunk, today)?);
    }
    let ledgers: BTreeMap<HolderId, HolderLedger<'_>> =
        read.iter().map(|file| (file.holder, HolderLedger::new(file, policies, today))).collect();
    let row = |listed: ListedYear| {
        let year = ledgers.get(&listed.holder)?.year((listed.certificate, listed.number))?;
        Some(YearRow { figures: YearFigures::new(&year, today), listed })
    };
    Ok(listed.into_iter().filter_map(row).collect())
}

/// How the deadlines of one month stand.
#[derive(Clone, Debug)]
pub struct Month {
    /// "March 2027".
    pub name: String,
    /// How many deadlines.
    pub total: i64,
    /// Minimum reached.
    pub safe: i64,
    /// Covered by reports waiting for review.
    pub covered: i64,
    /// Credits are missing.
    pub at_risk: i64,
    /// The same as a stacked bar.
    pub segments: Vec<Segment>,
}

/// A chart of deadlines by month.
#[derive(Clone, Debug, Default)]
pub struct Months {
    /// From the nearest.
    pub months: Vec<Month>,
    /// Whether it was worked out where each stands; with very many deadlines they are only counted until the night.
    pub worked_out: bool,
    /// When it was worked out, in words, when that was not just now.
    pub counted_on: String,
}

/// Deadlines by month from `from` through `to`. With very many, where they stand is what was counted at night.
pub fn months(
    conn: &mut Conn<'_>,
    from: NaiveDate,
    to: NaiveDate,
    policies: &Policies,
    today: NaiveDate,
) -> Result<Months, StoreError> {
    let by_day = year_lists::counted_by_day(conn, from, to)?;
    if by_day.iter().map(|(_, years)| years).sum::<i64>() <= MOST_FOR_A_CHART {
        let page = year_lists::by_deadline(conn, from, to, &Place::Start, MOST_FOR_A_CHART)?;
        let mut counted = ByMonth::new();
        for row in with_figures(conn, page.rows, policies, today)? {
            let outlook = RiskClass::of(&row.figures.sums);
            let slot = RiskClass::ALL.iter().position(|one| *one == outlook).unwrap_or_default();
            let day = row.listed.deadline;
            if let Some(amount) = counted.entry((day.year(), day.month())).or_default().get_mut(slot) {
                *amount += 1;
            }
        }
        return Ok(Months { months: chart(&counted, true), worked_out: true, counted_on: String::new() });
    }
    if let Some((counted_on, counted)) = kept_months(conn)? {
        let counted_on = long_date(counted_on);
        return Ok(Months { months: chart(&counted, true), worked_out: true, counted_on });
    }
    let mut counted = ByMonth::new();
    for (day, years) in by_day {
        let [amount, ..] = counted.entry((day.year(), day.month())).or_default();
        *amount += years;
    }
    Ok(Months { months: chart(&counted, false), worked_out: false, counted_on: String::new() })
}

/// The rows of the chart. Where nothing is known but how many there are, they are told as the first.
fn chart(counted: &ByMonth, worked_out: bool) -> Vec<Month> {
    let whole = counted.values().map(|years| years.iter().sum::<i64>()).max().unwrap_or(0);
    let row = |(&(year, month), &[safe, covered, at_risk, nothing]): (&(i32, u32), &[i64; 4])| {
        let name = NaiveDate::from_ymd_opt(year, month, 1).map(|day| day.format("%B %Y").to_string());
        let at_risk = at_risk + nothing;
        let parts = [
            (
                if worked_out { "good" } else { "off" },
                if worked_out { "minimum reached" } else { "deadlines" },
                safe,
            ),
            ("wait", "covered by waiting reports", covered),
            ("action", "credits missing", at_risk),
        ];
        Month {
            name: name.unwrap_or_default(),
            total: safe + covered + at_risk,
            safe,
            covered,
            at_risk,
            segments: stack(&parts, whole),
        }
    };
    counted.iter().map(row).collect()
}

/// What the overview says about years whose deadline has passed, and flagged ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passed {
    /// Flagged, and an administrator can decide today.
    pub flagged_now: i64,
    /// Flagged, within the notice period.
    pub flagged_later: i64,
    /// Flagged, but reports waiting for review could still meet the minimum.
    pub flagged_covered: i64,
    /// The deadline has passed with too few credits; the next run flags them.
    pub short: i64,
    /// Awaiting review.
    pub awaiting: i64,
    /// Whether there are more than were looked at.
    pub more: bool,
}

/// Counts flagged years by whether they can be decided, and years that await review, up to some hundreds.
pub fn passed(conn: &mut Conn<'_>, policies: &Policies, today: NaiveDate) -> Result<Passed, StoreError> {
    const LOOKED_AT: i64 = 500;
    let mut passed = Passed::default();
    let flagged = year_lists::flagged(conn, &Place::Start, LOOKED_AT)?;
    passed.more = flagged.after;
    for row in with_figures(conn, flagged.rows, policies, today)? {
        match row.figures.standing {
            // the next run lifts these flags
            _ if row.figures.sums.met() => {}
            _ if row.figures.sums.covered() => passed.flagged_covered += 1,
            YearStanding::Flagged { decide_from, .. } if decide_from <= today => passed.flagged_now += 1,
            _ => passed.flagged_later += 1,
        }
    }
    let yesterday = today.pred_opt().unwrap_or(today);
    let over = year_lists::by_deadline(conn, FIRST_DAY, yesterday, &Place::Start, LOOKED_AT)?;
    passed.more = passed.more || over.after;
    for row in with_figures(conn, over.rows, policies, today)? {
        match row.figures.standing {
            YearStanding::AwaitingReview => passed.awaiting += 1,
            YearStanding::Short => passed.short += 1,
            _ => {}
        }
    }
    Ok(passed)
}
