//! Mails: into the outbox, held, stuck, bounced, and going live.

pub mod bounce;
pub mod friendly_reminder;
pub mod going_live;
pub mod hold;
pub mod outbox;
pub mod stuck_mails;
