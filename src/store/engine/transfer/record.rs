//! What a database notes of a transfer: that it is arriving here and not whole yet, or that it has left for another place. Nothing begins on
//! a database with such a record.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::cell::{self, Cell, CellKind};
use crate::store::StoreError;
use crate::store::engine::connection::EngineConnection;
use crate::store::engine::postgres::connection::ServerConnection;

/// The table of the record, which is there as long as there is one.
pub(in crate::store) const TABLE: &str = "database_transfer";

/// How far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum TransferState {
    /// The tables are being made.
    Preparing,
    /// Rows arrive.
    Arriving,
    /// All of it is at another place.
    Left,
}

/// A record of a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct TransferRecord {
    pub(in crate::store) state: TransferState,
    /// The name of the database that it is about.
    pub(in crate::store) mark: String,
    /// How that one stood: another text means that it has changed since.
    pub(in crate::store) standing: String,
    /// Where it comes from, or is now, in words.
    pub(in crate::store) place: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Text)]
    mark: String,
    #[diesel(sql_type = Text)]
    standing: String,
    #[diesel(sql_type = Text)]
    place: String,
}

const STATES: [(&str, TransferState); 3] = [
    ("preparing", TransferState::Preparing),
    ("arriving", TransferState::Arriving),
    ("left", TransferState::Left),
];

fn read(lines: Vec<Line>) -> Result<Option<TransferRecord>, StoreError> {
    let Some(Line { state, mark, standing, place }) = lines.into_iter().next() else { return Ok(None) };
    let known = STATES.iter().find(|(code, _)| *code == state);
    let (_, state) = known.ok_or(StoreError::Unreadable(TABLE))?;
    Ok(Some(TransferRecord { state: *state, mark, standing, place }))
}

fn question() -> String {
    format!("SELECT state, mark, standing, place FROM {TABLE}")
}

/// The record of a database on a server; none of one that is neither arriving nor gone.
pub(in crate::store) fn on_server(
    server: &mut ServerConnection,
) -> Result<Option<TransferRecord>, StoreError> {
    let known = format!("SELECT 1 FROM pg_class WHERE oid = to_regclass('{TABLE}')");
    if diesel::RunQueryDsl::execute(diesel::sql_query(known), server.lent())? == 0 {
        return Ok(None);
    }
    read(diesel::RunQueryDsl::load(diesel::sql_query(question()), server.lent())?)
}

/// The record of a database.
pub(in crate::store) fn find(conn: &mut EngineConnection) -> Result<Option<TransferRecord>, StoreError> {
    let file = match conn {
        EngineConnection::Server(server) => return on_server(server),
        EngineConnection::File(file) => file,
    };
    let known =
        "SELECT name AS state, '' AS mark, '' AS standing, '' AS place FROM sqlite_schema WHERE name = ?";
    let known: Vec<Line> = diesel::sql_query(known).bind::<Text, _>(TABLE).load(file)?;
    if known.is_empty() {
        return Ok(None);
    }
    read(diesel::sql_query(question()).load(file)?)
}

/// Writes the record, in the place of one that was there: whoever is killed meanwhile leaves the one or the other.
pub(in crate::store) fn write(
    conn: &mut EngineConnection,
    record: &TransferRecord,
) -> Result<(), StoreError> {
    conn.run(&format!(
        "CREATE TABLE IF NOT EXISTS {TABLE} (state TEXT NOT NULL, mark TEXT NOT NULL, standing TEXT NOT NULL, place TEXT NOT NULL)"
    ))?;
    let known = STATES.iter().find(|(_, state)| *state == record.state);
    let code = known.map_or("", |(code, _)| *code).to_owned();
    let cells = [code, record.mark.clone(), record.standing.clone(), record.place.clone()].map(Cell::Text);
    let values: Vec<_> = cells.iter().map(|cell| (CellKind::Text, cell)).collect();
    let places = conn.rows_of_values(1, values.len());
    let columns = "(state, mark, standing, place)";
    if cell::execute(conn, &format!("UPDATE {TABLE} SET {columns} = {places}"), &values)? == 0 {
        cell::execute(conn, &format!("INSERT INTO {TABLE} {columns} VALUES {places}"), &values)?;
    }
    Ok(())
}

/// Removes the record: the database is one like any other.
pub(in crate::store) fn remove(conn: &mut EngineConnection) -> Result<(), StoreError> {
    Ok(conn.run(&format!("DROP TABLE IF EXISTS {TABLE}"))?)
}

/// Refuses to begin on a database on a server that is arriving, or is gone.
///
/// # Errors
/// `StoreError::Unsuitable` with what to do.
pub(in crate::store) fn refuse(server: &mut ServerConnection) -> Result<(), StoreError> {
    match on_server(server)? {
        None => Ok(()),
        Some(TransferRecord { state: TransferState::Left, place, .. }) => {
            Err(StoreError::Unsuitable(format!(
                "this database was moved to {place}, and nothing begins on what is left here. To go on with it all the same, as it was then, have \
             its owner remove the table {TABLE}"
            )))
        }
        Some(TransferRecord { place, .. }) => Err(StoreError::Unsuitable(format!(
            "a database is being moved here from {place}, and is not whole yet: run cpe-portal move once more, which goes on with the rest"
        ))),
    }
}
