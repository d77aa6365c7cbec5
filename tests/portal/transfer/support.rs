//! A portal on a real database in a temporary folder, and everything in it as text.

use std::io::Cursor;
use std::path::Path;

use chrono::NaiveDate;
use cpe_portal::clock::Clock;
use cpe_portal::config::{Config, PasswordCost, Settings};
use cpe_portal::portal::Portal;
use cpe_portal::transfer::activities::import_activities;
use cpe_portal::transfer::holders::import_holders;
use cpe_portal::transfer::{ImportChoices, ImportError, ImportReport};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use tempfile::TempDir;

use crate::support::postgres::Database;

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The day on which most tests take place.
pub const TODAY: &str = "2026-11-23";

pub struct TestData {
    pub folder: TempDir,
    pub portal: Portal,
    /// Its database, when that is on a server.
    pub database: Option<Database>,
}

impl TestData {
    pub fn new() -> Self {
        Self::on(TODAY)
    }

    pub fn on(today: &str) -> Self {
        Self::made(today, Database::of_a_test())
    }

    /// Whose database is a file, also where those of other tests are on a server: what is tried is the file's business.
    pub fn of_a_file() -> Self {
        Self::made(TODAY, None)
    }

    fn made(today: &str, database: Option<Database>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let portal = open_where(folder.path(), database.as_ref(), today);
        TestData { folder, portal, database }
    }

    pub fn holders(&self, file: &str) -> ImportReport {
        self.try_holders(file.as_bytes(), false).unwrap()
    }

    pub fn try_holders(&self, file: &[u8], dry_run: bool) -> Result<ImportReport, ImportError> {
        self.holders_with(file, &ImportChoices { dry_run, ..ImportChoices::default() })
    }

    pub fn holders_with(&self, file: &[u8], choices: &ImportChoices) -> Result<ImportReport, ImportError> {
        import_holders(&self.portal, Cursor::new(file), None, choices, &mut |_| {})
    }

    pub fn activities(&self, file: &str) -> ImportReport {
        self.try_activities(file.as_bytes(), false).unwrap()
    }

    pub fn try_activities(&self, file: &[u8], dry_run: bool) -> Result<ImportReport, ImportError> {
        self.activities_with(file, &ImportChoices { dry_run, ..ImportChoices::default() })
    }

    pub fn activities_with(&self, file: &[u8], choices: &ImportChoices) -> Result<ImportReport, ImportError> {
        import_activities(&self.portal, Cursor::new(file), None, choices, &mut |_| {})
    }

    pub fn dump(&self) -> Vec<String> {
        let Some(database) = &self.database else { return dump(&self.portal) };
        let rows = database.rows().into_iter();
        rows.flat_map(|(table, rows)| rows.into_iter().map(move |row| format!("{table}: {row}"))).collect()
    }

    /// The rows of one query that gives one text column named `line`.
    pub fn ask(&self, sql: &str) -> Vec<String> {
        match &self.database {
            Some(database) => database.lines(sql),
            None => ask(self.portal.store.file().unwrap(), sql),
        }
    }

    /// Changes the database behind the portal's back.
    pub fn damage(&self, sql: &str) {
        match &self.database {
            Some(database) => database.damage(sql),
            None => damage(self.portal.store.file().unwrap(), sql),
        }
    }
}

pub fn open(folder: &Path, today: &str) -> Portal {
    open_where(folder, None, today)
}

fn open_where(folder: &Path, database: Option<&Database>, today: &str) -> Portal {
    let database = database.map(|database| database.address().parse().unwrap());
    let settings = Settings { data: Some(folder.to_owned()), database, ..Settings::default() };
    let mut config = Config::check(&settings).unwrap();
    config.password_cost = PasswordCost::Cheap;
    let clock = Clock::on_day(config.time_zone, day(today));
    Portal::open(config, clock).unwrap()
}

pub fn reasons(report: &ImportReport) -> Vec<(u64, &str)> {
    report.refused.iter().map(|refused| (refused.line, refused.reason.as_str())).collect()
}

pub fn counts(report: &ImportReport) -> (u64, u64, u64, usize) {
    (report.added, report.changed, report.unchanged, report.refused.len())
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn connection(database: &Path) -> SqliteConnection {
    SqliteConnection::establish(database.to_str().unwrap()).unwrap()
}

/// The rows of one query that gives one text column named `line`.
pub fn ask(database: &Path, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(sql).load(&mut connection(database)).unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

/// Changes a database with everything off that would refuse it: constraints, foreign keys, triggers, unique indexes.
pub fn damage(database: &Path, sql: &str) {
    let guards = "SELECT 'DROP ' || type || ' ' || name AS line FROM sqlite_schema \
        WHERE type = 'trigger' OR (type = 'index' AND sql LIKE 'CREATE UNIQUE%')";
    let mut script = ask(database, guards);
    script.insert(0, "PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF".to_owned());
    script.push(sql.to_owned());
    connection(database).batch_execute(&script.join(";")).unwrap();
}

/// Every row of every table, as text.
pub fn dump(portal: &Portal) -> Vec<String> {
    let database = portal.store.file().unwrap();
    let tables = ask(
        database,
        "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    );
    let mut rows = Vec::new();
    for table in tables {
        let columns = ask(
            database,
            &format!(
                "SELECT group_concat('quote(\"' || name || '\")', ' || '','' || ') AS line FROM pragma_table_info('{table}')"
            ),
        );
        rows.extend(ask(
            database,
            &format!("SELECT '{table}: ' || {} AS line FROM {table} ORDER BY 1", columns[0]),
        ));
    }
    rows
}
