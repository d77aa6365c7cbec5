//! One connection to a server, and its transactions.
//!
//! Whoever writes takes one lock of the whole database first, so that all processes write one after another, as they do with a file: what
//! an action has read stays true until it has recorded what it decided, and ids are given in the order of commits. (A lock for each holder
//! would let writes run beside each other; then neither holds by itself any more.) The lock belongs to the transaction and is gone with it,
//! however that ends.

use std::time::Duration;

use diesel::QueryResult;
use diesel::connection::SimpleConnection;
use diesel::r2d2::R2D2Connection;
use diesel::result::Error;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;

use super::runtime::AnswerWait;
use super::server::Server;
use crate::store::StoreError;
use crate::store::engine::error::is_standby;

/// A connection as Diesel knows it.
pub(in crate::store) type PgConnection = AsyncConnectionWrapper<AsyncPgConnection, AnswerWait>;

/// The lock of whoever writes. Any number serves, as long as it is the same for all.
pub(super) const WRITES: i64 = 7_093_465_283_177_402;
/// The lock of whoever brings the schema up to date.
pub(super) const MIGRATES: i64 = 7_093_465_283_177_403;

/// The longest time for one statement (the check of a large body takes minutes), and for a process that has a transaction open and says
/// nothing: whoever hangs does not keep the others for ever.
const LONGEST_STATEMENT: Duration = Duration::from_secs(1800);
const LONGEST_SILENCE: Duration = Duration::from_secs(300);

/// Questions are short: compiling one, or sharing it among processes, takes longer than its answer.
const FOR_SHORT_QUESTIONS: &str = "SET jit = off; SET max_parallel_workers_per_gather = 0";

/// What it says is read in English (see `engine/error.rs`). Not every role may ask for that; the language of most servers is English anyway.
const IN_ENGLISH: &str =
    "DO $$ BEGIN SET lc_messages = 'C'; EXCEPTION WHEN insufficient_privilege THEN NULL; END $$";

/// One connection to a server.
pub(in crate::store) struct ServerConnection {
    conn: PgConnection,
    /// How many transactions and savepoints are open.
    depth: u32,
    /// It leads to a server that takes no writes: one that is or has become a standby.
    is_astray: bool,
}

impl ServerConnection {
    /// Opens one: one that reads refuses to write.
    ///
    /// # Errors
    /// `StoreError` when the server does not answer or refuses.
    pub(in crate::store) fn open(server: &Server, reader: bool) -> Result<ServerConnection, StoreError> {
        let conn = PgConnection::from(server.sign_in()?);
        let mut made = ServerConnection { conn, depth: 0, is_astray: false };
        let reads_only = if reader { "on" } else { "off" };
        made.run(&format!(
            "SET default_transaction_read_only = {reads_only}; SET statement_timeout = {}; \
             SET idle_in_transaction_session_timeout = {}; {FOR_SHORT_QUESTIONS}; {IN_ENGLISH}",
            LONGEST_STATEMENT.as_millis(),
            LONGEST_SILENCE.as_millis()
        ))?;
        Ok(made)
    }

    /// The connection, for a query.
    pub(in crate::store) fn lent(&mut self) -> &mut PgConnection {
        &mut self.conn
    }

    /// Runs statements that give nothing back, in one message.
    pub(in crate::store) fn run(&mut self, statements: &str) -> QueryResult<()> {
        self.conn.batch_execute(statements)
    }

    /// Whether the server is still there, as far as is known without asking it.
    ///
    /// # Errors
    /// `StoreError` when it went away.
    pub(in crate::store) fn look(&mut self) -> Result<(), StoreError> {
        match self.conn.is_broken() {
            false => Ok(()),
            true => Err(StoreError::database("", "the connection to the database server is lost")),
        }
    }

    /// Whether it must not be lent to anybody else: it is lost, or a transaction was left open in it.
    pub(in crate::store) fn is_broken(&mut self) -> bool {
        self.depth > 0 || self.is_astray || self.conn.is_broken()
    }

    /// Begins a transaction that sees the database as it is now, and goes on seeing that.
    pub(in crate::store) fn begin_view(&mut self) -> QueryResult<()> {
        self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    }

    /// Begins a transaction that writes, when all others have ended theirs. Each of its statements sees what was committed before: the turn
    /// comes first, and then what is seen.
    pub(in crate::store) fn begin_write(&mut self, patience: Duration) -> QueryResult<()> {
        // none at all would mean that it waits for ever
        let patience = patience.as_millis().max(1);
        self.begin(&format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = {patience}; \
             SELECT pg_advisory_xact_lock({WRITES})"
        ))
    }

    fn begin(&mut self, statements: &str) -> QueryResult<()> {
        let begun = self.run(statements);
        match &begun {
            Ok(()) => self.depth = 1,
            Err(error) => {
                self.is_astray = is_standby(error);
                // what began before something was refused; where that fails the connection is lost
                self.depth = u32::from(self.run("ROLLBACK").is_err());
            }
        }
        begun
    }

    /// Begins a part of the open transaction that can be taken back alone.
    pub(in crate::store) fn begin_savepoint(&mut self) -> QueryResult<()> {
        self.run(&format!("SAVEPOINT part_{}", self.depth))?;
        self.depth += 1;
        Ok(())
    }

    /// Ends what was begun last, and keeps what it wrote.
    pub(in crate::store) fn commit(&mut self) -> QueryResult<()> {
        let part = self.depth.checked_sub(1).ok_or(Error::NotInTransaction)?;
        // after an error that somebody left unheard the server would take COMMIT for ROLLBACK, and say nothing: a question before it fails
        let ended = match part {
            0 => self.run("SELECT 1; COMMIT"),
            part => self.run(&format!("RELEASE SAVEPOINT part_{part}")),
        };
        if ended.is_ok() {
            self.depth = part;
        }
        ended
    }

    /// Ends what was begun last, and takes back what it wrote.
    pub(in crate::store) fn roll_back(&mut self) -> QueryResult<()> {
        let part = self.depth.checked_sub(1).ok_or(Error::NotInTransaction)?;
        match part {
            0 => self.run("ROLLBACK")?,
            part => self.run(&format!("ROLLBACK TO SAVEPOINT part_{part}; RELEASE SAVEPOINT part_{part}"))?,
        }
        self.depth = part;
        Ok(())
    }
}
