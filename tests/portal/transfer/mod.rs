//! Files in and out.

mod commands;
mod composed;
mod day_order;
mod exports;
mod import_activities;
mod import_holders;
mod near_reports;
mod new_addresses;
mod rows;
pub mod support;
mod table;
mod worth;
