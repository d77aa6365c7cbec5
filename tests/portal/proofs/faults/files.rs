//! A database that another process locks or that is damaged, and evidence that is gone or not what it was.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::super::trials;
use super::{Body, CANNOT_NOW, Served, checked, refused_serving, there};
use crate::transfer::support::ask;

#[test]
fn while_another_process_locks_the_database_pages_are_read_and_changes_are_refused() {
    let body = Body::new();
    let mut portal = Served::plain(&body);
    let mut visitor = portal.visitor(0);
    let token = portal.token(&mut visitor);
    let database = body.data.join("portal.sqlite");
    let mut other = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    other.batch_execute("PRAGMA busy_timeout=5000; BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    assert_eq!(portal.report(&mut visitor, &token, "Locked out", 1), 503);
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    portal.page(&mut visitor, "/dashboard");
    other.batch_execute("ROLLBACK").unwrap();
    assert_eq!(portal.report(&mut visitor, &token, "Let in again", 1), 303);
    portal.is_alive();
    portal.stop();
    assert_eq!((there(&body.data, "Locked out"), there(&body.data, "Let in again")), (0, 1));
    checked(&body.data);
}

#[test]
fn a_damaged_page_gives_no_panic_no_bare_error_and_nobody_elses_data() {
    let body = Body::new();
    let portal = Served::plain(&body);
    for holder in 0..3 {
        let mut visitor = portal.visitor(holder);
        let token = portal.token(&mut visitor);
        for nth in 0..3 {
            let title = format!("Secret of {holder}, {nth}");
            assert_eq!(portal.report(&mut visitor, &token, &title, nth), 303);
        }
    }
    portal.stop();
    let database = body.data.join("portal.sqlite");
    let whole = fs::read(&database).unwrap();
    // a portal that stops in a hurry may leave a log beside it: each round begins with everything as it was left
    let beside = ["portal.sqlite-wal", "portal.sqlite-shm", "portal.sqlite-mark"]
        .map(|name| (body.data.join(name), fs::read(body.data.join(name)).ok()));
    let page = usize::from(u16::from_be_bytes([whole[16], whole[17]]));
    let pages = whole.len() / page;
    let rounds = trials(12, pages);
    let (mut started, mut damaged_answers) = (0, 0);
    for round in 0..rounds {
        // spread over the file, the first page among them
        let place = round * pages / rounds;
        fs::write(&database, &whole).unwrap();
        for (path, content) in &beside {
            match content {
                Some(content) => fs::write(path, content).unwrap(),
                None => drop(fs::remove_file(path)),
            }
        }
        let garbage: Vec<u8> =
            (0..page).map(|at| u8::try_from((at * 37 + round * 11 + 5) % 251).unwrap()).collect();
        let file = OpenOptions::new().write(true).open(&database).unwrap();
        file.write_all_at(&garbage, u64::try_from(place * page).unwrap()).unwrap();
        let log = body.folder.path().join("log");
        let mut serving = crate::support::process::command(&body.data, &["serve"]);
        serving.stderr(fs::File::create(&log).unwrap());
        let mut child = serving.spawn().unwrap();
        let mut said = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut said)
            .unwrap();
        let Some(address) =
            said.trim_end().rsplit(' ').next().map(|word| word.trim_end_matches(')').to_owned())
        else {
            panic!("{said}");
        };
        if !address.starts_with("127.0.0.1:") {
            // refused, with one line about it
            assert!(!child.wait().unwrap().success());
            let said = fs::read_to_string(&log).unwrap();
            assert!(!said.contains("panicked"), "page {place}: {said}");
            assert!(
                said.lines().any(|line| line.contains("cannot be opened") || line.contains("cannot be")),
                "page {place}: {said}"
            );
            continue;
        }
        started += 1;
        damaged_answers += visits(&address, place);
        assert!(child.try_wait().unwrap().is_none(), "page {place}: it lives");
        child.kill().unwrap();
        child.wait().unwrap();
        let said = fs::read_to_string(&log).unwrap();
        assert!(!said.contains("panicked"), "page {place}: {said}");
    }
    eprintln!("{rounds} damaged pages: {started} starts, {damaged_answers} answers that said so");
    let logged = fs::read_to_string(body.folder.path().join("log")).unwrap_or_default();
    assert!(started > 0 && damaged_answers > 0, "no page was met: {logged}");
}

/// Goes through the portal as a holder; gives how many answers said that it cannot be done now.
fn visits(address: &str, place: usize) -> usize {
    let mut visitor = crate::proofs::reports::line::Visitor::default();
    let mut cannot = 0;
    let mut seen = |answer: crate::proofs::reports::line::Answer| {
        assert!(answer.status != 500, "page {place}: {}", answer.text);
        cannot += usize::from(CANNOT_NOW.contains(&answer.status));
        for other in ["Secret of 1", "Secret of 2", "Holder 1", "Holder 2"] {
            assert!(!answer.text.contains(other), "page {place}: {}", answer.text);
        }
        answer
    };
    let page = seen(visitor.get(address, "/sign-in").unwrap());
    if page.status == 200 {
        let token = page.token();
        let password = "violet harbour tractor moon";
        let fields = [("csrf_token", token.as_str()), ("email", "h0@people.test"), ("password", password)];
        seen(visitor.post_plain(address, "/sign-in", &fields).unwrap());
    }
    for path in
        ["/dashboard", "/activities", "/activities/new", "/account", "/advice", "/transcript", "/readyz"]
    {
        seen(visitor.get(address, path).unwrap());
    }
    let page = seen(visitor.get(address, "/activities/new").unwrap());
    if page.status == 200 && page.text.contains("csrf_token") {
        let token = page.token();
        let day = super::today() - chrono::Days::new(30);
        seen(
            crate::proofs::reports::report(&mut visitor, address, &token, "After the damage", day, 1)
                .unwrap(),
        );
    }
    cannot
}

#[test]
fn a_database_that_is_cut_off_or_no_database_is_refused_at_the_start() {
    let body = Body::new();
    let database = body.data.join("portal.sqlite");
    let whole = fs::read(&database).unwrap();
    for content in
        [whole[..whole.len() / 2].to_vec(), b"no database at all ".repeat(4000), whole[..70].to_vec()]
    {
        fs::write(&database, &content).unwrap();
        let said = refused_serving(&body.data);
        assert!(said.contains("database"), "{said}");
        assert!(fs::read(&database).unwrap() == content, "left as it was");
    }
    fs::write(&database, &whole).unwrap();
    checked(&body.data);
}

#[test]
fn evidence_that_is_gone_or_altered_is_not_given_out_and_is_found_by_the_check() {
    let body = Body::new();
    let portal = Served::plain(&body);
    let mut visitor = portal.visitor(0);
    let token = portal.token(&mut visitor);
    assert_eq!(portal.report(&mut visitor, &token, "With a proof", 0), 303);
    let found = ask(&body.data.join("portal.sqlite"), "SELECT id || ' ' || sha256 AS line FROM evidence");
    let (id, hash) = found[0].split_once(' ').unwrap();
    let place = body.data.join("evidence").join(&hash[..2]).join(&hash[2..]);
    let whole = fs::read(&place).unwrap();
    let path = format!("/evidence/{id}");
    portal.page(&mut visitor, &path);
    let mut stranger = portal.visitor(1);
    assert_eq!(stranger.get(&portal.address, &path).unwrap().status, 404);

    let mut altered = whole.clone();
    altered[3] ^= 1;
    fs::write(&place, &altered).unwrap();
    assert_eq!(visitor.get(&portal.address, &path).unwrap().status, 503);
    assert_eq!(visitor.get(&portal.address, &format!("{path}/view")).unwrap().status, 503);
    let check = crate::support::process::command(&body.data, &["check"]).output().unwrap();
    assert!(!check.status.success());
    fs::remove_file(&place).unwrap();
    assert_eq!(visitor.get(&portal.address, &path).unwrap().status, 503);
    assert_eq!(stranger.get(&portal.address, &path).unwrap().status, 404);
    // the page that shows the report stays
    portal.page(&mut visitor, "/activities");
    fs::write(&place, &whole).unwrap();
    portal.page(&mut visitor, &path);
    portal.stop();
    checked(&body.data);
}
