//! The timetable: the deadline run, the jobs, the delivery of mails.

pub mod body;
mod command;
mod deadlines;
pub mod delivery;
mod guard;
mod jobs;
mod nightly;
mod outside;
mod pauses;
mod refused;
mod server;
mod sessions;
mod wrong_clock;
mod zones;
