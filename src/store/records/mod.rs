//! What is read across tables: holder records, exports, history, search.

pub mod deadline_records;
pub mod exports;
pub mod history;
pub mod history_search;
pub mod holder_records;
pub mod holders;
pub mod search;
pub mod staff_notes;
pub mod timeline;
