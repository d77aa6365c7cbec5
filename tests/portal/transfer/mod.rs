//! Files in and out.

mod backup;
mod check;
mod commands;
mod exports;
mod import_activities;
mod import_holders;
pub mod support;
mod table;
