//! Looking at a database and its write-ahead log without changing either: how far the file alone is, and how far it is with its log.
//!
//! `SQLite` itself reads the log, from a connection that may only read: it takes up the committed frames, leaves out what comes after
//! them, and can move nothing into the file when it closes.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::change_count::{Count, count};
use super::file_names::uri;
use crate::store::StoreError;

/// Bytes before the first frame of a log, and before the page of each frame.
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: usize = 24;
/// Frames that are looked at, at most: several times what commits let gather.
const MOST_FRAMES: u64 = 400_000;

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Found {
    /// A database that counts.
    Count(Count),
    /// One that does not: nothing is in it yet, or it is of a version before counting.
    Nothing,
    /// It cannot be read, or not at this moment; why.
    Unreadable(String),
}

/// The count in the file alone, without any log.
pub(in crate::store) fn in_file(database: &Path) -> Found {
    match open(database, "immutable=1").and_then(|mut conn| found(&mut conn).map_err(StoreError::from)) {
        Ok((found, _)) => found,
        Err(error) => Found::Unreadable(error.to_string()),
    }
}

/// The count in the file with its log, and whether the log has commits of which none counted.
///
/// # Errors
/// `StoreError::Busy` when the processes that close or recover the database take longer than `patience`; the disk's.
pub(in crate::store) fn through_log(
    database: &Path,
    log: &Path,
    patience: Duration,
) -> Result<(Found, bool), StoreError> {
    let mut conn = open(database, "mode=ro")?;
    conn.batch_execute(&format!("PRAGMA busy_timeout={}", patience.as_millis()))?;
    match found(&mut conn).map_err(StoreError::from) {
        Ok((found, page)) => Ok((found, page.is_some_and(|page| leaves_out(log, page)))),
        Err(error) if error.is_damage() => Ok((Found::Unreadable(error.cause()), false)),
        Err(error) => Err(error),
    }
}

fn open(database: &Path, how: &str) -> Result<SqliteConnection, StoreError> {
    SqliteConnection::establish(&uri(database, how)).map_err(|error| StoreError::database("", error))
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = BigInt)]
    page: i64,
}

/// The count, and the page on which it stands.
fn found(conn: &mut SqliteConnection) -> QueryResult<(Found, Option<u32>)> {
    conn.transaction(|conn| {
        let place: Option<Place> = diesel::sql_query(
            "SELECT rootpage AS page FROM sqlite_schema WHERE type = 'table' AND name = 'database_marks'",
        )
        .get_result(conn)
        .optional()?;
        let Some(place) = place else { return Ok((Found::Nothing, None)) };
        Ok((Found::Count(count(conn)?), u32::try_from(place.page).ok()))
    })
}

/// Whether a log has commits, and none of them wrote this page. It is only looked at for a remark: a log that cannot be read says nothing.
fn leaves_out(log: &Path, page: u32) -> bool {
    let Ok(log) = File::open(log) else { return false };
    let mut header = [0_u8; 32];
    if log.read_exact_at(&mut header, 0).is_err() {
        return false;
    }
    let size = u64::from(word(&header, 8));
    let mut committed = false;
    let mut frame = [0_u8; FRAME_HEADER];
    for nth in 0..MOST_FRAMES {
        let at = LOG_HEADER + nth * (size + 24);
        // frames of an earlier round have other salts
        if log.read_exact_at(&mut frame, at).is_err() || frame.get(8..16) != header.get(16..24) {
            break;
        }
        if word(&frame, 0) == page {
            return false;
        }
        committed |= word(&frame, 4) != 0;
    }
    committed
}

fn word(bytes: &[u8], at: usize) -> u32 {
    bytes.iter().skip(at).take(4).fold(0_u32, |word, byte| (word << 8) | u32::from(*byte))
}
