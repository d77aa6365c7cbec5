//! The database: one writer, several readers. Reads see one consistent view; what a write returned is on the disk.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::connection::{Conn, EngineConnection, Failure};
use super::error::StoreError;
use super::operation::Operation;
use super::pool::{Connections, EnginePool, Reading};
use super::postgres::opening::{self, Opening};
use super::postgres::server::Server;
use super::sizes::StoreSize;
use super::sqlite::change_count;
use super::sqlite::database_file::{self, DatabaseFile};
use super::turns::{Patience, Turns};
use super::writer::Writer;
use crate::config::ServerAddress;
use crate::store::accounts::form_receipts::SentForm;

/// The database: one writer, several readers.
#[derive(Clone)]
pub struct Store {
    /// None when the database is on a server.
    file: Option<Arc<DatabaseFile>>,
    writer: Arc<Writer>,
    readers: EnginePool,
    /// The form that is written for, which is written for once.
    form: Option<SentForm>,
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
        patience.until_free(|| {
            let file = DatabaseFile::open(path)?;
            let connections = |reader| file.connections(reader, size);
            let turns = Turns::new(Some(file.mark().note()), patience);
            let writer = Writer::new(connections(false).pool(1, 1)?, Some(file.mark().clone()), turns);
            let readers = connections(true).pool(size.readers, 1)?;
            Ok(Store { file: Some(Arc::new(file)), writer: Arc::new(writer), readers, form: None })
        })
    }

    /// Opens a database on a server and brings its schema up to date.
    ///
    /// # Errors
    /// `StoreError::Unsuitable` when the portal cannot work with that database, or is not in it though it must be; `StoreError` when the server
    /// does not answer, or a migration fails.
    pub fn open_on_server(
        address: &ServerAddress,
        opening: Opening,
        patience: Patience,
        size: StoreSize,
    ) -> Result<Store, StoreError> {
        let server = Server::of(address)?;
        patience.until_free(|| {
            opening::prepare(&server, opening)?;
            let connections = |reading| Connections::Server(server.clone(), reading);
            let writes = connections(Reading::AndWriting).pool(1, 1)?;
            let writer = Writer::new(writes, None, Turns::new(None, patience));
            let readers = connections(Reading::Only).pool(size.readers, 1)?;
            Ok(Store { file: None, writer: Arc::new(writer), readers, form: None })
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
        self.file.as_ref().is_some_and(|file| file.mark().uncounted())
    }

    /// Whether the database came without the note beside it.
    #[must_use]
    pub fn came_alone(&self) -> bool {
        self.file.as_ref().is_some_and(|file| file.mark().unnoted().is_some())
    }

    /// Says that what follows from the database's having come without its note is done. Until then no change is noted, so that whoever is
    /// killed or refused before finds it as it came.
    ///
    /// # Errors
    /// `StoreError` when the note cannot be written.
    pub fn note_as_found(&self) -> Result<(), StoreError> {
        self.file.as_ref().map_or(Ok(()), |file| file.mark().note_as_found())
    }

    /// The database file; none when the database is on a server.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_ref().map(|file| file.path())
    }

    /// Told after every write.
    fn written(&self) {
        if let Some(file) = &self.file {
            file.checkpoints().written();
        }
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
        conn.view(|conn| question(&mut Conn(conn))).map_err(|failure| match failure {
            Failure::Body(error) => error,
            Failure::Database(error) => StoreError::from(error).into(),
        })
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

    /// As [`Store::ask`], but only when a reader is free at this moment and answers without waiting for another machine; `None` otherwise.
    pub fn ask_if_free<T, E: From<StoreError>>(
        &self,
        question: impl FnOnce(&mut Conn<'_>) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        self.file.as_ref()?;
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
        self.written();
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
        self.written();
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
        self.written();
        written
    }

    /// Lets the writer keep 64 MB of pages in memory from now on: for whoever fills a whole database at once. A server keeps what it was told to.
    pub fn widen(&self) -> Result<(), StoreError> {
        self.writer.alone(|conn| match conn {
            EngineConnection::File(_) => Ok(conn.run("PRAGMA cache_size=-65536")?),
            EngineConnection::Server(_) => Ok(()),
        })
    }

    /// The longest time that a write of this process held the write lock, its commit included.
    pub fn longest_write(&self) -> Duration {
        self.writer.longest()
    }

    /// Moves the write-ahead log into the database file and refreshes the planner's statistics. A server does both by itself.
    pub fn tidy(&self) -> Result<(), StoreError> {
        if self.file.is_none() {
            return Ok(());
        }
        self.write(|conn| match conn.0 {
            EngineConnection::File(file) => {
                diesel::connection::SimpleConnection::batch_execute(file, "PRAGMA optimize")?;
                // so that nothing of ours stands in the log without our count
                change_count::count_on(file).map(|_| ())
            }
            EngineConnection::Server(_) => Ok(()),
        })?;
        self.writer.alone(|conn| match conn {
            EngineConnection::File(file) => Ok(database_file::empty_log(file)?),
            EngineConnection::Server(_) => Ok(()),
        })
    }

    /// Gives back the memory in which connections to a file keep pages: after work that read much of it. What is wanted is read again.
    pub fn give_memory_back(&self) {
        let shrink = |conn: &mut EngineConnection| match conn {
            EngineConnection::File(_) => conn.run("PRAGMA shrink_memory"),
            EngineConnection::Server(_) => Ok(()),
        };
        // each of those that nobody uses: all of them are lent for that moment
        let mut idle: Vec<_> = std::iter::from_fn(|| self.readers.try_get()).collect();
        let shrunk = idle.iter_mut().try_for_each(|conn| shrink(conn)).map_err(StoreError::from);
        drop(idle);
        let shrunk = shrunk.and_then(|()| self.writer.alone(|conn| Ok(shrink(conn)?)));
        if let Err(error) = shrunk {
            // it is used again later
            tracing::warn!(%error, "the memory of pages could not be given back");
        }
    }

    /// Writes a consistent copy of the database to a new file while serving.
    ///
    /// # Errors
    /// `StoreError`, also when the file exists; `StoreError::OnServer` when the database is no file.
    pub fn copy_to(&self, target: &Path) -> Result<(), StoreError> {
        match &mut *self.readers.get()? {
            EngineConnection::File(conn) => database_file::copy(conn, target),
            EngineConnection::Server(_) => Err(StoreError::OnServer),
        }
    }
}
