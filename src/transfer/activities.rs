//! `import activities`: what holders did, reported or already approved elsewhere.

use std::io::{Read, Seek};

use super::report::import;
use super::{ImportError, ImportReport, Progress};
use crate::actions::ActionError;
use crate::actions::imports::{ActivityImport, ActivityRow};
use crate::domain::ids::AccountId;
use crate::portal::Portal;

/// The columns of the file, in the order in which exports write them.
pub const COLUMNS: [&str; 10] = [
    "email",
    "category",
    "title",
    "organiser",
    "field",
    "started_on",
    "completed_on",
    "quantity",
    "publication",
    "status",
];

/// Imports a file of activities. `by` is the administrator who does it; a command has none. A dry run changes nothing and gives the same report.
///
/// # Errors
/// `ImportError::Unreadable` when the file cannot be read at all (nothing is changed then), `ImportError::Stopped` when something
/// else fails on the way.
pub fn import_activities(
    portal: &Portal,
    file: impl Read + Seek,
    by: Option<AccountId>,
    dry_run: bool,
    progress: Progress<'_>,
) -> Result<ImportReport, ImportError> {
    let (today, now) = (portal.clock.today(), portal.clock.now());
    let mut activities: ActivityImport = portal
        .store
        .read(|conn| ActivityImport::begin(conn, by, dry_run, today, now))
        .map_err(|error: ActionError| ImportError::Stopped { line: 1, error })?;
    import(
        file,
        &COLUMNS,
        |cell| ActivityRow {
            email: cell("email"),
            category: cell("category"),
            title: cell("title"),
            organiser: cell("organiser"),
            field: cell("field"),
            started_on: cell("started_on"),
            completed_on: cell("completed_on"),
            quantity: cell("quantity"),
            publication: cell("publication"),
            status: cell("status"),
            awarded: cell("awarded"),
        },
        |rows| match dry_run {
            true => portal.store.read(|conn| activities.rows(conn, rows)),
            false => portal.store.write(|conn| activities.rows(conn, rows)),
        },
        progress,
    )
}
