//! How somebody on staff wants their lists: as many rows as fit, or rows with room.

use crate::actions::ActionError;
use crate::domain::roles::Reviewer;
use crate::portal::Portal;
use crate::store::accounts::list_density::{self, ListDensity};

/// Sets one's own lists.
///
/// # Errors
/// `ActionError::Invalid` for what is no density; `ActionError::Store`.
pub fn choose(portal: &Portal, person: Reviewer, density: &str) -> Result<ListDensity, ActionError> {
    let density = ListDensity::from_code(density)
        .ok_or_else(|| ActionError::invalid("density", "Choose one of the two.".to_owned()))?;
    portal.store.write(|conn| list_density::set(conn, person.id, density))?;
    Ok(density)
}
