//! What is a file's business: its opening, the log beside the database, the note that counts its changes, checkpoints, and copies.

pub(in crate::store) mod change_count;
pub(in crate::store) mod checkpoints;
pub mod copies;
pub(in crate::store) mod database_file;
pub(in crate::store) mod file_names;
pub(in crate::store) mod log_mark;
pub(in crate::store) mod log_witness;
pub(in crate::store) mod opening;
pub mod settings;
pub mod transfer;
