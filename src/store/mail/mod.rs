//! Mails: the outbox, delivery, what is held, what bounced, and who was told what.

pub mod bounces;
pub mod delivery;
pub mod friendly_reminders;
pub mod holder_holds;
pub mod holds;
pub mod log;
pub mod outbox;
pub mod reminders;
pub mod verdict_mails;
pub mod year_notices;
