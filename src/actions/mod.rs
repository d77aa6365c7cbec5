//! What people and jobs do: load, decide (in `domain`), record. Each action is one `store.write`: the change, its history event and its
//! mail commit together. Functions that take a `Conn` are parts of such a write; imports run many of them in one.

pub mod accounts;
pub mod activities;
pub mod advice;
pub mod appeals;
pub mod badge_files;
pub mod badge_sharing;
pub mod badge_signing;
pub mod bounces;
pub mod calendar;
pub mod canned_answers;
pub mod catalogue;
pub mod certificates;
pub mod corrections;
pub mod deadlines;
pub mod decisions;
mod error;
pub mod evidence;
pub mod friendly_reminders;
pub mod holders;
pub mod imports;
pub mod mails;
pub mod outlooks;
pub mod parking;
pub mod passwords;
pub mod policies;
pub mod post;
pub mod prepared_words;
pub mod preview;
pub mod questions;
pub mod queue;
pub mod report_form;
pub mod review_cases;
pub mod review_claims;
mod review_mails;
pub mod reviews;
pub mod same_event;
pub mod sending;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod staff_charts;
pub mod verification;
mod wording;
pub mod year_lines;

pub use error::ActionError;
