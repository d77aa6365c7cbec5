//! The write-ahead log that is missing or somebody else's, and a database that is not the one it was.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::support::faked::wait_until;

use super::{Body, Served, checked, refused_serving, there};

pub fn log(data: &Path) -> PathBuf {
    data.join("portal.sqlite-wal")
}

/// A portal that was killed right after it had told people that their reports are kept. Gives their titles.
pub fn killed_at_work(body: &Body) -> Vec<String> {
    let portal = Served::plain(body);
    let mut visitor = portal.visitor(0);
    let token = portal.token(&mut visitor);
    // what was written by now reaches the database file, so that the log is needed for what comes
    thread::sleep(Duration::from_millis(800));
    let reports: Vec<String> = (0..5).map(|nth| format!("Report {nth}")).collect();
    for (nth, title) in reports.iter().enumerate() {
        assert_eq!(portal.report(&mut visitor, &token, title, nth), 303);
    }
    portal.kill();
    reports
}

/// Kills a portal at a moment when its database file alone has everything: held still, looked at, and let go on if it has not.
fn killed_with_an_empty_log(portal: Served) {
    let signal = |name: &str| {
        let told = Command::new("kill").args([name, &portal.child.id().to_string()]).status().unwrap();
        assert!(told.success());
    };
    let changes = |with_log: bool| {
        let copy = tempfile::tempdir().unwrap();
        let path = copy.path().join("portal.sqlite");
        fs::copy(portal.data.join("portal.sqlite"), &path).unwrap();
        if with_log {
            fs::copy(log(&portal.data), log(copy.path())).unwrap();
        }
        changes_counted(&path)
    };
    wait_until("the log has nothing more to give", || {
        signal("-STOP");
        let empty = changes(false) == changes(true);
        if !empty {
            signal("-CONT");
        }
        empty
    });
    portal.kill();
}

/// How many changes a database says that it has seen.
fn changes_counted(path: &Path) -> Option<i64> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = BigInt)]
        changes: i64,
    }
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let lines: Vec<Line> = diesel::sql_query("SELECT changes FROM database_marks").load(&mut conn).unwrap();
    lines.first().map(|line| line.changes)
}

#[test]
fn a_missing_log_is_noticed_and_put_back_it_is_taken() {
    let body = Body::new();
    let reports = killed_at_work(&body);
    let away = body.folder.path().join("away");
    fs::rename(log(&body.data), &away).unwrap();
    for _ in 0..2 {
        let said = refused_serving(&body.data);
        assert!(said.contains("changes are missing from portal.sqlite with portal.sqlite-wal"), "{said}");
        assert!(said.contains("remove portal.sqlite-mark"), "{said}");
    }
    fs::rename(away, log(&body.data)).unwrap();
    checked(&body.data);
    for title in reports {
        assert_eq!(there(&body.data, &title), 1);
    }
}

#[test]
fn whoever_knows_better_can_go_on_without_the_log() {
    let body = Body::new();
    killed_at_work(&body);
    fs::remove_file(log(&body.data)).unwrap();
    refused_serving(&body.data);
    fs::remove_file(body.data.join("portal.sqlite-mark")).unwrap();
    let portal = Served::plain(&body);
    let mut visitor = portal.visitor(1);
    portal.page(&mut visitor, "/dashboard");
}

#[test]
fn nobody_is_refused_whose_database_has_everything() {
    // a log that had nothing more to give
    let body = Body::new();
    let portal = Served::plain(&body);
    let mut visitor = portal.visitor(0);
    let token = portal.token(&mut visitor);
    assert_eq!(portal.report(&mut visitor, &token, "A report", 1), 303);
    killed_with_an_empty_log(portal);
    fs::remove_file(log(&body.data)).unwrap();
    checked(&body.data);
    assert_eq!(there(&body.data, "A report"), 1);

    // another program that tidies up after a crash: `there` opens and closes the database
    let portal = Served::plain(&body);
    assert_eq!(portal.report(&mut visitor, &token, "Another report", 1), 303);
    portal.kill();
    assert_eq!(there(&body.data, "Another report"), 1);
    assert!(!log(&body.data).exists());
    checked(&body.data);

    // a person who has it open with a tool, and wrote something
    let path = body.data.join("portal.sqlite");
    let mut tool = Command::new("python3")
        .args(["-c", "import sqlite3, sys, time\nc = sqlite3.connect(sys.argv[1])\nc.execute('PRAGMA user_version=1')\nc.commit()\nprint('written', flush=True)\ntime.sleep(60)"])
        .arg(&path)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = [0; 7];
    std::io::Read::read_exact(tool.stdout.as_mut().unwrap(), &mut said).unwrap();
    let portal = Served::plain(&body);
    assert_eq!(portal.report(&mut visitor, &token, "Beside a tool", 1), 303);
    tool.kill().unwrap();
    tool.wait().unwrap();
    portal.kill();
    checked(&body.data);
    assert_eq!(there(&body.data, "Beside a tool"), 1);
}

#[test]
fn the_log_of_another_portal_is_not_taken() {
    let other = Body::new();
    killed_at_work(&other);
    let body = Body::new();
    let before = fs::read(body.data.join("portal.sqlite")).unwrap();
    // beside a database that was closed in order
    fs::copy(log(&other.data), log(&body.data)).unwrap();
    let said = refused_serving(&body.data);
    assert!(said.contains("do not belong together"), "{said}");
    assert!(fs::read(body.data.join("portal.sqlite")).unwrap() == before, "nothing was mixed");
    fs::remove_file(log(&body.data)).unwrap();
    checked(&body.data);

    // in the place of the right one
    let reports = killed_at_work(&body);
    let away = body.folder.path().join("away");
    fs::rename(log(&body.data), &away).unwrap();
    fs::copy(log(&other.data), log(&body.data)).unwrap();
    let said = refused_serving(&body.data);
    assert!(said.contains("do not belong together"), "{said}");
    fs::rename(away, log(&body.data)).unwrap();
    checked(&body.data);
    for title in reports {
        assert_eq!(there(&body.data, &title), 1);
    }
}

#[test]
fn a_database_of_yesterday_another_one_or_none_is_not_taken_for_the_right_one() {
    let body = Body::new();
    let database = body.data.join("portal.sqlite");
    let yesterday = body.folder.path().join("yesterday");
    fs::copy(&database, &yesterday).unwrap();
    let portal = Served::plain(&body);
    let mut visitor = portal.visitor(0);
    let token = portal.token(&mut visitor);
    assert_eq!(portal.report(&mut visitor, &token, "A report", 1), 303);
    portal.stop();
    let right = body.folder.path().join("right");
    fs::rename(&database, &right).unwrap();

    let said = refused_serving(&body.data);
    assert!(said.contains("are missing from portal.sqlite"), "{said}");
    assert!(!database.exists(), "no empty portal takes its place");

    fs::copy(&yesterday, &database).unwrap();
    let said = refused_serving(&body.data);
    assert!(said.contains("are missing from portal.sqlite"), "{said}");

    // also beside the log that a crash has left, which would be mixed into it
    fs::copy(&right, &database).unwrap();
    let portal = Served::plain(&body);
    assert_eq!(portal.report(&mut visitor, &token, "Another report", 1), 303);
    portal.kill();
    assert!(log(&body.data).metadata().unwrap().len() > 0);
    fs::copy(&database, &right).unwrap();
    fs::copy(&yesterday, &database).unwrap();
    let said = refused_serving(&body.data);
    assert!(said.contains("are missing from portal.sqlite"), "{said}");
    assert!(fs::read(&database).unwrap() == fs::read(&yesterday).unwrap(), "nothing was mixed");

    fs::rename(log(&body.data), body.folder.path().join("log-of-the-right")).unwrap();
    fs::copy(Body::new().data.join("portal.sqlite"), &database).unwrap();
    let said = refused_serving(&body.data);
    assert!(said.contains("do not belong together"), "{said}");

    fs::rename(right, &database).unwrap();
    fs::rename(body.folder.path().join("log-of-the-right"), log(&body.data)).unwrap();
    checked(&body.data);
    assert_eq!(there(&body.data, "A report"), 1);
    assert_eq!(there(&body.data, "Another report"), 1);
}
