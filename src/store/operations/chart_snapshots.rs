//! Figures of charts that would take too long to count while somebody waits.

use chrono::NaiveDate;

use crate::domain::certification::catalogue::Level;
use crate::domain::certification::certificate::YearOutcome;
use crate::domain::codes::codes;
use crate::store::engine::prelude::*;
use crate::store::schema::{certificates, certification_years as years, certifications, kept_figures};
use crate::store::{Conn, StoreError};

codes! {
    /// A chart whose figures are kept.
    pub enum Chart {
        /// Deadlines by week and month, and where they are heading.
        Deadlines = "deadlines",
        /// How past years came out.
        Outcomes = "outcomes",
        /// The report to the board.
        Board = "board",
    }
}

/// One figure of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Where it stands: a day, a year with a level.
    pub place: String,
    /// What it counts.
    pub series: String,
    /// How many.
    pub amount: i64,
}

/// Puts a chart's figures in place of the ones there were.
pub fn replace(
    conn: &mut Conn<'_>,
    chart: Chart,
    figures: &[Figure],
    counted_on: NaiveDate,
) -> Result<(), StoreError> {
    diesel::delete(kept_figures::table.filter(kept_figures::chart.eq(chart.code()))).execute(conn.0)?;
    for figure in figures {
        diesel::insert_into(kept_figures::table)
            .values((
                kept_figures::chart.eq(chart.code()),
                kept_figures::place.eq(&figure.place),
                kept_figures::series.eq(&figure.series),
                kept_figures::amount.eq(figure.amount),
                kept_figures::counted_on.eq(counted_on),
            ))
            .execute(conn.0)?;
    }
    Ok(())
}

/// A chart's figures and the day on which they were counted; `None` when they never were.
pub fn of_chart(conn: &mut Conn<'_>, chart: Chart) -> Result<Option<(NaiveDate, Vec<Figure>)>, StoreError> {
    let rows: Vec<(String, String, i64, NaiveDate)> = kept_figures::table
        .filter(kept_figures::chart.eq(chart.code()))
        .order((kept_figures::place, kept_figures::series))
        .select((kept_figures::place, kept_figures::series, kept_figures::amount, kept_figures::counted_on))
        .load(conn.0)?;
    let Some(day) = rows.first().map(|(.., day)| *day) else { return Ok(None) };
    let figures = rows.into_iter().map(|(place, series, amount, _)| Figure { place, series, amount });
    Ok(Some((day, figures.collect())))
}

/// How settled years came out: the last day of the year, the level, the outcome, how many. Years before a takeover and void ones
/// are left out: nobody decided about them.
pub fn outcomes(conn: &mut Conn<'_>) -> Result<Vec<(NaiveDate, Level, YearOutcome, i64)>, StoreError> {
    let mut outcomes = Vec::new();
    for level in Level::ALL {
        let rows: Vec<(NaiveDate, Option<String>, i64)> = years::table
            .inner_join(certificates::table.inner_join(certifications::table))
            .filter(years::outcome.is_not_null())
            .filter(years::outcome.ne(YearOutcome::BeforeTakeover.code()))
            .filter(years::outcome.ne(YearOutcome::Void.code()))
            .filter(certifications::level.eq(level.code()))
            .group_by((years::ends_on, years::outcome))
            .select((years::ends_on, years::outcome, diesel::dsl::count_star()))
            .load(conn.0)?;
        for (day, outcome, amount) in rows {
            let outcome = outcome.as_deref().and_then(YearOutcome::from_code);
            let outcome = outcome.ok_or(StoreError::Unreadable("certification_years"))?;
            outcomes.push((day, level, outcome, amount));
        }
    }
    Ok(outcomes)
}
