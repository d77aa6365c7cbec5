//! Rows of files brought in: each is decided first and written only when every rule allows it. Imports send no mail.

pub mod activities;
pub mod holders;

pub use activities::{ActivityImport, ActivityRow};
pub use holders::{HolderImport, HolderRow};

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowOutcome {
    /// It brought something new.
    Added,
    /// It gives somebody who is here already another name, and brought something new beside that or not.
    Renamed {
        /// Whether it brought something new, too.
        added: bool,
        /// The name until now.
        from: String,
        /// The name from now on.
        to: String,
    },
    /// It said what was known already.
    Unchanged,
    /// It was refused, for this reason.
    Refused(String),
}

/// What is wrong with the day in a cell of `column`.
fn not_a_day(cell: &str, column: &str) -> String {
    let cell_day = cell.trim().parse::<chrono::NaiveDate>();
    let problem = if cell_day.is_ok() {
        "lies outside the years 1900 to 2999"
    } else {
        "is not a day such as 2027-03-14"
    };
    format!("{} {problem} ({column}).", shown(cell))
}

/// What stands in a cell, for a message: short, on one line.
fn shown(cell: &str) -> String {
    let line = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().filter(|c| !c.is_control()).take(60).collect();
    if short.len() < line.len() { format!("“{short}…”") } else { format!("“{short}”") }
}
