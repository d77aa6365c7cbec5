//! Opening a database on a server: whether the portal can work with it, and its schema brought up to date.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Integer, Text};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::connection::{MIGRATES, PgConnection, ServerConnection, WRITES};
use super::server::Server;
use crate::store::StoreError;
use crate::store::engine::transfer::record;
use crate::store::engine::turns::PATIENCE;

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
    #[diesel(sql_type = Bool)]
    has_portal: bool,
    #[diesel(sql_type = Bool)]
    is_empty: bool,
}

/// What is asked of a database that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The schema is made or brought up to date.
    Making,
    /// There must be a portal in it already, whose schema is brought up to date.
    Existing,
}

/// Refuses a database that the portal cannot work with, and brings the schema of one that it can up to date: in one transaction, of which one
/// process takes its turn, while nobody writes. Those that begin at the same time find all done.
///
/// # Errors
/// `StoreError::Unsuitable`; `StoreError::Busy` while another process does it; `StoreError` when the server does not answer or a migration
/// fails.
pub(in crate::store) fn prepare(server: &Server, opening: Opening) -> Result<(), StoreError> {
    let mut conn = ServerConnection::open(server, false)?;
    record::refuse(&mut conn)?;
    bring_up_to_date(&mut conn, server, opening)
}

/// The same also for a database that has left for another place, or is arriving.
///
/// # Errors
/// As [`prepare`].
pub(super) fn bring_up_to_date(
    conn: &mut ServerConnection,
    server: &Server,
    opening: Opening,
) -> Result<(), StoreError> {
    let has_portal = suits(conn, server, opening)?;
    if has_portal && !is_behind(conn)? {
        return Ok(());
    }
    migrate(conn)
}

/// Refuses a database that the portal cannot work with. Gives whether there is one in it.
///
/// # Errors
/// `StoreError::Unsuitable`.
pub(super) fn suits(
    conn: &mut ServerConnection,
    server: &Server,
    opening: Opening,
) -> Result<bool, StoreError> {
    let facts = facts(conn)?;
    check(&facts)?;
    match (facts.has_portal, facts.is_empty, opening) {
        (false, _, Opening::Existing) => {
            Err(StoreError::Unsuitable(format!("there is no portal in {}", server.shown())))
        }
        (false, false, Opening::Making) => Err(StoreError::Unsuitable(format!(
            "{} holds tables of something else, and the portal wants a database of its own",
            server.shown()
        ))),
        (has_portal, ..) => Ok(has_portal),
    }
}

/// Makes the schema, or brings it up to date.
///
/// # Errors
/// `StoreError` when a migration fails; nothing is changed then.
pub(super) fn migrate(conn: &mut ServerConnection) -> Result<(), StoreError> {
    let migrate = |conn: &mut PgConnection| {
        // a large table takes as long as it takes
        conn.batch_execute(&format!(
            "SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = 0; \
             SELECT pg_advisory_xact_lock({MIGRATES}); SELECT pg_advisory_xact_lock({WRITES})",
            PATIENCE.as_millis()
        ))?;
        conn.run_pending_migrations(MIGRATIONS)
            .map(|_| ())
            .map_err(|error| StoreError::of_cause("migration failed", error))
    };
    conn.lent().transaction(migrate)
}

/// Whether the schema of a portal lacks a migration.
fn is_behind(conn: &mut ServerConnection) -> Result<bool, StoreError> {
    let pending = conn.lent().has_pending_migration(MIGRATIONS);
    pending.map_err(|error| StoreError::of_cause("", error))
}

fn facts(conn: &mut ServerConnection) -> Result<ServerFacts, StoreError> {
    // how text is ordered, and which letters are the same but for their case, is tried, because how that is called differs from one version
    // and provider to the next; another encoding may not know the letters
    Ok(diesel::sql_query(
        "SELECT current_setting('server_version_num')::integer / 10000 AS version, \
                pg_encoding_to_char(encoding)::text AS encoding, datcollate::text AS \"order\", \
                CASE WHEN pg_encoding_to_char(encoding) = 'UTF8' THEN 'B' < 'a' AND 'z' < chr(228) AND NOT chr(201) ILIKE chr(233) \
                     ELSE true END AS is_plain_order, \
                current_setting('lc_messages') AS language, \
                to_regclass('__diesel_schema_migrations') IS NOT NULL AS has_portal, \
                NOT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = ANY (current_schemas(false)) \
                    AND tablename <> 'database_transfer') AS is_empty \
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
