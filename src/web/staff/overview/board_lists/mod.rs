//! What the figures of the report to the board count, each figure with its list: certification years that have ended, reports that were
//! decided, reminders with what followed them, and appeals.

pub mod appeals;
pub mod reminders;
pub mod reports;
pub mod years;

/// Rows on one page.
const PAGE: i64 = 50;
