//! `check`

use std::ops::ControlFlow;
use std::process::ExitCode;

use super::error::{CliError, CliResult};
use super::{progress, startup};
use crate::config::Settings;
use crate::upkeep::check::{check, record};

/// Findings of one invariant that are shown; more are only counted.
const SHOWN: usize = 20;

/// Checks every invariant of the data, one a line.
pub(super) fn run(settings: &Settings) -> CliResult {
    let portal = startup::portal_to_read(settings, None)?;
    let bar = progress::items(0);
    let started_at = portal.clock.now();
    let checked = check(&portal, &mut |done, all| {
        progress::show(&bar, done, all);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let checked = checked.map_err(|stopped| CliError::Failed(stopped.to_string()))?;
    // what was found is told here whatever the disk says
    if let Err(error) = record(&portal, started_at, &checked) {
        remark!("The result could not be recorded: {error}");
    }
    if portal.store.found_uncounted_log() {
        remark!(
            "Beside the database there was a log that holds none of the portal's own changes: another program wrote it, or somebody put it there."
        );
    }
    let mut wrong = 0_usize;
    for invariant in &checked {
        if invariant.problems.is_empty() {
            say!("ok     {}", invariant.name);
            continue;
        }
        wrong += 1;
        say!("WRONG  {}", invariant.name);
        for problem in invariant.problems.iter().take(SHOWN) {
            say!("         {problem}");
        }
        let more = invariant.problems.len().saturating_sub(SHOWN);
        if more > 0 {
            say!("         and {more} more");
        }
    }
    match wrong {
        0 => say!("All {} hold.", checked.len()),
        1 => say!("1 of {} does not hold.", checked.len()),
        _ => say!("{wrong} of {} do not hold.", checked.len()),
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}
