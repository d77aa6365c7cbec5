//! States as the database has them: a code in a column that only this version's codes can stand in.

use crate::domain::codes::Code;
use crate::store::StoreError;

/// The state of a code that stands in a column.
///
/// # Errors
/// `StoreError::Unreadable` for a word that is no code.
pub(in crate::store) fn read<T: Code>(text: &str, column: &'static str) -> Result<T, StoreError> {
    T::read(text).ok_or(StoreError::Unreadable(column))
}
