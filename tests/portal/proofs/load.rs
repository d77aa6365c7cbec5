//! Rude visitors: thousands who connect and say nothing, some who speak and listen slowly, bodies and forms beyond all measure, a flood of
//! sign-ins. Meanwhile somebody else's dashboard answers quickly, and the portal stays small.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{Days, Utc};

use super::reports::line::Visitor;
use super::reports::{people, signed_in};
use super::trials;
use crate::support::process::serve;

/// The dashboard of somebody else answers within this time.
const QUICK: Duration = Duration::from_millis(500);
/// Kilobytes of memory that the portal stays under.
const SMALL: u64 = 300 * 1024;

/// Ends what runs beside a trial, also when it fails.
pub struct Ends<'a>(pub &'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

pub struct Portal {
    child: Child,
    pub address: String,
    pub folder: tempfile::TempDir,
}

impl Portal {
    pub fn start() -> Portal {
        Portal::start_with(|_| {}, serve)
    }

    /// With more in its data folder, and started in a way of its own.
    pub fn start_with(more: impl FnOnce(&Path), start: impl FnOnce(&Path) -> (Child, String)) -> Portal {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        people(folder.path(), &data, Utc::now().date_naive() - Days::new(100));
        more(&data);
        let (child, address) = start(&data);
        Portal { child, address, folder }
    }

    /// The most memory that it has used so far, in kilobytes.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    pub fn connect(&self) -> TcpStream {
        let line = TcpStream::connect(&self.address).unwrap();
        line.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        line
    }

    /// How long the dashboard takes, the middle one of some.
    fn dashboard(&self, visitor: &mut Visitor) -> Duration {
        let mut times: Vec<Duration> = (0..5)
            .map(|_| {
                let begun = Instant::now();
                let answer = visitor.get(&self.address, "/dashboard").expect("the dashboard answers");
                assert_eq!(answer.status, 200, "{}", answer.text);
                begun.elapsed()
            })
            .collect();
        times.sort_unstable();
        times[2]
    }

    pub fn is_well(&self, visitor: &mut Visitor, during: &str) {
        // other tests run beside this one: what took long because of them is looked at again
        let took = (0..3).map(|_| self.dashboard(visitor)).find(|took| *took < QUICK);
        let took = took.unwrap_or_else(|| self.dashboard(visitor));
        assert!(took < QUICK, "{during}: the dashboard took {took:?}");
        assert!(self.memory() < SMALL, "{during}: {} kB of memory", self.memory());
        eprintln!("{during}: dashboard {took:?}, {} MB at most", self.memory() / 1024);
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The status of what comes back, whether or not everything was taken.
pub fn status(line: &mut TcpStream) -> Option<u16> {
    let mut begin = [0; 12];
    let mut got = 0;
    while got < begin.len() {
        match line.read(&mut begin[got..]) {
            Ok(0) | Err(_) => return None,
            Ok(more) => got += more,
        }
    }
    std::str::from_utf8(&begin).ok()?.split(' ').nth(1)?.parse().ok()
}

#[test]
fn idle_and_slow_connections_leave_others_in_peace() {
    let portal = Portal::start();
    let mut visitor = signed_in(&portal.address, 0);
    portal.is_well(&mut visitor, "alone");

    let idle: Vec<TcpStream> = (0..trials(2_000, 9_000)).map(|_| portal.connect()).collect();
    portal.is_well(&mut visitor, "idle connections");

    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let _ends = Ends(&stop);
        // a letter a second, of a head that never ends and of a body that never ends
        let drip = |begin: &'static str| {
            let lines: Vec<TcpStream> = (0..200)
                .map(|_| {
                    let mut line = portal.connect();
                    line.write_all(begin.as_bytes()).unwrap();
                    line
                })
                .collect();
            let stop = &stop;
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    for mut line in &lines {
                        // whoever was sent away has had enough
                        let _ = line.write_all(b"a");
                    }
                    thread::sleep(Duration::from_secs(1));
                }
            });
        };
        drip("GET /guide HTTP/1.1\r\nHost: portal.test\r\nX-Slow: ");
        drip(
            "POST /sign-in HTTP/1.1\r\nHost: portal.test\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: 100000\r\n\r\nemail=",
        );
        // much is asked for and nothing is read
        let deaf: Vec<TcpStream> = (0..100)
            .map(|_| {
                let mut line = portal.connect();
                line.set_nonblocking(true).unwrap();
                for _ in 0..200 {
                    match line.write(b"GET /guide HTTP/1.1\r\nHost: portal.test\r\n\r\n") {
                        Ok(_) => {}
                        Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                        Err(error) => panic!("{error}"),
                    }
                }
                line
            })
            .collect();
        for second in 0..trials(3, 30) {
            portal.is_well(&mut visitor, &format!("slow ones, second {second}"));
            thread::sleep(Duration::from_secs(1));
        }
        drop(deaf);
    });
    drop(idle);

    // a head that does not come is not waited for
    let mut slow = portal.connect();
    slow.write_all(b"GET /guide HTTP/1.1\r\nHost: ").unwrap();
    let begun = Instant::now();
    let answered = status(&mut slow);
    assert!(begun.elapsed() < Duration::from_secs(20), "an unfinished head is given up");
    assert!(matches!(answered, None | Some(408)), "{answered:?}");
    portal.is_well(&mut visitor, "afterwards");
}

#[test]
fn bodies_and_forms_beyond_measure_are_refused_without_being_kept() {
    let portal = Portal::start();
    let mut visitor = signed_in(&portal.address, 0);
    let huge = 300 << 20;
    let block = vec![b'a'; 64 * 1024];
    for (path, kind) in [
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/activities", "multipart/form-data; boundary=x"),
        ("/verify", "multipart/form-data; boundary=x"),
    ] {
        for chunked in [false, true] {
            let mut line = portal.connect();
            let length = if chunked {
                "Transfer-Encoding: chunked".to_owned()
            } else {
                format!("Content-Length: {huge}")
            };
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: portal.test\r\nContent-Type: {kind}\r\n{length}\r\nConnection: close\r\n\r\n"
            );
            line.write_all(head.as_bytes()).unwrap();
            let mut sent = 0;
            while sent < huge {
                let size = format!("{:x}\r\n", block.len());
                let written = if chunked {
                    line.write_all(size.as_bytes())
                        .and_then(|()| line.write_all(&block))
                        .and_then(|()| line.write_all(b"\r\n"))
                } else {
                    line.write_all(&block)
                };
                // it was refused before all of it was sent
                if written.is_err() {
                    break;
                }
                sent += block.len();
            }
            let answered = status(&mut line);
            assert!(
                answered.is_none_or(|status| (400..500).contains(&status) || status == 303),
                "{path}: {answered:?} after {sent} bytes"
            );
            portal.is_well(&mut visitor, &format!("300 MB to {path}"));
        }
    }
    let token = visitor.get(&portal.address, "/activities/new").unwrap().token();
    let names: Vec<String> = (0..10_000).map(|n| format!("field{n}")).collect();
    let mut fields: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "value")).collect();
    fields.push(("csrf_token", &token));
    for path in ["/sign-in", "/activities", "/account/address", "/advice"] {
        let answer = visitor.post_plain(&portal.address, path, &fields);
        let answered = answer.map(|answer| answer.status);
        assert!(answered.is_none_or(|status| (300..500).contains(&status)), "{path}: {answered:?}");
    }
    portal.is_well(&mut visitor, "10 000 fields");
}

#[test]
fn a_flood_of_sign_ins_leaves_pages_quick() {
    let portal = Portal::start();
    let mut visitor = signed_in(&portal.address, 0);
    let (stop, tried) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        let _ends = Ends(&stop);
        for flooder in 0..32 {
            let (stop, tried, address) = (&stop, &tried, &portal.address);
            scope.spawn(move || {
                let mut guesser = Visitor::default();
                let Some(page) = guesser.get(address, "/sign-in") else { return };
                let token = page.token();
                for nth in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let email = format!("nobody{flooder}-{nth}@people.test");
                    let fields =
                        [("csrf_token", token.as_str()), ("email", &email), ("password", "a wrong password")];
                    if let Some(answer) = guesser.post_plain(address, "/sign-in", &fields) {
                        assert!(matches!(answer.status, 422 | 429 | 503), "{}", answer.text);
                        tried.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        thread::sleep(Duration::from_secs(1));
        for second in 0..trials(3, 30) {
            portal.is_well(&mut visitor, &format!("sign-in flood, second {second}"));
            let begun = Instant::now();
            assert_eq!(visitor.get(&portal.address, "/guide").unwrap().status, 200);
            assert!(begun.elapsed() < QUICK, "a public page took {:?}", begun.elapsed());
            thread::sleep(Duration::from_millis(500));
        }
    });
    let tried = tried.into_inner();
    assert!(tried > 20, "{tried} attempts are no flood");
    eprintln!("{tried} attempts were answered meanwhile");
}
