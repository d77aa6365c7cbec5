//! What an import did with each row.

use std::io::{Read, Seek};

use super::import_error::ImportError;
use super::table::{Record, Table};
use crate::actions::ActionError;
use crate::actions::imports::{Effect, ImportTerms, Note, RowOutcome, ahead};
use crate::domain::day_order::{DayColumns, DayOrder};
use crate::domain::roles::Administrator;
use crate::portal::Portal;
use crate::store::StoreError;

/// Is told how many bytes of the file have been worked through.
pub type ImportProgress<'a> = &'a mut dyn FnMut(u64);

/// What somebody chooses about an import.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportChoices {
    /// Only say what would happen.
    pub dry_run: bool,
    /// The order of days that are numbers with the year last; none lets each column show its own.
    pub dates: Option<DayOrder>,
    /// Bring approved activities in that look like others.
    pub accept_similar: bool,
    /// Another address for a known certificate becomes its holder's.
    pub move_addresses: bool,
}

impl ImportChoices {
    /// What that means for the rows.
    pub(super) fn terms(&self, portal: &Portal, by: Option<Administrator>, days: DayColumns) -> ImportTerms {
        let (today, now) = portal.clock.today_and_now();
        ImportTerms {
            by,
            dry_run: self.dry_run,
            accept_similar: self.accept_similar,
            move_addresses: self.move_addresses,
            days,
            ..ImportTerms::plain(today, now)
        }
    }
}

/// What an import did with each row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Rows that brought something new.
    pub added: u64,
    /// Rows that changed something that was there (a name, an address).
    pub changed: u64,
    /// Rows that said what was known already.
    pub unchanged: u64,
    /// Rows that were refused, in the order of the file.
    pub refused: Vec<RefusedRow>,
    /// Refused rows beyond those that are told one by one.
    pub more_refused: u64,
    /// Rows that give somebody another name, in the order of the file; they are among the added or the changed ones, too.
    pub renamed: Vec<Replaced>,
    /// Rows that give somebody another address, in the order of the file.
    pub moved: Vec<Replaced>,
    /// Rows about which something looks unlikely, in the order of the file; they are in all the same.
    pub doubts: Vec<Doubt>,
    /// How the days of each column were read, in words.
    pub days: Vec<String>,
}

/// A row that gives somebody another name or another address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// The line where the row begins; the header is line 1.
    pub line: u64,
    /// The holder's name from now on.
    pub holder: String,
    /// What it was until now.
    pub from: String,
    /// What it is from now on.
    pub to: String,
}

/// Something about a row that looks unlikely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The line where the row begins; the header is line 1.
    pub line: u64,
    /// The holder's name.
    pub holder: String,
    /// What, in words.
    pub words: String,
}

/// A refused row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRow {
    /// The line where the row begins; the header is line 1.
    pub line: u64,
    /// The holder's name, as far as it is known.
    pub holder: String,
    /// Every reason, in words.
    pub reason: String,
}

/// Most rows of each kind that a report tells one by one: who has more corrects these first.
const MOST_TOLD: usize = 50_000;

fn told<T>(list: &mut Vec<T>, one: T) {
    if list.len() < MOST_TOLD {
        list.push(one);
    }
}

impl ImportReport {
    /// How many rows were refused.
    pub fn all_refused(&self) -> u64 {
        u64::try_from(self.refused.len()).unwrap_or(u64::MAX).saturating_add(self.more_refused)
    }

    fn refuse(&mut self, refused: RefusedRow) {
        if self.refused.len() < MOST_TOLD { self.refused.push(refused) } else { self.more_refused += 1 }
    }

    fn take(&mut self, line: u64, outcome: RowOutcome) {
        let RowOutcome { holder, result, notes } = outcome;
        match result {
            Ok(Effect::Added) => self.added += 1,
            Ok(Effect::Changed) => self.changed += 1,
            Ok(Effect::Unchanged) => self.unchanged += 1,
            Err(faults) => {
                self.refuse(RefusedRow { line, holder: holder.clone(), reason: faults.join(" ") });
            }
        }
        for note in notes {
            let holder = holder.clone();
            match note {
                Note::Renamed { from, to } => told(&mut self.renamed, Replaced { line, holder, from, to }),
                Note::Moved { from, to } => told(&mut self.moved, Replaced { line, holder, from, to }),
                Note::Doubt(words) => told(&mut self.doubts, Doubt { line, holder, words }),
            }
        }
    }
}

/// Rows that are decided together.
struct Portion<Row> {
    rows: Vec<(u64, Row)>,
    /// Rows whose cells cannot be told apart.
    refused: Vec<RefusedRow>,
    /// How far the file was read.
    bytes: u64,
}

/// Reads a table that [`survey`](super::survey) has looked at, and hands its rows to `work`, `at_once` at a time, with what `prepare` has made for
/// them on another processor. `work` gives one outcome for each row.
///
/// # Errors
/// `ImportError`.
pub(super) fn import<Row: Send, Made: Send>(
    mut file: impl Read + Seek,
    columns: &[&str],
    at_once: usize,
    row: impl Fn(&dyn Fn(&str) -> String) -> Row,
    prepare: impl Fn(&[(u64, Row)]) -> Made + Sync,
    mut work: impl FnMut(&[(u64, Row)], Made) -> Result<Vec<RowOutcome>, ActionError>,
    progress: ImportProgress<'_>,
) -> Result<ImportReport, ImportError> {
    let reader: &mut dyn Read = &mut file;
    let mut table = Table::open(reader, columns)?;
    let mut report = ImportReport::default();
    ahead(
        || next_portion(&mut table, at_once, &row),
        |portion: &Portion<Row>| prepare(&portion.rows),
        |portion, made| {
            let Portion { rows, refused, bytes } = portion;
            refused.into_iter().for_each(|one| report.refuse(one));
            let first = rows.first().map_or(1, |(line, _)| *line);
            let outcomes = work(&rows, made).map_err(|error| ImportError::Stopped { line: first, error })?;
            if outcomes.len() != rows.len() {
                let error = ActionError::Store(StoreError::database("", "an import lost count of its rows"));
                return Err(ImportError::Stopped { line: first, error });
            }
            for ((line, _), outcome) in rows.iter().zip(outcomes) {
                report.take(*line, outcome);
            }
            progress(bytes);
            Ok(())
        },
    )?;
    report.refused.sort_by_key(|refused| refused.line);
    Ok(report)
}

fn next_portion<Row>(
    table: &mut Table<&mut dyn Read>,
    at_once: usize,
    row: impl Fn(&dyn Fn(&str) -> String) -> Row,
) -> Result<Option<Portion<Row>>, ImportError> {
    let mut portion = Portion { rows: Vec::with_capacity(at_once), refused: Vec::new(), bytes: 0 };
    while portion.rows.len() + portion.refused.len() < at_once {
        let Some(Record { line, cells }) = table.next_row()? else { break };
        match cells {
            Ok(cells) => {
                let cell = |column: &str| {
                    table.position(column).and_then(|at| cells.get(at)).cloned().unwrap_or_default()
                };
                portion.rows.push((line, row(&cell)));
            }
            Err(reason) => {
                portion.refused.push(RefusedRow { line, holder: String::new(), reason: reason.to_owned() });
            }
        }
    }
    portion.bytes = table.bytes_read();
    let any = !portion.rows.is_empty() || !portion.refused.is_empty();
    Ok(any.then_some(portion))
}
