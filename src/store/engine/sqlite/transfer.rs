//! A file's part in moving a portal's database there or away: the view that nobody changes, the file that arrives beside its place, and the
//! note that one has left.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::ManageConnection;
use diesel_migrations::MigrationHarness;

use super::database_file::DatabaseFile;
use super::opening::{MIGRATIONS, lines, make_file};
use crate::store::StoreError;
use crate::store::engine::connection::EngineConnection;
use crate::store::engine::sizes::StoreSize;
use crate::store::engine::transfer::table::{BEGINNING, REFUSAL};
use crate::store::engine::turns::Patience;

/// A file beside the database's place.
fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    database.with_file_name(name)
}

/// Where a database arrives until it is whole.
#[must_use]
pub fn arriving(database: &Path) -> PathBuf {
    beside(database, "-arriving")
}

/// The note that the database has left for another place.
#[must_use]
pub fn moved_note(database: &Path) -> PathBuf {
    beside(database, "-moved")
}

/// Where the database of this file is now, in words; none when it never left.
///
/// # Errors
/// `StoreError` when there is a note that cannot be read.
pub fn moved_to(database: &Path) -> Result<Option<String>, StoreError> {
    match fs::read_to_string(moved_note(database)) {
        Ok(words) => Ok(Some(words.trim().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::database("the note that the database was moved cannot be read", error)),
    }
}

/// Opens the database to read all of it as it is now. Nobody writes to it as long as the connection is open.
///
/// # Errors
/// `StoreError::Busy` when somebody writes, and as for every opening of a file.
pub(in crate::store) fn open_to_read(
    database: &Path,
    patience: Patience,
) -> Result<EngineConnection, StoreError> {
    let file = patience.until_free(|| DatabaseFile::open(database))?;
    let mut conn = file.connections(false, StoreSize::default()).connect()?;
    patience.until_free(|| Ok(conn.begin_write(patience.longest)?))?;
    Ok(conn)
}

/// Opens the file in which a database arrives, as it was left; an empty one where there is none.
pub(in crate::store) fn open_arriving(database: &Path) -> Result<EngineConnection, StoreError> {
    let arriving = arriving(database);
    make_file(&arriving);
    let mut conn = SqliteConnection::establish(&arriving.to_string_lossy())
        .map_err(|error| StoreError::of_cause("", error))?;
    // after a power cut it stands where it stood a moment before, and goes on from there
    conn.batch_execute(
        "PRAGMA busy_timeout=1000; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; \
         PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY",
    )?;
    Ok(EngineConnection::File(conn))
}

/// Removes the file in which a database arrives, with what `SQLite` keeps beside it.
pub(in crate::store) fn remove_arriving(database: &Path) -> Result<(), StoreError> {
    let arriving = arriving(database);
    for file in [beside(&arriving, "-wal"), beside(&arriving, "-shm"), arriving] {
        removed(&file)?;
    }
    Ok(())
}

fn removed(file: &Path) -> Result<(), StoreError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(file, error)),
        _ => Ok(()),
    }
}

fn failed(file: &Path, error: std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::database("", format!("{}: {error}", file.display())),
    }
}

/// The versions of the schema, in order; none where there is no schema.
pub(in crate::store) fn schema(conn: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let known = "SELECT name AS found FROM sqlite_schema WHERE name = '__diesel_schema_migrations'";
    if lines(conn, known)?.is_empty() {
        return Ok(Vec::new());
    }
    Ok(lines(conn, "SELECT version AS found FROM __diesel_schema_migrations ORDER BY version")?)
}

/// Makes all tables, and empties those that a new portal begins with.
pub(in crate::store) fn make_tables(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    conn.run_pending_migrations(MIGRATIONS)
        .map_err(|error| StoreError::of_cause("migration failed", error))?;
    let (_, name) = REFUSAL;
    let refusal =
        lines(conn, &format!("SELECT sql AS found FROM sqlite_schema WHERE name = '{name}'"))?.concat();
    let deletions: String = BEGINNING.iter().map(|table| format!("DELETE FROM {table}; ")).collect();
    conn.batch_execute(&format!("BEGIN IMMEDIATE; DROP TRIGGER {name}; {deletions}{refusal}; COMMIT"))?;
    Ok(())
}

/// Puts a database that has arrived whole in its place: the notes about the one that was here before go first.
pub(in crate::store) fn put_in_place(conn: EngineConnection, database: &Path) -> Result<(), StoreError> {
    let arriving = arriving(database);
    if let EngineConnection::File(mut file) = conn {
        file.batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode=DELETE")?;
    }
    fs::File::open(&arriving).and_then(|file| file.sync_all()).map_err(|error| failed(&arriving, error))?;
    for file in [beside(&arriving, "-wal"), beside(&arriving, "-shm")] {
        removed(&file)?;
    }
    refuse_leftovers(database)?;
    // until it has its name, that it is beside its place keeps everybody from beginning
    removed(&beside(database, "-mark"))?;
    removed(&moved_note(database))?;
    sync_folder_of(database)?;
    fs::rename(&arriving, database).map_err(|error| failed(database, error))?;
    sync_folder_of(database)
}

/// Refuses a place beside which a log of another database lies: SQLite would write that into the one that arrives.
pub(in crate::store) fn refuse_leftovers(database: &Path) -> Result<(), StoreError> {
    let left = ["-wal", "-shm", "-journal"].map(|ending| beside(database, ending));
    match left.iter().find(|file| file.symlink_metadata().is_ok()) {
        None => Ok(()),
        Some(file) => Err(StoreError::Unsuitable(format!(
            "{} belongs to another database. Move it away, and begin once more",
            file.display()
        ))),
    }
}

/// Notes that the database of this file has left: nothing begins on it any more.
pub(in crate::store) fn leave(database: &Path, words: &str) -> Result<(), StoreError> {
    let (note, unfinished) = (moved_note(database), beside(database, "-moved-unfinished"));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(&unfinished).and_then(|mut file| {
        writeln!(file, "{words}")?;
        file.sync_all()?;
        fs::rename(&unfinished, &note)
    });
    if let Err(error) = written {
        removed(&unfinished)?;
        return Err(failed(&note, error));
    }
    sync_folder_of(database)
}

fn sync_folder_of(database: &Path) -> Result<(), StoreError> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| failed(folder, error))
}
