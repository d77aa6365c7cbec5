//! Forms: fields, tokens, uploads, receipts, and the recovery of what was typed.

pub mod ended_session;
pub mod errors;
pub mod evidence;
pub mod fields;
pub mod multipart;
pub mod plain;
pub mod receipt;
pub mod recovery;
pub mod saved_form;
pub mod token;
pub mod upload;
pub mod upload_quota;
