//! Files in and out: imports row by row with a report for every row, exports, backups.
//!
//! What a row means is decided in `actions::imports`; here files are read and written.

use std::path::{Path, PathBuf};

pub mod activities;
mod archive;
pub mod backup;
pub mod check;
pub mod export;
pub mod holders;
mod report;
pub mod sheet;
pub mod table;

pub use report::{ImportError, ImportReport, Progress, Refused};

/// Where a file is written until it is whole: beside its place, so that it can be moved there.
fn unfinished(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".unfinished");
    target.with_file_name(name)
}
