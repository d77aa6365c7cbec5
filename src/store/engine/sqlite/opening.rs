//! Opening the database file: the file itself, the settings of each connection, and the schema brought up to date.

use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::change_count;
use super::log_mark::LogMark;
use crate::store::StoreError;
use crate::store::engine::sizes::StoreSize;

/// Every change of the schema, in the binary.
pub(in crate::store) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// How long opening waits at a time for a process that is about to close or recover the database.
pub(in crate::store) const WAITS: Duration = Duration::from_secs(1);

/// The settings of one connection.
#[derive(Clone, Debug)]
pub(in crate::store) struct Pragmas {
    /// How long `SQLite` waits for another process's lock.
    pub(in crate::store) waits: Duration,
    pub(in crate::store) reader: bool,
    /// Pages in the log from which on a commit helps.
    pub(in crate::store) log_pages: u32,
}

impl Pragmas {
    /// Gives them to a connection that was just opened.
    pub(in crate::store) fn set(&self, conn: &mut SqliteConnection) -> QueryResult<()> {
        // no memory-mapped reads: a failing disk would end the process instead of giving an error, and they count as resident
        // busy_timeout stands first: without it, switching to WAL can fail while another process starts
        let cache = if self.reader { "-4000" } else { "-8000" };
        conn.batch_execute(&format!(
            "PRAGMA busy_timeout={}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
             PRAGMA cache_size={cache}; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint={}; \
             PRAGMA busy_timeout={};",
            self.waits.max(WAITS).as_millis(),
            self.log_pages,
            self.waits.as_millis(),
        ))?;
        if self.reader {
            conn.batch_execute("PRAGMA query_only=ON")?;
        }
        Ok(())
    }
}

/// Makes an empty file where there is none: what `SQLite` makes beside it is as closed to others as this one.
pub(in crate::store) fn make_file(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // what keeps us from making it is told by whoever opens it
    let _ = options.open(path);
}

/// Brings the schema up to date: in one transaction, of which one process takes its turn and those that begin at the same time find all
/// done, and which counts like every other change.
pub(in crate::store) fn prepare(url: &str, mark: &LogMark) -> Result<(), StoreError> {
    let mut conn = SqliteConnection::establish(url).map_err(|error| StoreError::database("", error))?;
    let log_pages = StoreSize::default().log_pages;
    Pragmas { waits: WAITS, reader: false, log_pages }.set(&mut conn)?;
    if !is_behind(&mut conn)? {
        return Ok(());
    }
    let counted = conn.immediate_transaction(|conn| {
        let run = conn
            .run_pending_migrations(MIGRATIONS)
            .map_err(|error| StoreError::of_cause("migration failed", error))?;
        if run.is_empty() { Ok(None) } else { change_count::count_on(conn).map(Some) }
    })?;
    counted.map_or(Ok(()), |count| mark.committed(&count))
}

/// Whether the schema lacks a migration. Asked without writing: the question of the migrations' own crate makes a table.
fn is_behind(conn: &mut SqliteConnection) -> Result<bool, StoreError> {
    let known = "SELECT name AS found FROM sqlite_schema WHERE type = 'table' AND name = '__diesel_schema_migrations'";
    if lines(conn, known)?.is_empty() {
        return Ok(true);
    }
    conn.has_pending_migration(MIGRATIONS).map_err(|error| StoreError::database("", error))
}

/// Without any room, `SQLite` says only that the disk failed when it cannot make the files that it needs beside the database.
pub(in crate::store) fn full_or(error: StoreError, path: &Path) -> StoreError {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let is_full = || rustix::fs::statvfs(folder).is_ok_and(|disk| disk.f_bavail == 0);
    match error {
        failed if failed.is_disk_failure() && is_full() => StoreError::Full,
        other => other,
    }
}

/// One column of text, by the name `found`.
#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    found: String,
}

/// What a statement finds, in its column `found`.
pub(in crate::store) fn lines(conn: &mut SqliteConnection, sql: &str) -> QueryResult<Vec<String>> {
    let rows: Vec<Line> = diesel::sql_query(sql).load(conn)?;
    Ok(rows.into_iter().map(|row| row.found).collect())
}

/// Damage to the file itself.
pub(in crate::store) fn damage(conn: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    let mut found = lines(conn, "SELECT integrity_check AS found FROM pragma_integrity_check")?;
    found.retain(|line| line != "ok");
    Ok(found)
}
