//! The look at a whole file before its first row is judged: it has to be text, and its columns of days say in which order they are written.

use std::io::{Read, Seek, SeekFrom};

use super::ImportError;
use super::table::Table;
use crate::domain::day_order::{DayColumns, DayOrder};

/// Looks at the whole file; afterwards it stands at its beginning again. `columns` have to be there; `days` name those that hold days.
///
/// # Errors
/// `ImportError::Unreadable`.
pub(super) fn survey(
    file: &mut (impl Read + Seek),
    columns: &[&str],
    days: &[&'static str],
    chosen: Option<DayOrder>,
) -> Result<DayColumns, ImportError> {
    check_text(file)?;
    let mut found = DayColumns::new(days, chosen);
    let reader: &mut dyn Read = file;
    let mut table = Table::open(reader, columns)?;
    let places: Vec<(&str, usize)> =
        days.iter().filter_map(|name| Some((*name, table.position(name)?))).collect();
    while let Some(row) = table.next_row()? {
        let Ok(cells) = &row.cells else { continue };
        for (name, place) in &places {
            if let Some(cell) = cells.get(*place) {
                found.note(name, row.line, cell);
            }
        }
    }
    file.seek(SeekFrom::Start(0)).map_err(ImportError::from_disk)?;
    Ok(found)
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
