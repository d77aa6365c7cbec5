//! Hostile bytes for every address, from a fixed seed: forms of parts, plain forms, JSON and noise, with wrong heads, wrong lengths and
//! wrong tokens, sent by nobody, a holder, a reviewer and an administrator. Nothing panics, nothing ends as a defect, the portal stays
//! small, and somebody else's dashboard stays quick.

mod bytes;

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::process::{command, started};

use super::load::Portal;
use super::reports::line::Visitor;
use super::reports::{PASSWORD, signed_in};
use super::trials;
use bytes::{Route, Seed, Sender, request};

/// A reviewer and an administrator who can sign in.
fn staff(data: &std::path::Path) {
    for role in ["reviewer", "administrator"] {
        let email = format!("{role}@people.test");
        let add = ["account", "add", "--email", &email, "--name", role, "--role", role, "--password-stdin"];
        let mut child = command(data, &add).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        assert!(child.wait_with_output().unwrap().status.success());
    }
}

/// Every line of the table of routes.
fn routes(data: &std::path::Path) -> Vec<Route> {
    let printed = command(data, &["routes"]).output().unwrap();
    let text = String::from_utf8(printed.stdout).unwrap();
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some(Route { method: words.next()?.to_owned(), path: words.next()?.to_owned() })
    });
    lines.collect()
}

fn sender(address: &str, email: Option<&str>, page: &str) -> Sender {
    let mut visitor = Visitor::default();
    let token = visitor.get(address, "/sign-in").unwrap().token();
    if let Some(email) = email {
        let fields = [("csrf_token", token.as_str()), ("email", email), ("password", PASSWORD)];
        assert_eq!(visitor.post_plain(address, "/sign-in", &fields).unwrap().status, 303);
    }
    let token = visitor.get(address, page).unwrap().token();
    Sender { cookie: visitor.cookie(), token }
}

/// The status of the answer; `None` when the line ended without one. The rest of it is not waited for: the portal lets the line of
/// somebody whose body it did not want stand open for a moment, so that the answer can be read.
fn exchange(address: &str, request: &[u8]) -> Option<u16> {
    let mut line = TcpStream::connect(address).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // whoever is refused early is not listened to any longer
    let _ = line.write_all(request);
    let _ = line.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while answer.len() < 64 * 1024 {
        let read = line.read(&mut piece).ok().filter(|read| *read > 0)?;
        answer.extend_from_slice(&piece[..read]);
        let text = String::from_utf8_lossy(&answer);
        let last = text.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&text);
        if let Some((head, _)) = last.split_once("\r\n\r\n") {
            return head.split(' ').nth(1)?.parse().ok();
        }
    }
    None
}

#[test]
fn hostile_bytes_on_every_address_are_refused_and_nobody_else_notices() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let portal = Portal::start_with(staff, |data| {
        started(command(data, &["serve"]).stderr(File::create(&log).unwrap()))
    });
    let routes = routes(&portal.folder.path().join("data"));
    assert!(routes.len() > 100, "{} routes", routes.len());
    let mut other = signed_in(&portal.address, 5);
    let senders = [
        sender(&portal.address, None, "/sign-in"),
        sender(&portal.address, Some("h0@people.test"), "/account"),
        sender(&portal.address, Some("reviewer@people.test"), "/account"),
        sender(&portal.address, Some("administrator@people.test"), "/account"),
    ];
    portal.is_well(&mut other, "alone");
    let requests = trials(1_600, 100_000);
    let (next, answered) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let defects: Mutex<Vec<String>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..4 {
            let (next, answered, defects) = (&next, &answered, &defects);
            let (routes, senders, address) = (&routes, &senders, &portal.address);
            scope.spawn(move || {
                loop {
                    let nth = next.fetch_add(1, Ordering::Relaxed);
                    if nth >= requests {
                        return;
                    }
                    let mut seed = Seed::new(nth);
                    let route = &routes[nth % routes.len()];
                    let sender = &senders[(nth / routes.len()) % senders.len()];
                    let request = request(&mut seed, route, sender);
                    let status = exchange(address, &request);
                    answered.fetch_add(usize::from(status.is_some()), Ordering::Relaxed);
                    if status.is_some_and(|status| status >= 500 && !matches!(status, 503 | 507)) {
                        let shown = String::from_utf8_lossy(&request[..request.len().min(600)]).into_owned();
                        defects.lock().unwrap().push(format!("request {nth}: {status:?}\n{shown}"));
                    }
                }
            });
        }
        while next.load(Ordering::Relaxed) < requests {
            portal.is_well(&mut other, "hostile bytes");
            thread::sleep(Duration::from_secs(1));
        }
    });
    portal.is_well(&mut other, "afterwards");
    let log = std::fs::read_to_string(&log).unwrap();
    let panics: Vec<&str> = log.lines().filter(|line| line.contains("panicked")).collect();
    assert!(panics.is_empty(), "{panics:#?}");
    let defects = defects.into_inner().unwrap();
    assert!(defects.is_empty(), "{} defects, the first:\n{}\n{log}", defects.len(), defects[0]);
    let answered = answered.into_inner();
    assert!(answered * 10 > requests * 8, "{answered} of {requests} were answered");
    eprintln!("{answered} of {requests} were answered, {} MB at most", portal.memory() / 1024);
}
