//! Signing badges and their status lists, as a job.

use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::actions::badges::signing::{Signings, sign_due};
use crate::domain::plural::counted;
use crate::portal::Portal;

/// Signs what is due.
///
/// # Errors
/// The store's, and those of the keys' file.
pub(super) fn job(portal: &Portal, watch: Watch<'_>) -> Result<JobReport, ActionError> {
    let done = sign_due(portal, &mut |_: &Signings| watch())?;
    let Signings { badges, lists, failed, .. } = done;
    let mut summary = match (badges, lists) {
        (0, 0) => "Nothing had to be signed.".to_owned(),
        _ => format!(
            "{} and {} signed.",
            counted(badges, "badge", "badges"),
            counted(lists, "status list", "status lists")
        ),
    };
    if failed > 0 {
        summary.push_str(&format!(
            " {} could not be signed; the log says why.",
            counted(failed, "badge", "badges")
        ));
    }
    Ok(JobReport { summary, complete: failed == 0 && !done.stopped })
}
