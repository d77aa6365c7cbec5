//! Files in and out.

mod commands;
mod exports;
mod import_activities;
mod import_holders;
pub mod support;
mod table;
