//! The tables of a portal, as the schema of its file tells them, so that none can be forgotten; and their rows, a page at a time in the
//! order of their keys.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::cell::{self, Bound, Cell, CellKind};
use crate::store::StoreError;
use crate::store::engine::connection::EngineConnection;

/// Rows that are read and written at once; fewer of tables that hold whole files.
const PAGE: usize = 250;
const PAGE_OF_FILES: usize = 4;

/// What each place makes for itself: which database it is, and how far its index of titles reaches.
const OF_THE_PLACE: [&str; 2] = ["database_marks", "report_search_reach"];

/// Tables in which a new portal has rows, too, those that refer to others first.
pub(in crate::store) const BEGINNING: [&str; 6] =
    ["canned_answers", "certifications", "field_neighbours", "fields", "policies", "holder_mail_holds"];
/// The only one of them whose rows are never deleted refuses that by this. It is set aside while a database begins to arrive, which is
/// nobody's yet, and is back in the same transaction.
pub(in crate::store) const REFUSAL: (&str, &str) =
    ("holder_mail_holds", "holder_mail_holds_are_never_deleted");

/// A column.
#[derive(Clone, Debug)]
pub(in crate::store) struct Column {
    pub(in crate::store) name: String,
    kind: CellKind,
}

/// A table.
#[derive(Clone, Debug)]
pub(in crate::store) struct Table {
    pub(in crate::store) name: String,
    columns: Vec<Column>,
    /// Which of the columns are its key, in the key's order.
    key: Vec<usize>,
}

/// A row, one value for each column of its table.
pub(in crate::store) type TableRow = Vec<Cell>;

#[derive(QueryableByName)]
struct NameLine {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct ColumnLine {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    declared: String,
    /// Its place in the key; 0 when it is no part of that.
    #[diesel(sql_type = BigInt)]
    place: i64,
}

/// The tables of the portal in this file, each behind those that it refers to.
///
/// # Errors
/// `StoreError::Unreadable` for a table without a key or with columns of a type that no server is told of.
pub(in crate::store) fn tables(conn: &mut EngineConnection) -> Result<Vec<Table>, StoreError> {
    let EngineConnection::File(file) = conn else { return Err(StoreError::Unreadable("the schema")) };
    // neither what SQLite keeps for itself and for its indexes of words, nor what Litestream does
    let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
               AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name";
    let names: Vec<NameLine> = diesel::sql_query(sql).load(file)?;
    let mut waiting = Vec::new();
    for NameLine { name } in names {
        if OF_THE_PLACE.contains(&name.as_str()) || name == super::record::TABLE {
            continue;
        }
        let refers = diesel::sql_query("SELECT \"table\" AS name FROM pragma_foreign_key_list(?)")
            .bind::<Text, _>(&name)
            .load::<NameLine>(file)?;
        let refers: BTreeSet<String> =
            refers.into_iter().map(|line| line.name).filter(|other| *other != name).collect();
        waiting.push((read_table(file, name)?, refers));
    }
    in_order(waiting)
}

fn read_table(file: &mut SqliteConnection, name: String) -> Result<Table, StoreError> {
    let lines = diesel::sql_query(
        "SELECT name, upper(type) AS declared, CAST(pk AS BIGINT) AS place FROM pragma_table_info(?) ORDER BY cid",
    )
    .bind::<Text, _>(&name)
    .load::<ColumnLine>(file)?;
    let mut columns = Vec::with_capacity(lines.len());
    let mut key = Vec::new();
    for (nth, line) in lines.into_iter().enumerate() {
        let kind = CellKind::of_type(&line.declared)
            .ok_or(StoreError::Unreadable("the schema: a column of another type"))?;
        columns.push(Column { name: line.name, kind });
        if line.place > 0 {
            key.push((line.place, nth));
        }
    }
    key.sort_unstable();
    if key.is_empty() {
        return Err(StoreError::Unreadable("the schema: a table without a key"));
    }
    Ok(Table { name, columns, key: key.into_iter().map(|(_, nth)| nth).collect() })
}

fn in_order(mut waiting: Vec<(Table, BTreeSet<String>)>) -> Result<Vec<Table>, StoreError> {
    let (mut there, mut ordered) = (BTreeSet::new(), Vec::new());
    while !waiting.is_empty() {
        let (ready, later): (Vec<_>, Vec<_>) =
            waiting.into_iter().partition(|(_, refers)| refers.is_subset(&there));
        if ready.is_empty() {
            return Err(StoreError::Unreadable("the schema: tables that refer to each other"));
        }
        for (table, _) in ready {
            there.insert(table.name.clone());
            ordered.push(table);
        }
        waiting = later;
    }
    Ok(ordered)
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn joined<'a>(names: impl Iterator<Item = &'a str>, ending: &str) -> String {
    names.map(|name| quoted(name) + ending).collect::<Vec<_>>().join(", ")
}

impl Table {
    fn key_names(&self) -> impl Iterator<Item = &str> {
        self.key.iter().filter_map(|nth| self.columns.get(*nth)).map(|column| column.name.as_str())
    }

    /// The values of a row's key.
    pub(in crate::store) fn key_of(&self, row: &TableRow) -> TableRow {
        self.key.iter().filter_map(|nth| row.get(*nth)).cloned().collect()
    }

    /// Whether its rows are numbered.
    pub(in crate::store) fn has_id(&self) -> bool {
        self.columns.iter().any(|column| column.name == "id" && column.kind == CellKind::Integer)
    }

    /// A row's key in words for a person.
    pub(in crate::store) fn key_words(&self, row: &TableRow) -> String {
        self.key_of(row).iter().map(Cell::words).collect::<Vec<_>>().join(", ")
    }

    /// How many rows are read and written at once.
    pub(in crate::store) fn page(&self) -> usize {
        if self.columns.iter().any(|column| column.kind == CellKind::Bytes) { PAGE_OF_FILES } else { PAGE }
    }

    /// How many rows it has.
    pub(in crate::store) fn count(&self, conn: &mut EngineConnection) -> Result<usize, StoreError> {
        let sql = format!("SELECT count(*) FROM {}", quoted(&self.name));
        let counted =
            cell::load(conn, &sql, &[])?.into_iter().next().and_then(|row| row.0.into_iter().next());
        match counted {
            Some(Cell::Integer(count)) => Ok(usize::try_from(count).unwrap_or_default()),
            _ => Err(StoreError::Unreadable("a count")),
        }
    }

    /// The key of its last row; none when it has no row.
    pub(in crate::store) fn last_key(
        &self,
        conn: &mut EngineConnection,
    ) -> Result<Option<TableRow>, StoreError> {
        let sql = format!(
            "SELECT {} FROM {} ORDER BY {} LIMIT 1",
            joined(self.columns.iter().map(|column| column.name.as_str()), ""),
            quoted(&self.name),
            joined(self.key_names(), " DESC")
        );
        let last = self.read(conn, &sql, &[])?.pop();
        Ok(last.map(|row| self.key_of(&row)))
    }

    /// The rows behind a key, one page of them in the order of the keys; from the beginning without one.
    pub(in crate::store) fn rows_after(
        &self,
        conn: &mut EngineConnection,
        key: Option<&TableRow>,
    ) -> Result<Vec<TableRow>, StoreError> {
        let behind = match key {
            Some(_) => {
                let values = conn.rows_of_values(1, self.key.len());
                format!("WHERE ({}) > {values}", joined(self.key_names(), ""))
            }
            None => String::new(),
        };
        let sql = format!(
            "SELECT {} FROM {} {behind} ORDER BY {} LIMIT {}",
            joined(self.columns.iter().map(|column| column.name.as_str()), ""),
            quoted(&self.name),
            joined(self.key_names(), ""),
            self.page()
        );
        let kinds = self.key.iter().filter_map(|nth| self.columns.get(*nth)).map(|column| column.kind);
        let values: Vec<Bound<'_>> = kinds.zip(key.into_iter().flatten()).collect();
        self.read(conn, &sql, &values)
    }

    fn read(
        &self,
        conn: &mut EngineConnection,
        sql: &str,
        values: &[Bound<'_>],
    ) -> Result<Vec<TableRow>, StoreError> {
        let rows = cell::load(conn, sql, values)
            .map_err(|error| StoreError::of_cause("", format!("{}: {error}", self.name)))?;
        rows.into_iter().map(|row| self.typed(row.0)).collect()
    }

    /// A row whose values are all of their columns' kinds.
    fn typed(&self, cells: Vec<Cell>) -> Result<TableRow, StoreError> {
        let mut typed = Vec::with_capacity(cells.len());
        for (column, cell) in self.columns.iter().zip(cells) {
            let cell = cell.typed(column.kind).ok_or_else(|| {
                let place = format!("{} {}", self.name, typed.first().map_or_else(String::new, Cell::words));
                StoreError::database("", format!("{place}: unreadable value in {}", column.name))
            })?;
            typed.push(cell);
        }
        Ok(typed)
    }

    /// Adds rows, in the caller's transaction.
    pub(in crate::store) fn add(
        &self,
        conn: &mut EngineConnection,
        rows: &[TableRow],
    ) -> Result<(), StoreError> {
        if matches!(conn, EngineConnection::Server(_)) {
            self.refuse_nul(rows)?;
        }
        let sql = format!(
            "INSERT INTO {} ({}) VALUES {}",
            quoted(&self.name),
            joined(self.columns.iter().map(|column| column.name.as_str()), ""),
            conn.rows_of_values(rows.len(), self.columns.len())
        );
        let values: Vec<Bound<'_>> =
            rows.iter().flat_map(|row| self.columns.iter().map(|column| column.kind).zip(row)).collect();
        cell::execute(conn, &sql, &values)
            .map_err(|error| StoreError::of_cause("", format!("{}: {error}", self.name)))?;
        Ok(())
    }

    fn refuse_nul(&self, rows: &[TableRow]) -> Result<(), StoreError> {
        for row in rows {
            if let Some((column, _)) = self.columns.iter().zip(row).find(|(_, cell)| cell.has_nul()) {
                return Err(StoreError::Unsuitable(format!(
                    "{} {} has a NUL in {}, and no text on a server can hold one",
                    self.name,
                    self.key_words(row),
                    column.name
                )));
            }
        }
        Ok(())
    }

    /// The columns in which two rows of one key differ.
    pub(in crate::store) fn different(&self, one: &TableRow, other: &TableRow) -> Vec<String> {
        let cells = self.columns.iter().zip(one.iter().zip(other));
        cells.filter(|(_, (one, other))| one != other).map(|(column, _)| column.name.clone()).collect()
    }
}
