//! Backups of the real binary while people report, and `kill -9` in the middle of a backup and of putting one back.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{Days, Utc};

use super::reports::{HOLDERS, assert_whole, people, report, signed_in, titles};
use super::trials;
use crate::support::process::{command, serve};
use crate::transfer::support::ask;

fn run(data: &Path, arguments: &[&str]) -> Output {
    command(data, arguments).output().unwrap()
}

fn backed_up(data: &Path, file: &Path) {
    let done = run(data, &["backup", file.to_str().unwrap()]);
    assert!(done.status.success(), "{done:?}");
}

pub fn put_back(file: &Path, data: &Path) -> Output {
    run(data, &["restore", file.to_str().unwrap()])
}

/// What a data folder holds, told in figures that no day changes.
fn holdings(data: &Path) -> Vec<String> {
    let sql = "SELECT 'activities ' || COUNT(*) || ' ' || COALESCE(SUM(id), 0) AS line FROM activities \
        UNION ALL SELECT 'evidence ' || COUNT(*) || ' ' || COALESCE(SUM(bytes), 0) FROM evidence \
        UNION ALL SELECT 'history ' || COUNT(*) FROM history \
        UNION ALL SELECT 'held ' || COUNT(*) FROM mail_holds WHERE ended_at IS NULL";
    ask(&data.join("portal.sqlite"), sql)
}

#[test]
fn every_backup_made_under_load_comes_back_whole_with_everything_acknowledged_before_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let today = Utc::now().date_naive();
    people(folder.path(), &data, today - Days::new(100));
    let (mut portal, address) = serve(&data);
    let mut visitors: Vec<_> = (0..HOLDERS).map(|holder| signed_in(&address, holder)).collect();
    // title, and whether a proof belongs to it
    let acknowledged: Mutex<Vec<(String, bool)>> = Mutex::new(Vec::new());
    let over = AtomicBool::new(false);
    let (mut made_while_reporting, rounds) = (0, trials(4, 20));
    thread::scope(|scope| {
        for (holder, visitor) in visitors.iter_mut().enumerate() {
            let (address, acknowledged, over) = (&address, &acknowledged, &over);
            scope.spawn(move || {
                let token = visitor.get(address, "/activities/new").unwrap().token();
                for nth in 0.. {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    let title = format!("Holder {holder}, report {nth}");
                    let answer =
                        report(visitor, address, &token, &title, today - Days::new(30), nth).unwrap();
                    assert_eq!(answer.status, 303, "{}", answer.text);
                    acknowledged.lock().unwrap().push((title, nth.is_multiple_of(2)));
                }
            });
        }
        // whatever fails in here, the others must come to their end
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for round in 0..rounds {
                let patience = Instant::now() + Duration::from_secs(20);
                while acknowledged.lock().unwrap().len() < HOLDERS * (round + 1) && Instant::now() < patience
                {
                    thread::sleep(Duration::from_millis(2));
                }
                let before = acknowledged.lock().unwrap().clone();
                let file = folder.path().join(format!("{round}.zip"));
                backed_up(&data, &file);
                let meanwhile = acknowledged.lock().unwrap().len() - before.len();
                made_while_reporting += usize::from(meanwhile > 0);
                let target = folder.path().join(format!("restored-{round}"));
                let done = put_back(&file, &target);
                assert!(done.status.success(), "round {round}: {done:?}");
                assert_whole(&target, round);
                let there = titles(&target);
                let with_proof = ask(
                    &target.join("portal.sqlite"),
                    "SELECT a.title AS line FROM activities a JOIN evidence e ON e.activity_id = a.id",
                );
                for (title, proof) in &before {
                    assert_eq!(there.get(title), Some(&1), "round {round}: {title}");
                    assert!(!proof || with_proof.contains(title), "round {round}: the proof of {title}");
                }
            }
        }));
        over.store(true, Ordering::Relaxed);
        if let Err(failed) = checked {
            std::panic::resume_unwind(failed);
        }
    });
    portal.kill().unwrap();
    portal.wait().unwrap();
    assert!(
        made_while_reporting * 2 > rounds,
        "only {made_while_reporting} of {rounds} were made under load"
    );
}

/// A portal with reports and megabytes of evidence, so that a backup takes a while.
fn with_evidence(folder: &Path) -> PathBuf {
    let data = folder.join("data");
    people(folder, &data, Utc::now().date_naive() - Days::new(100));
    more_evidence(&data, 0, 60);
    data
}

/// So many more files, each with content of its own.
pub fn more_evidence(data: &Path, first: u32, many: u32) {
    let portal = crate::transfer::support::open(data, &Utc::now().date_naive().to_string());
    for nth in first..first + many {
        let content: Vec<u8> =
            (0..40_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761 + nth).to_le_bytes()).collect();
        let stored = portal.files.store(&content).unwrap();
        let sql = format!(
            "INSERT INTO evidence (holder_id, sha256, name, media_type, bytes, added_at) \
             VALUES (1, '{}', '{nth}.pdf', 'application/pdf', {}, datetime('now'))",
            stored.sha256, stored.size
        );
        diesel::RunQueryDsl::execute(diesel::sql_query(sql), &mut connection(data)).unwrap();
    }
}

pub fn connection(data: &Path) -> diesel::SqliteConnection {
    let path = data.join("portal.sqlite");
    diesel::Connection::establish(path.to_str().unwrap()).unwrap()
}

/// How long something takes that nobody cuts off.
fn time_of(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}

/// Starts a command and kills it after a while. Gives whether it was under way still.
fn killed_after(data: &Path, arguments: &[&str], after: Duration) -> bool {
    let mut child = command(data, arguments).spawn().unwrap();
    thread::sleep(after);
    let under_way = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    under_way
}

#[test]
fn kill_9_in_the_middle_of_a_backup_leaves_the_older_one_whole_and_the_portal_too() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_evidence(folder.path());
    let file = folder.path().join("backup.zip");
    // the quicker of two: the first may have waited for something else on this machine
    let mut whole = time_of(|| backed_up(&data, &file)).min(time_of(|| backed_up(&data, &file)));
    let before = holdings(&data);
    let rounds = trials(8, 40);
    let (mut under_way, mut unfinished) = (0, 0);
    for round in 0..rounds {
        let older = std::fs::read(&file).unwrap();
        let after = whole * u32::try_from(round + 1).unwrap() / u32::try_from(rounds + 1).unwrap();
        let cut_off = killed_after(&data, &["backup", file.to_str().unwrap()], after);
        under_way += usize::from(cut_off);
        if !cut_off {
            // the machine is quicker than it was when the time was taken
            whole = whole * 2 / 3;
        }
        unfinished += usize::from(file.with_file_name("backup.zip.unfinished").exists());
        // under its name there is the older one, or the new one as a whole
        if std::fs::read(&file).unwrap() != older {
            let target = folder.path().join(format!("restored-{round}"));
            assert!(put_back(&file, &target).status.success(), "round {round}");
            assert_whole(&target, round);
            std::fs::remove_dir_all(target).unwrap();
        }
        assert_eq!(holdings(&data), before, "round {round}");
    }
    assert!(under_way * 3 >= rounds, "only {under_way} of {rounds} were cut off");
    assert!(unfinished > 0, "no kill fell into the writing");
    backed_up(&data, &file);
    assert!(put_back(&file, &folder.path().join("restored")).status.success());
    assert_whole(&folder.path().join("restored"), rounds);
}

#[test]
fn kill_9_in_the_middle_of_a_restore_leaves_no_half_portal_and_it_can_be_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_evidence(folder.path());
    let file = folder.path().join("backup.zip");
    backed_up(&data, &file);
    restored_in_spite_of_kills(&file, &folder.path().join("target"), trials(10, 60));
}

#[test]
fn kill_9_in_the_middle_of_a_restore_of_a_night_leaves_no_half_portal_and_it_can_be_done_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_evidence(folder.path());
    let file = night(&data, None).expect("the portal makes its backup");
    restored_in_spite_of_kills(&file, &folder.path().join("target"), trials(6, 60));
}

/// Puts a backup back again and again, killed all along.
fn restored_in_spite_of_kills(file: &Path, target: &Path, rounds: usize) {
    let mut whole = time_of(|| assert!(put_back(file, target).status.success()));
    let expected = holdings(target);
    let (mut under_way, mut by_half) = (0, 0);
    for round in 0..rounds {
        std::fs::remove_dir_all(target).unwrap();
        let after = whole * u32::try_from(round + 1).unwrap() / u32::try_from(rounds + 1).unwrap();
        let cut_off = killed_after(target, &["restore", file.to_str().unwrap()], after);
        under_way += usize::from(cut_off);
        if !cut_off {
            whole = whole * 2 / 3;
        }
        std::fs::create_dir_all(target).unwrap();
        let is_there = target.join("portal.sqlite").exists();
        // by half, it is no portal for anybody; and it does not become one
        if !is_there && target.join(".restoring").exists() {
            by_half += 1;
            let refused = run(target, &["check"]);
            assert!(!refused.status.success(), "round {round}: {refused:?}");
            let refused = run(target, &["serve"]);
            assert!(!refused.status.success(), "round {round}: {refused:?}");
            assert!(!target.join("portal.sqlite").exists(), "round {round}");
        }
        if !is_there {
            let again = put_back(file, target);
            assert!(again.status.success(), "round {round}: {again:?}");
        }
        assert_whole(target, round);
        assert_eq!(holdings(target), expected, "round {round}");
        assert!(!target.join(".restoring").exists(), "round {round}");
    }
    assert!(
        under_way * 3 >= rounds && by_half > 0,
        "{under_way} of {rounds} were cut off, {by_half} by half"
    );
}

/// Lets a portal that starts make the backup of the night, which it does at once when there was none, and kills it after a while, or when
/// the backup has its name. Gives the backup that is there now.
pub fn night(data: &Path, after: Option<Duration>) -> Option<PathBuf> {
    not_made_yet(data);
    let mut portal = command(data, &["serve"]).spawn().unwrap();
    let begun = Instant::now();
    while begun.elapsed() < after.unwrap_or(Duration::from_secs(120)) && of_today(data).is_none() {
        thread::sleep(Duration::from_millis(2));
    }
    portal.kill().unwrap();
    portal.wait().unwrap();
    of_today(data)
}

/// As if nobody had made a backup this night: who was killed holds the job for two minutes.
pub fn not_made_yet(data: &Path) {
    for sql in ["DELETE FROM leases", "DELETE FROM job_runs WHERE job = 'backup'"] {
        diesel::RunQueryDsl::execute(diesel::sql_query(sql), &mut connection(data)).unwrap();
    }
}

/// The latest nightly backup, unless it is the older one of these proofs.
pub fn of_today(data: &Path) -> Option<PathBuf> {
    let names = std::fs::read_dir(data.join("backups")).ok()?;
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let latest = names.filter(|name| name.ends_with(".zip") && !name.contains(OLDER)).max()?;
    Some(data.join("backups").join(latest))
}

/// A day for a backup that was made before.
pub const OLDER: &str = "2026-01-02";

#[test]
fn kill_9_in_the_middle_of_a_night_leaves_the_older_ones_whole_and_the_next_night_completes_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = with_evidence(folder.path());
    let mut made = None;
    let mut whole = time_of(|| made = night(&data, None));
    let older = data.join("backups").join(format!("cpe-portal-{OLDER}.zip"));
    std::fs::rename(made.expect("the portal makes its backup"), &older).unwrap();
    let rounds = trials(6, 40);
    let (mut cut_off, mut unfinished) = (0, 0);
    for round in 0..rounds {
        // so that there is something to copy
        more_evidence(&data, 1000 + u32::try_from(round).unwrap() * 100, 20);
        let after = whole * u32::try_from(round + 1).unwrap() / u32::try_from(rounds + 1).unwrap();
        let made = night(&data, Some(after));
        cut_off += usize::from(made.is_none());
        let left = std::fs::read_dir(data.join("backups")).unwrap();
        unfinished += left
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().ends_with(".unfinished"))
            .count();
        for (nth, file) in [Some(older.clone()), made.clone()].into_iter().flatten().enumerate() {
            let target = folder.path().join(format!("restored-{round}-{nth}"));
            let done = put_back(&file, &target);
            assert!(done.status.success(), "round {round}: {done:?}");
            assert_whole(&target, round);
            std::fs::remove_dir_all(target).unwrap();
        }
        match made {
            Some(made) => {
                std::fs::remove_file(made).unwrap();
                whole = whole * 2 / 3;
            }
            None => whole = whole * 6 / 5,
        }
    }
    assert!(cut_off > 0, "no night was cut off");
    eprintln!("{cut_off} of {rounds} nights were cut off, {unfinished} in the middle of the file");
    let file = night(&data, None).expect("the next night completes it");
    let target = folder.path().join("restored");
    assert!(put_back(&file, &target).status.success());
    assert_whole(&target, rounds);
    assert_eq!(ask(&target.join("portal.sqlite"), EVIDENCE), ask(&data.join("portal.sqlite"), EVIDENCE));
}

const EVIDENCE: &str = "SELECT sha256 AS line FROM evidence ORDER BY sha256";
