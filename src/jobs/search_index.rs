//! Keeps the index of reports' titles, for many reports at once: reporting itself does not wait for it, and what is not in it yet is found by
//! looking through the latest titles.

use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::portal::Portal;
use crate::store::records::search;

/// Activities taken in with one write: some milliseconds.
const AT_ONCE: i64 = 500;

/// Takes in what came since. It says nothing: what it keeps is no event.
///
/// # Errors
/// The store's.
pub(super) fn job(portal: &Portal, watch: Watch<'_>) -> Result<JobReport, ActionError> {
    let mut more = portal.store.read(search::lags)?;
    while more && watch().is_continue() {
        more = portal.store.write(|conn| search::reach_on(conn, AT_ONCE))? > 0;
    }
    Ok(JobReport { summary: String::new(), complete: true })
}
