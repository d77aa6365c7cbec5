//! Files in and out: imports row by row with a report for every row, exports.
//!
//! What a row means is decided in `actions::imports`; here files are read and written.

pub mod activities;
pub mod export;
pub mod holders;
mod report;
pub mod sheet;
pub mod table;

pub use report::{ImportError, ImportReport, Progress, Refused, Renamed};
