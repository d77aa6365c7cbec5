//! The whole of the data at once: backups, putting them back, checking.

mod backup;
mod check;
mod mail_hold;
mod nightly;
mod recorded;
mod restore;

use std::ops::ControlFlow;

use cpe_portal::portal::Portal;
use cpe_portal::upkeep::check::Checked;

/// Everything checked to the end.
pub fn check(portal: &Portal) -> Vec<Checked> {
    cpe_portal::upkeep::check::check(portal, &mut to_the_end).unwrap()
}

/// A long run that nobody stops.
pub fn to_the_end(_: usize, _: usize) -> ControlFlow<()> {
    ControlFlow::Continue(())
}
