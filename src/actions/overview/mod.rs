//! What staff see at a glance: the board's report, charts, risk, calendar, set-up.

pub mod board;
pub mod calendar;
pub mod charts;
pub mod past_record;
pub mod risk;
pub mod setup;
