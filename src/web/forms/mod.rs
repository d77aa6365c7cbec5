//! Forms: fields, tokens, uploads, receipts, and the recovery of what was typed.

pub mod fields;
pub mod multipart;
pub mod receipt;
pub mod recovery;
pub mod refill;
pub mod token;
pub mod upload_quota;
