//! What a stranger brings to be verified stops nobody: documents that take for ever to be put in order, pictures that swell, files without
//! end. The process stays small, its disk is left alone, and somebody else's dashboard answers as quickly as before.

use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::load::{Ends, Portal, status};
use super::reports::line::{Answer, Visitor, part};
use super::reports::signed_in;
use super::trials;
use crate::badges::attack::{lookalikes, swelling_png};

/// Kilobytes by which the portal may grow while it is attacked: what lies on the desk, and the copies that are made of it.
const GROWTH: u64 = 150 * 1024;

/// Brings a file to be verified; `None` when no whole answer came.
fn bring(visitor: &mut Visitor, address: &str, token: &str, name: &str, file: &[u8]) -> Option<Answer> {
    let mut body = part("name=\"csrf_token\"", token.as_bytes());
    body.extend(part(&format!("name=\"file\"; filename=\"{name}\""), file));
    visitor.post_parts(address, "/verify", body)
}

fn stranger(portal: &Portal) -> (Visitor, String) {
    let mut visitor = Visitor::default();
    let token = visitor.get(&portal.address, "/verify").unwrap().token();
    (visitor, token)
}

/// The signed text of a badge of the register.
fn genuine(portal: &Portal) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        document: String,
    }
    let path = portal.folder.path().join("data").join("portal.sqlite");
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let rows: Vec<Row> =
        diesel::sql_query("SELECT document FROM signed_badges LIMIT 1").load(&mut conn).unwrap();
    rows.into_iter().next().unwrap().document
}

/// Bytes of everything in a folder.
fn bytes_in(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(of) if of.is_dir() => bytes_in(&entry.path()),
            Ok(of) => of.len(),
            Err(_) => 0,
        })
        .sum()
}

/// Brings these files again and again, twenty at once, while somebody looks at their dashboard.
fn flood(portal: &Portal, files: &[(String, Vec<u8>)], answers: &[u16], during: &str) {
    let mut visitor = signed_in(&portal.address, 0);
    portal.is_well(&mut visitor, &format!("before {during}"));
    let before = portal.memory();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let _ends = Ends(&stop);
        for nth in 0..20 {
            let stop = &stop;
            scope.spawn(move || {
                let (mut stranger, token) = stranger(portal);
                for (name, file) in files.iter().cycle().skip(nth) {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let answer = bring(&mut stranger, &portal.address, &token, name, file);
                    let status = answer.map(|answer| answer.status);
                    assert!(status.is_some_and(|status| answers.contains(&status)), "{name}: {status:?}");
                }
            });
        }
        thread::sleep(Duration::from_secs(1));
        for second in 0..trials(4, 30) {
            portal.is_well(&mut visitor, &format!("{during}, second {second}"));
            thread::sleep(Duration::from_millis(500));
        }
    });
    let grown = portal.memory().saturating_sub(before);
    assert!(grown < GROWTH, "{during}: grown by {grown} kB");
    let (mut stranger, token) = stranger(portal);
    let answer = bring(&mut stranger, &portal.address, &token, "badge.json", genuine(portal).as_bytes());
    assert!(answer.unwrap().text.contains("is genuine"), "after {during}");
}

#[test]
fn documents_that_take_for_ever_to_be_put_in_order_stop_no_page() {
    let portal = Portal::start();
    let (issuer, key) = ("did:web:portal.test", key(&genuine(&portal)));
    let mut files: Vec<(String, Vec<u8>)> = [9, 12, 40]
        .into_iter()
        .map(|number| (format!("{number}.json"), lookalikes(issuer, &key, number).to_string().into_bytes()))
        .collect();
    // and one that is of the right shape and names a badge of the register: only its signature tells
    files.push(("forged.json".to_owned(), genuine(&portal).replace("Holder", "Forger").into_bytes()));
    flood(&portal, &files, &[422], "lookalikes");
}

#[test]
fn pictures_that_swell_leave_the_memory_as_it_is() {
    let portal = Portal::start();
    let bomb = swelling_png(665);
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    flood(&portal, &[("badge.png".to_owned(), bomb)], &[422, 503], "swelling pictures");
}

#[test]
fn files_without_end_fill_neither_the_disk_nor_the_memory() {
    let portal = Portal::start();
    let data = portal.folder.path().join("data");
    let mut visitor = signed_in(&portal.address, 0);
    portal.is_well(&mut visitor, "alone");
    let (disk, memory) = (bytes_in(&data), portal.memory());
    let (stranger, token) = stranger(&portal);
    let mut begin = part("name=\"csrf_token\"", token.as_bytes());
    let file = part("name=\"file\"; filename=\"badge.png\"", &[]);
    begin.extend_from_slice(&file[..file.len() - 2]);
    let block = vec![b'a'; 64 * 1024];

    // from many addresses: all of a badge's bytes but the last, and then nothing more
    let mut lines = Vec::new();
    for nth in 0..trials(100, 200) {
        let more = format!("X-Forwarded-For: 192.0.2.{}\r\n", nth % 250);
        let mut line = portal.connect();
        let head = stranger.head_of_parts("/verify", &more, 3 << 20);
        line.write_all(head.as_bytes()).and_then(|()| line.write_all(&begin)).unwrap();
        for _ in 0..31 {
            // whoever was refused need not be told twice
            if line.write_all(&block).is_err() {
                break;
            }
        }
        lines.push(line);
    }
    portal.is_well(&mut visitor, "many files that wait for their end");
    assert!(bytes_in(&data) < disk + (8 << 20), "{} bytes of disk", bytes_in(&data) - disk);
    drop(lines);

    // one that never ends: whether or not somebody goes on listening, nothing of it is kept
    let mut line = portal.connect();
    line.write_all(stranger.head_of_parts("/verify", "", 300 << 20).as_bytes()).unwrap();
    line.write_all(&begin).unwrap();
    let (mut sent, mut most) = (0, 0);
    while sent < 300 << 20 && line.write_all(&block).is_ok() {
        sent += block.len();
        if sent % (4 << 20) == 0 {
            most = most.max(bytes_in(&data));
        }
    }
    assert!(most < disk + (8 << 20), "{most} bytes of disk");
    // too large, or too many before it that still wait
    assert!(status(&mut line).is_none_or(|status| (400..500).contains(&status) || status == 503));
    let grown = portal.memory().saturating_sub(memory);
    assert!(grown < GROWTH, "grown by {grown} kB");
    portal.is_well(&mut visitor, "a file without end");
}

/// The name of the key that signed a badge.
fn key(badge: &str) -> String {
    let badge: serde_json::Value = serde_json::from_str(badge).unwrap();
    let method = badge["proof"][0]["verificationMethod"].as_str().unwrap();
    method.split_once('#').unwrap().1.to_owned()
}
