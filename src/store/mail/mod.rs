//! Mails: the outbox, delivery, what is held, what bounced, and who was told what.

pub mod bounces;
pub mod friendly_reminders;
pub mod holder_holds;
pub mod mail_holds;
pub mod mail_log;
pub mod mail_pauses;
pub mod mail_texts;
pub mod mailbox_progress;
pub mod outbox;
pub mod outbox_delivery;
pub mod reach;
pub mod reminders;
pub mod verdict_mails;
pub mod year_notices;
