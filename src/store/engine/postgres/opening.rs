//! Opening a database on a server: whether the portal can work with it, and its schema brought up to date.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::{MIGRATES, ServerConnection};
use super::server::Server;
use crate::store::StoreError;
use crate::store::engine::transfer::record;

/// Every change of the schema, in the binary.
pub(in crate::store) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The oldest server that the schema can be made on: it binds what a function's SQL names when the function is made.
const OLDEST: i32 = 14;

/// What a server says about itself and about one database.
#[derive(QueryableByName)]
struct ServerFacts {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    encoding: String,
    #[diesel(sql_type = Text)]
    order: String,
    #[diesel(sql_type = Bool)]
    is_plain_order: bool,
    #[diesel(sql_type = Text)]
    language: String,
}

/// Refuses a database that the portal cannot work with, and brings the schema of one that it can up to date. One process does that at a time;
/// those that begin at the same time find all done.
///
/// # Errors
/// `StoreError::Unsuitable`; `StoreError` when the server does not answer or a migration fails.
pub(in crate::store) fn prepare(server: &Server) -> Result<(), StoreError> {
    let mut conn = ServerConnection::open(server)?;
    suit(&mut conn)?;
    record::refuse(&mut conn)?;
    migrate(&mut conn)
}

/// Refuses a database that the portal cannot work with.
///
/// # Errors
/// `StoreError::Unsuitable`.
pub(super) fn suit(conn: &mut ServerConnection) -> Result<(), StoreError> {
    check(&facts(conn)?)
}

/// Brings the schema up to date.
pub(super) fn migrate(conn: &mut ServerConnection) -> Result<(), StoreError> {
    // a large table takes as long as it takes
    conn.run(&format!("SET statement_timeout = 0; SELECT pg_advisory_lock({MIGRATES})"))?;
    // the lock ends with the connection, whatever becomes of this
    conn.lent()
        .run_pending_migrations(MIGRATIONS)
        .map(|_| ())
        .map_err(|error| StoreError::of_cause("migration failed", error))
}

fn facts(conn: &mut ServerConnection) -> Result<ServerFacts, StoreError> {
    // how text is ordered is tried, because how that is called differs from one version and provider to the next
    Ok(diesel::sql_query(
        "SELECT current_setting('server_version_num')::integer / 10000 AS version, \
                pg_encoding_to_char(encoding)::text AS encoding, datcollate::text AS \"order\", \
                ('B' < 'a' AND 'z' < chr(228)) AS is_plain_order, current_setting('lc_messages') AS language \
         FROM pg_database WHERE datname = current_database()",
    )
    .get_result(conn.lent())?)
}

fn check(facts: &ServerFacts) -> Result<(), StoreError> {
    let refused = |why: String| Err(StoreError::Unsuitable(why));
    let anew = "Make the database anew, empty: CREATE DATABASE name TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'";
    if facts.version < OLDEST {
        return refused(format!(
            "the server is PostgreSQL {}, and the portal needs {OLDEST} or newer",
            facts.version
        ));
    }
    if facts.encoding != "UTF8" {
        return refused(format!(
            "the database holds text as {}, and the portal writes names in every script, which needs UTF8. {anew}",
            facts.encoding
        ));
    }
    if !facts.is_plain_order {
        return refused(format!(
            "the database orders text as {} does, and the portal's lists need the order of C, where a page begins after the one before. {anew}",
            facts.order
        ));
    }
    let english = ["C", "POSIX", "en", ""].iter().any(|known| match *known {
        "en" => facts.language.starts_with("en"),
        exact => facts.language == exact || facts.language.starts_with("C."),
    });
    if !english {
        tracing::warn!(
            language = %facts.language,
            "the database server speaks no English, and the portal's role may not change that (lc_messages): that it is busy or its disk full \
             will be told as a fault"
        );
    }
    Ok(())
}
