//! Copies of the database in files of their own, as backups hold them.

use std::path::Path;

use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use diesel::migration::MigrationSource;
use diesel::prelude::*;
use diesel::sqlite::Sqlite;
use diesel_migrations::MigrationHarness;

use super::change_count;
use super::file_names::uri;
use super::opening::{MIGRATIONS, damage, lines};
use crate::store::engine::connection::EngineConnection;
use crate::store::{Conn, StoreError};

/// What a copy of the database in a file says about itself. It is opened for reading only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyFacts {
    /// Damage that was found; empty is good.
    pub damage: Vec<String>,
    /// The newest migration in it.
    pub schema: String,
    /// The hashes of the evidence it names, each once.
    pub evidence: Vec<String>,
}

/// The newest migration that this version knows.
pub fn newest_schema() -> Result<String, StoreError> {
    let known = MigrationSource::<Sqlite>::migrations(&MIGRATIONS)
        .map_err(|error| StoreError::database("", error))?;
    Ok(known.iter().map(|migration| migration.name().version().to_string()).max().unwrap_or_default())
}

/// Brings a copy of the database up to date, gives it a name of its own, and changes it, all in one transaction. Nobody else may have the file
/// open.
///
/// # Errors
/// `StoreError` when the file cannot be written or a migration fails, and what `change` gives.
pub(in crate::store) fn change_copy(
    copy: &Path,
    change: impl FnOnce(&mut Conn<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut conn = SqliteConnection::establish(&copy.to_string_lossy())
        .map_err(|error| StoreError::database("", error))?;
    conn.batch_execute("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")?;
    conn.run_pending_migrations(MIGRATIONS)
        .map_err(|error| StoreError::database("migration failed", error))?;
    AnsiTransactionManager::begin_transaction_sql(&mut conn, "BEGIN IMMEDIATE")?;
    // an error leaves the transaction to the connection, which ends with it
    change_count::rename_copy(&mut conn)?;
    let conn = &mut EngineConnection::File(conn);
    change(&mut Conn(conn))?;
    Ok(conn.commit()?)
}

/// Looks into a copy of the database.
///
/// # Errors
/// `StoreError` when it is no database of this portal.
pub fn look_into(copy: &Path) -> Result<CopyFacts, StoreError> {
    let cannot = |error: diesel::ConnectionError| StoreError::database("", error);
    let conn = &mut SqliteConnection::establish(&uri(copy, "mode=ro&immutable=1")).map_err(cannot)?;
    let damage = damage(conn)?;
    let schema = lines(conn, "SELECT COALESCE(MAX(version), '') AS found FROM __diesel_schema_migrations")?;
    let evidence = lines(
        conn,
        "SELECT DISTINCT sha256 AS found FROM evidence WHERE removed_at IS NULL ORDER BY sha256",
    )?;
    Ok(CopyFacts { damage, schema: schema.concat(), evidence })
}
