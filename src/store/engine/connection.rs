//! A connection to the database, as the functions of the store get it: lent for one read or one write. Which engine is behind it only the
//! end of a query asks (see `prelude.rs`).

use std::time::Duration;

use chrono::NaiveDateTime;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;
use diesel::sql_types::Timestamp;

use super::postgres::connection::ServerConnection;
use super::sqlite::opening;

/// A connection to a database of either kind.
pub(in crate::store) enum EngineConnection {
    /// To a file of `SQLite`.
    File(SqliteConnection),
    /// To a server that speaks `PostgreSQL`.
    Server(Box<ServerConnection>),
}

/// A connection lent to the functions of this module. Its content is private, so SQL cannot leak.
pub struct Conn<'a>(pub(in crate::store) &'a mut EngineConnection);

/// What ended a transaction: the body's own error, or the database's.
pub(in crate::store) enum Failure<E> {
    /// The body's.
    Body(E),
    /// The database's: nothing of the transaction can be trusted.
    Database(diesel::result::Error),
}

impl EngineConnection {
    /// Whether it leads to a server.
    pub(in crate::store) const fn is_server(&self) -> bool {
        matches!(self, EngineConnection::Server(_))
    }

    /// Damage to the database file itself; empty is good. A server looks after its own files.
    pub(in crate::store) fn damage(&mut self) -> QueryResult<Vec<String>> {
        match self {
            EngineConnection::File(conn) => opening::damage(conn),
            EngineConnection::Server(_) => Ok(Vec::new()),
        }
    }

    /// Runs statements that give nothing back.
    pub(in crate::store) fn run(&mut self, statements: &str) -> QueryResult<()> {
        match self {
            EngineConnection::File(conn) => conn.batch_execute(statements),
            EngineConnection::Server(server) => server.run(statements),
        }
    }

    /// Places for the values of so many rows of so many columns, as the engine writes them: `(?, ?), (?, ?)`.
    pub(in crate::store) fn rows_of_values(&self, rows: usize, columns: usize) -> String {
        let row = |row: usize| {
            let place = |column: usize| match self {
                EngineConnection::File(_) => "?".to_owned(),
                EngineConnection::Server(_) => format!("${}", row * columns + column),
            };
            format!("({})", (1..=columns).map(place).collect::<Vec<_>>().join(", "))
        };
        (0..rows).map(row).collect::<Vec<_>>().join(", ")
    }

    /// The time of the server (UTC), which all who use it share; none of a file, whose users have the machine's.
    pub(in crate::store) fn time(&mut self) -> QueryResult<Option<NaiveDateTime>> {
        let EngineConnection::Server(server) = self else { return Ok(None) };
        let time = "date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC')";
        diesel::select(diesel::dsl::sql::<Timestamp>(time)).get_result(server.lent()).map(Some)
    }

    /// Reads in one consistent view.
    pub(in crate::store) fn view<T, E>(
        &mut self,
        question: impl FnOnce(&mut EngineConnection) -> Result<T, E>,
    ) -> Result<T, Failure<E>> {
        match self {
            EngineConnection::File(conn) => AnsiTransactionManager::begin_transaction(conn),
            EngineConnection::Server(server) => server.begin_view(),
        }
        .map_err(Failure::Database)?;
        self.ended(question)
    }

    /// Writes within the transaction that is open; an error leaves nothing of it.
    pub(in crate::store) fn savepoint<T, E>(
        &mut self,
        change: impl FnOnce(&mut EngineConnection) -> Result<T, E>,
    ) -> Result<T, Failure<E>> {
        match self {
            EngineConnection::File(conn) => AnsiTransactionManager::begin_transaction(conn),
            EngineConnection::Server(server) => server.begin_savepoint(),
        }
        .map_err(Failure::Database)?;
        self.ended(change)
    }

    /// Runs the body of a transaction or of a savepoint, and ends that.
    fn ended<T, E>(
        &mut self,
        body: impl FnOnce(&mut EngineConnection) -> Result<T, E>,
    ) -> Result<T, Failure<E>> {
        match body(self) {
            Ok(value) => self.commit().map(|()| value).map_err(Failure::Database),
            Err(error) => match self.roll_back() {
                // the body's error led to it, and says more
                Ok(()) | Err(diesel::result::Error::BrokenTransactionManager) => Err(Failure::Body(error)),
                Err(failed) => Err(Failure::Database(failed)),
            },
        }
    }

    /// Begins a transaction that writes, as the only one of all processes. On a server it waits for its turn up to `patience`; a file is asked
    /// again by whoever asks (see `turns.rs`).
    pub(in crate::store) fn begin_write(&mut self, patience: Duration) -> QueryResult<()> {
        match self {
            EngineConnection::File(conn) => {
                AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
            }
            EngineConnection::Server(server) => server.begin_write(patience),
        }
    }

    /// Ends the transaction or the savepoint, and keeps what it wrote.
    pub(in crate::store) fn commit(&mut self) -> QueryResult<()> {
        match self {
            EngineConnection::File(conn) => AnsiTransactionManager::commit_transaction(conn),
            EngineConnection::Server(server) => server.commit(),
        }
    }

    /// Ends the transaction or the savepoint, and takes back what it wrote.
    pub(in crate::store) fn roll_back(&mut self) -> QueryResult<()> {
        match self {
            EngineConnection::File(conn) => AnsiTransactionManager::rollback_transaction(conn),
            EngineConnection::Server(server) => server.roll_back(),
        }
    }

    /// Whether it must not be lent to anybody else.
    pub(in crate::store) fn is_broken(&mut self) -> bool {
        match self {
            EngineConnection::File(conn) => conn.is_broken(),
            EngineConnection::Server(server) => server.is_broken(),
        }
    }
}
