//! Files in and out: imports row by row with a report for every row, exports.
//!
//! What a row means is decided in `actions::imports`; here files are read and written.

mod column_survey;
mod import_error;
mod import_result;

pub mod activities;
mod activity_export;
pub mod board_export;
mod cell;
pub mod csv_file;
pub mod export;
pub mod holders;
pub mod problems;
pub mod sheet;
pub mod table;

pub use import_error::ImportError;
pub use import_result::{Doubt, ImportChoices, ImportProgress, ImportReport, RefusedRow, Replaced};
