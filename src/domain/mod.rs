//! The rules, pure: credits, categories, calendar, policy, certificates and their years, the ledger (the one sum), deadlines, review,
//! decisions, relevance, roles. Knows no database, no pages, no files and no clock: the day is always a parameter.

pub mod activities;
pub mod certification;
pub mod conversations;
pub mod dates;
pub mod icalendar;
pub mod notices;
pub mod plural;

pub mod address;
pub mod board_figure;
pub mod codes;
pub mod day_order;
pub mod history_event;
pub mod history_topic;
pub mod ids;
pub mod job;
pub mod ledger;
pub mod retention;
pub mod roles;
pub mod text;
