//! Files in and out.

mod backup;
mod exports;
mod import_activities;
mod import_holders;
mod support;
mod table;
