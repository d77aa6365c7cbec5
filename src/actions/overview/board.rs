//! The report to the board: how certification years came out, how long reports waited, what reminders brought, how appeals ended; each for a
//! calendar year, with the year before beside it.
//!
//! Like the charts it is counted whenever somebody looks while that is quick, and at night otherwise.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime};

use super::charts::few;
use super::risk::chunk;
use crate::actions::ActionError;
use crate::actions::mail::friendly_reminder::days_ahead;
use crate::clock::Clock;
use crate::domain::board_figure::{BoardFigure, within};
use crate::domain::certification::catalogue::{Certification, Field};
use crate::domain::ids::CertificationId;
use crate::portal::Portal;
use crate::store::activities::review_queue;
use crate::store::certification::year_lists::YearPlace;
use crate::store::certification::{catalogue, policies};
use crate::store::operations::board_figures::{self, EndedYears, ReminderPlace};
use crate::store::operations::chart_snapshots::{self, Chart, Figure};
use crate::store::{Conn, StoreError};

/// Calendar years that are counted, the present one among them.
const MOST_YEARS: i32 = 10;
/// Reports, and reminders, that are read together.
const ROWS_AT_ONCE: i64 = 5_000;
/// Most reports that are counted while somebody waits.
pub const MOST_REPORTS_AT_ONCE: i64 = 100_000;

/// Where a figure stands: its calendar year, and of which certification when it is of one.
type FigurePlace = (i32, Option<CertificationId>);

/// All figures of some calendar years.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoardFigures(BTreeMap<(FigurePlace, BoardFigure), i64>);

impl BoardFigures {
    fn add(&mut self, year: i32, certification: Option<CertificationId>, figure: BoardFigure, amount: i64) {
        *self.0.entry(((year, certification), figure)).or_default() += amount;
    }

    /// A figure of a calendar year, of one certification or of the body; zero when nothing was counted.
    #[must_use]
    pub fn of(&self, year: i32, certification: Option<CertificationId>, figure: BoardFigure) -> i64 {
        self.0.get(&((year, certification), figure)).copied().unwrap_or_default()
    }

    /// The calendar years for which there is anything, the latest first.
    #[must_use]
    pub fn years(&self) -> Vec<i32> {
        let mut years: Vec<i32> = self.0.keys().map(|((year, _), _)| *year).collect();
        years.dedup();
        years.reverse();
        years
    }

    fn kept(&self) -> Vec<Figure> {
        let figure = |(((year, certification), figure), amount): (&(FigurePlace, BoardFigure), &i64)| {
            let place = certification
                .map_or_else(|| year.to_string(), |certification| format!("{year} {certification}"));
            Figure { place, series: figure.code().to_owned(), amount: *amount }
        };
        self.0.iter().map(figure).collect()
    }

    /// What was kept; a figure that another version of the portal counted is left out.
    fn of_kept(kept: Vec<Figure>) -> BoardFigures {
        let mut figures = BoardFigures::default();
        for Figure { place, series, amount } in kept {
            let (year, certification) = match place.split_once(' ') {
                Some((year, id)) => (year, id.parse().ok().map(CertificationId)),
                None => (place.as_str(), None),
            };
            if let (Ok(year), Some(figure)) = (year.parse(), BoardFigure::from_code(&series)) {
                figures.add(year, certification, figure, amount);
            }
        }
        figures
    }
}

/// The report to the board, for every calendar year that it can be asked about.
#[derive(Clone, Debug)]
pub struct BoardReport {
    /// The figures.
    pub figures: BoardFigures,
    /// The catalogue that they are told by.
    pub certifications: Vec<Certification>,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The day on which they were counted, when that was not just now.
    pub counted_on: Option<NaiveDate>,
    /// Whether there are too many to count now and nothing was kept yet.
    pub not_counted: bool,
    /// Reports that wait for review now, counted up to [`MOST_REPORTS_AT_ONCE`].
    pub waiting: i64,
    /// Since when the oldest of them does (UTC).
    pub waiting_since: Option<NaiveDateTime>,
}

/// The report as it stands today.
///
/// # Errors
/// `ActionError::Store`.
pub fn board_report(portal: &Portal) -> Result<BoardReport, ActionError> {
    let today = portal.clock.today();
    portal.store.read(|conn| {
        let (waiting, waiting_since) = review_queue::size_up_to(conn, MOST_REPORTS_AT_ONCE)?;
        let mut report = BoardReport {
            waiting,
            waiting_since,
            figures: BoardFigures::default(),
            certifications: catalogue::certifications(conn)?,
            fields: catalogue::fields(conn)?,
            counted_on: None,
            not_counted: false,
        };
        if quick(conn, today)? {
            let mut count = Count::begin(&portal.clock, today);
            while !count.step(conn)? {}
            report.figures = count.figures();
        } else if let Some((counted_on, kept)) = chart_snapshots::of_chart(conn, Chart::Board)? {
            report.figures = BoardFigures::of_kept(kept);
            report.counted_on = Some(counted_on);
        } else {
            report.not_counted = true;
        }
        Ok(report)
    })
}

/// Counts anew and keeps the figures, when there are too many to count while somebody waits. Gives whether it came to the end: `go_on` can
/// say no.
///
/// # Errors
/// `ActionError::Store`.
pub fn count_for_board(portal: &Portal, go_on: &mut dyn FnMut() -> bool) -> Result<bool, ActionError> {
    let today = portal.clock.today();
    if portal.store.read(|conn| quick(conn, today))? {
        return Ok(true);
    }
    let mut count = Count::begin(&portal.clock, today);
    loop {
        if !go_on() {
            return Ok(false);
        }
        if portal.store.read(|conn| count.step(conn))? {
            break;
        }
    }
    let figures = count.figures().kept();
    portal.store.write(|conn| chart_snapshots::replace(conn, Chart::Board, &figures, today))?;
    Ok(true)
}

fn quick(conn: &mut Conn<'_>, today: NaiveDate) -> Result<bool, ActionError> {
    Ok(few(conn, today)? && board_figures::reports_up_to(conn, MOST_REPORTS_AT_ONCE)? < MOST_REPORTS_AT_ONCE)
}

/// What is counted next.
enum Step {
    Ended,
    Risk(Option<YearPlace>),
    Decided(i64),
    Reminded(Option<ReminderPlace>),
    Appeals,
    Done,
}

/// A count in progress: each step reads a bounded part.
struct Count<'a> {
    clock: &'a Clock,
    today: NaiveDate,
    /// The first day that is counted.
    from: NaiveDate,
    next: Step,
    figures: BoardFigures,
    /// How long the reports that were decided in each calendar year had waited, in minutes.
    waited: BTreeMap<i32, Vec<i64>>,
}

impl Count<'_> {
    fn begin(clock: &Clock, today: NaiveDate) -> Count<'_> {
        let from = NaiveDate::from_ymd_opt(today.year() - MOST_YEARS + 1, 1, 1).unwrap_or(today);
        let (figures, waited) = (BoardFigures::default(), BTreeMap::new());
        Count { clock, today, from, next: Step::Ended, figures, waited }
    }

    /// Counts the next part; whether that was the last one.
    fn step(&mut self, conn: &mut Conn<'_>) -> Result<bool, ActionError> {
        self.next = match self.next {
            Step::Ended => {
                for ended in board_figures::ended_years(conn, self.from, self.today)? {
                    self.ended(&ended);
                }
                Step::Risk(None)
            }
            Step::Risk(place) => {
                self.risk(conn, place)?.map_or(Step::Decided(0), |more| Step::Risk(Some(more)))
            }
            Step::Decided(after) => self.decided(conn, after)?.map_or(Step::Reminded(None), Step::Decided),
            Step::Reminded(after) => {
                self.reminded(conn, after)?.map_or(Step::Appeals, |more| Step::Reminded(Some(more)))
            }
            Step::Appeals => {
                self.appeals(conn)?;
                Step::Done
            }
            Step::Done => Step::Done,
        };
        Ok(matches!(self.next, Step::Done))
    }

    fn ended(&mut self, ended: &EndedYears) {
        let Some(figure) = BoardFigure::of_outcome(ended.outcome) else { return };
        let year = ended.ends_on.year();
        self.figures.add(year, Some(ended.certification), figure, ended.years);
        if ended.extended {
            self.figures.add(year, Some(ended.certification), BoardFigure::Extended, ended.years);
        }
    }

    fn risk(
        &mut self,
        conn: &mut Conn<'_>,
        place: Option<YearPlace>,
    ) -> Result<Option<YearPlace>, ActionError> {
        let policies = policies::all(conn)?;
        let (years, more) = chunk(conn, days_ahead(self.today), place, &policies, self.today)?;
        for year in years.iter().filter(|year| year.outlook.needs_a_word()) {
            let certification = year.certificate.certificate.certification.id;
            self.figures.add(self.today.year(), Some(certification), BoardFigure::AtRisk, 1);
        }
        Ok(more)
    }

    fn decided(&mut self, conn: &mut Conn<'_>, after: i64) -> Result<Option<i64>, StoreError> {
        let from = self.clock.start_of(self.from);
        let found = board_figures::decided_reports(conn, after, from, ROWS_AT_ONCE)?;
        for (decided, since) in found.decided {
            let waited = self.waited.entry(self.clock.day_of(decided).year()).or_default();
            // a clock that was set back makes no wait shorter than none
            waited.push((decided - since).num_minutes().max(0));
        }
        Ok(found.reached)
    }

    fn reminded(
        &mut self,
        conn: &mut Conn<'_>,
        after: Option<ReminderPlace>,
    ) -> Result<Option<ReminderPlace>, StoreError> {
        let days = (self.from, self.today);
        let reminded = board_figures::reminded_years(conn, days, after, ROWS_AT_ONCE)?;
        for reminder in &reminded {
            let year = reminder.place.0.year();
            self.figures.add(year, None, BoardFigure::Reminded, 1);
            self.figures.add(year, None, BoardFigure::Reported, i64::from(reminder.reported));
            self.figures.add(year, None, BoardFigure::Reached, i64::from(reminder.reached));
        }
        Ok(reminded.last().map(|reminder| reminder.place))
    }

    fn appeals(&mut self, conn: &mut Conn<'_>) -> Result<(), StoreError> {
        for (made, ended) in board_figures::appeals(conn)? {
            let made = self.clock.day_of(made);
            if made >= self.from {
                self.figures.add(made.year(), None, BoardFigure::Appealed, 1);
            }
            if let Some((day, outcome)) = ended.filter(|(day, _)| *day >= self.from) {
                self.figures.add(day.year(), None, BoardFigure::of_appeal(outcome), 1);
            }
        }
        Ok(())
    }

    fn figures(mut self) -> BoardFigures {
        for (year, mut waited) in self.waited {
            waited.sort_unstable();
            let many = i64::try_from(waited.len()).unwrap_or(i64::MAX);
            self.figures.add(year, None, BoardFigure::Decided, many);
            self.figures.add(year, None, BoardFigure::HalfDecided, within(&waited, 5).unwrap_or_default());
            self.figures.add(year, None, BoardFigure::MostDecided, within(&waited, 9).unwrap_or_default());
        }
        self.figures
    }
}
