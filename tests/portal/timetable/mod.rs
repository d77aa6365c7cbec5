//! The timetable: the deadline run, the jobs, the delivery of mails.

mod body;
mod deadlines;
mod delivery;
mod jobs;
mod server;
