//! All of the database: one file for each table group, functions named for the question, giving domain values.
//!
//! One writer connection and a pool of readers: with a single pool, concurrent writers starve each other for seconds. Every write goes
//! through [`Store::write`] (BEGIN IMMEDIATE … COMMIT, synchronous=FULL; see `writer.rs`); what it returned is on the disk.
//!
//! Whatever reads or writes here fails with [`StoreError`] when the database cannot do it; a function names its errors only where it gives
//! one of them on purpose.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};

use checkpoints::Checkpoints;
use log_mark::LogMark;
use opening::{Pragmas, WAITS, full_or, make_file, prepare};
use operation::Operation;
use sent_forms::SentForm;
use turns::ASKS_FOR;
use writer::Writer;

mod checkpoints;
mod codes;
mod error;
mod log_mark;
mod log_witness;
mod opening;
mod operation;
mod schema;
mod turns;
mod writer;

pub mod accounts;
pub mod activities;
pub mod activity_versions;
pub mod appeals;
pub mod badge_sharing;
pub mod badges;
pub mod bounces;
pub mod calendar_feeds;
pub mod canned_answers;
pub mod catalogue;
pub mod certificate_corrections;
pub mod certificates;
pub mod checks;
pub mod conversations;
pub mod copies;
pub mod corrections;
pub mod data_checks;
pub mod deadlines_ahead;
pub mod due;
pub mod evidence;
pub mod exports;
pub mod files;
pub mod form_keys;
pub mod friendly_reminders;
pub mod held_flags;
pub mod history;
pub mod holder_mail;
pub mod holders;
pub mod import_problems;
pub mod imports;
pub mod inbox;
pub mod job_runs;
pub mod kept_figures;
pub mod leases;
pub mod mail_holds;
pub mod mail_log;
pub mod messages;
pub mod outbox;
pub mod outbox_delivery;
pub mod paging;
pub mod parked_forms;
pub mod policies;
pub mod precedents;
pub mod prepared_words;
pub mod questions;
pub mod remarks;
pub mod reminders;
pub mod returned;
pub mod review_claims;
pub mod review_queue;
pub mod reviews;
pub mod search;
pub mod sent_forms;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod sign_in_failures;
pub mod signed_badges;
pub mod status_lists;
pub mod timeline;
pub mod tokens;
pub mod verdict_mails;
pub mod waiting_by_day;
pub mod waiting_times;
pub mod year_notices;
pub mod years;

pub use error::StoreError;
pub use turns::Patience;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// How long a request waits for a connection before it answers "try again".
const PATIENCE: Duration = Duration::from_secs(5);
const READERS: u32 = 4;

type SqlitePool = Pool<ConnectionManager<SqliteConnection>>;

/// A connection lent to the functions of this module. Its content is private, so SQL cannot leak.
pub struct Conn<'a>(&'a mut SqliteConnection);

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
}

impl Store {
    /// Opens (or creates) the database file and brings its schema up to date, with the patience of a page.
    ///
    /// # Errors
    /// `StoreError` when the file cannot be opened, is no database, or a migration fails; nothing is changed then.
    pub fn open(path: &Path) -> Result<Store, StoreError> {
        Store::open_patiently(path, Patience::OF_A_PAGE)
    }

    /// The same with another patience, for the opening and for every write.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_patiently(path: &Path, patience: Patience) -> Result<Store, StoreError> {
        patience.until_free(|| Store::try_open(path, patience))
    }

    fn try_open(path: &Path, patience: Patience) -> Result<Store, StoreError> {
        let url = path.to_string_lossy().into_owned();
        let pool = |size: u32, reader: bool| {
            // whoever writes asks for the lock itself, again and again (see `turns.rs`)
            let waits = if reader { PATIENCE } else { ASKS_FOR };
            Pool::builder()
                .max_size(size)
                .min_idle(Some(if reader { 1 } else { size }))
                .connection_timeout(PATIENCE)
                .test_on_check_out(false)
                .connection_customizer(Box::new(Pragmas { waits, reader }))
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
            checkpoints: Arc::new(Checkpoints::start(path.to_owned(), mark.clone())),
            writer: Arc::new(Writer::new(writer, mark, patience)),
            readers: pool(READERS, true)?,
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
            log_mark::count_on(conn.0)
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

/// Letters that are no base letter with an accent, and what people without them on their keyboard type instead.
const PLAIN_LETTERS: [(char, &str); 11] = [
    ('ł', "l"),
    ('ø', "o"),
    ('đ', "d"),
    ('ð', "d"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ŧ', "t"),
    ('þ', "th"),
    ('ß', "ss"),
    ('æ', "ae"),
    ('œ', "oe"),
];

/// Folds text for searching and sorting: lower case, without accents.
pub fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    use unicode_normalization::char::is_combining_mark;
    let bare: String = text.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    let mut plain = String::with_capacity(bare.len());
    for c in bare.to_lowercase().chars() {
        match PLAIN_LETTERS.iter().find(|(letter, _)| *letter == c) {
            Some((_, typed)) => plain.push_str(typed),
            None => plain.push(c),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A LIKE pattern that finds `text` anywhere, folded; its own wildcards mean themselves (escape character `\`).
pub(in crate::store) fn containing(text: &str) -> String {
    containing_exactly(&fold(text))
}

/// The same for columns that are not folded.
pub(in crate::store) fn containing_exactly(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
