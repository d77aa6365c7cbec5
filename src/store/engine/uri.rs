//! The address of a database file, as `SQLite` takes it.

use std::path::Path;

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

/// What would mean something else in the path of a URI.
const MEANT: AsciiSet = CONTROLS.add(b'%').add(b'?').add(b'#');

/// The address of a database file for `SQLite`, with what it has to know about it, such as `mode=ro`.
pub(in crate::store) fn uri(database: &Path, how: &str) -> String {
    format!("file:{}?{how}", percent_encode(database.as_os_str().as_encoded_bytes(), &MEANT))
}
