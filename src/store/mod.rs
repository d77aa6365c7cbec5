//! All of the database: one file for each table group, functions named for the question, giving domain values.
//!
//! One writer connection and a pool of readers: with a single pool, concurrent writers starve each other for seconds. Every write goes
//! through [`Store::write`] (BEGIN IMMEDIATE … COMMIT, synchronous=FULL; see `writer.rs`); what it returned is on the disk.
//!
//! Whatever reads or writes here fails with [`StoreError`] when the database cannot do it; a function names its errors only where it gives
//! one of them on purpose.

pub mod accounts;
pub mod activities;
pub mod badges;
pub mod certification;
pub mod conversations;
pub mod engine;
pub mod mail;
pub mod operations;
pub mod records;
mod schema;

pub(in crate::store) use engine::folding::{containing, containing_exactly};

pub use engine::connection::Conn;
pub use engine::database::Store;
pub use engine::error::StoreError;
pub use engine::folding::fold;
pub use engine::postgres::opening::Opening;
pub use engine::sizes::StoreSize;
pub use engine::turns::Patience;
