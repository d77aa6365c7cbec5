//! What the functions of the store import in place of Diesel's own prelude. A query is built once, for both engines; which of them answers
//! is asked where the query ends: `load`, `first`, `get_result` and `execute` of this module take the connection that was lent. So both
//! engines are checked by every build, and neither pays for the other.

use diesel::query_dsl::methods::{ExecuteDsl, LimitDsl, LoadQuery};
use diesel::sqlite::Sqlite;

use diesel::dsl::Limit;
pub(in crate::store) use diesel::prelude::*;

pub(in crate::store) use super::variants::{Literally, in_any_case, literally, per_engine};

use super::connection::EngineConnection;
use super::postgres::connection::PgConnection;

/// The end of a query, on whichever engine the connection leads to.
pub(in crate::store) trait RunQueryDsl:
    diesel::RunQueryDsl<SqliteConnection> + diesel::RunQueryDsl<PgConnection>
{
    /// Runs a statement. Gives the number of rows that it changed.
    fn execute(self, conn: &mut EngineConnection) -> QueryResult<usize>
    where
        Self: ExecuteDsl<SqliteConnection> + ExecuteDsl<PgConnection>,
    {
        match conn {
            EngineConnection::File(conn) => ExecuteDsl::execute(self, conn),
            EngineConnection::Server(server) => ExecuteDsl::execute(self, server.lent()),
        }
    }

    /// Reads every row.
    fn load<'query, U>(self, conn: &mut EngineConnection) -> QueryResult<Vec<U>>
    where
        Self: LoadQuery<'query, SqliteConnection, U> + LoadQuery<'query, PgConnection, U>,
    {
        match conn {
            EngineConnection::File(conn) => diesel::RunQueryDsl::load(self, conn),
            EngineConnection::Server(server) => diesel::RunQueryDsl::load(self, server.lent()),
        }
    }

    /// Reads the first row of what a query or a change gives; `NotFound` when there is none.
    fn get_result<'query, U>(self, conn: &mut EngineConnection) -> QueryResult<U>
    where
        Self: LoadQuery<'query, SqliteConnection, U> + LoadQuery<'query, PgConnection, U>,
    {
        match conn {
            EngineConnection::File(conn) => diesel::RunQueryDsl::get_result(self, conn),
            EngineConnection::Server(server) => diesel::RunQueryDsl::get_result(self, server.lent()),
        }
    }

    /// Asks for one row; `NotFound` when there is none.
    fn first<'query, U>(self, conn: &mut EngineConnection) -> QueryResult<U>
    where
        Self: LimitDsl,
        Limit<Self>: LoadQuery<'query, SqliteConnection, U> + LoadQuery<'query, PgConnection, U>,
    {
        match conn {
            EngineConnection::File(conn) => diesel::RunQueryDsl::first(self, conn),
            EngineConnection::Server(server) => diesel::RunQueryDsl::first(self, server.lent()),
        }
    }
}

impl<T> RunQueryDsl for T where T: diesel::RunQueryDsl<SqliteConnection> + diesel::RunQueryDsl<PgConnection> {}

/// The columns of a row, which are the same on both engines. Unlike Diesel's they do not say whose row it is: whoever loads them does.
pub(in crate::store) trait SelectableHelper: Selectable<Sqlite> {
    /// The columns, for `select`.
    fn as_select() -> Self::SelectExpression {
        Self::construct_selection()
    }
}

impl<T: Selectable<Sqlite>> SelectableHelper for T {}

/// Ends a query that is put together at run time and boxed. Diesel boxes for one engine, so the block that makes the query is written out for
/// each: `boxed!(conn.0, Engine, load, { …into_boxed::<Engine>() … })`.
macro_rules! boxed {
    ($conn:expr, $engine:ident, $end:ident, $query:expr) => {
        match $conn {
            $crate::store::engine::connection::EngineConnection::File(conn) => {
                type $engine = ::diesel::sqlite::Sqlite;
                ::diesel::RunQueryDsl::$end($query, conn)
            }
            $crate::store::engine::connection::EngineConnection::Server(server) => {
                type $engine = ::diesel::pg::Pg;
                ::diesel::RunQueryDsl::$end($query, server.lent())
            }
        }
    };
}

pub(in crate::store) use boxed;
