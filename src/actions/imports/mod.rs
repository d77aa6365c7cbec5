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
    /// It changed something that was there.
    Changed,
    /// It said what was known already.
    Unchanged,
    /// It was refused, for this reason.
    Refused(String),
}

/// What stands in a cell, for a message: short, on one line.
fn shown(cell: &str) -> String {
    let line = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().filter(|c| !c.is_control()).take(60).collect();
    if short.len() < line.len() { format!("“{short}…”") } else { format!("“{short}”") }
}
