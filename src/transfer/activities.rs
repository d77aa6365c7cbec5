//! `import activities`: what holders did, reported or already approved elsewhere.

use std::io::{Read, Seek};

use super::column_survey::survey;
use super::import_result::import;
use super::{ImportChoices, ImportError, ImportProgress, ImportReport};
use crate::actions::ActionError;
use crate::actions::imports::{ActivityImport, ActivityRow};
use crate::domain::roles::Administrator;
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

/// Rows in one transaction: few enough that a serving portal hardly waits for it.
const AT_ONCE: usize = 1000;

/// Which of these, and of further ones that are used, hold days.
const DAYS: [&str; 2] = ["started_on", "completed_on"];

/// Imports a file of activities. `by` is the administrator who does it; a command has none. A dry run changes nothing and gives the same report.
///
/// # Errors
/// `ImportError::Unreadable` when the file cannot be read at all (nothing is changed then), `ImportError::Stopped` when something
/// else fails on the way.
pub fn import_activities(
    portal: &Portal,
    mut file: impl Read + Seek,
    by: Option<Administrator>,
    choices: &ImportChoices,
    progress: ImportProgress<'_>,
) -> Result<ImportReport, ImportError> {
    let days = survey(&mut file, &COLUMNS, &DAYS, choices.dates)?;
    let terms = choices.terms(portal, by, days.clone());
    let mut activities = portal
        .store
        .read(|conn| ActivityImport::begin(conn, terms))
        .map_err(|error: ActionError| ImportError::Stopped { line: 1, error })?;
    let reader = activities.reader();
    let mut report = import(
        file,
        &COLUMNS,
        AT_ONCE,
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
        |rows| reader.read(rows),
        |_, read| match choices.dry_run {
            true => portal.store.read(|conn| activities.rows(conn, read)),
            false => portal.store.write_rows(|conn| activities.rows(conn, read)),
        },
        progress,
    )?;
    report.days = days.words();
    Ok(report)
}
