//! A body whose deadlines fall on awkward days, and what must be true of it after every run.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output};

use chrono::{Days, Months, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamp};

use crate::support::faked::{FakedClock, wait_until};
use crate::support::process::command;
use crate::support::process::go_live;

const ZONE: chrono_tz::Tz = chrono_tz::Europe::Amsterdam;
const STAGES: [i64; 6] = [90, 60, 30, 14, 7, 1];

/// Days of the grant: a year ends the day before its anniversary.
const GRANTS: [&str; 14] = [
    "2025-01-01",
    "2025-01-02",
    "2024-02-29",
    "2025-03-01",
    "2025-03-02",
    "2025-03-26",
    "2025-03-27",
    "2025-04-01",
    "2025-05-01",
    "2025-10-28",
    "2025-10-29",
    "2025-10-30",
    "2025-11-01",
    "2025-12-31",
];

pub struct Town {
    folder: tempfile::TempDir,
    data: PathBuf,
    pub clock: FakedClock,
    portal: Option<Child>,
}

fn local(at: NaiveDateTime) -> NaiveDateTime {
    ZONE.from_utc_datetime(&at).naive_local()
}

/// When the run that must have been made by `now` was due: the latest full hour from 6 to 22, by the local clock.
fn due_since(now: NaiveDateTime) -> NaiveDateTime {
    let mut at = now.date().and_hms_opt(now.hour(), 0, 0).unwrap();
    while !(6..=22).contains(&local(at).hour()) {
        at -= TimeDelta::hours(1);
    }
    at
}

#[derive(QueryableByName)]
struct Stage {
    #[diesel(sql_type = Text)]
    certificate: String,
    #[diesel(sql_type = Date)]
    deadline: NaiveDate,
    #[diesel(sql_type = BigInt)]
    stage: i64,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Date)]
    evaluated_on: NaiveDate,
    #[diesel(sql_type = Timestamp)]
    evaluated_at: NaiveDateTime,
    #[diesel(sql_type = Nullable<BigInt>)]
    mail_id: Option<i64>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Run {
    #[diesel(sql_type = Timestamp)]
    started_at: NaiveDateTime,
}

impl Town {
    pub fn new(now: NaiveDateTime) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let clock = FakedClock::showing(folder.path(), now);
        let town = Self { data, clock, portal: None, folder };
        let mut rows = "email,name,certification,certificate_number,granted_on\n".to_owned();
        for (holder, granted_on) in GRANTS.iter().enumerate() {
            rows.push_str(&format!("h{holder}@people.test,Holder {holder},ISP,ISP-{holder},{granted_on}\n"));
        }
        let file = town.folder.path().join("holders.csv");
        std::fs::write(&file, rows).unwrap();
        let import = ["import", "holders", file.to_str().unwrap(), "--as-of", "2027-11-05"];
        assert!(town.command(&import).status().unwrap().success());
        go_live(&town.data);
        town
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.clock.rule(command(&self.data, arguments))
    }

    pub fn deadlines(&self, more: &[&str]) -> Output {
        let arguments: Vec<&str> = ["deadlines"].iter().chain(more).copied().collect();
        self.command(&arguments).output().unwrap()
    }

    /// The portal believes the day that the test says, and no other.
    pub fn assert_the_fake_is_in_force(&self) {
        let said = self.deadlines(&["--dry-run", "--format", "json"]).stdout;
        let said: serde_json::Value = serde_json::from_slice(&said).unwrap();
        assert_eq!(said["as_of"], local(self.clock.now()).date().to_string(), "the clock is not faked");
        assert_ne!(chrono::Utc::now().date_naive(), self.clock.now().date());
    }

    pub fn start(&mut self) {
        let mut child = self.command(&["serve"]).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        assert!(said.contains("listening"), "{said:?}");
        self.portal = Some(child);
    }

    /// Down until `at`, by SIGTERM or by `kill -9`.
    pub fn restart_at(&mut self, at: NaiveDateTime, politely: bool) {
        if politely {
            self.stop()
        } else {
            self.kill()
        }
        self.clock.set(at);
        self.start();
    }

    pub fn stop(&mut self) {
        let mut child = self.portal.take().unwrap();
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        assert!(child.wait().unwrap().success());
    }

    fn kill(&mut self) {
        let mut child = self.portal.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    fn conn(&self) -> SqliteConnection {
        let mut conn =
            SqliteConnection::establish(self.data.join("portal.sqlite").to_str().unwrap()).unwrap();
        diesel::sql_query("PRAGMA busy_timeout = 10000").execute(&mut conn).unwrap();
        conn
    }

    fn number(&self, question: &str) -> i64 {
        diesel::sql_query(question).get_result::<Count>(&mut self.conn()).unwrap().number
    }

    pub fn flagged(&self) -> i64 {
        self.number("SELECT COUNT(*) AS number FROM certification_years WHERE flagged_on IS NOT NULL")
    }

    pub fn held(&self) -> i64 {
        self.number("SELECT COUNT(*) AS number FROM held_flags WHERE confirmed_at IS NULL")
    }

    /// Waits until the run that is due has been made and its mails have left, and looks at everything that was told.
    pub fn settle(&self, what: &str) {
        wait_until(&format!("the run of {what}"), || self.last_run().is_some());
        let unsent = "SELECT COUNT(*) AS number FROM mails WHERE state <> 'sent'";
        wait_until(&format!("the mails of {what}"), || self.number(unsent) == 0);
        let ran_on = local(self.last_run().unwrap()).date();
        let stages = self.stages();
        let decided: BTreeSet<(&str, NaiveDate, i64)> =
            stages.iter().map(|row| (row.certificate.as_str(), row.deadline, row.stage)).collect();
        assert_eq!(decided.len(), stages.len(), "{what}: a stage was decided twice");
        for row in &stages {
            let due_on = row.deadline - Days::new(u64::try_from(row.stage).unwrap());
            let told = format!("{what}: {}, {} days before {}", row.certificate, row.stage, row.deadline);
            assert!(due_on <= row.evaluated_on, "{told} was decided on {}: too early", row.evaluated_on);
            assert!(row.evaluated_on <= row.deadline, "{told} was decided on {}", row.evaluated_on);
            assert_eq!(local(row.evaluated_at).date(), row.evaluated_on, "{told}: another day");
        }
        for (holder, granted_on) in GRANTS.iter().enumerate() {
            let number = format!("ISP-{holder}");
            for deadline in deadlines(granted_on.parse().unwrap()) {
                for stage in STAGES {
                    let due_on = deadline - Days::new(u64::try_from(stage).unwrap());
                    if due_on <= ran_on && ran_on <= deadline {
                        let key = (number.as_str(), deadline, stage);
                        assert!(decided.contains(&key), "{what}: {key:?} was missed on {ran_on}");
                    }
                }
            }
        }
    }

    /// The latest run that is done, unless one is due since.
    fn last_run(&self) -> Option<NaiveDateTime> {
        let now = self.clock.now() + TimeDelta::seconds(1);
        let runs: Vec<Run> =
            diesel::sql_query("SELECT started_at FROM job_runs WHERE job = 'deadlines' AND outcome = 'done'")
                .load(&mut self.conn())
                .unwrap();
        let past = runs.into_iter().map(|run| run.started_at).filter(|at| *at <= now).max()?;
        (past >= due_since(now)).then_some(past)
    }

    fn stages(&self) -> Vec<Stage> {
        diesel::sql_query(
            "SELECT c.number AS certificate, r.deadline, r.stage, r.outcome, r.day AS evaluated_on, r.at AS evaluated_at, \
             r.mail_id FROM notices_about_years r JOIN certificates c ON c.id = r.certificate_id WHERE r.stage IS NOT NULL",
        )
        .load(&mut self.conn())
        .unwrap()
    }

    /// Every stage that says "sent" has its mail, no two stages of a certificate share one, and each mail left the house once.
    pub fn assert_every_stage_was_told_by_one_mail(&self) {
        let mut mails: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for row in self.stages() {
            assert_eq!(row.mail_id.is_some(), row.outcome == "sent");
            if let Some(mail) = row.mail_id {
                mails.entry(mail).or_default().push(row.certificate);
            }
        }
        for told in mails.values() {
            assert_eq!(told.len(), 1, "one certificate each, so one stage in a mail: {told:?}");
        }
        assert!(mails.len() > 40, "only {} reminders prove nothing", mails.len());
        let reminders = self.number("SELECT COUNT(*) AS number FROM mails WHERE kind = 'reminder'");
        assert_eq!(usize::try_from(reminders).unwrap(), mails.len());
        let written = self.number("SELECT COUNT(*) AS number FROM mails");
        let files = std::fs::read_dir(self.data.join("mail")).unwrap().count();
        assert_eq!(i64::try_from(files).unwrap(), written, "each mail is one file");
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        if let Some(child) = &mut self.portal {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The deadlines that this story can reach.
fn deadlines(granted_on: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    (1..=7).map(move |year| granted_on + Months::new(12 * year) - Days::new(1))
}
