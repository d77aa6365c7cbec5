//! `import holders`: people and their certificates, taken over in good standing.

use std::io::{Read, Seek};

use super::column_survey::survey;
use super::import_result::import;
use super::{ImportChoices, ImportError, ImportProgress, ImportReport};
use crate::actions::ActionError;
use crate::actions::imports::{HolderImport, HolderRow};
use crate::domain::roles::Administrator;
use crate::portal::Portal;

/// The columns of the file, in the order in which exports write them.
pub const COLUMNS: [&str; 5] = ["email", "name", "certification", "certificate_number", "granted_on"];

/// Rows in one transaction. A certificate touches many pages, and what the database keeps to take a savepoint back is walked through for each
/// statement: five times as many rows cost nearly twice as much each.
const AT_ONCE: usize = 200;

/// Which of these hold days.
const DAYS: [&str; 1] = ["granted_on"];

/// Imports a file of holders. `by` is the administrator who does it; a command has none. A dry run changes nothing and gives the same report.
///
/// # Errors
/// `ImportError::Unreadable` when the file cannot be read at all (nothing is changed then), `ImportError::Stopped` when something
/// else fails on the way.
pub fn import_holders(
    portal: &Portal,
    mut file: impl Read + Seek,
    by: Option<Administrator>,
    choices: &ImportChoices,
    progress: ImportProgress<'_>,
) -> Result<ImportReport, ImportError> {
    let days = survey(&mut file, &COLUMNS, &DAYS, choices.dates)?;
    let terms = choices.terms(portal, by, days.clone());
    let mut holders = portal
        .store
        .read(|conn| HolderImport::begin(portal, conn, terms))
        .map_err(|error: ActionError| ImportError::Stopped { line: 1, error })?;
    let badges = holders.badges();
    let mut report = import(
        file,
        &COLUMNS,
        AT_ONCE,
        |cell| HolderRow {
            email: cell("email"),
            name: cell("name"),
            certification: cell("certification"),
            certificate_number: cell("certificate_number"),
            granted_on: cell("granted_on"),
            decertified_on: cell("decertified_on"),
        },
        |rows| badges.sign(rows),
        |rows, signed| match choices.dry_run {
            true => portal.store.read(|conn| holders.rows(conn, rows, signed)),
            false => portal.store.write_rows(|conn| holders.rows(conn, rows, signed)),
        },
        progress,
    )?;
    report.days = days.words();
    Ok(report)
}
