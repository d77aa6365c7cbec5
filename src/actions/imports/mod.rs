//! Rows of files brought in: each is decided first and written only when every rule allows it. Imports send no mail.

pub mod activities;
pub mod holders;

pub use activities::{ActivityImport, ActivityRow};
pub use holders::{HolderImport, HolderRow};

use super::report_form::is_invisible;
use crate::badges::text::can_be_signed;

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

/// A text on one line: runs of spaces and line breaks become one space. Other control characters are refused, and what is longer
/// than `most` characters.
fn one_line(name: &str, text: &str, most: usize) -> Result<String, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if !can_be_signed(&text) {
        Err(format!("{name} has a character that cannot be printed."))
    } else if text.chars().count() > most {
        Err(format!("{name} is longer than {most} characters."))
    } else if text.chars().all(is_invisible) {
        Ok(String::new())
    } else {
        Ok(text)
    }
}

/// What stands in a cell, for a message: short, on one line.
fn shown(cell: &str) -> String {
    let line = cell.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().filter(|c| !c.is_control()).take(60).collect();
    if short.len() < line.len() { format!("“{short}…”") } else { format!("“{short}”") }
}
