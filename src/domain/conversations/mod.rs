//! Conversations (G13), and precedents: inquiries that were answered (G8).

pub mod conversation;
pub mod precedent;
