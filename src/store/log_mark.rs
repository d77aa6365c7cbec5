//! Whether the database is the one that was left, with everything that was told to be done.
//!
//! `SQLite` takes whatever write-ahead log lies beside its file: without the one that a crash left, the last changes are gone and nobody
//! hears of it; with the log of another database, pages of both are mixed. So every change counts in the database (table
//! `database_marks`), and a small file beside it notes the count after each, and which log is in use. The note is written after the
//! change is on the disk and before anybody is told, so it is never ahead of a database that is whole: a start that finds less than was
//! noted, or another log, is refused. The count needs no syncing, because it guards against files that went astray, not against power
//! cuts.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use diesel::prelude::*;

use super::StoreError;
use super::schema::database_marks;

/// How often a log may have begun again since it was noted: far more than happens in the quarter of a second in between.
const BEGINNINGS: u32 = 1 << 20;
/// Bytes at the begin of a log that say what it is.
const HEADER: usize = 32;
/// The first bytes of every log; the last bit tells the order of bytes in its sums.
const MAGIC: u32 = 0x377f_0682;
/// Where the line about the log begins in the note: after the one about the count, which always has the same length.
const SECOND_LINE: u64 = 64;
/// Where the line about what was moved begins.
const THIRD_LINE: u64 = 128;
const LINE: usize = 63;

/// Which database this is, and how many changes were committed to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Count {
    mark: String,
    changes: i64,
}

/// The log beside a database, as it lies there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Log {
    /// None, or one with nothing in it.
    Empty,
    /// With the first of the two numbers that are drawn for a new log, and counted on when it begins again.
    Begun(u32),
}

/// The note beside one database file.
#[derive(Clone, Debug)]
pub(in crate::store) struct LogMark {
    note: Arc<File>,
    /// Whether this process has noted the log that its first change began.
    log_is_noted: Arc<AtomicBool>,
    log: PathBuf,
    shared_memory: PathBuf,
    names: Names,
    registered: Arc<Registered>,
}

/// Databases that this process has open. Whoever opens and closes such a file beside `SQLite` takes away the locks that it holds on it.
static OPEN_HERE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// An entry among the open databases, until it is dropped.
#[derive(Debug)]
struct Registered(PathBuf);

impl Registered {
    fn new(database: &Path) -> Registered {
        OPEN_HERE.lock().unwrap_or_else(PoisonError::into_inner).push(database.to_owned());
        Registered(database.to_owned())
    }

    /// Whether nobody else in this process has the database open.
    fn is_alone(&self) -> bool {
        OPEN_HERE
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .filter(|path| **path == self.0)
            .count()
            <= 1
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut open = OPEN_HERE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = open.iter().position(|path| *path == self.0) {
            open.swap_remove(place);
        }
    }
}

/// What the files are called, for whoever has to find them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    database: String,
    log: String,
    mark: String,
}

impl std::fmt::Display for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} with {}", self.database, self.log)
    }
}

impl Names {
    /// What to do about files that do not belong together.
    pub(in crate::store) fn advice(&self) -> String {
        format!(
            "Put {} and {} back as they were, or put back a backup. If you know better, remove {} and start again",
            self.database, self.log, self.mark
        )
    }
}

impl LogMark {
    /// Opens the note, before the database is opened, and refuses a log that is not the one noted.
    pub(in crate::store) fn open(database: &Path) -> Result<LogMark, StoreError> {
        let name = |ending: &str| {
            let name = database.file_name().unwrap_or_default().to_string_lossy();
            format!("{name}{ending}")
        };
        let names = Names { database: name(""), log: name("-wal"), mark: name("-mark") };
        let path = database.with_file_name(&names.mark);
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let note = options.open(&path).map_err(|error| failed(&names.mark, &error))?;
        let (log, shared_memory) =
            (database.with_file_name(&names.log), database.with_file_name(name("-shm")));
        let mark = LogMark {
            note: Arc::new(note),
            log_is_noted: Arc::default(),
            registered: Arc::new(Registered::new(database)),
            log,
            shared_memory,
            names,
        };
        if !database.exists()
            && let Some(noted) = mark.noted_count()
        {
            return Err(StoreError::ChangesMissing(mark.names, noted.changes));
        }
        match (mark.log()?, mark.noted_log()) {
            (Log::Begun(found), Some(noted)) if !is_same(found, noted) && !mark.is_open_elsewhere() => {
                return Err(StoreError::LogForeign(mark.names));
            }
            (Log::Begun(_), _) => mark.examine_file(database)?,
            (Log::Empty, None) => {}
            (Log::Empty, Some(_)) => {
                // the next one may have any number; a power cut must not bring the old number back
                mark.set_log("any")?;
                mark.note.sync_all().map_err(|error| failed(&mark.names.mark, &error))?;
            }
        }
        mark.note_file(database)?;
        Ok(mark)
    }

    /// Without a log the file holds everything: notes how much that is.
    fn note_file(&self, database: &Path) -> Result<(), StoreError> {
        if self.log()? != Log::Empty || !database.exists() || !self.registered.is_alone() {
            return Ok(());
        }
        match count_in_file(database) {
            Some(found) if self.moved_changes().is_none_or(|moved| moved < found) => self.moved(found),
            _ => Ok(()),
        }
    }

    /// What was moved from logs into the file stays there: a file with less is an older one, and this log would be mixed into it.
    fn examine_file(&self, database: &Path) -> Result<(), StoreError> {
        if !self.registered.is_alone() {
            return Ok(());
        }
        let (Some(noted), Some(found)) = (self.moved_changes(), count_in_file(database)) else {
            return Ok(());
        };
        if found < noted {
            return Err(StoreError::ChangesMissing(self.names.clone(), noted - found));
        }
        Ok(())
    }

    /// After the database was opened: refuses one that has less in it than was noted.
    pub(in crate::store) fn examine(&self, conn: &mut SqliteConnection) -> Result<(), StoreError> {
        if !has_count(conn)? {
            return Ok(());
        }
        let (count, noted) = (count(conn)?, self.noted_count());
        match noted {
            Some(noted) if noted.mark == count.mark && noted.changes > count.changes => {
                Err(StoreError::ChangesMissing(self.names.clone(), noted.changes - count.changes))
            }
            Some(noted) if noted.mark != count.mark => Err(StoreError::LogForeign(self.names.clone())),
            _ => Ok(()),
        }
    }

    /// After a commit: notes how far the database is.
    pub(in crate::store) fn committed(&self, count: &Count) -> Result<(), StoreError> {
        let line = format!("database {} changes {:020}", count.mark, count.changes);
        let line = format!("{line:<LINE$}\n");
        self.note.write_all_at(line.as_bytes(), 0).map_err(|error| failed(&self.names.mark, &error))?;
        if !self.log_is_noted.swap(true, Ordering::Relaxed) {
            self.look_again()?;
        }
        Ok(())
    }

    /// The count so far, to be noted by [`LogMark::moved`] once the whole log was moved into the file.
    pub(in crate::store) fn before_moving(&self) -> Option<i64> {
        self.noted_count().map(|count| count.changes)
    }

    /// Notes what the file holds without any log.
    pub(in crate::store) fn moved(&self, changes: i64) -> Result<(), StoreError> {
        let line = format!("moved {changes:020}\n");
        self.note.write_all_at(line.as_bytes(), THIRD_LINE).map_err(|error| failed(&self.names.mark, &error))
    }

    fn moved_changes(&self) -> Option<i64> {
        self.text().lines().find_map(|line| line.strip_prefix("moved "))?.trim_end().parse().ok()
    }

    /// Notes which log is in use, when it has begun again.
    pub(in crate::store) fn look_again(&self) -> Result<(), StoreError> {
        match self.log()? {
            Log::Begun(found) if self.noted_log() != Some(found) => self.set_log(&format!("{found:08x}")),
            _ => Ok(()),
        }
    }

    fn set_log(&self, what: &str) -> Result<(), StoreError> {
        let line = format!("{:<LINE$}\n", format!("log {what:<8}"));
        self.note.write_all_at(line.as_bytes(), SECOND_LINE).map_err(|error| failed(&self.names.mark, &error))
    }

    fn text(&self) -> String {
        let mut bytes = [0_u8; 256];
        let read = self.note.read_at(&mut bytes, 0).unwrap_or(0);
        String::from_utf8_lossy(bytes.get(..read).unwrap_or_default()).into_owned()
    }

    /// The count in the note; `None` when there is none that can be read.
    fn noted_count(&self) -> Option<Count> {
        let text = self.text();
        let mut words = text.lines().next()?.split_whitespace();
        let (Some("database"), Some(mark), Some("changes"), Some(changes)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return None;
        };
        Some(Count { mark: mark.to_owned(), changes: changes.parse().ok()? })
    }

    /// The number of the log in the note; `None` when it may be any.
    fn noted_log(&self) -> Option<u32> {
        let text = self.text();
        u32::from_str_radix(text.lines().nth(1)?.strip_prefix("log ")?.trim_end(), 16).ok()
    }

    fn log(&self) -> Result<Log, StoreError> {
        let mut header = [0_u8; HEADER];
        let read = File::open(&self.log).and_then(|mut file| file.read_exact(&mut header));
        match read {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => {
                return Ok(Log::Empty);
            }
            Err(error) => return Err(failed(&self.names.log, &error)),
        }
        let word = |at: usize| {
            let bytes = header.iter().skip(at).take(4);
            bytes.fold(0_u32, |word, byte| (word << 8) | u32::from(*byte))
        };
        // SQLite takes one without its first bytes for an empty one
        Ok(if word(0) & !1 == MAGIC { Log::Begun(word(16)) } else { Log::Empty })
    }

    /// Whether another process has the database open, such as a person with a tool: it holds `SQLite`'s lock for that, byte 128 of the
    /// shared memory. The log is theirs, then.
    fn is_open_elsewhere(&self) -> bool {
        if !self.registered.is_alone() {
            // open in this process, so the log is ours
            return true;
        }
        let Ok(file) = File::open(&self.shared_memory) else { return false };
        let asked = rustix::process::Flock {
            start: 128,
            length: 1,
            pid: None,
            typ: rustix::process::FlockType::WriteLock,
            offset_type: rustix::process::FlockOffsetType::Set,
        };
        rustix::process::fcntl_getlk(&file, &asked).is_ok_and(|holder| holder.is_some())
    }
}

/// Whether two numbers are of one log. It may have begun again since it was noted, or what began it may have been lost in a power cut.
fn is_same(found: u32, noted: u32) -> bool {
    found.wrapping_sub(noted) < BEGINNINGS || noted.wrapping_sub(found) < BEGINNINGS
}

fn failed(name: &str, error: &std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Database(format!("{name} cannot be used: {error}")),
    }
}

/// The count in the file alone, without its log; `None` when that cannot be read, as while another process moves a log into it.
fn count_in_file(database: &Path) -> Option<i64> {
    let path = database.to_str()?.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let mut conn = SqliteConnection::establish(&format!("file:{path}?immutable=1")).ok()?;
    count(&mut conn).ok().map(|count| count.changes)
}

/// Whether the schema counts changes already.
fn has_count(conn: &mut SqliteConnection) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Tables {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        tables: i64,
    }
    let sql = "SELECT COUNT(*) AS tables FROM sqlite_schema WHERE type = 'table' AND name = 'database_marks'";
    let found: Tables = diesel::sql_query(sql).get_result(conn)?;
    Ok(found.tables > 0)
}

/// How far the database is.
fn count(conn: &mut SqliteConnection) -> Result<Count, StoreError> {
    let (mark, changes) =
        database_marks::table.select((database_marks::mark, database_marks::changes)).first(conn)?;
    Ok(Count { mark, changes })
}

/// Counts a change, in the transaction that makes it.
pub(in crate::store) fn count_on(conn: &mut SqliteConnection) -> Result<Count, StoreError> {
    let (mark, changes) = diesel::update(database_marks::table)
        .set(database_marks::changes.eq(database_marks::changes + 1))
        .returning((database_marks::mark, database_marks::changes))
        .get_result(conn)?;
    Ok(Count { mark, changes })
}

diesel::define_sql_function! {
    /// Rows changed by this connection so far.
    fn total_changes() -> Integer;
}

/// Rows changed by this connection so far: whether there is a change to be counted.
pub(in crate::store) fn changed_so_far(conn: &mut SqliteConnection) -> Result<i32, StoreError> {
    Ok(diesel::select(total_changes()).get_result(conn)?)
}
