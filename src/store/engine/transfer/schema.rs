//! The versions of the schema at both places of a transfer.

use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;

use super::error::{Moving, refused};
use crate::store::StoreError;
use crate::store::engine::connection::EngineConnection;
use crate::store::engine::{postgres, sqlite};

fn schema(conn: &mut EngineConnection) -> Result<Vec<String>, StoreError> {
    match conn {
        EngineConnection::File(file) => sqlite::transfer::schema(file),
        EngineConnection::Server(server) => postgres::transfer::schema(server),
    }
}

/// Whether there is a schema of a portal.
pub(super) fn has_schema(conn: &mut EngineConnection) -> Result<bool, StoreError> {
    Ok(!schema(conn)?.is_empty())
}

/// The versions of the schema that this version makes on the engine of the connection, in order.
fn known_schema(conn: &EngineConnection) -> Result<Vec<String>, StoreError> {
    let failed = |error| StoreError::of_cause("", error);
    let mut known: Vec<String> = match conn {
        EngineConnection::File(_) => {
            let known =
                MigrationSource::<Sqlite>::migrations(&sqlite::opening::MIGRATIONS).map_err(failed)?;
            known.iter().map(|migration| migration.name().version().to_string()).collect()
        }
        EngineConnection::Server(_) => {
            let known = MigrationSource::<Pg>::migrations(&postgres::opening::MIGRATIONS).map_err(failed)?;
            known.iter().map(|migration| migration.name().version().to_string()).collect()
        }
    };
    known.sort_unstable();
    Ok(known)
}

/// Refuses a schema that this version does not make. Gives its newest version.
pub(super) fn check_schema(conn: &mut EngineConnection, place: &str) -> Moving<String> {
    let (found, known) = (schema(conn)?, known_schema(conn)?);
    if found != known {
        return refused(format!(
            "{place} was last opened by another version of the portal. Move it with that one, or open it with this one first."
        ));
    }
    Ok(known.into_iter().next_back().unwrap_or_default())
}
