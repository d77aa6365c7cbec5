//! The nightly backup: once a day, kept for a while, never at the price of the one before.

use std::collections::BTreeSet;
use std::fs;

use chrono::{Days, NaiveDate};
use cpe_portal::domain::job::{JobName, RunOutcome};
use cpe_portal::domain::retention::superseded;
use cpe_portal::jobs::health::{Condition, vitals};
use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::store::operations::job_runs;
use cpe_portal::upkeep::backup::BackupError;
use cpe_portal::upkeep::nightly_backup::{newest, nightly, place};

use super::backup::{names, put_back};
use super::to_the_end;
use crate::support::{TestPortal, day};

#[test]
fn of_a_year_of_backups_seven_days_and_four_weeks_are_kept() {
    let first = day("2026-01-01");
    let mut kept: BTreeSet<NaiveDate> = BTreeSet::new();
    for nth in 0..365 {
        let today = first + Days::new(nth);
        kept.insert(today);
        for gone in superseded(&kept, today) {
            kept.remove(&gone);
        }
        // the backup of today is never cleared away, nor any of the last seven days
        for back in 0..nth.min(7) {
            assert!(kept.contains(&(today - Days::new(back))), "{today}");
        }
    }
    let kept: Vec<String> = kept.iter().map(NaiveDate::to_string).collect();
    // 31 December 2026 is a Thursday; the Sundays of the three weeks before, and the week in progress
    let expected = [
        "2026-12-13",
        "2026-12-20",
        "2026-12-25",
        "2026-12-26",
        "2026-12-27",
        "2026-12-28",
        "2026-12-29",
        "2026-12-30",
        "2026-12-31",
    ];
    assert_eq!(kept, expected);
}

#[test]
fn backups_of_days_to_come_stay_and_push_nothing_out() {
    let mut days: BTreeSet<NaiveDate> = (0..9).map(|nth| day("2026-11-02") + Days::new(nth)).collect();
    let without = superseded(&days, day("2026-11-10"));
    days.extend([day("2031-01-01"), day("2031-01-02")]);
    assert_eq!(superseded(&days, day("2026-11-10")), without);
}

#[test]
fn the_job_makes_one_backup_a_day_that_can_be_put_back_and_clears_what_is_old_or_unfinished() {
    let portal = TestPortal::new();
    let people = portal.people();
    portal.submitted(&people.owner, "A conference", "2026-10-01", 2);
    let folder = portal.config.backups.clone();
    assert_eq!(newest(&folder).unwrap(), None);
    fs::create_dir_all(&folder).unwrap();
    for day in ["2026-01-05", "2026-11-20"] {
        fs::write(place(&folder, day.parse().unwrap()), "old").unwrap();
    }
    let (mine, theirs) = ("cpe-portal-2026-11-22.zip.unfinished.unfinished", "somebody's.zip.unfinished");
    fs::write(folder.join(mine), "half").unwrap();
    fs::write(folder.join(theirs), "half").unwrap();
    for back in 1..=40 {
        fs::write(place(&folder, day("2026-11-20") - Days::new(back)), "old").unwrap();
    }
    let job = TIMETABLE.iter().find(|job| job.name.code() == "backup").unwrap();
    let Tick::Ran(report) = tick(&portal, job, &|| false).unwrap() else { panic!("not due") };
    assert!(report.complete && report.summary.contains("Older backups cleared away: 35."), "{report:?}");
    assert_eq!(tick(&portal, job, &|| false).unwrap(), Tick::NotDue);
    let there = names(&folder);
    assert!(!there.contains(&mine.to_owned()) && there.contains(&theirs.to_owned()), "{there:?}");
    assert!(there.contains(&"cpe-portal-2026-11-20.zip".to_owned()), "{there:?}");
    assert!(there.contains(&"evidence".to_owned()), "{there:?}");
    let newest = newest(&folder).unwrap().unwrap();
    let file = newest.file;
    assert_eq!((newest.day, there.len()), (day("2026-11-23"), 10), "{there:?}");

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let elsewhere = tempfile::tempdir().unwrap();
    put_back(&file, &elsewhere.path().join("data")).unwrap();
}

#[test]
fn a_backup_that_fails_is_told_on_the_job_and_costs_no_older_one() {
    let portal = TestPortal::with(|settings| {
        settings.backups = Some(settings.data.as_ref().unwrap().join("evidence/taken/backups"));
    });
    // where the folder should be there is a file
    fs::write(portal.folder.path().join("data/evidence/taken"), "a file").unwrap();
    let job = TIMETABLE.iter().find(|job| job.name.code() == "backup").unwrap();
    let Tick::Ran(report) = tick(&portal, job, &|| false).unwrap() else { panic!("not due") };
    assert!(!report.complete && report.summary.starts_with("There is no new backup: "), "{report:?}");
    let run = portal.store.read(|conn| job_runs::last(conn, JobName::Backup)).unwrap().unwrap();
    assert_eq!((run.outcome, run.report), (RunOutcome::Failed, report.summary));

    let portal = TestPortal::new();
    let folder = &portal.config.backups;
    fs::create_dir_all(folder).unwrap();
    for back in 0..20 {
        fs::write(place(folder, day("2026-11-22") - Days::new(back)), "old").unwrap();
    }
    // what no disk has room for
    crate::timetable::body::behind_its_back(
        &portal,
        "INSERT INTO accounts (id, email, email_norm, name, name_fold, role, created_at) \
         VALUES (77, 'a@b.test', 'a@b.test', 'Ann', 'ann', 'holder', '2026-01-01 00:00:00')",
    );
    crate::timetable::body::behind_its_back(
        &portal,
        "INSERT INTO evidence (holder_id, sha256, name, media_type, bytes, added_at) \
         VALUES (77, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'x', 'x', 4000000000000000, '2026-01-01 00:00:00')",
    );
    let short = nightly(&portal, &mut to_the_end).unwrap_err();
    assert!(matches!(short, BackupError::NoRoom { .. }), "{short:?}");
    let zips = || names(folder).iter().filter(|name| name.ends_with(".zip")).count();
    assert_eq!((zips(), names(folder).len()), (20, 21));
    // stopped on the way
    crate::timetable::body::behind_its_back(&portal, "DELETE FROM evidence");
    let stopped = nightly(&portal, &mut |_, _| std::ops::ControlFlow::Break(())).unwrap_err();
    assert!(matches!(stopped, BackupError::Stopped), "{stopped:?}");
    assert_eq!((zips(), names(folder).len()), (20, 21));
}

#[test]
fn whoever_watches_hears_the_moment_of_the_backup_and_not_the_midnight_of_its_day() {
    let portal = TestPortal::new();
    portal.clock.set_local(day("2026-11-24"), 2);
    let job = TIMETABLE.iter().find(|job| job.name.code() == "backup").unwrap();
    assert!(matches!(tick(&portal, job, &|| false).unwrap(), Tick::Ran(_)));
    let made_at = portal.clock.now().and_utc().timestamp();
    portal.clock.set_local(day("2026-11-24"), 20);
    let told: Vec<_> = vitals(&portal).into_iter().filter(|vital| vital.name == "backup").collect();
    assert_eq!(told.iter().map(|vital| vital.figure).collect::<Vec<_>>(), [Some(made_at); 2], "{told:?}");
    // fifty hours after it a night was missed, not fifty hours after that midnight
    portal.clock.set(portal.clock.start_of(day("2026-11-26")) + chrono::TimeDelta::hours(3));
    let file = vitals(&portal).into_iter().rfind(|vital| vital.name == "backup").unwrap();
    assert_eq!(file.condition, Condition::Good);
    let words = "the newest is of 2026-11-24: database 1 MB, new evidence 0 MB, evidence in all 0 MB";
    assert_eq!(file.words, words);
    portal.clock.advance(chrono::TimeDelta::minutes(61));
    let file = vitals(&portal).into_iter().rfind(|vital| vital.name == "backup").unwrap();
    assert_eq!(file.condition, Condition::Bad);
}
