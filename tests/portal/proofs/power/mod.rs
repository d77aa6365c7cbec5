//! Power cuts. What the real binary asks of the operating system is written down while it serves, migrates, backs up and begins; from
//! that, the disk is rebuilt as a power cut at any moment may have left it: what was not synced is there, missing, or torn. In each of
//! these states everything that was acknowledged is there, and the data is whole.

mod changes;
mod disk;
mod trace;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use chrono::{Days, NaiveDateTime};

use super::faults::{Body, Served, there, today};
use super::reports::{report, signed_in, titles};
use super::trials;
use super::upgrades;
use crate::support::faked::FakedClock;
use crate::support::process::command;
use crate::transfer::support::ask;
use changes::{Draw, Luck};
use disk::Disk;
use trace::{Event, traced};

/// A state of the disk after a power cut, laid out in a folder, with what was acknowledged before.
struct Cut {
    nth: usize,
    place: PathBuf,
    acknowledged: usize,
}

/// The moments at which something can be lost, and of these the ones in the middle of writing each watched file. A portal moves its log
/// when it finds the time: how many of its moments that takes is the machine's affair, and must not be what decides what is proven.
fn moments(mut disk: Disk, events: &[Event], watched: &[&str]) -> (Vec<usize>, Vec<Vec<usize>>) {
    let (mut all, mut middle) = (Vec::new(), vec![Vec::new(); watched.len()]);
    for (at, event) in events.iter().enumerate() {
        disk.step(event);
        if matches!(
            event.call,
            trace::Call::Close { .. } | trace::Call::Seek { .. } | trace::Call::Read { .. }
        ) {
            continue;
        }
        all.push(at);
        for (moments, ending) in middle.iter_mut().zip(watched) {
            if disk.is_pending(ending) {
                moments.push(at);
            }
        }
    }
    (all, middle)
}

/// Lays out `states` power cuts and lets `examine` look at each: a quarter for each watched file falls in the middle of writing it, where
/// there is such a moment; the others are spread over everything. Gives how many fell in the middle of writing what.
fn cuts(
    before: Disk,
    events: &[Event],
    states: usize,
    scratch: &Path,
    watched: &[&'static str],
    examine: impl Fn(&Cut, &[String]),
) -> BTreeMap<&'static str, usize> {
    let (mut disk, mut draw) = (before, Draw(0x9e37_79b9_7f4a_7c15));
    let mut sent: Vec<String> = Vec::new();
    let mut in_the_middle: BTreeMap<&'static str, usize> = BTreeMap::new();
    let (all, middle) = moments(disk.clone(), events, watched);
    let mut wanted: BTreeMap<usize, usize> = BTreeMap::new();
    for nth in 0..states {
        let among = middle.get(nth % 4).filter(|moments| !moments.is_empty()).unwrap_or(&all);
        *wanted.entry(among[draw.below(among.len())]).or_default() += 1;
    }
    let mut laid = Vec::new();
    for (at, event) in events.iter().enumerate() {
        if let Some(bytes) = disk.step(event) {
            sent.extend(acknowledgement(&bytes));
        }
        for _ in 0..wanted.get(&at).copied().unwrap_or(0) {
            let nth = laid.len();
            let luck = [Luck::Dropped, Luck::Kept, Luck::Torn, Luck::Torn][draw.below(4)];
            for ending in watched {
                *in_the_middle.entry(ending).or_default() += usize::from(disk.is_pending(ending));
            }
            let place = scratch.join(nth.to_string());
            disk.cut(luck, &mut draw, &place);
            laid.push(Cut { nth, place, acknowledged: sent.len() });
        }
    }
    let mut failed = Vec::new();
    for cut in &laid {
        let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            examine(cut, &sent[..cut.acknowledged]);
        }));
        match looked {
            Ok(()) => std::fs::remove_dir_all(&cut.place).unwrap(),
            Err(_) => failed.push(cut.nth),
        }
    }
    if !failed.is_empty() && std::env::var_os("CPE_PORTAL_KEEP_CUTS").is_some() {
        let kept = std::env::temp_dir().join("cuts");
        let _ = Command::new("cp").arg("-a").arg(scratch).arg(&kept).status();
        eprintln!("the states are kept in {}", kept.display());
    }
    assert!(failed.is_empty(), "{} of {states} states lost something: {failed:?}", failed.len());
    in_the_middle
}

/// The report that an answer acknowledges: where it sends its holder.
fn acknowledgement(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    if !text.starts_with("HTTP/1.1 303") {
        return None;
    }
    let place = text.lines().find_map(|line| line.strip_prefix("location: /activities/"))?;
    Some(place.trim().split('/').next()?.to_owned())
}

/// The process that strace follows.
fn inside(strace: &Child) -> String {
    let id = strace.id();
    for _ in 0..500 {
        let children = std::fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
        if let Some(child) = children.split_whitespace().next() {
            return child.to_owned();
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("strace follows nobody");
}

fn assert_checked(place: &Path) {
    let checked = command(place, &["check"]).stderr(std::process::Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stdout) + String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{}: {said}", place.display());
}

#[test]
fn no_power_cut_while_people_report_loses_what_was_acknowledged_or_leaves_anything_by_half() {
    let body = Body::new();
    let root = body.data.clone();
    let before = Disk::of(&root);
    let written = body.folder.path().join("trace");
    let mut portal =
        Served::start(traced(&command(&root, &["serve"]), &written), &root, &body.folder.path().join("log"));
    let served = inside(&portal.child);
    thread::scope(|scope| {
        for holder in 0..2 {
            let address = &portal.address;
            scope.spawn(move || {
                let mut visitor = signed_in(address, holder);
                let token = visitor.get(address, "/activities/new").unwrap().token();
                for nth in 0..20 {
                    let title = format!("Holder {holder}, report {nth}");
                    let day = today() - Days::new(30);
                    assert_eq!(report(&mut visitor, address, &token, &title, day, nth).unwrap().status, 303);
                    // the log is moved into the database a quarter of a second after a change
                    thread::sleep(Duration::from_millis(if nth % 5 == 4 { 400 } else { 20 }));
                }
            });
        }
    });
    assert!(Command::new("kill").arg(served).status().unwrap().success());
    assert!(portal.child.wait().unwrap().success(), "{}", portal.logged());
    let names = ask(&root.join("portal.sqlite"), "SELECT id || ' ' || title AS line FROM activities");
    let names: BTreeMap<String, String> = names
        .iter()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(id, title)| (id.into(), title.into()))
        .collect();
    assert_eq!(names.len(), 40);

    let events = trace::read(&written);
    let watched = ["/portal.sqlite", "/portal.sqlite-wal", "/portal.sqlite-mark"];
    let states = trials(200, 2000);
    let middle = cuts(before, &events, states, &body.folder.path().join("cuts"), &watched, |cut, sent| {
        assert_checked(&cut.place);
        let there = titles(&cut.place);
        for id in sent {
            assert_eq!(there.get(&names[id]), Some(&1), "state {}: {}", cut.nth, names[id]);
        }
        let with_proof = ask(
            &cut.place.join("portal.sqlite"),
            "SELECT DISTINCT a.title AS line FROM activities a JOIN evidence e ON e.activity_id = a.id",
        );
        for title in sent.iter().map(|id| &names[id]) {
            let nth: usize = title.rsplit(' ').next().unwrap().parse().unwrap();
            assert_eq!(with_proof.contains(title), nth.is_multiple_of(2), "state {}: {title}", cut.nth);
        }
    });
    eprintln!("{states} power cuts among {} events; in the middle of writing {middle:?}", events.len());
    assert!(
        middle["/portal.sqlite"] * 4 >= states,
        "too few cuts fell into the moving of the log: {middle:?}"
    );
    assert!(middle["/portal.sqlite-wal"] * 4 >= states, "too few cuts fell into a commit: {middle:?}");
}

#[test]
fn no_power_cut_during_a_migration_changes_or_loses_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let clock = FakedClock::showing(folder.path(), upgrades::MADE.parse::<NaiveDateTime>().unwrap());
    for (name, had) in [upgrades::VERSIONS[0], upgrades::VERSIONS[2]] {
        let data = folder.path().join(name);
        upgrades::unpack(name, &data);
        assert_eq!(upgrades::migrations(&data), Some(had));
        let tables = upgrades::tables(&data);
        let rows = upgrades::rows(&data, &tables);
        let before = Disk::of(&data);
        let written = folder.path().join("trace");
        let done = traced(&clock.rule(command(&data, &["check"])), &written).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
        let events = trace::read(&written);
        let states = trials(40, 300);
        let scratch = folder.path().join("cuts");
        let middle =
            cuts(before, &events, states, &scratch, &["/portal.sqlite", "/portal.sqlite-wal"], |cut, _| {
                let checked = clock.rule(command(&cut.place, &["check"])).output().unwrap();
                let said = String::from_utf8_lossy(&checked.stdout);
                assert!(checked.status.success(), "{name}, state {}: {said}", cut.nth);
                assert!(upgrades::rows_today(&cut.place, &tables) == rows, "{name}, state {}", cut.nth);
            });
        eprintln!(
            "{name}: {states} power cuts among {} events; in the middle of writing {middle:?}",
            events.len()
        );
    }
}

#[test]
fn no_power_cut_during_a_backup_leaves_a_part_of_one_under_its_name_or_harms_the_portal() {
    let body = Body::new();
    let portal = Served::plain(&body);
    let mut visitor = portal.visitor(0);
    let token = portal.token(&mut visitor);
    for nth in 0..6 {
        assert_eq!(portal.report(&mut visitor, &token, &format!("Report {nth}"), nth), 303);
    }
    portal.stop();
    // the data folder and the backup lie side by side, so that one power cut is about both
    let root = body.folder.path().join("disk");
    std::fs::create_dir(&root).unwrap();
    let data = root.join("data");
    std::fs::rename(&body.data, &data).unwrap();
    let file = root.join("backup.zip");
    let backup = command(&data, &["backup", file.to_str().unwrap()]);
    assert!(command(&data, &["backup", file.to_str().unwrap()]).output().unwrap().status.success());
    let older = std::fs::read(&file).unwrap();
    // a backup says to the second when it was made
    thread::sleep(Duration::from_millis(1100));
    let before = Disk::of(&root);
    let written = body.folder.path().join("trace");
    let done = traced(&backup, &written).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let newer = std::fs::read(&file).unwrap();
    assert!(newer != older, "the two can be told apart");
    let events = trace::read(&written);
    let states = trials(60, 600);
    let scratch = body.folder.path().join("cuts");
    let restored = AtomicUsize::new(0);
    cuts(before, &events, states, &scratch, &[], |cut, _| {
        assert_checked(&cut.place.join("data"));
        assert_eq!(there(&cut.place.join("data"), "Report 3"), 1);
        let found = std::fs::read(cut.place.join("backup.zip")).unwrap();
        assert!(found == older || found == newer, "state {}: a part of a backup", cut.nth);
        if found == newer {
            restored.fetch_add(1, Ordering::Relaxed);
        }
    });
    eprintln!(
        "{states} power cuts among {} events, {restored:?} after the new backup had its name",
        events.len()
    );
}

#[test]
fn no_power_cut_during_the_first_start_leaves_a_folder_that_cannot_be_started() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("disk");
    std::fs::create_dir(&root).unwrap();
    let before = Disk::of(&root);
    let data = root.join("data");
    let written = folder.path().join("trace");
    let adding = ["account", "add", "--email", "a@people.test", "--name", "A", "--role", "administrator"];
    let done = traced(&command(&data, &adding), &written).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let events = trace::read(&written);
    let states = trials(40, 400);
    cuts(before, &events, states, &folder.path().join("cuts"), &[], |cut, _| {
        let again =
            command(&cut.place.join("data"), &adding).stderr(std::process::Stdio::piped()).output().unwrap();
        let said = String::from_utf8_lossy(&again.stderr);
        assert!(again.status.success() || said.contains("already"), "state {}: {said}", cut.nth);
        assert_checked(&cut.place.join("data"));
    });
}
