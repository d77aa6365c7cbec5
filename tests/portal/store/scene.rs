//! A data folder in which a little of everything has happened, and a hand in the file behind the portal's back.

use cpe_portal::actions::certification::decisions::command::{Deciding, SeenVersion};
use cpe_portal::actions::certification::decisions::decide;
use cpe_portal::actions::deadlines::{RunOptions, run, to_the_end};
use cpe_portal::actions::reviews::{GivenVerdict, review};
use cpe_portal::domain::activities::review::ReviewDecision;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::support::{People, Rights, TestPortal, day};

/// Opens the file as any SQLite program would, with foreign keys on.
pub fn open(portal: &TestPortal) -> SqliteConnection {
    open_path(portal.store.file().unwrap().to_str().unwrap())
}

pub fn open_path(path: &str) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(path).unwrap();
    conn.batch_execute("PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON;").unwrap();
    conn
}

/// What the database says to a statement: how many rows it changed, or why it refused.
pub fn says(conn: &mut SqliteConnection, sql: &str) -> Result<usize, String> {
    diesel::sql_query(sql).execute(conn).map_err(|error| error.to_string())
}

#[track_caller]
pub fn assert_refused(conn: &mut SqliteConnection, sql: &str, because: &str) {
    match says(conn, sql) {
        Ok(rows) => panic!("{rows} rows were changed by: {sql}"),
        Err(reason) => assert!(reason.contains(because), "{sql}: refused, but because of {reason:?}"),
    }
}

pub fn texts(conn: &mut SqliteConnection, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let lines: Vec<Line> = diesel::sql_query(sql).load(conn).unwrap();
    lines.into_iter().map(|line| line.text).collect()
}

/// Every row of one table.
pub fn rows_of(conn: &mut SqliteConnection, table: &str) -> Vec<String> {
    let columns = columns_of(conn, table);
    rows_in(conn, table, &columns)
}

/// The columns of one table.
pub fn columns_of(conn: &mut SqliteConnection, table: &str) -> Vec<String> {
    texts(conn, &format!("SELECT name AS text FROM pragma_table_info('{table}')"))
}

/// Every row of one table, in some of its columns.
pub fn rows_in(conn: &mut SqliteConnection, table: &str, columns: &[String]) -> Vec<String> {
    let joined = columns.iter().map(|c| format!("quote({c})")).collect::<Vec<_>>().join(" || '|' || ");
    texts(conn, &format!("SELECT {joined} AS text FROM {table} ORDER BY 1"))
}

/// Two holders; the owner's first year is recertified, with a review behind it, a reminder was sent to the stranger, whose year was
/// flagged and waived.
pub fn lived_in() -> (TestPortal, People) {
    let portal = TestPortal::new();
    let people = portal.people();
    let activity = portal.submitted(&people.owner, "A long course", "2026-06-01", 24);
    let approve = GivenVerdict { decision: Some(ReviewDecision::Approve), ..GivenVerdict::default() };
    review(&portal, people.reviewer.as_reviewer(), activity, None, &approve).unwrap();
    let runs = |on: &str| {
        portal.clock.set_local(day(on), 10);
        run(&portal, RunOptions::today(&portal), &mut to_the_end).unwrap()
    };
    assert_eq!(runs("2027-02-01").reminders.len(), 4);
    let year_end = runs("2027-03-15");
    assert_eq!((year_end.recertified.len(), year_end.flagged.len()), (1, 1));
    let waive = Deciding::Waive { year: 1 };
    decide(
        &portal,
        people.administrator.as_administrator(),
        people.stranger_certificate,
        SeenVersion::default(),
        waive,
        "Long illness.",
    )
    .unwrap();
    (portal, people)
}
