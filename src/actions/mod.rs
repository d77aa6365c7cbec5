//! What people and jobs do: load, decide (in `domain`), record. Each action is one `store.write`: the change, its history event and its
//! mail commit together. Functions that take a `Conn` are parts of such a write; imports run many of them in one.

pub mod badges;
pub mod certification;
pub mod conversations;
pub mod mail;
pub mod overview;

pub mod accounts;
pub mod activities;
pub mod deadlines;
mod error;
pub mod exports;
pub mod holders;
mod impartiality;
pub mod imports;
pub mod reviews;
pub mod staff_notes;
mod text;

pub use error::ActionError;
