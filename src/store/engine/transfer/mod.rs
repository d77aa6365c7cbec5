//! Moving a portal's database between a file and a server: every row copied, compared, and only then the new place is a portal's.
//!
//! Who writes what, in which order; killed between any two steps, the same command goes on:
//!
//! | step                                                                        | what a kill right after it leaves              |
//! |-----------------------------------------------------------------------------|------------------------------------------------|
//! | 1 opens one view of the origin, and keeps everybody from writing to it       | nothing                                        |
//! | 2 notes in the target that its tables are being made; makes them, empty      | tables that are made anew                      |
//! | 3 notes how the origin stands whose rows arrive                              | an empty target, which nothing begins on       |
//! | 4 copies the tables, each behind those that it refers to, a page a commit    | rows up to a key, from which the next goes on  |
//! | 5 compares every row of both                                                 | the same                                       |
//! | 6 holds the mail of the target and removes its note, without the commit yet  | the same                                       |
//! | 7 notes in the origin that it has left: nothing begins on it any more        | two places on which nothing begins             |
//! | 8 commits what 6 wrote                                                       | a portal (a file: whole, beside its place)     |
//! | 9 a file: puts it in its place                                               | a portal                                       |
//!
//! An origin that has changed since step 3 is copied anew from its beginning.

pub(in crate::store) mod cell;
pub mod error;
pub(in crate::store) mod record;
pub(in crate::store) mod schema;
pub(in crate::store) mod table;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::connection::{Conn, EngineConnection};
use super::postgres;
use super::postgres::connection::ServerConnection;
use super::sqlite;
use super::turns::{PATIENCE, Patience};
use crate::config::{DatabasePlace, ServerAddress};
use crate::store::StoreError;
use error::{DatabaseTransferError, Moving, refused};
use record::{TransferRecord, TransferState};
use schema::{check_schema, has_schema};
use table::{BEGINNING, Table, TableRow};

/// How a transfer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransferBeginning {
    /// With nothing at the new place.
    New,
    /// With so many rows that an earlier run brought.
    Resumed(usize),
    /// Once more from the beginning: the old place has changed since an earlier run, or what that brought was not as it was sent.
    Anew,
    /// At its end: an earlier run had only to put the file in its place.
    Whole,
}

/// A database on its way from one place to the other.
pub struct DatabaseTransfer {
    origin: EngineConnection,
    target: EngineConnection,
    /// The place of the file, which is the origin or the target.
    file: PathBuf,
    /// The other place.
    address: ServerAddress,
    tables: Vec<Table>,
    record: TransferRecord,
    beginning: TransferBeginning,
    rows: usize,
}

impl DatabaseTransfer {
    /// Opens both places and makes ready what is to arrive. `file` is where a portal has its database when that is a file. From now on nobody
    /// writes to the origin, until this is dropped.
    ///
    /// # Errors
    /// `DatabaseTransferError::Refused` for places between which nothing can be moved, a target that is in use or has something in it, and an
    /// origin that is in use; `Store` when one of them cannot be opened.
    pub fn begin(
        from: &DatabasePlace,
        to: &DatabasePlace,
        file: &Path,
        patience: Patience,
    ) -> Moving<DatabaseTransfer> {
        match (from, to) {
            (DatabasePlace::File, DatabasePlace::Server(address)) => to_server(file, address, patience),
            (DatabasePlace::Server(address), DatabasePlace::File) => to_file(address, file, patience),
            (DatabasePlace::File, DatabasePlace::File) => {
                refused(format!("The database is the file {} already.", file.display()))
            }
            (DatabasePlace::Server(_), DatabasePlace::Server(_)) => refused(
                "The database is on a server already. From one server to another it goes with their own means (pg_dump and pg_restore).".to_owned(),
            ),
        }
    }

    /// How it begins.
    #[must_use]
    pub const fn beginning(&self) -> TransferBeginning {
        self.beginning
    }

    /// How many rows there are to be moved.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// How many tables there are.
    #[must_use]
    pub const fn tables(&self) -> usize {
        self.tables.len()
    }

    /// Copies what is not there yet. `progress` hears how many rows are there, and how many there will be.
    ///
    /// # Errors
    /// `DatabaseTransferError`; what has arrived stays, and another run goes on behind it.
    pub fn copy(&mut self, progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>) -> Moving<()> {
        let mut done = 0;
        for table in &self.tables {
            done += table.count(&mut self.target)?;
            let mut last = table.last_key(&mut self.target)?;
            loop {
                tell(progress, done, self.rows)?;
                let rows = table.rows_after(&mut self.origin, last.as_ref())?;
                let Some(row) = rows.last() else { break };
                last = Some(table.key_of(row));
                self.target.begin_write(PATIENCE)?;
                table.add(&mut self.target, &rows)?;
                self.target.commit()?;
                done += rows.len();
            }
        }
        // what the planner is told of it: without that the first day is slow
        Ok(self.target.run("ANALYZE")?)
    }

    /// Reads every row of both places and compares them. `progress` hears how many rows are compared, and how many there are.
    ///
    /// # Errors
    /// `DatabaseTransferError::Different` names the first row that differs; then another run begins anew.
    pub fn compare(&mut self, progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>) -> Moving<()> {
        let mut done = 0;
        for nth in 0..self.tables.len() {
            let Some(table) = self.tables.get(nth) else { break };
            let mut last = None;
            loop {
                tell(progress, done, self.rows)?;
                let sent = table.rows_after(&mut self.origin, last.as_ref())?;
                let arrived = table.rows_after(&mut self.target, last.as_ref())?;
                if sent != arrived {
                    let words = difference(table, &sent, &arrived);
                    let spoiled = TransferRecord { standing: String::new(), ..self.record.clone() };
                    record::write(&mut self.target, &spoiled)?;
                    return Err(DatabaseTransferError::Different(words));
                }
                let Some(row) = sent.last() else { break };
                last = Some(table.key_of(row));
                done += sent.len();
            }
        }
        Ok(())
    }

    /// Ends it after everything was compared: the old place is left, the new one is a portal's. `hold` is written in the same commit.
    ///
    /// # Errors
    /// `DatabaseTransferError`; then the same command goes on with what is left to do.
    pub fn finish(mut self, hold: impl FnOnce(&mut Conn<'_>) -> Result<(), StoreError>) -> Moving<()> {
        if self.beginning != TransferBeginning::Whole {
            self.target.begin_write(PATIENCE)?;
            // whatever can be refused is refused before the origin is left
            if let Err(error) = self.made_whole(hold).and_then(|()| self.leave()) {
                self.target.roll_back()?;
                return Err(error);
            }
            self.target.commit()?;
        }
        if matches!(self.target, EngineConnection::File(_)) {
            sqlite::transfer::put_in_place(self.target, &self.file)?;
        }
        Ok(())
    }

    /// Makes the target a portal's, in the open transaction.
    fn made_whole(&mut self, hold: impl FnOnce(&mut Conn<'_>) -> Result<(), StoreError>) -> Moving<()> {
        hold(&mut Conn(&mut self.target))?;
        if let EngineConnection::Server(server) = &mut self.target {
            postgres::transfer::go_on_with_ids(server, self.tables.iter().filter(|table| table.has_id()))?;
        }
        Ok(record::remove(&mut self.target)?)
    }

    /// Notes in the origin that it has left.
    fn leave(&mut self) -> Moving<()> {
        let EngineConnection::Server(_) = &self.origin else {
            return Ok(sqlite::transfer::leave(&self.file, &self.address.to_string())?);
        };
        // the view ends, and nobody can write all the same
        self.origin.commit()?;
        let place = self.file.display().to_string();
        let left = TransferRecord { state: TransferState::Left, place, ..self.record.clone() };
        record::write(&mut self.origin, &left)?;
        let EngineConnection::Server(server) = &mut self.origin else { return Ok(()) };
        // whoever began before the note was written is seen here, and whoever begins after it reads it
        if postgres::transfer::is_used(server)? {
            record::remove(&mut self.origin)?;
            return refused(in_use(&self.address));
        }
        Ok(())
    }
}

fn tell(progress: &mut dyn FnMut(usize, usize) -> ControlFlow<()>, done: usize, all: usize) -> Moving<()> {
    match progress(done, all.max(done)) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(DatabaseTransferError::Stopped),
    }
}

/// The first difference of two pages, without what stands in the rows.
fn difference(table: &Table, sent: &[TableRow], arrived: &[TableRow]) -> String {
    let pairs = sent.iter().map(Some).chain(std::iter::repeat(None));
    let pairs = pairs.zip(arrived.iter().map(Some).chain(std::iter::repeat(None)));
    for pair in pairs.take(sent.len().max(arrived.len())) {
        let name = |row: &TableRow| format!("{} {}", table.name, table.key_words(row));
        match pair {
            (Some(one), Some(other)) if one == other => {}
            (Some(one), Some(other)) if table.key_of(one) == table.key_of(other) => {
                return format!("{} ({})", name(one), table.different(one, other).join(", "));
            }
            // one of them is missing on the other side: the one whose key comes first
            (Some(one), Some(other)) if table.key_of(other) < table.key_of(one) => return name(other),
            (Some(one), _) => return name(one),
            (None, Some(other)) => return name(other),
            (None, None) => {}
        }
    }
    table.name.clone()
}

fn in_use(address: &ServerAddress) -> String {
    format!(
        "A portal uses {address}, or another command does. Stop it first; what was copied stays, and the same command goes on."
    )
}

fn moved_already(place: &str) -> String {
    format!(
        "The database was moved to {place} already, where the portal goes on. What is left here is not moved once more."
    )
}

fn to_server(file: &Path, address: &ServerAddress, patience: Patience) -> Moving<DatabaseTransfer> {
    if !file.is_file() {
        return refused(format!("There is no database at {}.", file.display()));
    }
    let left = sqlite::transfer::moved_to(file)?;
    let mut server = postgres::transfer::connect(address)?;
    if postgres::transfer::is_used(&mut server)? {
        return refused(in_use(address));
    }
    let mut target = EngineConnection::Server(server);
    let mut origin = sqlite::transfer::open_to_read(file, patience)?;
    let tables = table::tables(&mut origin)?;
    let newest = check_schema(&mut origin, &file.display().to_string())?;
    let (mark, changes) = counted(&mut origin)?;
    let place = file.display().to_string();
    let standing = format!("changes {changes}, schema {newest}");
    let record = TransferRecord { state: TransferState::Arriving, mark, standing, place };
    let found = record::find(&mut target)?;
    if let Some(place) = left.filter(|_| found.as_ref().is_none_or(|found| found.mark != record.mark)) {
        return refused(moved_already(&place));
    }
    let beginning = match found {
        Some(found) => how_to_go_on(&found, &record, &address.to_string())?,
        None => {
            claim_empty(&mut target, &tables, &record, address)?;
            TransferBeginning::New
        }
    };
    let file = file.to_owned();
    let transfer = DatabaseTransfer {
        origin,
        target,
        file,
        address: address.clone(),
        tables,
        record,
        beginning,
        rows: 0,
    };
    made_ready(transfer)
}

fn to_file(address: &ServerAddress, file: &Path, patience: Patience) -> Moving<DatabaseTransfer> {
    if file.exists() {
        return refused(match has_arrived(address, file) {
            true => format!(
                "It is done: {} holds the portal, and is where {address} was moved to.",
                file.display()
            ),
            false => format!(
                "{} is there already. Move it away, with what lies beside it under the same name, and begin once more.",
                file.display()
            ),
        });
    }
    sqlite::transfer::refuse_leftovers(file)?;
    let mut server = postgres::transfer::connect(address)?;
    let left = origin_on_server(&mut server, address)?;
    postgres::transfer::bring_up_to_date(address)?;
    postgres::transfer::keep_turn(&mut server, patience.longest)?;
    if postgres::transfer::is_used(&mut server)? {
        return refused(in_use(address));
    }
    let changes = postgres::transfer::changes(&mut server)?;
    server.begin_view()?;
    let mut origin = EngineConnection::Server(server);
    let newest = check_schema(&mut origin, &address.to_string())?;
    let (mark, _) = counted(&mut origin)?;
    let (standing, place) = (format!("changes {changes}, schema {newest}"), address.to_string());
    let record = TransferRecord { state: TransferState::Arriving, mark, standing, place };
    let mut target = sqlite::transfer::open_arriving(file)?;
    let found = record::find(&mut target)?;
    let beginning = match &found {
        Some(found) => how_to_go_on(found, &record, &file.display().to_string())?,
        None if !has_schema(&mut target)? => TransferBeginning::New,
        None if left.as_deref() == Some(file.display().to_string().as_str()) => TransferBeginning::Whole,
        None => TransferBeginning::Anew,
    };
    if let Some(place) = left.filter(|_| found.is_none() && beginning != TransferBeginning::Whole) {
        return refused(moved_already(&place));
    }
    let (file, address) = (file.to_owned(), address.clone());
    let tables = Vec::new();
    made_ready(DatabaseTransfer { origin, target, file, address, tables, record, beginning, rows: 0 })
}

/// Whether the database of a server has left for this file.
fn has_arrived(address: &ServerAddress, file: &Path) -> bool {
    let record = postgres::transfer::connect(address).and_then(|mut server| record::on_server(&mut server));
    let left = |record: TransferRecord| {
        record.state == TransferState::Left && record.place == file.display().to_string()
    };
    record.is_ok_and(|record| record.is_some_and(left))
}

/// Refuses an origin that is itself arriving. Gives where it is when it has left.
fn origin_on_server(server: &mut ServerConnection, address: &ServerAddress) -> Moving<Option<String>> {
    match record::on_server(server)? {
        None => Ok(None),
        Some(TransferRecord { state: TransferState::Left, place, .. }) => Ok(Some(place)),
        Some(TransferRecord { place, .. }) => refused(format!(
            "{address} is not whole: a database is being moved there from {place}. Run that to its end first."
        )),
    }
}

/// Makes the tables of the target where they have to be, and counts what there is to be moved.
fn made_ready(mut transfer: DatabaseTransfer) -> Moving<DatabaseTransfer> {
    if matches!(transfer.beginning, TransferBeginning::New | TransferBeginning::Anew) {
        let preparing = TransferRecord { state: TransferState::Preparing, ..transfer.record.clone() };
        record::write(&mut transfer.target, &preparing)?;
        transfer.target = match transfer.target {
            EngineConnection::Server(mut server) => {
                postgres::transfer::make_anew(&mut server)?;
                EngineConnection::Server(server)
            }
            EngineConnection::File(file) => {
                drop(file);
                sqlite::transfer::remove_arriving(&transfer.file)?;
                let mut made = sqlite::transfer::open_arriving(&transfer.file)?;
                record::write(&mut made, &preparing)?;
                if let EngineConnection::File(file) = &mut made {
                    sqlite::transfer::make_tables(file)?;
                }
                made
            }
        };
        record::write(&mut transfer.target, &transfer.record)?;
    }
    if matches!(transfer.target, EngineConnection::File(_)) {
        transfer.tables = table::tables(&mut transfer.target)?;
    }
    for table in &transfer.tables {
        transfer.rows += table.count(&mut transfer.origin)?;
    }
    if matches!(transfer.beginning, TransferBeginning::Resumed(_)) {
        let mut there = 0;
        for table in &transfer.tables {
            there += table.count(&mut transfer.target)?;
        }
        transfer.beginning = TransferBeginning::Resumed(there);
    }
    Ok(transfer)
}

/// Whether what an earlier run brought to the target can be gone on with.
fn how_to_go_on(found: &TransferRecord, wanted: &TransferRecord, target: &str) -> Moving<TransferBeginning> {
    match found.state {
        TransferState::Left => refused(format!(
            "The database that is {target} was moved to {} and is not written over. Name another one, empty.",
            found.place
        )),
        _ if found.mark != wanted.mark => refused(format!(
            "Another database is being moved to {target}, from {}, and that is not at its end. Name another one, empty.",
            found.place
        )),
        TransferState::Arriving if found.standing == wanted.standing => Ok(TransferBeginning::Resumed(0)),
        TransferState::Arriving => Ok(TransferBeginning::Anew),
        TransferState::Preparing => Ok(TransferBeginning::New),
    }
}

/// Refuses a target in which a portal has written anything.
fn check_empty(target: &mut EngineConnection, tables: &[Table], address: &ServerAddress) -> Moving<()> {
    if !has_schema(target)? {
        return Ok(());
    }
    check_schema(target, &address.to_string())?;
    for table in tables.iter().filter(|table| !BEGINNING.contains(&table.name.as_str())) {
        if table.last_key(target)?.is_some() {
            return refused(format!(
                "A portal has written to {address} already (in {}), and that would be lost. Name another database, empty.",
                table.name
            ));
        }
    }
    Ok(())
}

/// Takes an empty target: whoever begins there from now on reads the note, and whoever began before is seen.
fn claim_empty(
    target: &mut EngineConnection,
    tables: &[Table],
    record: &TransferRecord,
    address: &ServerAddress,
) -> Moving<()> {
    check_empty(target, tables, address)?;
    record::write(target, &TransferRecord { state: TransferState::Preparing, ..record.clone() })?;
    let used = match target {
        EngineConnection::Server(server) => postgres::transfer::is_used(server)?,
        EngineConnection::File(_) => false,
    };
    let claimed = if used { refused(in_use(address)) } else { check_empty(target, tables, address) };
    if claimed.is_err() {
        record::remove(target)?;
    }
    claimed
}

/// The name of the database, and how many changes it counts.
fn counted(conn: &mut EngineConnection) -> Result<(String, i64), StoreError> {
    use crate::store::engine::prelude::*;
    use crate::store::schema::database_marks;
    Ok(database_marks::table.select((database_marks::mark, database_marks::changes)).first(conn)?)
}
