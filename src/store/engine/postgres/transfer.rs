//! A server's part in moving a portal's database there or away: who else uses the database, its tables made anew, and the next ids.

use std::thread;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_migrations::MigrationHarness;

use super::connection::{ServerConnection, WRITES};
use super::opening::{self, MIGRATIONS, Opening};
use super::server::Server;
use crate::config::ServerAddress;
use crate::store::StoreError;
use crate::store::engine::transfer::table::{BEGINNING, REFUSAL, Table};

/// Who moves a database is known by this name, because portals must not use it meanwhile.
const MOVER: &str = "cpe-portal move";
/// The lock of whoever moves a database.
const MOVES: i64 = 7_093_465_283_177_404;

/// A connection that was just closed is listed a moment longer.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

fn number(conn: &mut ServerConnection, sql: &str) -> QueryResult<i64> {
    diesel::sql_query(sql).get_result::<Number>(conn.lent()).map(|found| found.number)
}

fn words(conn: &mut ServerConnection, sql: &str) -> QueryResult<Vec<String>> {
    let found: Vec<Word> = diesel::sql_query(sql).load(conn.lent())?;
    Ok(found.into_iter().map(|found| found.word).collect())
}

/// Goes to a database that moves, or that one moves to: whether the portal can work with it, and whether nobody else moves it.
///
/// # Errors
/// `StoreError::Unsuitable`, `StoreError::UnderWay`, and when the server does not answer.
pub(in crate::store) fn connect(address: &ServerAddress) -> Result<Box<ServerConnection>, StoreError> {
    let server = Server::of(address)?;
    let mut conn = Box::new(ServerConnection::open(&server, false)?);
    conn.run(&format!(
        "SET application_name = '{MOVER}'; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"
    ))?;
    opening::suits(&mut conn, &server, Opening::Making)?;
    let asked = format!("SELECT pg_try_advisory_lock({MOVES})::int::bigint AS number");
    // the server may still be at what a mover began that was killed
    for _ in 0..LOOKS {
        if number(&mut conn, &asked)? == 1 {
            return Ok(conn);
        }
        thread::sleep(BETWEEN_LOOKS);
    }
    Err(StoreError::UnderWay)
}

/// Brings the schema of a database that moves away up to date, as every command does that opens one.
pub(in crate::store) fn bring_up_to_date(address: &ServerAddress) -> Result<(), StoreError> {
    // over a connection of its own, with which what migrating keeps to itself ends
    let server = Server::of(address)?;
    opening::bring_up_to_date(&mut ServerConnection::open(&server, false)?, &server, Opening::Existing)
}

/// Whether portals or other commands of a portal use the database, as the server lists who is connected.
pub(in crate::store) fn is_used(conn: &mut ServerConnection) -> Result<bool, StoreError> {
    let others = "SELECT count(*) AS number FROM pg_stat_activity \
                  WHERE datname = current_database() AND application_name = 'cpe-portal'";
    for _ in 0..LOOKS {
        if number(conn, others)? == 0 {
            return Ok(false);
        }
        thread::sleep(BETWEEN_LOOKS);
    }
    Ok(true)
}

/// Keeps everybody from writing for as long as the connection is open.
pub(in crate::store) fn keep_turn(conn: &mut ServerConnection, patience: Duration) -> Result<(), StoreError> {
    let patience = patience.as_millis().max(1);
    conn.run(&format!(
        "SET lock_timeout = {patience}; SELECT pg_advisory_lock({WRITES}); SET lock_timeout = 0"
    ))?;
    Ok(())
}

/// The versions of the schema, in order; none where there is no schema.
pub(in crate::store) fn schema(conn: &mut ServerConnection) -> Result<Vec<String>, StoreError> {
    let known =
        "SELECT count(*) AS number FROM pg_class WHERE oid = to_regclass('__diesel_schema_migrations')";
    if number(conn, known)? == 0 {
        return Ok(Vec::new());
    }
    Ok(words(conn, "SELECT version::text AS word FROM __diesel_schema_migrations ORDER BY version")?)
}

/// How often rows were written so far, as the server counts it: another text means that something has changed.
pub(in crate::store) fn changes(conn: &mut ServerConnection) -> Result<String, StoreError> {
    let sql = "SELECT format('%s+%s-%s', sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del)) AS word \
               FROM pg_stat_user_tables WHERE schemaname = current_schema() AND relname <> 'database_transfer'";
    Ok(words(conn, sql)?.concat())
}

/// Makes all tables anew, and empties those that a new portal begins with.
pub(in crate::store) fn make_anew(conn: &mut ServerConnection) -> Result<(), StoreError> {
    let failed = |error| StoreError::of_cause("migration failed", error);
    conn.lent().revert_all_migrations(MIGRATIONS).map_err(failed)?;
    opening::migrate(conn)?;
    let deletions: String = BEGINNING.iter().map(|table| format!("DELETE FROM {table}; ")).collect();
    let (table, refusal) = REFUSAL;
    conn.run(&format!(
        "BEGIN; ALTER TABLE {table} DISABLE TRIGGER {refusal}; {deletions}\
         ALTER TABLE {table} ENABLE ALWAYS TRIGGER {refusal}; COMMIT"
    ))?;
    Ok(())
}

/// Goes on giving ids after the last one of each of these tables, in the caller's transaction.
pub(in crate::store) fn go_on_with_ids<'t>(
    conn: &mut ServerConnection,
    tables: impl Iterator<Item = &'t Table>,
) -> Result<(), StoreError> {
    for Table { name, .. } in tables {
        // a table whose ids are those of another one gives none
        conn.run(&format!(
            "SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), COALESCE(max(id), 1), max(id) IS NOT NULL) FROM \"{name}\""
        ))?;
    }
    Ok(())
}
