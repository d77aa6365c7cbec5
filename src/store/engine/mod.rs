//! The database engine: connections to a file or to a server, the one writer, leases, pages and errors.

pub(in crate::store) mod codes;
pub(in crate::store) mod connection;
pub(in crate::store) mod database;
pub(in crate::store) mod error;
pub(in crate::store) mod folding;
pub(in crate::store) mod keyset;
pub mod leases;
pub(in crate::store) mod operation;
pub mod paging;
pub(in crate::store) mod pool;
pub(in crate::store) mod postgres;
pub(in crate::store) mod prelude;
pub(in crate::store) mod sizes;
pub mod sqlite;
pub mod transfer;
pub(in crate::store) mod turns;
pub(in crate::store) mod variants;
pub(in crate::store) mod writer;
