//! The database engine: connections, the one writer, the log beside the file, leases, pages and errors.

pub(in crate::store) mod change_count;
pub(in crate::store) mod checkpoints;
pub(in crate::store) mod codes;
pub(in crate::store) mod connection;
pub mod copies;
pub(in crate::store) mod database;
pub(in crate::store) mod error;
pub(in crate::store) mod file_names;
pub(in crate::store) mod folding;
pub(in crate::store) mod keyset;
pub mod leases;
pub(in crate::store) mod log_mark;
pub(in crate::store) mod log_witness;
pub(in crate::store) mod opening;
pub(in crate::store) mod operation;
pub mod paging;
pub mod settings;
pub(in crate::store) mod turns;
pub(in crate::store) mod writer;
