//! What an import did, and why it could not.

use std::io::{Read, Seek, SeekFrom};

use super::table::{Record, Table};
use crate::actions::ActionError;
use crate::actions::imports::RowOutcome;
use crate::store::StoreError;

/// Rows in one transaction: few enough that a serving portal hardly waits for it.
const ROWS_AT_ONCE: usize = 1000;

/// Is told how many bytes of the file have been worked through.
pub type Progress<'a> = &'a mut dyn FnMut(u64);

/// What an import did with each row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Rows that brought something new.
    pub added: u64,
    /// Rows that changed something that was there (a name).
    pub changed: u64,
    /// Rows that said what was known already.
    pub unchanged: u64,
    /// Rows that were refused, in the order of the file.
    pub refused: Vec<Refused>,
    /// Rows that give somebody another name, in the order of the file; they are among the added or the changed ones, too.
    pub renamed: Vec<Renamed>,
}

/// A row that gives somebody another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// The line where the row begins; the header is line 1.
    pub line: u64,
    /// The name until now.
    pub from: String,
    /// The name from now on.
    pub to: String,
}

/// A refused row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line where the row begins; the header is line 1.
    pub line: u64,
    /// Why, in words.
    pub reason: String,
}

/// Why an import could not be done, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read at all; nothing was changed.
    #[error("{0}")]
    Unreadable(String),
    /// Something else than the file failed. Rows before this line are in; running the import again brings the others.
    #[error(
        "stopped at line {line}: {error}. Run the import again to go on; rows that are in already are recognised"
    )]
    Stopped {
        /// The first line of the batch that failed; nothing of that batch was changed.
        line: u64,
        /// What failed.
        error: ActionError,
    },
}

impl ImportError {
    /// The disk did not give the file.
    pub(super) fn from_disk(error: std::io::Error) -> Self {
        ImportError::Unreadable(format!("The file cannot be read: {error}."))
    }
}

/// Reads the whole file once before anything is changed: it has to be text in UTF-8.
fn check_text(file: &mut (impl Read + Seek)) -> Result<(), ImportError> {
    let mut line = 1_u64;
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut kept = 0;
    loop {
        let room = buffer.get_mut(kept..).unwrap_or_default();
        let read = file.read(room).map_err(ImportError::from_disk)?;
        let bytes = buffer.get(..kept + read).unwrap_or_default();
        let good = match std::str::from_utf8(bytes) {
            Ok(_) => bytes.len(),
            // the end of the buffer may cut a character in two
            Err(error) if error.error_len().is_none() && read > 0 => error.valid_up_to(),
            Err(error) => {
                let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                return Err(not_text(line + newlines(before)));
            }
        };
        let (whole, rest) = bytes.split_at_checked(good).unwrap_or((bytes, &[]));
        if whole.contains(&0) {
            return Err(not_text(line));
        }
        line += newlines(whole);
        let range = whole.len()..whole.len() + rest.len();
        kept = rest.len();
        buffer.copy_within(range, 0);
        if read == 0 {
            break;
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(ImportError::from_disk)?;
    Ok(())
}

fn newlines(bytes: &[u8]) -> u64 {
    let count = bytes.iter().filter(|byte| **byte == b'\n').count();
    u64::try_from(count).unwrap_or(u64::MAX)
}

fn not_text(line: u64) -> ImportError {
    ImportError::Unreadable(format!(
        "The file is not text in UTF-8: see line {line}. Save it as “CSV UTF-8”."
    ))
}

/// Reads a table and hands its rows to `work`, many at a time. `work` gives one outcome for each row.
///
/// # Errors
/// `ImportError`.
pub(super) fn import<Row>(
    mut file: impl Read + Seek,
    columns: &[&str],
    row: impl Fn(&dyn Fn(&str) -> String) -> Row,
    mut work: impl FnMut(&[(u64, Row)]) -> Result<Vec<RowOutcome>, ActionError>,
    progress: Progress<'_>,
) -> Result<ImportReport, ImportError> {
    check_text(&mut file)?;
    let reader: &mut dyn Read = &mut file;
    let mut table = Table::open(reader, columns)?;
    let mut report = ImportReport::default();
    loop {
        let mut rows: Vec<(u64, Row)> = Vec::with_capacity(ROWS_AT_ONCE);
        let mut read = 0;
        while read < ROWS_AT_ONCE {
            let Some(Record { line, cells }) = table.next_row()? else { break };
            read += 1;
            match cells {
                Ok(cells) => {
                    let cell = |column: &str| {
                        table.position(column).and_then(|at| cells.get(at)).cloned().unwrap_or_default()
                    };
                    rows.push((line, row(&cell)));
                }
                Err(reason) => report.refused.push(Refused { line, reason: reason.to_owned() }),
            }
        }
        let first = rows.first().map_or(1, |(line, _)| *line);
        let outcomes = work(&rows).map_err(|error| ImportError::Stopped { line: first, error })?;
        if outcomes.len() != rows.len() {
            let error =
                ActionError::Store(StoreError::Database("an import lost count of its rows".to_owned()));
            return Err(ImportError::Stopped { line: first, error });
        }
        for ((line, _), outcome) in rows.iter().zip(outcomes) {
            match outcome {
                RowOutcome::Added => report.added += 1,
                RowOutcome::Renamed { added, from, to } => {
                    if added {
                        report.added += 1;
                    } else {
                        report.changed += 1;
                    }
                    report.renamed.push(Renamed { line: *line, from, to });
                }
                RowOutcome::Unchanged => report.unchanged += 1,
                RowOutcome::Refused(reason) => report.refused.push(Refused { line: *line, reason }),
            }
        }
        progress(table.bytes_read());
        if read < ROWS_AT_ONCE {
            break;
        }
    }
    report.refused.sort_by_key(|refused| refused.line);
    Ok(report)
}
