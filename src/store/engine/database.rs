//! The database: one writer, several readers. Reads see one consistent view; what a write returned is on the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};

use super::change_count;
use super::checkpoints::Checkpoints;
use super::connection::{Conn, SqlitePool};
use super::error::StoreError;
use super::log_mark::LogMark;
use super::opening::{Pragmas, StoreSize, WAITS, full_or, make_file, prepare};
use super::operation::Operation;
use super::turns::{ASKS_FOR, PATIENCE, Patience};
use super::writer::Writer;
use crate::store::accounts::form_receipts::SentForm;

/// The database: one writer, several readers.
#[derive(Clone)]
pub struct Store {
    checkpoints: Arc<Checkpoints>,
    writer: Arc<Writer>,
    readers: SqlitePool,
    path: PathBuf,
    /// The form that is written for, which is written for once.
    form: Option<SentForm>,
    uncounted: bool,
    mark: LogMark,
}

impl Store {
    /// Opens (or creates) the database file and brings its schema up to date, with the patience of a page.
    ///
    /// # Errors
    /// `StoreError` when the file cannot be opened, is no database, or a migration fails; nothing is changed then.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        Store::open_sized(path, Patience::OF_A_PAGE, StoreSize::default())
    }

    /// The same with another patience, for the opening and for every write, and with another size.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_sized(path: &Path, patience: Patience, size: StoreSize) -> Result<Store, StoreError> {
        patience.until_free(|| Store::try_open(path, patience, size))
    }

    fn try_open(path: &Path, patience: Patience, size: StoreSize) -> Result<Store, StoreError> {
        let url = path.to_string_lossy().into_owned();
        let pool = |most: u32, reader: bool| {
            // whoever writes asks for the lock itself, again and again (see `turns.rs`)
            let waits = if reader { PATIENCE } else { ASKS_FOR };
            Pool::builder()
                .max_size(most)
                .min_idle(Some(if reader { 1 } else { most }))
                .connection_timeout(PATIENCE)
                .test_on_check_out(false)
                .connection_customizer(Box::new(Pragmas { waits, reader, log_pages: size.log_pages }))
                .build(ConnectionManager::<SqliteConnection>::new(&url))
                .map_err(|error| StoreError::of_cause("", error))
        };
        let mark = LogMark::open(path, WAITS)?;
        make_file(path);
        // not through a pool, which would try for seconds what cannot succeed
        prepare(&url, &mark).map_err(|error| full_or(error, path))?;
        let writer = pool(1, false)?;
        Ok(Store {
            uncounted: mark.uncounted(),
            mark: mark.clone(),
            checkpoints: Arc::new(Checkpoints::start(path.to_owned(), mark.clone())),
            writer: Arc::new(Writer::new(writer, mark, patience)),
            readers: pool(size.readers, true)?,
            path: path.to_owned(),
            form: None,
        })
    }

    /// From now on every write has the patience of a page: somebody waits for the answer.
    pub fn answers_pages(&self) {
        self.writer.turns().set_patience(Patience::OF_A_PAGE);
    }

    /// Whether the database was found with a log in which none of the portal's own changes stands: written by a person's tool, or laid
    /// there by mistake.
    #[must_use]
    pub fn found_uncounted_log(&self) -> bool {
        self.uncounted
    }

    /// Whether the database came without the note beside it.
    #[must_use]
    pub fn came_alone(&self) -> bool {
        self.mark.unnoted().is_some()
    }

    /// Says that what follows from the database's having come without its note is done. Until then no change is noted, so that whoever is
    /// killed or refused before finds it as it came.
    ///
    /// # Errors
    /// `StoreError` when the note cannot be written.
    pub fn note_as_found(&self) -> Result<(), StoreError> {
        self.mark.note_as_found()
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same database for a form: what is written for it is written once, however often the form is sent.
    #[must_use]
    pub fn for_form(&self, form: SentForm) -> Store {
        Store { form: Some(form), ..self.clone() }
    }

    /// Reads in one consistent view.
    ///
    /// # Errors
    /// Whatever `question` gives; `StoreError::Busy` when no reader becomes free in time.
    pub fn read<T, E: From<StoreError>>(
        &self,
        question: impl FnOnce(&mut Conn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let _operation = Operation::of(&question);
        let mut conn = self.readers.get().map_err(StoreError::from)?;
        conn.transaction(|conn| question(&mut Conn(conn)).map_err(Failure::Body)).map_err(Failure::into_error)
    }

    /// Asks a single question of one statement, which needs no transaction to be consistent: cheaper, for what every request asks.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn ask<T, E: From<StoreError>>(
        &self,
        question: impl FnOnce(&mut Conn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let _operation = Operation::of(&question);
        let mut conn = self.readers.get().map_err(StoreError::from)?;
        question(&mut Conn(&mut conn))
    }

    /// As [`Store::ask`], but only when a reader is free at this moment; `None` otherwise. Never waits for one.
    pub fn ask_if_free<T, E: From<StoreError>>(
        &self,
        question: impl FnOnce(&mut Conn<'_>) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let _operation = Operation::of(&question);
        let mut conn = self.readers.try_get()?;
        Some(question(&mut Conn(&mut conn)))
    }

    /// Writes in one transaction: all of it, durably, or nothing.
    ///
    /// # Errors
    /// Whatever `change` gives, and then nothing is changed; `StoreError::Busy` when the writer does not become free in time;
    /// `StoreError::SentBefore` for a form that has been sent before.
    pub fn write<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Conn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let _operation = Operation::of(&change);
        let written = match &self.form {
            None => self.writer.write(change),
            Some(form) => self.writer.write(|conn| {
                form.record(conn)?;
                change(conn)
            }),
        };
        if let Some(form) = self.form.as_ref().filter(|_| written.is_ok()) {
            form.written();
        }
        self.checkpoints.written();
        written
    }

    /// Writes something that may as well be left out: in one transaction, if nobody else writes at this moment. Never waits for anybody.
    ///
    /// # Errors
    /// Whatever `change` gives; `StoreError::Busy` when somebody writes.
    pub fn write_if_free<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Conn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let _operation = Operation::of(&change);
        let written = self.writer.write_if_free(change);
        self.checkpoints.written();
        written
    }

    /// How often this process has asked for the write lock.
    #[must_use]
    pub fn lock_requests(&self) -> u64 {
        self.writer.turns().asked()
    }

    /// Writes many rows in one transaction of its own, as [`Store::write`] otherwise: several times as fast for thousands of statements.
    ///
    /// # Errors
    /// As [`Store::write`], and `StoreError::SentBefore` never: a file is no form.
    pub fn write_rows<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Conn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let _operation = Operation::of(&change);
        let written = self.writer.write_rows(change);
        self.checkpoints.written();
        written
    }

    /// Lets the writer keep 64 MB of pages in memory from now on: for whoever fills a whole database at once.
    pub fn widen(&self) -> Result<(), StoreError> {
        self.writer.alone(|conn| Ok(conn.batch_execute("PRAGMA cache_size=-65536")?))
    }

    /// The longest time that a write of this process held the write lock, its commit included.
    pub fn longest_write(&self) -> Duration {
        self.writer.longest()
    }

    /// Moves the write-ahead log into the database file and refreshes the planner's statistics.
    pub fn tidy(&self) -> Result<(), StoreError> {
        self.write(|conn| {
            conn.0.batch_execute("PRAGMA optimize")?;
            // so that nothing of ours stands in the log without our count
            change_count::count_on(conn.0)
        })?;
        self.writer.alone(|conn| {
            // without waiting for whoever reads (a backup, say): everybody who writes would wait with it, and the next night will do
            let emptied = conn.batch_execute("PRAGMA busy_timeout=0; PRAGMA wal_checkpoint(TRUNCATE);");
            conn.batch_execute(&format!("PRAGMA busy_timeout={}", ASKS_FOR.as_millis()))?;
            Ok(emptied?)
        })
    }

    /// Writes a consistent copy of the database to a new file while serving.
    ///
    /// # Errors
    /// `StoreError`, also when the file exists.
    pub fn copy_to(&self, target: &Path) -> Result<(), StoreError> {
        // an empty file may be written into: made first, so that nobody else can read it
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(target).map_err(|error| match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full,
            _ => StoreError::database("the copy cannot be written", error),
        })?;
        let mut conn = self.readers.get()?;
        // query_only would refuse VACUUM INTO
        conn.batch_execute("PRAGMA query_only=OFF")?;
        let copied = diesel::sql_query("VACUUM INTO $1")
            .bind::<diesel::sql_types::Text, _>(target.to_string_lossy().into_owned())
            .execute(&mut conn);
        conn.batch_execute("PRAGMA query_only=ON")?;
        copied?;
        Ok(())
    }
}

/// What ended a transaction: the body's own error, or the database's.
enum Failure<E> {
    Body(E),
    Transaction(diesel::result::Error),
}

impl<E: From<StoreError>> Failure<E> {
    fn into_error(self) -> E {
        match self {
            Failure::Body(error) => error,
            Failure::Transaction(error) => StoreError::from(error).into(),
        }
    }
}

impl<E> From<diesel::result::Error> for Failure<E> {
    fn from(error: diesel::result::Error) -> Self {
        Failure::Transaction(error)
    }
}
