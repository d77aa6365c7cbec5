//! What is in the way of a night and of a restore: something that cannot be read, looked at or removed. It is told, and the rest goes on.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{Days, TimeDelta};
use cpe_portal::jobs::health::{Condition, Vital, vitals};
use cpe_portal::jobs::{TIMETABLE, Tick, tick};
use cpe_portal::upkeep::backup::BackupError;
use cpe_portal::upkeep::nightly_backup::place;

use super::backup::body;
use super::check;
use super::two_parts::{backups, copy, hashes, night, restored, zip_of};
use crate::support::process::command;
use crate::support::{TestPortal, day};
use crate::timetable::body::behind_its_back;
use crate::transfer::support::{TestData, open};

fn the_backup_job(portal: &TestPortal) -> Tick {
    let job = TIMETABLE.iter().find(|job| job.name.code() == "backup").unwrap();
    tick(portal, job, &|| false).unwrap()
}

/// What whoever watches is told about the file of the newest backup.
fn of_the_newest(portal: &cpe_portal::portal::Portal) -> Vital {
    vitals(portal).into_iter().rfind(|vital| vital.name == "backup").unwrap()
}

/// A body with evidence that one backup names and nothing else; that backup is kept under a name of somebody's own.
fn kept(name: &OsStr) -> (TestData, PathBuf, Vec<u8>, PathBuf) {
    let data = body();
    night(&data, 0);
    let first = hashes(&data).remove(0);
    data.damage(&format!("UPDATE evidence SET removed_at = '2026-11-23 11:00:00' WHERE sha256 = '{first}'"));
    let kept = backups(&data).join(name);
    fs::rename(zip_of(&data, 0), &kept).unwrap();
    let whole = fs::read(&kept).unwrap();
    let only_here = copy(&data, &first);
    (data, kept, whole, only_here)
}

/// A zip file with this one part.
fn zip_with(part: &str, content: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    zip.start_file(part, stored).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn nothing_is_cleared_while_a_file_that_may_be_a_backup_cannot_be_read_whatever_its_name() {
    let (data, kept, whole, only_here) = kept(OsStr::new("before the move.zip"));
    let half = whole.len() / 2;
    let mut altered = whole.clone();
    altered[40..104].iter_mut().for_each(|byte| *byte ^= 0xff);
    // what was cut off ends with another zip file that was evidence
    let mut ends_with_another = whole[..half].to_vec();
    ends_with_another.extend(zip_with("notes.txt", b"theirs"));
    for (words, bytes) in [
        ("copied by half", whole[..half].to_vec()),
        ("all but its last byte", whole[..whole.len() - 1].to_vec()),
        ("just begun", Vec::new()),
        ("room that is not filled yet", vec![0; whole.len()]),
        ("its list of contents is altered", altered),
        ("cut off behind a zip file in it", ends_with_another),
    ] {
        fs::write(&kept, bytes).unwrap();
        let clearing = night(&data, 1).clearing;
        assert_eq!(
            (clearing.cleared, clearing.unreadable),
            (0, vec!["before the move.zip".to_owned()]),
            "{words}"
        );
        assert!(only_here.exists(), "{words}");
    }
    // a disk that was taken off
    fs::remove_file(&kept).unwrap();
    symlink(data.folder.path().join("elsewhere/kept.zip"), &kept).unwrap();
    assert_eq!(night(&data, 1).clearing.unreadable.len(), 1);
    assert!(only_here.exists());
    fs::remove_file(&kept).unwrap();
    fs::write(&kept, &whole).unwrap();
    let clearing = night(&data, 1).clearing;
    assert_eq!((clearing.cleared, clearing.unreadable.len()), (0, 0));
    // what is surely none of ours is in nobody's way
    fs::remove_file(&kept).unwrap();
    fs::write(backups(&data).join("pictures.zip"), "somebody's own").unwrap();
    fs::write(backups(&data).join("other.zip"), zip_with("notes.txt", b"theirs")).unwrap();
    fs::create_dir(backups(&data).join("folder.zip")).unwrap();
    let clearing = night(&data, 1).clearing;
    assert_eq!((clearing.cleared, clearing.unreadable.len()), (1, 0));
    assert!(!only_here.exists());
}

#[test]
fn a_backup_under_a_name_that_is_no_text_keeps_its_evidence() {
    let (data, kept, _, only_here) = kept(OsStr::from_bytes(b"behalten \xe4.ZIP"));
    assert_eq!(night(&data, 1).clearing.cleared, 0);
    assert!(only_here.exists());
    fs::remove_file(kept).unwrap();
    assert_eq!(night(&data, 1).clearing.cleared, 1);
}

#[test]
fn what_cannot_be_cleared_away_is_told_and_the_backup_of_the_night_is_made_once() {
    let portal = TestPortal::new();
    let folder = portal.config.backups.clone();
    fs::create_dir_all(&folder).unwrap();
    for back in 1..=40 {
        fs::write(place(&folder, day("2026-11-23") - Days::new(back)), "old").unwrap();
    }
    // a folder cannot be removed as a file is, nor could a file that belongs to somebody else
    let stuck = place(&folder, day("2026-01-05"));
    fs::create_dir(&stuck).unwrap();
    fs::create_dir(folder.join("cpe-portal-2026-11-01.zip.unfinished")).unwrap();
    let Tick::Ran(report) = the_backup_job(&portal) else { panic!("not due") };
    assert!(report.complete, "{report:?}");
    assert!(report.summary.contains("Not everything could be cleared away"), "{report:?}");
    // and the others went all the same
    assert!(report.summary.contains("Older backups cleared away: 32."), "{report:?}");
    assert!(stuck.is_dir() && place(&folder, day("2026-11-23")).is_file());
    portal.clock.advance(TimeDelta::minutes(6));
    assert_eq!(the_backup_job(&portal), Tick::NotDue);
}

#[actix_web::test]
async fn a_backup_that_lacks_evidence_is_made_once_and_told_to_whoever_watches() {
    let portal = TestPortal::new();
    portal.people();
    let lost = "a".repeat(64);
    behind_its_back(
        &portal,
        &format!(
            "INSERT INTO evidence (holder_id, sha256, name, media_type, bytes, added_at) \
             SELECT id, '{lost}', 'x.pdf', 'application/pdf', 5, '2026-11-23 09:00:00' FROM accounts \
             WHERE email = 'owner@people.test'"
        ),
    );
    let Tick::Ran(report) = the_backup_job(&portal) else { panic!("not due") };
    assert!(report.complete, "{report:?}");
    assert!(report.summary.contains("Evidence files without a whole copy in it: 1."), "{report:?}");
    portal.clock.advance(TimeDelta::minutes(6));
    assert_eq!(the_backup_job(&portal), Tick::NotDue);
    let told = of_the_newest(&portal);
    assert_eq!(told.condition, Condition::Bad);
    assert!(told.words.ends_with("; 1 evidence file has no whole copy in it"), "{told:?}");
    let page = portal.visitor().await.get("/readyz").await.expect(503).html();
    assert!(page.contains("1 evidence file has no whole copy in it"), "{page}");
    // nobody asks for it any more: the next night is well again
    behind_its_back(&portal, "UPDATE evidence SET removed_at = '2026-11-23 10:30:00'");
    portal.clock.set_local(day("2026-11-24"), 2);
    assert!(matches!(the_backup_job(&portal), Tick::Ran(_)));
    assert_eq!(of_the_newest(&portal).condition, Condition::Good);
}

#[test]
fn only_the_beginning_of_a_backup_is_read_to_tell_how_it_fares() {
    let data = body();
    let made = night(&data, 0);
    let portal = open(data.folder.path(), "2026-11-23");
    let words = of_the_newest(&portal).words;
    assert!(words.contains("evidence in all 1 MB"), "{words}");
    // the list of all parts, which may be as long as the evidence is many, stands at the end
    let mut bytes = fs::read(&made.file).unwrap();
    let end = bytes.len() - 200;
    bytes[end..].fill(0);
    fs::write(&made.file, bytes).unwrap();
    assert_eq!(of_the_newest(&portal).words, words);
}

/// The real binary, as somebody to whom what `closed` closed is closed: root is nobody in a namespace of its own.
fn serving_without(data: &Path, closed: &Path) -> Command {
    let mut serving = command(data, &["serve"]);
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        fs::set_permissions(closed, fs::Permissions::from_mode(0o000)).unwrap();
        return serving;
    }
    chown(closed, Some(54_321), Some(54_321)).unwrap();
    let mut inside = Command::new("unshare");
    inside.arg("--map-root-user").arg(serving.get_program()).args(serving.get_args());
    inside.env_clear().env("PATH", std::env::var("PATH").unwrap());
    inside.envs(serving.get_envs().filter_map(|(name, value)| Some((name, value?))));
    inside.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
    inside.stderr(std::process::Stdio::null());
    std::mem::swap(&mut serving, &mut inside);
    serving
}

#[test]
fn a_shelf_of_copies_that_cannot_be_looked_at_is_told_and_ends_no_night() {
    let data = body();
    night(&data, 0);
    let hashes = hashes(&data);
    // the real binary has the real clock, and clears away what has waited for its report for a week
    let today = chrono::Utc::now().date_naive();
    data.damage(&format!("UPDATE evidence SET added_at = '{today} 00:00:00'"));
    let shelf = copy(&data, &hashes[0]).parent().unwrap().to_owned();
    let mut portal = serving_without(data.folder.path(), &shelf).spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(60);
    let run = loop {
        let runs = data.ask("SELECT outcome || ': ' || report AS line FROM job_runs WHERE job = 'backup'");
        match runs.into_iter().find(|run| !run.starts_with("running")) {
            Some(run) => break run,
            None => assert!(Instant::now() < patience, "no backup is made"),
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    portal.kill().unwrap();
    portal.wait().unwrap();
    fs::set_permissions(&shelf, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(run.starts_with("done: "), "{run}");
    assert!(run.contains("Evidence files without a whole copy in it: 1."), "{run}");
    assert!(run.contains("cannot be looked at, left alone: 1."), "{run}");
    assert!(run.contains(" 1 in all"), "the other one is there: {run}");
    assert!(copy(&data, &hashes[0]).exists());
}

#[test]
fn a_refusal_names_what_is_lacking_and_the_way_by_hand_which_leads_to_a_portal() {
    let data = body();
    night(&data, 0);
    let hashes = hashes(&data);
    let rotten = copy(&data, &hashes[0]);
    let bytes = fs::read(&rotten).unwrap();
    fs::write(&rotten, bytes.iter().map(|byte| byte ^ 0x55).collect::<Vec<_>>()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let words = restored(&zip_of(&data, 0), None, &folder.path().join("target")).unwrap_err().to_string();
    let named = format!("put a good copy there as {}/{};", &hashes[0][..2], &hashes[0][2..]);
    assert!(words.contains(&named) && words.contains("put portal.sqlite out of the backup"), "{words}");
    // without it
    let target = folder.path().join("by hand");
    fs::create_dir(&target).unwrap();
    let mut zip = zip::ZipArchive::new(fs::File::open(zip_of(&data, 0)).unwrap()).unwrap();
    let mut database = fs::File::create(target.join("portal.sqlite")).unwrap();
    std::io::copy(&mut zip.by_name("portal.sqlite").unwrap(), &mut database).unwrap();
    let copied = Command::new("cp").arg("-r").arg(backups(&data).join("evidence")).arg(&target).status();
    assert!(copied.unwrap().success());
    let portal = open(&target, "2026-11-23");
    let found: Vec<String> = check(&portal).into_iter().flat_map(|checked| checked.problems).collect();
    assert_eq!(found, [format!("{}: altered", hashes[0])]);
    drop(portal);
    // with it
    fs::write(&rotten, bytes).unwrap();
    restored(&zip_of(&data, 0), None, &folder.path().join("target")).unwrap();
}

#[test]
fn copies_that_the_disk_does_not_let_us_look_at_are_lacking_and_are_told_as_such() {
    let data = body();
    night(&data, 0);
    let folder = tempfile::tempdir().unwrap();
    // longer than any path may be
    let nowhere = folder.path().join("a/".repeat(3_000));
    let refused = restored(&zip_of(&data, 0), Some(&nowhere), &folder.path().join("target")).unwrap_err();
    assert!(matches!(refused, BackupError::EvidenceLacking { lacking: 2, all: 2, .. }), "{refused:?}");
}
