//! Rows of files brought in: each is decided first and written only when every rule allows it. Imports send no mail, except about an address
//! that moves.

mod pipeline;

pub mod activities;
mod activity_row;
mod holder_row;
pub mod holders;

use chrono::{NaiveDate, NaiveDateTime};

pub use activities::{ActivityImport, ActivityReader, ReadActivities};
pub use activity_row::ActivityRow;
pub use holder_row::HolderRow;
pub use holders::{HolderImport, RowBadges};
pub use pipeline::ahead;

use super::ActionError;
use crate::domain::codes::codes;
use crate::domain::day_order::{DayColumns, DayFault};
use crate::domain::ids::AccountId;
use crate::domain::roles::Administrator;
use crate::portal::Portal;
use crate::store::operations::import_problems::{self, ProblemFile};

codes! {
    /// What a file that is imported holds, as the form says it.
    pub enum ImportKind {
        /// Holders and their certificates.
        Holders = "holders",
        /// Reports of holders who are there already.
        Activities = "activities",
    }
}

/// Under what an import takes place.
#[derive(Clone, Debug)]
pub struct ImportTerms {
    /// The administrator who runs it; a command has none.
    pub by: Option<Administrator>,
    /// The day it believes it is.
    pub today: NaiveDate,
    /// The moment it began (UTC).
    pub now: NaiveDateTime,
    /// Whether it only says what would become of the rows.
    pub dry_run: bool,
    /// Whether approved activities go in that look like others.
    pub accept_similar: bool,
    /// Whether another address for a known certificate becomes its holder's.
    pub move_addresses: bool,
    /// How the file's days are read.
    pub days: DayColumns,
}

impl ImportTerms {
    /// An import that asks for nothing special.
    #[must_use]
    pub fn plain(today: NaiveDate, now: NaiveDateTime) -> Self {
        ImportTerms {
            by: None,
            today,
            now,
            dry_run: false,
            accept_similar: false,
            move_addresses: false,
            days: DayColumns::default(),
        }
    }

    /// Whom the history names.
    fn by_id(&self) -> Option<AccountId> {
        self.by.map(|by| by.id)
    }
}

/// What a row that was not refused did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It brought something new.
    Added,
    /// It changed something that was here (a name, an address).
    Changed,
    /// It said what was known already.
    Unchanged,
}

/// What somebody should know about a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// It gives somebody who is here already another name.
    Renamed {
        /// The name until now.
        from: String,
        /// The name from now on.
        to: String,
    },
    /// It gives somebody who is here already another address.
    Moved {
        /// The address until now.
        from: String,
        /// The address from now on.
        to: String,
    },
    /// Something about it looks unlikely; in words.
    Doubt(String),
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowOutcome {
    /// The holder's name, as far as it is known; always for a row that was refused or has notes.
    pub holder: String,
    /// What it did, or every reason why it was refused.
    pub result: Result<Effect, Vec<String>>,
    /// What somebody should know about it.
    pub notes: Vec<Note>,
}

impl RowOutcome {
    /// A row that is refused.
    fn refused(holder: &str, faults: Vec<String>) -> Self {
        RowOutcome { holder: holder.to_owned(), result: Err(faults), notes: Vec::new() }
    }
}

/// Reads the day in a cell of `column`.
fn day_in(days: &DayColumns, column: &'static str, cell: &str) -> Result<NaiveDate, String> {
    days.read(column, cell).map_err(|fault: DayFault| format!("{} {fault} ({column}).", shown(cell)))
}

/// What stands in a cell, for a message: short, on one line.
fn shown(cell: &str) -> String {
    let line = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().filter(|c| !c.is_control()).take(60).collect();
    if short.len() < line.len() { format!("“{short}…”") } else { format!("“{short}”") }
}

/// Keeps a file with what was wrong with its rows for whoever imported it, in the place of an earlier one.
pub fn keep_problems(portal: &Portal, by: Administrator, file: &ProblemFile) -> Result<(), ActionError> {
    let now = portal.clock.now();
    Ok(portal.store.write(|conn| import_problems::keep(conn, by.id, file, now))?)
}
