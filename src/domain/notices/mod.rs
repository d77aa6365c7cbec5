//! Notices: their kinds, their delivery, and the history of reminders.

pub mod delivery;
pub mod notice_kind;
pub mod reminder_history;
