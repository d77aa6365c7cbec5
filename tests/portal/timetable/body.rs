//! A small certifying body to run the timetable on.

use std::path::Path;

use chrono::{Days, NaiveDate};
use cpe_portal::actions::ActionError;
use cpe_portal::actions::deadlines::{RunOptions, RunReport, run, to_the_end};
use cpe_portal::domain::activities::activity::ActivityStatus;
use cpe_portal::domain::certification::deadlines::StageOutcome;
use cpe_portal::domain::ids::{CertificateId, HolderId};
use cpe_portal::store::accounts::Account;
use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::support::{TestPortal, day};

/// Runs the deadlines as if it were `today`, at 10 in the morning.
pub fn run_on(portal: &TestPortal, today: &str) -> RunReport {
    try_on(portal, today, |options| options).unwrap()
}

/// The same, changing nothing.
pub fn dry_on(portal: &TestPortal, today: &str) -> RunReport {
    try_on(portal, today, RunOptions::dry).unwrap()
}

/// The same with `--confirm-mass-flag`.
pub fn confirming_on(portal: &TestPortal, today: &str) -> RunReport {
    try_on(portal, today, |options| RunOptions { confirm_mass_flag: true, ..options }).unwrap()
}

pub fn try_on(
    portal: &TestPortal,
    today: &str,
    change: impl FnOnce(RunOptions) -> RunOptions,
) -> Result<RunReport, ActionError> {
    portal.clock.set_local(day(today), 10);
    run(portal, change(RunOptions::today(portal)), &mut to_the_end)
}

/// A holder of one ISP (20 credits a year), granted on this day and taken over on the clock's day.
pub fn practitioner(portal: &TestPortal, name: &str, granted_on: &str) -> (Account, CertificateId) {
    let holder = portal.holder(&format!("{}@people.test", name.to_lowercase()), name);
    let certificate = portal.certificate(&holder, "ISP", &format!("ISP-{name}"), granted_on);
    (holder, certificate)
}

pub fn approved(portal: &TestPortal, holder: &Account, completed_on: &str, hours: i64) {
    let title = format!("A course of {completed_on}, {hours} hours");
    portal.activity(holder, ActivityStatus::Approved, &title, completed_on, hours);
}

pub fn pending(portal: &TestPortal, holder: &Account, completed_on: &str, hours: i64) {
    portal.submitted(holder, &format!("A lecture of {completed_on}, {hours} hours"), completed_on, hours);
}

/// The kinds of mails written for a holder so far, in order.
pub fn kinds_of(portal: &TestPortal, holder: HolderId) -> Vec<String> {
    let sql = format!("SELECT kind AS text FROM mails WHERE account_id = {holder} ORDER BY id");
    texts(portal, &sql)
}

/// The first column of a question, as texts.
pub fn texts(portal: &TestPortal, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    if let Some(database) = &portal.database {
        return database.lines(sql);
    }
    let mut conn = open(portal.store.file().unwrap());
    let rows: Vec<Row> = diesel::sql_query(sql).load(&mut conn).unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

/// Changes the data behind the portal's back.
pub fn behind_its_back(portal: &TestPortal, sql: &str) {
    if let Some(database) = &portal.database {
        database.lines(sql);
        return;
    }
    let mut conn = open(portal.store.file().unwrap());
    diesel::sql_query(sql).execute(&mut conn).unwrap();
}

fn open(path: &Path) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    diesel::sql_query("PRAGMA busy_timeout=5000").execute(&mut conn).unwrap();
    conn
}

/// Every row of every table, except the runs that jobs remember and the count of changes (a lease that is taken and given back counts).
pub fn dump(portal: &TestPortal) -> Vec<String> {
    if portal.database.is_some() {
        let counted = portal.dump().into_iter();
        let counted = counted.filter(|(table, _)| table != "job_runs" && table != "database_marks");
        return counted
            .flat_map(|(table, rows)| rows.into_iter().map(move |row| format!("{table}: {row}")))
            .collect();
    }
    let tables = texts(portal, "SELECT name AS text FROM sqlite_master WHERE type = 'table' ORDER BY name");
    let mut rows = Vec::new();
    for table in tables.into_iter().filter(|table| table != "job_runs" && table != "database_marks") {
        let columns = texts(portal, &format!("SELECT name AS text FROM pragma_table_info('{table}')"));
        let joined =
            columns.iter().map(|column| format!("quote({column})")).collect::<Vec<_>>().join(" || '|' || ");
        let select = format!("SELECT '{table}: ' || {joined} AS text FROM {table} ORDER BY 1");
        rows.extend(texts(portal, &select));
    }
    rows
}

/// Fails with the rows that differ, not with the whole of both.
pub fn assert_same(before: &[String], after: &[String], when: &str) {
    if before == after {
        return;
    }
    let short = |row: &&String| row.chars().take(300).collect::<String>();
    let gone: Vec<String> = before.iter().filter(|row| !after.contains(row)).map(|row| short(&row)).collect();
    let new: Vec<String> = after.iter().filter(|row| !before.contains(row)).map(|row| short(&row)).collect();
    panic!("{when}: gone {gone:#?}, new {new:#?}");
}

/// Stages of a report as "90 sent", "60 superseded".
pub fn stages(report: &RunReport) -> Vec<String> {
    let word = |line: &cpe_portal::actions::deadlines::ReminderLine| {
        format!(
            "{} {}",
            line.stage,
            if line.sent { "sent" } else { line.reason.map_or("", StageOutcome::code) }
        )
    };
    report.reminders.iter().map(word).collect()
}

/// Certificates of a list of a report.
pub fn numbers(lines: &[cpe_portal::actions::deadlines::RunLine]) -> Vec<&str> {
    lines.iter().map(|line| line.certificate.as_str()).collect()
}

pub fn date(text: &str) -> NaiveDate {
    day(text)
}

/// What a run says, without the word that it is a dry one.
pub fn announced(report: &cpe_portal::actions::deadlines::RunReport) -> serde_json::Value {
    let mut value = serde_json::to_value(report).unwrap();
    value["dry_run"] = false.into();
    value
}

pub fn publication(portal: &TestPortal, holder: i64, completed_on: &str, pages: i64) {
    behind_its_back(
        portal,
        &format!(
            "INSERT INTO activities (holder_id, status, category, title, organiser, field_id, started_on, completed_on, \
             quantity, publication, publication_fold, relevance, not_regular_job, reported_at, decided_at, created_at, \
             updated_at) VALUES ({holder}, 'approved', 'writing', 'Part', 'A journal', 1, '{completed_on}', \
             '{completed_on}', {pages}, 'On risk', 'on risk', '', TRUE, '2026-11-01 00:00:00', '2026-11-01 00:00:00', \
             '2026-11-01 00:00:00', '2026-11-01 00:00:00')"
        ),
    );
}

/// Holders in mixed situations: grants spread over the year, some with several certificates, some met, some waiting.
pub fn crowd(portal: &TestPortal, holders: i64) {
    let first: NaiveDate = date("2026-02-28");
    for index in 0..holders {
        let holder = portal.holder(&format!("c{index:02}@people.test"), &format!("C {index}"));
        let granted =
            first.checked_add_days(Days::new(u64::try_from(index % 17).unwrap())).unwrap().to_string();
        portal.certificate(&holder, "ISP", &format!("C-{index:03}"), &granted);
        if index % 4 == 0 {
            portal.certificate(&holder, "CDPO", &format!("D-{index:03}"), "2026-05-01");
        }
        match index % 5 {
            0 => approved(portal, &holder, "2026-09-01", 45),
            1 => pending(portal, &holder, "2026-09-01", 21),
            2 => {
                approved(portal, &holder, "2026-09-01", 15);
                pending(portal, &holder, "2026-09-02", 5);
                publication(portal, holder.id.0, "2026-09-03", 9);
            }
            3 => {
                portal.activity(&holder, ActivityStatus::Rejected, "Work", "2026-09-01", 30);
                approved(portal, &holder, "2026-09-01", 20);
                approved(portal, &holder, "2027-09-01", 20);
            }
            _ => {}
        }
    }
}
