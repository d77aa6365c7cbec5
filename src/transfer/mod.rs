//! Files in and out: imports row by row with a report for every row, exports, backups.
//!
//! What a row means is decided in `actions::imports`; here files are read and written.

pub mod activities;
pub mod holders;
mod report;
pub mod table;

pub use report::{ImportError, ImportReport, Progress, Refused};
