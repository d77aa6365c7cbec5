//! The commands `deadlines` and `mail`, as a person or a script runs them: the real binary on a data folder of its own.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::process::go_live;

struct Place {
    folder: TempDir,
}

impl Place {
    /// Holders of ISP, each granted on 15 March 2026 and taken over on 23 November 2026.
    fn with_holders(holders: usize) -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap() };
        let mut rows = "email,name,certification,certificate_number,granted_on\n".to_owned();
        for index in 0..holders {
            rows.push_str(&format!("h{index:02}@people.test,Holder {index},ISP,ISP-{index:02},2026-03-15\n"));
        }
        let file = place.folder.path().join("holders.csv");
        fs::write(&file, rows).unwrap();
        let imported = place.run(&["import", "holders", file.to_str().unwrap(), "--as-of", "2026-11-23"]);
        assert!(imported.status.success(), "{imported:?}");
        go_live(&place.folder.path().join("data"));
        place
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cpe-portal"));
        command
            .args(arguments)
            .env_clear()
            .env("CPE_PORTAL_DATA", self.folder.path().join("data"))
            .env("CPE_PORTAL_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    fn mails(&self) -> Vec<PathBuf> {
        let Ok(files) = fs::read_dir(self.folder.path().join("data/mail")) else { return Vec::new() };
        files.map(|file| file.unwrap().path()).collect()
    }
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

#[test]
fn a_rehearsed_day_a_real_one_and_the_mails_that_leave() {
    let place = Place::with_holders(2);
    let dry = place.run(&["deadlines", "--as-of", "2026-12-14", "--dry-run", "--format", "json"]);
    let real = place.run(&["deadlines", "--as-of", "2026-12-14", "--format", "json"]);
    let mut announced = json(&dry);
    assert_eq!(announced["dry_run"], true);
    announced["dry_run"] = false.into();
    assert_eq!(announced, json(&real));
    assert_eq!(announced["reminders"][0]["holder"], "h00@people.test");
    assert_eq!(announced["reminders"][1]["certificate"], "ISP-01");
    assert!(place.mails().is_empty());
    let mail = place.run(&["mail"]);
    assert!(mail.status.success());
    assert_eq!(
        String::from_utf8_lossy(&mail.stdout),
        "Emails delivered 2, to be tried again 0, failed for good 0, uncertain 0.\n"
    );
    assert_eq!(place.mails().len(), 2);
    assert!(fs::read_to_string(&place.mails()[0]).unwrap().contains("X-CPE-Notice: reminder\r\n"));
    assert_eq!(String::from_utf8_lossy(&place.run(&["mail"]).stdout), "Nothing to deliver.\n");
    let again = json(&place.run(&["deadlines", "--as-of", "2026-12-14", "--format", "json"]));
    assert_eq!(again["reminders"], serde_json::json!([]));
}

#[test]
fn the_table_says_who_would_get_what_and_why() {
    let place = Place::with_holders(1);
    let dry = place.run(&["deadlines", "--as-of", "2027-02-01", "--dry-run"]);
    let text = String::from_utf8(dry.stdout).unwrap();
    for words in [
        "Deadlines as of 1 February 2027, dry run: nothing was changed",
        "h00@people.test",
        "2027-03-14",
        "90 days before  no email: a later stage is due as well",
        "60 days before  would get a reminder: credits are missing",
        "Emails to be written: 1.",
    ] {
        assert!(text.contains(words), "{words:?} is missing in:\n{text}");
    }
}

#[test]
fn held_flags_end_with_exit_code_1_until_they_are_confirmed() {
    let place = Place::with_holders(11);
    let held = place.run(&["deadlines", "--as-of", "2027-03-15", "--format", "json"]);
    assert_eq!(held.status.code(), Some(1));
    assert_eq!(json(&held)["held"].as_array().unwrap().len(), 11);
    let confirmed =
        place.run(&["deadlines", "--as-of", "2027-03-15", "--format", "json", "--confirm-mass-flag"]);
    assert_eq!(confirmed.status.code(), Some(0));
    assert_eq!(json(&confirmed)["flagged"].as_array().unwrap().len(), 11);
}

#[test]
fn wrong_usage_ends_with_exit_code_2() {
    let place = Place { folder: tempfile::tempdir().unwrap() };
    for arguments in
        [&["deadlines", "--as-of", "tomorrow"][..], &["deadlines", "--format", "xml"], &["mail", "--twice"]]
    {
        assert_eq!(place.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn two_processes_at_once_send_nothing_twice() {
    let place = Place::with_holders(60);
    let day = ["deadlines", "--as-of", "2027-02-01", "--format", "json"];
    let runs: Vec<Child> = (0..3).map(|_| place.start(&day)).collect();
    let mut sent = 0;
    for run in runs {
        let output = run.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let report = json(&output);
        sent += report["reminders"].as_array().unwrap().iter().filter(|line| line["sent"] == true).count();
    }
    assert_eq!(sent, 60);
    let deliveries: Vec<Child> = (0..3).map(|_| place.start(&["mail"])).collect();
    for delivery in deliveries {
        assert!(delivery.wait_with_output().unwrap().status.success());
    }
    assert_eq!(place.mails().len(), 60);
}

#[cfg(unix)]
#[test]
fn kill_9_in_the_middle_of_runs_and_deliveries_loses_and_doubles_nothing() {
    let place = Place::with_holders(80);
    for round in 0..12 {
        let mut run =
            place.start(if round % 2 == 0 { &["deadlines", "--as-of", "2027-02-01"] } else { &["mail"] });
        std::thread::sleep(std::time::Duration::from_millis(20 + 13 * round));
        run.kill().unwrap();
        run.wait().unwrap();
        free_the_leases(&place);
    }
    assert!(place.run(&["deadlines", "--as-of", "2027-02-01"]).status.success());
    free_the_leases(&place);
    assert!(place.run(&["mail"]).status.success());
    let mut conn = connection(&place);
    let written = count(&mut conn, "SELECT COUNT(*) AS number FROM mails");
    let holders = count(&mut conn, "SELECT COUNT(DISTINCT account_id) AS number FROM mails");
    let sent = count(&mut conn, "SELECT COUNT(*) AS number FROM mails WHERE state = 'sent'");
    let uncertain = count(&mut conn, "SELECT COUNT(*) AS number FROM mails WHERE state = 'uncertain'");
    assert_eq!((written, holders), (80, 80));
    assert_eq!(sent + uncertain, 80);
    // a file is one mail: nothing is there twice, and what is sent is there
    let files = i64::try_from(
        place.mails().iter().filter(|file| file.extension().is_some_and(|e| e == "eml")).count(),
    )
    .unwrap();
    assert!((sent..=80).contains(&files), "{sent} sent, {uncertain} uncertain, {files} files");
}

/// What the passing of time does to the leases of dead processes.
fn free_the_leases(place: &Place) {
    use diesel::prelude::*;
    let mut conn = connection(place);
    diesel::sql_query("DELETE FROM leases").execute(&mut conn).unwrap();
}

fn connection(place: &Place) -> diesel::SqliteConnection {
    use diesel::prelude::*;
    let path = place.folder.path().join("data/portal.sqlite");
    let mut conn = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    diesel::sql_query("PRAGMA busy_timeout=5000").execute(&mut conn).unwrap();
    conn
}

fn count(conn: &mut diesel::SqliteConnection, sql: &str) -> i64 {
    use diesel::prelude::*;
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }
    diesel::sql_query(sql).get_result::<Row>(conn).unwrap().number
}
