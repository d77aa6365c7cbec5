//! What the charts of staff show: deadlines by week and where they are heading, how long reports have waited, how past years came out.
//!
//! With some thousands of years they are counted whenever somebody looks; with more they are counted at night and kept.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use super::risk::chunk;
use crate::actions::ActionError;
use crate::domain::certification::catalogue::Level;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::certification::risk::RiskClass;
use crate::domain::dates::{FIRST_DAY, plus_days};
use crate::portal::Portal;
use crate::store::activities::review_queue;
use crate::store::certification::year_lists::YearPlace;
use crate::store::certification::{policies, year_lists};
use crate::store::operations::chart_snapshots::{self, Chart, Figure};
use crate::store::{Conn, StoreError};

/// How far ahead deadlines are shown, in days.
const AHEAD: i64 = 364;
/// Most years that are counted while somebody waits.
const MOST_AT_ONCE: i64 = 1500;
/// Days from which on a report belongs to the next older group.
const AGES: [i64; 4] = [3, 8, 15, 31];

/// The deadlines of one week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// Its Monday.
    pub monday: NaiveDate,
    /// How many years head where, in the order of [`RiskClass::ALL`].
    pub years: [i64; 4],
}

/// How the years that ended in one calendar year came out, on one level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastYears {
    /// The calendar year in which they ended.
    pub year: i32,
    /// The level.
    pub level: Level,
    /// How many had each outcome.
    pub outcomes: Vec<(YearOutcome, i64)>,
}

/// All of the charts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Charts {
    /// From this week on, every week of a year.
    pub weeks: Vec<Week>,
    /// The latest years first.
    pub past: Vec<PastYears>,
    /// The day on which they were counted, when that was not just now.
    pub counted_on: Option<NaiveDate>,
    /// Whether there are too many to count now and nothing was kept yet.
    pub not_counted: bool,
    /// Waiting reports, by age: up to 2 days, 3 to 7, 8 to 14, 15 to 30, longer.
    pub ages: [i64; 5],
}

fn monday(day: NaiveDate) -> NaiveDate {
    plus_days(day, -i64::from(day.weekday().num_days_from_monday()))
}

fn days(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    (today, plus_days(monday(today), AHEAD + 6))
}

/// Whether the deadlines ahead are few enough to be counted while somebody waits.
pub(super) fn few(conn: &mut Conn<'_>, today: NaiveDate) -> Result<bool, ActionError> {
    let (from, to) = days(today);
    let by_day = year_lists::counted_by_day(conn, from, to)?;
    Ok(by_day.iter().map(|(_, years)| years).sum::<i64>() <= MOST_AT_ONCE)
}

/// The charts as they stand today.
///
/// # Errors
/// `ActionError::Store`.
pub fn charts(portal: &Portal) -> Result<Charts, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.read(|conn| {
        let mut charts = Charts { ages: ages(conn, now)?, ..Charts::default() };
        if few(conn, today)? {
            let mut weeks = BTreeMap::new();
            let mut place = None;
            loop {
                place = count_chunk(conn, today, place, &mut weeks, &mut ByMonth::new())?.1;
                if place.is_none() {
                    break;
                }
            }
            charts.weeks = every_week(&weeks, today);
            charts.past = past(&outcome_figures(conn)?);
            return Ok(charts);
        }
        let Some((counted_on, figures)) = chart_snapshots::of_chart(conn, Chart::Deadlines)? else {
            charts.not_counted = true;
            return Ok(charts);
        };
        let mut weeks: BTreeMap<NaiveDate, [i64; 4]> = BTreeMap::new();
        for figure in &figures {
            let slot = RiskClass::ALL.iter().position(|outlook| outlook.code() == figure.series);
            if let (Ok(day), Some(slot)) = (figure.place.parse(), slot)
                && let Some(amount) = weeks.entry(day).or_default().get_mut(slot)
            {
                *amount = figure.amount;
            }
        }
        charts.weeks = every_week(&weeks, today);
        charts.counted_on = Some(counted_on);
        charts.past = past(
            &chart_snapshots::of_chart(conn, Chart::Outcomes)?.map(|(_, kept)| kept).unwrap_or_default(),
        );
        Ok(charts)
    })
}

/// Counts anew and keeps the figures, when there are too many to count while somebody waits. Gives how many years were counted; none
/// when `go_on` said no.
///
/// # Errors
/// `ActionError::Store`.
pub fn count_anew(portal: &Portal, go_on: &mut dyn FnMut() -> bool) -> Result<Option<usize>, ActionError> {
    let today = portal.clock.today();
    if portal.store.read(|conn| few(conn, today))? {
        return Ok(Some(0));
    }
    let mut weeks = BTreeMap::new();
    let mut months = ByMonth::new();
    let mut place = None;
    let mut counted = 0;
    loop {
        if !go_on() {
            return Ok(None);
        }
        let (years, more) =
            portal.store.read(|conn| count_chunk(conn, today, place, &mut weeks, &mut months))?;
        counted += years;
        place = more;
        if place.is_none() {
            break;
        }
    }
    let mut figures = Vec::new();
    for (monday, years) in &weeks {
        for (outlook, amount) in RiskClass::ALL.iter().zip(years) {
            let (place, series) = (monday.to_string(), outlook.code().to_owned());
            figures.push(Figure { place, series, amount: *amount });
        }
    }
    figures.extend(month_figures(&months));
    let outcomes = portal.store.read(outcome_figures)?;
    portal.store.write(|conn| {
        chart_snapshots::replace(conn, Chart::Deadlines, &figures, today)?;
        chart_snapshots::replace(conn, Chart::Outcomes, &outcomes, today)
    })?;
    Ok(Some(counted))
}

/// Counts some hundreds of years; gives how many, and where to go on.
fn count_chunk(
    conn: &mut Conn<'_>,
    today: NaiveDate,
    place: Option<YearPlace>,
    weeks: &mut BTreeMap<NaiveDate, [i64; 4]>,
    months: &mut ByMonth,
) -> Result<(usize, Option<YearPlace>), ActionError> {
    let last_day = plus_days(today, MONTHS_AHEAD);
    let policies = policies::all(conn)?;
    let (years, more) = chunk(conn, days(today), place, &policies, today)?;
    for year in &years {
        let slot = RiskClass::ALL.iter().position(|outlook| *outlook == year.outlook).unwrap_or_default();
        let deadline = year.listed.deadline;
        if let Some(amount) = weeks.entry(monday(deadline)).or_default().get_mut(slot) {
            *amount += 1;
        }
        let month = months.entry((deadline.year(), deadline.month())).or_default();
        if let Some(amount) = month.get_mut(slot).filter(|_| deadline <= last_day) {
            *amount += 1;
        }
    }
    Ok((years.len(), more))
}

/// Years by the calendar month of their deadline: how many head where, in the order of [`RiskClass::ALL`].
pub type ByMonth = BTreeMap<(i32, u32), [i64; 4]>;

/// Days ahead that deadlines by month are shown.
pub const MONTHS_AHEAD: i64 = 366;

/// Months stand among the figures of the deadlines, as 2027-03 where a week stands as the day of its Monday.
fn month_figures(months: &ByMonth) -> Vec<Figure> {
    let mut figures = Vec::new();
    for ((year, month), years) in months {
        for (outlook, amount) in RiskClass::ALL.iter().zip(years) {
            let (place, series) = (format!("{year:04}-{month:02}"), outlook.code().to_owned());
            figures.push(Figure { place, series, amount: *amount });
        }
    }
    figures
}

/// The deadlines by month that were counted last night, and on which day; `None` when they never were.
pub fn kept_months(conn: &mut Conn<'_>) -> Result<Option<(NaiveDate, ByMonth)>, StoreError> {
    let Some((counted_on, figures)) = chart_snapshots::of_chart(conn, Chart::Deadlines)? else {
        return Ok(None);
    };
    let mut months = ByMonth::new();
    for figure in figures {
        let month = figure.place.split_once('-');
        // a week has a day behind its month, which is no number
        let month = month.and_then(|(year, month)| Some((year.parse().ok()?, month.parse().ok()?)));
        let slot = RiskClass::ALL.iter().position(|outlook| outlook.code() == figure.series);
        if let (Some(month), Some(slot)) = (month, slot)
            && let Some(amount) = months.entry(month).or_default().get_mut(slot)
        {
            *amount = figure.amount;
        }
    }
    months.retain(|_, years| years.iter().any(|amount| *amount > 0));
    Ok(Some((counted_on, months)))
}

fn every_week(counted: &BTreeMap<NaiveDate, [i64; 4]>, today: NaiveDate) -> Vec<Week> {
    let first = monday(today);
    (0..=AHEAD / 7)
        .map(|week| {
            let monday = plus_days(first, week * 7);
            Week { monday, years: counted.get(&monday).copied().unwrap_or_default() }
        })
        .collect()
}

fn outcome_figures(conn: &mut Conn<'_>) -> Result<Vec<Figure>, ActionError> {
    let mut counted: BTreeMap<(String, String), i64> = BTreeMap::new();
    for (day, level, outcome, amount) in chart_snapshots::outcomes(conn)? {
        let place = format!("{} {}", day.year(), level.code());
        *counted.entry((place, outcome.code().to_owned())).or_default() += amount;
    }
    let figure = |((place, series), amount)| Figure { place, series, amount };
    Ok(counted.into_iter().map(figure).collect())
}

fn past(figures: &[Figure]) -> Vec<PastYears> {
    let mut past: Vec<PastYears> = Vec::new();
    for figure in figures.iter().rev() {
        let Some((year, level)) = figure.place.split_once(' ') else { continue };
        let (Ok(year), Some(level)) = (year.parse(), Level::from_code(level)) else { continue };
        let Some(outcome) = YearOutcome::from_code(&figure.series) else { continue };
        match past.iter_mut().find(|one| one.year == year && one.level == level) {
            Some(one) => one.outcomes.push((outcome, figure.amount)),
            None => past.push(PastYears { year, level, outcomes: vec![(outcome, figure.amount)] }),
        }
    }
    past
}

fn ages(conn: &mut Conn<'_>, now: NaiveDateTime) -> Result<[i64; 5], ActionError> {
    let mut ages = [0; 5];
    let mut until = now + TimeDelta::days(1);
    for (slot, amount) in ages.iter_mut().enumerate() {
        let from =
            AGES.get(slot).map_or(FIRST_DAY.and_time(NaiveTime::MIN), |days| now - TimeDelta::days(*days));
        *amount = review_queue::waiting_between(conn, from, until)?;
        until = from;
    }
    Ok(ages)
}
