//! One value of a row as both engines hold it, read and bound exactly: what a column cannot hold is an error, never another value.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::deserialize::{self, FromSql, QueryableByName};
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::result::UnexpectedEndOfRow;
use diesel::row::{Field, NamedRow, Row};
use diesel::sql_types::{BigInt, Binary, Bool, Date, Nullable, Text, Timestamp};
use diesel::sqlite::{Sqlite, SqliteType};
use diesel::{QueryResult, RunQueryDsl, sql_query};

use crate::store::engine::connection::EngineConnection;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum CellKind {
    Integer,
    Text,
    Boolean,
    Day,
    Moment,
    Bytes,
}

/// A value. Those of one column are in the order of the column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum Cell {
    Nothing,
    Integer(i64),
    Text(String),
    Boolean(bool),
    Day(NaiveDate),
    /// In UTC.
    Moment(NaiveDateTime),
    Bytes(Vec<u8>),
}

impl CellKind {
    /// By the name that the schema of a file gives a column's type; none for a name that no column of a portal has.
    pub(in crate::store) fn of_type(name: &str) -> Option<CellKind> {
        Some(match name {
            "INTEGER" | "BIGINT" => CellKind::Integer,
            "TEXT" => CellKind::Text,
            "BOOLEAN" => CellKind::Boolean,
            "DATE" => CellKind::Day,
            "TIMESTAMP" => CellKind::Moment,
            "BLOB" => CellKind::Bytes,
            _ => return None,
        })
    }
}

/// How moments stand in a file: as Diesel writes them, and with the T that older versions of it wrote.
const MOMENTS: [&str; 2] = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];

impl Cell {
    /// The value as one of a column of this kind; none when no such column can hold it.
    pub(in crate::store) fn typed(self, kind: CellKind) -> Option<Cell> {
        match (kind, self) {
            (_, Cell::Nothing) => Some(Cell::Nothing),
            (CellKind::Integer, cell @ Cell::Integer(_))
            | (CellKind::Text, cell @ Cell::Text(_))
            | (CellKind::Boolean, cell @ Cell::Boolean(_))
            | (CellKind::Day, cell @ Cell::Day(_))
            | (CellKind::Moment, cell @ Cell::Moment(_))
            | (CellKind::Bytes, cell @ Cell::Bytes(_)) => Some(cell),
            // a file has numbers and texts for what has a type of its own on a server
            (CellKind::Boolean, Cell::Integer(number @ (0 | 1))) => Some(Cell::Boolean(number == 1)),
            (CellKind::Day, Cell::Text(text)) => {
                NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok().map(Cell::Day)
            }
            (CellKind::Moment, Cell::Text(text)) => {
                let read = |form: &&str| NaiveDateTime::parse_from_str(&text, form).ok();
                MOMENTS.iter().find_map(read).map(Cell::Moment)
            }
            _ => None,
        }
    }

    /// The value in words for a person, where it is part of a key.
    pub(in crate::store) fn words(&self) -> String {
        match self {
            Cell::Nothing => "nothing".to_owned(),
            Cell::Integer(number) => number.to_string(),
            // some keys are secrets
            Cell::Text(text) if text.chars().nth(LONGEST_SHOWN).is_some() => {
                text.chars().take(SHOWN).chain(['…']).collect()
            }
            Cell::Text(text) => text.clone(),
            Cell::Boolean(truth) => truth.to_string(),
            Cell::Day(day) => day.to_string(),
            Cell::Moment(moment) => moment.to_string(),
            Cell::Bytes(bytes) => format!("{} bytes", bytes.len()),
        }
    }

    /// Whether it is a text with a character in it that a server cannot hold.
    pub(in crate::store) fn has_nul(&self) -> bool {
        matches!(self, Cell::Text(text) if text.contains('\0'))
    }
}

/// Of a longer text that is part of a key, so many characters are shown.
const LONGEST_SHOWN: usize = 16;
const SHOWN: usize = 4;

/// A row as it was read, not typed yet.
#[derive(Debug)]
pub(in crate::store) struct ReadRow(pub(in crate::store) Vec<Cell>);

impl QueryableByName<Sqlite> for ReadRow {
    fn build<'a>(row: &impl NamedRow<'a, Sqlite>) -> deserialize::Result<Self> {
        let cell = |at: usize| {
            let field = Row::get(row, at).ok_or(UnexpectedEndOfRow)?;
            let Some(mut value) = field.value() else { return Ok(Cell::Nothing) };
            Ok(match value.value_type() {
                None => Cell::Nothing,
                Some(SqliteType::SmallInt | SqliteType::Integer | SqliteType::Long) => {
                    Cell::Integer(value.read_long())
                }
                Some(SqliteType::Text) => {
                    // read as a text, what is no text would be replaced in silence
                    let bytes: Vec<u8> = FromSql::<Binary, Sqlite>::from_sql(value)?;
                    Cell::Text(String::from_utf8(bytes).map_err(|_| "a text that is not UTF-8")?)
                }
                Some(SqliteType::Binary) => Cell::Bytes(FromSql::<Binary, Sqlite>::from_sql(value)?),
                Some(SqliteType::Float | SqliteType::Double) => {
                    return Err("a number with a fraction, where none can be".into());
                }
            })
        };
        (0..row.field_count()).map(cell).collect::<deserialize::Result<_>>().map(ReadRow)
    }
}

impl QueryableByName<Pg> for ReadRow {
    fn build<'a>(row: &impl NamedRow<'a, Pg>) -> deserialize::Result<Self> {
        let cell = |at: usize| {
            let field = Row::get(row, at).ok_or(UnexpectedEndOfRow)?;
            field.value().map_or(Ok(Cell::Nothing), of_server)
        };
        (0..row.field_count()).map(cell).collect::<deserialize::Result<_>>().map(ReadRow)
    }
}

/// A value of a server, which says its type by its number in the catalogue of types: those are the same on every server.
fn of_server(value: PgValue<'_>) -> deserialize::Result<Cell> {
    Ok(match value.get_oid().get() {
        16 => Cell::Boolean(FromSql::<Bool, Pg>::from_sql(value)?),
        17 => Cell::Bytes(FromSql::<Binary, Pg>::from_sql(value)?),
        20 => Cell::Integer(FromSql::<BigInt, Pg>::from_sql(value)?),
        25 => Cell::Text(FromSql::<Text, Pg>::from_sql(value)?),
        1082 => Cell::Day(FromSql::<Date, Pg>::from_sql(value)?),
        1114 => Cell::Moment(FromSql::<Timestamp, Pg>::from_sql(value)?),
        other => return Err(format!("a column of the type {other}, which no table of a portal has").into()),
    })
}

/// A value to be bound, with the kind of its column: a NULL has a type, too.
pub(in crate::store) type Bound<'c> = (CellKind, &'c Cell);

/// A statement with its values, for one engine.
type Statement<'c, DB> = BoxedSqlQuery<'c, DB, SqlQuery>;

macro_rules! binding {
    ($name:ident, $engine:ty) => {
        fn $name<'c>(sql: &str, values: &[Bound<'c>]) -> Statement<'c, $engine> {
            values.iter().fold(sql_query(sql).into_boxed(), |statement, (kind, cell)| match kind {
                CellKind::Integer => statement.bind::<Nullable<BigInt>, _>(match cell {
                    Cell::Integer(number) => Some(*number),
                    _ => None,
                }),
                CellKind::Text => statement.bind::<Nullable<Text>, _>(match cell {
                    Cell::Text(text) => Some(text.as_str()),
                    _ => None,
                }),
                CellKind::Boolean => statement.bind::<Nullable<Bool>, _>(match cell {
                    Cell::Boolean(truth) => Some(*truth),
                    _ => None,
                }),
                CellKind::Day => statement.bind::<Nullable<Date>, _>(match cell {
                    Cell::Day(day) => Some(*day),
                    _ => None,
                }),
                CellKind::Moment => statement.bind::<Nullable<Timestamp>, _>(match cell {
                    Cell::Moment(moment) => Some(*moment),
                    _ => None,
                }),
                CellKind::Bytes => statement.bind::<Nullable<Binary>, _>(match cell {
                    Cell::Bytes(bytes) => Some(bytes.as_slice()),
                    _ => None,
                }),
            })
        }
    };
}

binding!(for_file, Sqlite);
binding!(for_server, Pg);

/// Reads the rows that a statement gives.
pub(in crate::store) fn load(
    conn: &mut EngineConnection,
    sql: &str,
    values: &[Bound<'_>],
) -> QueryResult<Vec<ReadRow>> {
    match conn {
        EngineConnection::File(conn) => for_file(sql, values).load(conn),
        EngineConnection::Server(server) => for_server(sql, values).load(server.lent()),
    }
}

/// Runs a statement. Gives the number of rows that it changed.
pub(in crate::store) fn execute(
    conn: &mut EngineConnection,
    sql: &str,
    values: &[Bound<'_>],
) -> QueryResult<usize> {
    match conn {
        EngineConnection::File(conn) => for_file(sql, values).execute(conn),
        EngineConnection::Server(server) => for_server(sql, values).execute(server.lent()),
    }
}
