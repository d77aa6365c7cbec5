//! Those who send or take more than anybody needs: names without end, files that nobody reads. Somebody else does not notice, and the
//! portal stays small.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use chrono::{Days, Utc};

use super::load::Portal;
use super::reports::line::{Visitor, part};
use super::reports::signed_in;
use super::trials;

/// Megabytes that one of them tries to send.
const SENT: usize = 150;

/// Sends parts with long names and nothing in them until the other side has enough. Gives the megabytes that went out.
fn names_without_end(address: &str, path: &str, visitor: &Visitor, token: Option<&str>) -> usize {
    let mut line = TcpStream::connect(address).unwrap();
    line.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: portal.test\r\nCookie: {}\r\nConnection: close\r\n\
         Content-Type: multipart/form-data; boundary=between-the-parts\r\nContent-Length: {}\r\n\r\n",
        visitor.cookie(),
        SENT << 20
    );
    line.write_all(head.as_bytes()).unwrap();
    let first = token.map(|token| part("name=\"csrf_token\"", token.as_bytes())).unwrap_or_default();
    let name = "n".repeat(60_000);
    let many = part(&format!("name=\"{name}\""), b"").repeat(16);
    let mut sent = 0;
    let mut next = first;
    while sent < SENT << 20 && line.write_all(&next).is_ok() {
        sent += next.len();
        next.clone_from(&many);
    }
    sent >> 20
}

#[test]
fn names_without_end_are_refused_while_they_arrive() {
    let portal = Portal::start();
    let mut other = signed_in(&portal.address, 1);
    portal.is_well(&mut other, "alone");
    let mut holder = signed_in(&portal.address, 0);
    let token = holder.get(&portal.address, "/activities/new").unwrap().token();
    let mut stranger = Visitor::default();
    let given = stranger.get(&portal.address, "/verify").unwrap().token();
    for round in 0..trials(1, 10) {
        thread::scope(|scope| {
            for (path, visitor, token) in [
                ("/activities", &holder, Some(token.as_str())),
                ("/activities", &holder, None),
                ("/advice", &holder, Some(token.as_str())),
                ("/verify", &stranger, Some(given.as_str())),
                ("/verify", &stranger, None),
                ("/sign-in", &stranger, Some(given.as_str())),
            ] {
                let address = &portal.address;
                scope.spawn(move || names_without_end(address, path, visitor, token));
            }
        });
        portal.is_well(&mut other, &format!("names without end, round {round}"));
    }
    assert!(portal.memory() < 150 * 1024, "{} kB", portal.memory());
    assert_eq!(holder.get(&portal.address, "/dashboard").unwrap().status, 200);
}

#[test]
fn files_that_nobody_reads_leave_memory_flat() {
    let portal = Portal::start();
    let mut holder = signed_in(&portal.address, 0);
    let mut other = signed_in(&portal.address, 1);
    let large = |visitor: &mut Visitor, letter: u8| {
        let token = visitor.get(&portal.address, "/activities/new").unwrap().token();
        let day = (Utc::now().date_naive() - Days::new(30)).to_string();
        let mut body = Vec::new();
        for (name, value) in [
            ("csrf_token", token.as_str()),
            ("category", "attending"),
            ("title", "A long film"),
            ("field", "information_security"),
            ("completed_on", &day),
            ("hours", "1:30"),
            ("not_regular_job", "1"),
            ("intent", "submit"),
        ] {
            body.extend(part(&format!("name=\"{name}\""), value.as_bytes()));
        }
        let mut proof = b"%PDF-1.4\n".to_vec();
        proof.resize(14 << 20, letter);
        body.extend(part("name=\"evidence\"; filename=\"proof.pdf\"", &proof));
        let answer = visitor.post_parts(&portal.address, "/activities", body).unwrap();
        assert_eq!(answer.status, 303, "{}", answer.text);
    };
    large(&mut holder, b'a');
    large(&mut other, b'b');
    let before = portal.memory();
    portal.is_well(&mut other, "alone");
    let deaf: Vec<TcpStream> = (0..60)
        .map(|nth| {
            let mut line = portal.connect();
            let path = if nth % 2 == 0 { "/evidence/1" } else { "/evidence/1/view" };
            let request =
                format!("GET {path} HTTP/1.1\r\nHost: portal.test\r\nCookie: {}\r\n\r\n", holder.cookie());
            line.write_all(request.as_bytes()).unwrap();
            line
        })
        .collect();
    for second in 0..trials(4, 60) {
        portal.is_well(&mut other, &format!("files that nobody reads, second {second}"));
        thread::sleep(Duration::from_secs(1));
    }
    let grown = portal.memory() - before;
    assert!(grown < 60 * 1024, "60 readers who read nothing cost {grown} kB");
    // somebody else gets a file meanwhile, whole
    let answer = other.get(&portal.address, "/evidence/2").unwrap();
    assert_eq!(answer.status, 200);
    let (_, body) = answer.text.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), 14 << 20);
    assert!(body.starts_with("%PDF-1.4\nbbb") && body.ends_with('b'));
    // whoever asked for too many at once is told so, and some of them go on
    let mut statuses: Vec<u16> = deaf
        .into_iter()
        .filter_map(|mut line| {
            let mut begin = [0; 12];
            line.read_exact(&mut begin).ok()?;
            std::str::from_utf8(&begin).ok()?.split(' ').nth(1)?.parse().ok()
        })
        .collect();
    statuses.sort_unstable();
    assert!(statuses.contains(&200) && statuses.contains(&429), "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 429)), "{statuses:?}");
    assert_eq!(holder.get(&portal.address, "/evidence/1").unwrap().status, 200, "the places are free again");
}
