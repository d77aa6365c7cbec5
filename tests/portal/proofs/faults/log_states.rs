//! The states that a killed process of our own can leave of the database, its log and the note (the table in `store/engine/sqlite/log_mark.rs`), each
//! made on purpose: no start is refused for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::log::{killed_at_work, log};
use super::{Body, Served, checked, refused_serving, there};
use crate::support::process::command;

fn mark(data: &Path) -> PathBuf {
    data.join("portal.sqlite-mark")
}

/// A portal that told one person that a report is kept, and was stopped in order.
fn stopped(body: &Body, title: &str) {
    let portal = Served::plain(body);
    let mut visitor = portal.visitor(0);
    let token = portal.token(&mut visitor);
    assert_eq!(portal.report(&mut visitor, &token, title, 1), 303);
    portal.stop();
    if log(&body.data).exists() {
        // a process that ends in the middle of a checkpoint leaves the log to the next one
        checked(&body.data);
    }
    assert!(!log(&body.data).exists(), "the last one to close moves the log");
}

/// SQLite's sum over words of a log.
fn sum(bytes: &[u8], (mut first, mut second): (u32, u32)) -> (u32, u32) {
    let word = |at: &[u8]| u32::from_be_bytes(at.try_into().unwrap());
    for pair in bytes.chunks_exact(8) {
        first = first.wrapping_add(word(&pair[..4])).wrapping_add(second);
        second = second.wrapping_add(word(&pair[4..])).wrapping_add(first);
    }
    (first, second)
}

/// The header of a new log, as SQLite writes it before the first frame, with the sum to go on with.
fn header(salt: u32) -> (Vec<u8>, (u32, u32)) {
    let words = [0x377f_0683, 3_007_000, 4096, 0, salt, 0x1234_5678_u32];
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
    let sums = sum(&bytes, (0, 0));
    bytes.extend(sums.0.to_be_bytes());
    bytes.extend(sums.1.to_be_bytes());
    (bytes, sums)
}

#[test]
fn a_log_with_a_header_only_or_without_a_commit_is_no_log() {
    let body = Body::new();
    stopped(&body, "A report");
    let (header, sums) = header(0xdead_beef);
    // killed between the header and the first frame
    fs::write(log(&body.data), &header).unwrap();
    checked(&body.data);
    assert_eq!(there(&body.data, "A report"), 1);

    // killed between the first frame and the one that commits; the page says nothing that anybody may believe
    let page = vec![7_u8; 4096];
    let mut frame: Vec<u8> = [3_u32, 0].iter().flat_map(|word| word.to_be_bytes()).collect();
    let sums = sum(&page, sum(&frame, sums));
    for word in [0xdead_beef, 0x1234_5678, sums.0, sums.1] {
        frame.extend(u32::to_be_bytes(word));
    }
    frame.extend(&page);
    fs::write(log(&body.data), [header.clone(), frame.clone()].concat()).unwrap();
    checked(&body.data);
    assert_eq!(there(&body.data, "A report"), 1);

    // killed in the middle of a header, or of a frame
    for whole in [header.clone(), [header, frame].concat()] {
        fs::write(log(&body.data), &whole[..whole.len() - 20]).unwrap();
        checked(&body.data);
        assert_eq!(there(&body.data, "A report"), 1);
    }
}

#[test]
fn a_log_that_was_begun_and_not_noted_before_its_process_was_killed_is_taken() {
    let body = Body::new();
    stopped(&body, "First");
    let noted = fs::read(mark(&body.data)).unwrap();
    // a new log, begun after the last one was moved, and killed before the note said anything of it
    killed_at_work(&body);
    assert!(log(&body.data).metadata().unwrap().len() > 32);
    fs::write(mark(&body.data), &noted).unwrap();
    checked(&body.data);
    assert_eq!((there(&body.data, "First"), there(&body.data, "Report 4")), (1, 1));

    // the log of a crash, moved into the file by whoever closed first; and again a new one that nobody noted
    let noted = fs::read(mark(&body.data)).unwrap();
    assert!(!log(&body.data).exists());
    killed_at_work(&body);
    fs::write(mark(&body.data), noted).unwrap();
    checked(&body.data);
}

#[test]
fn a_note_that_is_gone_empty_or_behind_refuses_nobody() {
    let body = Body::new();
    let older = fs::read(mark(&body.data)).unwrap();
    killed_at_work(&body);
    for note in [older, Vec::new(), vec![0; 192], b"database".to_vec()] {
        let keep = [body.data.join("portal.sqlite"), log(&body.data)].map(|path| fs::read(path).unwrap());
        fs::write(mark(&body.data), note).unwrap();
        checked(&body.data);
        assert_eq!(there(&body.data, "Report 4"), 1);
        fs::write(body.data.join("portal.sqlite"), &keep[0]).unwrap();
        fs::write(log(&body.data), &keep[1]).unwrap();
    }
    fs::remove_file(mark(&body.data)).unwrap();
    checked(&body.data);
    assert_eq!(there(&body.data, "Report 4"), 1);
}

#[test]
fn a_first_start_that_was_killed_early_is_made_again_and_one_that_lost_its_log_is_not() {
    // an empty file and an empty note: what is there before the first commit
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("portal.sqlite"), b"").unwrap();
    fs::write(mark(folder.path()), b"").unwrap();
    fs::write(log(folder.path()), header(1).0).unwrap();
    let add = ["account", "add", "--email", "a@people.test", "--name", "A", "--role", "administrator"];
    assert!(command(folder.path(), &add).output().unwrap().status.success());
    checked(folder.path());

    // everything was in the log, and the log is gone: the file knows of no table, the note of changes that were told to be done
    let body = Body::new();
    fs::write(body.data.join("portal.sqlite"), b"").unwrap();
    let said = refused_serving(&body.data);
    assert!(said.contains("changes are missing from portal.sqlite"), "{said}");
    assert_eq!(fs::read(body.data.join("portal.sqlite")).unwrap(), b"", "no empty portal takes its place");
}

/// The database of another portal, beside the log of this one.
#[test]
fn another_database_beside_the_right_log_is_not_mixed_with_it() {
    let body = Body::new();
    killed_at_work(&body);
    let database = body.data.join("portal.sqlite");
    let right = fs::read(&database).unwrap();
    let other = fs::read(Body::new().data.join("portal.sqlite")).unwrap();
    fs::write(&database, &other).unwrap();
    let said = refused_serving(&body.data);
    assert!(said.contains("do not belong together"), "{said}");
    assert!(fs::read(&database).unwrap() == other, "nothing was mixed");
    fs::write(&database, right).unwrap();
    checked(&body.data);
    assert_eq!(there(&body.data, "Report 4"), 1);
}

#[test]
fn processes_that_begin_at_once_are_all_let_in() {
    // also into a folder where there is nothing yet
    for round in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let add = |nth: usize| -> Child {
            let email = format!("a{nth}@people.test");
            let adding = ["account", "add", "--email", &email, "--name", "A", "--role", "administrator"];
            command(folder.path(), &adding).stderr(Stdio::piped()).spawn().unwrap()
        };
        let begun: Vec<Child> = (0..4).map(add).collect();
        for child in begun {
            let ended = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&ended.stderr);
            assert!(ended.status.success(), "round {round}: {said}");
        }
        checked(folder.path());
    }
}

/// A person's tool that wrote and was killed leaves a log in which our count did not change.
#[test]
fn what_a_tool_has_left_in_a_log_is_taken() {
    let body = Body::new();
    stopped(&body, "A report");
    let mut tool = Command::new("python3")
        .args(["-c", "import sqlite3, sys, time\nc = sqlite3.connect(sys.argv[1])\nc.execute('PRAGMA user_version=1')\nc.commit()\nprint('written', flush=True)\ntime.sleep(60)"])
        .arg(body.data.join("portal.sqlite"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = [0; 7];
    std::io::Read::read_exact(tool.stdout.as_mut().unwrap(), &mut said).unwrap();
    tool.kill().unwrap();
    tool.wait().unwrap();
    thread::sleep(Duration::from_millis(20));
    assert!(log(&body.data).metadata().unwrap().len() > 32);
    checked(&body.data);
    assert_eq!(there(&body.data, "A report"), 1);
}
