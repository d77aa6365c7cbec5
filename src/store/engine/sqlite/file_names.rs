//! What the files of a database are called, and how `SQLite` is told of one.

use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

/// What the files are called, for whoever has to find them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    pub(super) database: String,
    pub(super) log: String,
    pub(super) mark: String,
}

impl std::fmt::Display for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} with {}", self.database, self.log)
    }
}

impl Names {
    /// What to do about files that do not belong together.
    pub(in crate::store) fn advice(&self) -> String {
        format!(
            "Put {} and {} back as they were, or put back a backup. If you know better, remove {} and start again",
            self.database, self.log, self.mark
        )
    }
}

/// What would mean something else in the path of a URI.
const MEANT: AsciiSet = CONTROLS.add(b'%').add(b'?').add(b'#');

/// The address of a database file for `SQLite`, with what it has to know about it, such as `mode=ro`.
pub(in crate::store) fn uri(database: &Path, how: &str) -> String {
    format!("file:{}?{how}", percent_encode(database.as_os_str().as_encoded_bytes(), &MEANT))
}
