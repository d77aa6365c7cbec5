//! The file of a database, and what is done to it as a file.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use super::checkpoints::Checkpoints;
use super::log_mark::LogMark;
use super::opening::{Pragmas, WAITS, full_or, make_file, prepare};
use crate::store::StoreError;
use crate::store::engine::pool::Connections;
use crate::store::engine::sizes::StoreSize;
use crate::store::engine::turns::{ASKS_FOR, PATIENCE};

/// The file of a database.
pub(in crate::store) struct DatabaseFile {
    path: PathBuf,
    mark: LogMark,
    checkpoints: Checkpoints,
}

impl DatabaseFile {
    /// Looks at what is there, and brings its schema up to date.
    pub(in crate::store) fn open(path: &Path) -> Result<DatabaseFile, StoreError> {
        let mark = LogMark::open(path, WAITS)?;
        make_file(path);
        // not through a pool, which would try for seconds what cannot succeed
        prepare(&path.to_string_lossy(), &mark).map_err(|error| full_or(error, path))?;
        let checkpoints = Checkpoints::start(path.to_owned(), mark.clone());
        Ok(DatabaseFile { path: path.to_owned(), mark, checkpoints })
    }

    /// How connections to it are made.
    pub(in crate::store) fn connections(&self, reader: bool, size: StoreSize) -> Connections {
        // whoever writes asks for the lock itself, again and again (see `turns.rs`)
        let waits = if reader { PATIENCE } else { ASKS_FOR };
        let pragmas = Pragmas { waits, reader, log_pages: size.log_pages };
        Connections::File(self.path.to_string_lossy().into_owned(), pragmas)
    }

    pub(in crate::store) fn path(&self) -> &Path {
        &self.path
    }

    pub(in crate::store) fn mark(&self) -> &LogMark {
        &self.mark
    }

    pub(in crate::store) fn checkpoints(&self) -> &Checkpoints {
        &self.checkpoints
    }
}

/// Moves the write-ahead log into the database file.
pub(in crate::store) fn empty_log(conn: &mut SqliteConnection) -> QueryResult<()> {
    // without waiting for whoever reads (a backup, say): everybody who writes would wait with it, and the next night will do
    let emptied = conn.batch_execute("PRAGMA busy_timeout=0; PRAGMA wal_checkpoint(TRUNCATE);");
    conn.batch_execute(&format!("PRAGMA busy_timeout={}", ASKS_FOR.as_millis()))?;
    emptied
}

/// Writes a consistent copy of the database to a new file.
pub(in crate::store) fn copy(conn: &mut SqliteConnection, target: &Path) -> Result<(), StoreError> {
    // an empty file may be written into: made first, so that nobody else can read it
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(target).map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::database("the copy cannot be written", error),
    })?;
    // query_only would refuse VACUUM INTO
    conn.batch_execute("PRAGMA query_only=OFF")?;
    let copied = diesel::sql_query("VACUUM INTO $1")
        .bind::<Text, _>(target.to_string_lossy().into_owned())
        .execute(conn);
    conn.batch_execute("PRAGMA query_only=ON")?;
    copied?;
    Ok(())
}
