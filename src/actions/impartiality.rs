//! Whoever said that they know a holder decides nothing about them, whatever the way in: a page, a file, a list with ticks.

use super::ActionError;
use crate::domain::ids::{AccountId, HolderId};
use crate::domain::roles::not_acquainted;
use crate::store::Conn;
use crate::store::accounts::acquaintances;

/// Every action that decides something about a holder asks this. Must run inside the write that decides, so that nothing is decided after
/// it was said. `by` is the person who acts; the machine itself is nobody.
///
/// # Errors
/// `ActionError::Acquainted`.
pub(in crate::actions) fn check_impartial(
    conn: &mut Conn<'_>,
    by: impl Into<Option<AccountId>>,
    holder: HolderId,
) -> Result<(), ActionError> {
    let Some(by) = by.into() else { return Ok(()) };
    Ok(not_acquainted(by, &acquaintances::known_by(conn, holder)?)?)
}
