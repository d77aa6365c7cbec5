//! The timetable: hours, what was missed, failures, two processes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{NaiveDate, TimeDelta, Timelike};
use cpe_portal::actions::ActionError;
use cpe_portal::domain::job::{JobName, RunOutcome};
use cpe_portal::jobs::{Job, JobReport, TIMETABLE, Tick, tick};
use cpe_portal::store::StoreError;
use cpe_portal::store::activities::evidence::{self, NewEvidence};
use cpe_portal::store::operations::job_runs;

use super::body::{behind_its_back, date, kinds_of, practitioner, texts};
use crate::support::TestPortal;

fn job(name: &str) -> &'static Job {
    TIMETABLE.iter().find(|job| job.name.code() == name).unwrap()
}

fn ask(portal: &TestPortal, name: &str) -> Tick {
    tick(portal, job(name), &|| false).unwrap()
}

fn ran(portal: &TestPortal, name: &str) -> bool {
    matches!(ask(portal, name), Tick::Ran(_))
}

#[test]
fn the_timetable_names_each_job_once_with_words_for_people() {
    let mut names: Vec<_> = TIMETABLE.iter().map(|job| job.name.code()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["backup", "badges", "bounces", "check", "deadlines", "figures", "housekeeping", "mail", "search"]
    );
    assert_eq!(job("deadlines").schedule.words(), "every hour from 6:00 to 22:00");
    assert_eq!(job("housekeeping").schedule.words(), "every day at 3:00");
}

#[test]
fn the_deadlines_run_once_in_each_hour_from_6_to_22_also_over_summer_time_changes() {
    // Amsterdam: forward on 28 March 2027, back on 31 October 2027
    for (eve, day) in
        [("2027-03-27", "2027-03-28"), ("2027-10-30", "2027-10-31"), ("2027-06-01", "2027-06-02")]
    {
        let portal = TestPortal::new();
        portal.clock.set_local(date(eve), 23);
        ask(&portal, "deadlines");
        let mut hours: BTreeMap<NaiveDate, Vec<u32>> = BTreeMap::new();
        while portal.clock.today() <= date(day) {
            portal.clock.advance(TimeDelta::minutes(10));
            if ran(&portal, "deadlines") {
                let local = portal.clock.to_local(portal.clock.now());
                hours.entry(local.date()).or_default().push(local.hour());
            }
        }
        assert_eq!(hours[&date(day)], (6..=22).collect::<Vec<u32>>(), "{day}");
    }
}

#[test]
fn a_run_that_was_missed_while_the_portal_was_down_is_made_up_at_its_start() {
    let portal = TestPortal::new();
    let (holder, _) = practitioner(&portal, "Ann", "2026-03-15");
    portal.clock.set_local(date("2026-12-13"), 20);
    assert!(ran(&portal, "deadlines"));
    // down from half past eight until two in the morning after the stage's day
    portal.clock.set_local(date("2026-12-15"), 2);
    assert!(ran(&portal, "deadlines"), "22:00 of the day before was missed");
    assert_eq!(kinds_of(&portal, holder.id), ["reminder"]);
    assert!(!ran(&portal, "deadlines"));
    portal.clock.set_local(date("2026-12-15"), 5);
    assert!(!ran(&portal, "deadlines"), "nothing is due before six");
    portal.clock.set_local(date("2026-12-15"), 6);
    assert!(ran(&portal, "deadlines"));
}

#[test]
fn a_new_portal_runs_at_once() {
    let portal = TestPortal::new();
    assert!(ran(&portal, "deadlines"));
    assert!(ran(&portal, "housekeeping"));
    assert!(!ran(&portal, "deadlines"));
    assert!(!ran(&portal, "housekeeping"));
    let runs = portal.store.read(|conn| job_runs::latest_of_others(conn, JobName::Figures, 10)).unwrap();
    assert_eq!(runs.iter().map(|run| run.job.code()).collect::<Vec<_>>(), ["housekeeping", "deadlines"]);
    assert!(runs.iter().all(|run| run.outcome == RunOutcome::Done && !run.report.is_empty()));
    assert!(texts(&portal, "SELECT name AS text FROM leases").is_empty());
}

#[test]
fn housekeeping_runs_once_a_day_at_three() {
    let portal = TestPortal::new();
    portal.clock.set_local(date("2026-12-01"), 4);
    assert!(ran(&portal, "housekeeping"));
    portal.clock.set_local(date("2026-12-02"), 2);
    assert!(!ran(&portal, "housekeeping"));
    portal.clock.set_local(date("2026-12-02"), 3);
    assert!(ran(&portal, "housekeeping"));
}

#[test]
fn an_empty_outbox_leaves_no_trace_and_a_delivery_leaves_one() {
    let portal = TestPortal::new();
    assert_eq!(ask(&portal, "mail"), Tick::NotDue);
    assert!(portal.store.read(|conn| job_runs::last(conn, JobName::Mail)).unwrap().is_none());
    practitioner(&portal, "Ann", "2026-03-15");
    portal.clock.set_local(date("2026-12-14"), 9);
    assert!(ran(&portal, "deadlines"));
    assert!(ran(&portal, "mail"));
    assert_eq!(ask(&portal, "mail"), Tick::NotDue);
    let run = portal.store.read(|conn| job_runs::last(conn, JobName::Mail)).unwrap().unwrap();
    assert!(run.report.contains("delivered 1"), "{}", run.report);
}

static RUNS: AtomicUsize = AtomicUsize::new(0);

fn failing(_: &cpe_portal::portal::Portal, _: cpe_portal::jobs::Watch<'_>) -> Result<JobReport, ActionError> {
    RUNS.fetch_add(1, Ordering::SeqCst);
    Err(StoreError::database("", "secret internals").into())
}

#[test]
fn a_failed_run_is_tried_again_after_five_minutes_and_says_nothing_internal() {
    let portal = TestPortal::new();
    let broken = Job { run: failing, ..*job("deadlines") };
    assert!(tick(&portal, &broken, &|| false).is_err());
    assert_eq!(tick(&portal, &broken, &|| false).unwrap(), Tick::NotDue);
    portal.clock.advance(TimeDelta::minutes(5));
    assert!(tick(&portal, &broken, &|| false).is_err());
    assert_eq!(RUNS.load(Ordering::SeqCst), 2);
    let run = portal.store.read(|conn| job_runs::last(conn, JobName::Deadlines)).unwrap().unwrap();
    assert_eq!(run.outcome, RunOutcome::Failed);
    assert!(!run.report.contains("secret"), "{}", run.report);
    portal.clock.advance(TimeDelta::minutes(5));
    assert!(ran(&portal, "deadlines"), "the sound job makes it up within the hour");
}

#[test]
fn a_run_that_died_is_made_up_when_its_lease_ends() {
    let portal = TestPortal::new();
    behind_its_back(
        &portal,
        &format!(
            "INSERT INTO job_runs (job, started_at, outcome) VALUES ('deadlines', '{}', 'running')",
            portal.clock.now().format("%Y-%m-%d %H:%M:%S")
        ),
    );
    let until = (portal.clock.now() + TimeDelta::seconds(100)).format("%Y-%m-%d %H:%M:%S");
    behind_its_back(&portal, &format!("INSERT INTO leases VALUES ('job deadlines', 'dead', '{until}')"));
    assert_eq!(ask(&portal, "deadlines"), Tick::Elsewhere);
    portal.clock.advance(TimeDelta::seconds(100));
    assert!(ran(&portal, "deadlines"));
    assert_eq!(texts(&portal, "SELECT outcome AS text FROM job_runs ORDER BY id"), ["failed", "done"]);
}

#[test]
fn two_processes_run_an_hour_once() {
    let portal = TestPortal::new();
    let ran: usize = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| usize::from(ran(&portal, "deadlines")))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(ran, 1);
    assert_eq!(texts(&portal, "SELECT outcome AS text FROM job_runs"), ["done"]);
}

#[test]
fn the_scheduler_makes_up_what_was_missed_and_stops_in_peace() {
    let portal = TestPortal::new();
    let (holder, _) = practitioner(&portal, "Ann", "2026-03-15");
    portal.clock.set_local(date("2026-12-14"), 9);
    let scheduler = cpe_portal::scheduler::start(portal.portal.clone()).unwrap();
    let began = std::time::Instant::now();
    while portal.delivered().is_empty() && began.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    scheduler.stop();
    assert_eq!(kinds_of(&portal, holder.id), ["reminder"]);
    assert_eq!(portal.delivered().len(), 1);
    let running = texts(&portal, "SELECT job AS text FROM job_runs WHERE outcome = 'running'");
    assert!(running.is_empty(), "{running:?}");
    assert!(texts(&portal, "SELECT name AS text FROM leases").is_empty());
    assert_eq!(portal.clock.now().minute(), 0);
}

#[test]
fn housekeeping_removes_the_bytes_of_files_that_nobody_can_open_any_more_and_no_others() {
    let portal = TestPortal::new();
    let holder = portal.holder("holder@people.test", "Hanna Holder");
    let report = portal.submitted(&holder, "A seminar", "2026-05-02", 3);
    let store = |content: &str, hours_ago: i64| {
        let stored = portal.files.store(content.as_bytes()).unwrap();
        let place = portal.config.data.join("evidence").join(&stored.sha256[..2]).join(&stored.sha256[2..]);
        let written = portal.clock.machine_now().and_utc() - TimeDelta::hours(hours_ago);
        std::fs::File::options().write(true).open(&place).unwrap().set_modified(written.into()).unwrap();
        stored.sha256
    };
    let row = |sha256: &str| {
        let new = NewEvidence {
            holder: holder.id,
            activity: Some(report),
            sha256,
            name: "proof.pdf",
            media_type: "application/pdf",
            bytes: 5,
        };
        portal.store.write(|conn| evidence::add(conn, &new, portal.clock.now())).unwrap()
    };
    let remove = |id| portal.store.write(|conn| evidence::remove(conn, id, portal.clock.now())).unwrap();
    let stays: Vec<String> = (0..40).map(|n| store(&format!("a proof, {n}"), 24 * 365)).collect();
    for sha256 in &stays {
        row(sha256);
    }
    remove(row(&stays[0])); // another report of the same content still has it
    let removed = store("removed", 48);
    remove(row(&removed));
    portal.clock.advance(TimeDelta::hours(25));
    let lately = store("removed just now", 48);
    remove(row(&lately));
    let nobodys = store("its form never arrived", 25);
    let arriving = store("its form is on its way", 23);

    assert!(ran(&portal, "housekeeping"));
    let mut left: Vec<String> = stays.into_iter().chain([lately, arriving]).collect();
    left.sort_unstable();
    assert_eq!(portal.files.list().unwrap(), left);
    assert!(!left.contains(&removed) && !left.contains(&nobodys));
    let reports = portal.store.read(|conn| job_runs::latest_of_others(conn, JobName::Figures, 1)).unwrap();
    assert!(reports[0].report.contains("removed files 2."), "{}", reports[0].report);
    portal.clock.advance(TimeDelta::hours(24));
    ask(&portal, "housekeeping");
    assert_eq!(portal.files.list().unwrap().len(), 41, "a day later the one that was removed last");
}

#[test]
fn a_file_that_cannot_be_cleared_away_hides_none_of_the_others_and_is_told() {
    let portal = TestPortal::new();
    let folder = portal.config.data.join("evidence");
    let unwanted: Vec<String> = (0..40)
        .map(|nth| {
            let sha256 = portal.files.store(format!("nobody's, {nth}").as_bytes()).unwrap().sha256;
            let place = folder.join(&sha256[..2]).join(&sha256[2..]);
            let written = portal.clock.machine_now().and_utc() - TimeDelta::hours(48);
            std::fs::File::options().write(true).open(&place).unwrap().set_modified(written.into()).unwrap();
            sha256
        })
        .collect();
    // a folder stands where the first of them would be moved aside
    let first = unwanted.iter().min().unwrap();
    std::fs::create_dir(folder.join("incoming").join(first)).unwrap();
    let Tick::Ran(report) = ask(&portal, "housekeeping") else { panic!("not due") };
    assert!(!report.complete && report.summary.contains("Not all files could be cleared away"), "{report:?}");
    assert!(report.summary.contains("The database is tidied."), "{report:?}");
    assert_eq!(portal.files.list().unwrap(), std::slice::from_ref(first));
    std::fs::remove_dir(folder.join("incoming").join(first)).unwrap();
    portal.clock.advance(TimeDelta::minutes(6));
    let Tick::Ran(report) = ask(&portal, "housekeeping") else { panic!("not due") };
    assert!(report.complete && report.summary.contains("removed files 1."), "{report:?}");
    assert_eq!(portal.files.list().unwrap(), Vec::<String>::new());
}
