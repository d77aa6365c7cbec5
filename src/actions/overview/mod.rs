//! What staff see at a glance: charts, risk, calendar, set-up.

pub mod calendar;
pub mod charts;
pub mod risk;
pub mod setup;
