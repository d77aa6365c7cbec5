//! Files in and out.

mod import_activities;
mod import_holders;
mod support;
mod table;
