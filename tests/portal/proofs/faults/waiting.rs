//! Commands beside a portal that is busy: they wait, say so, and get their turn; pages do not wait long.

use std::fs;
use std::io::Read;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use super::{Body, checked};
use crate::support::process::command;
use crate::transfer::support::ask;

/// Another process that holds the write lock for some seconds.
fn holding(body: &Body, seconds: u32) -> Child {
    let script = "import sqlite3, sys, time\nc = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
        c.execute('BEGIN IMMEDIATE')\nprint('holding', flush=True)\ntime.sleep(float(sys.argv[2]))\nc.execute('ROLLBACK')";
    let mut child = Command::new("python3")
        .args(["-c", script])
        .arg(body.data.join("portal.sqlite"))
        .arg(seconds.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0; 7]).unwrap();
    child
}

fn added(body: &Body, name: &str, more: &[&str]) -> (Output, Duration) {
    let email = format!("{name}@people.test");
    let add = ["account", "add", "--email", &email, "--name", "N", "--role", "reviewer"];
    let begun = Instant::now();
    let ended = command(&body.data, &[&add[..], more].concat()).stderr(Stdio::piped()).output().unwrap();
    (ended, begun.elapsed())
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_command_waits_for_a_busy_database_says_so_and_gives_up_when_it_was_told_to() {
    let body = Body::new();
    // longer than anybody waited before
    let mut other = holding(&body, 8);
    let (ended, took) = added(&body, "waits", &[]);
    assert!(ended.status.success(), "{}", said(&ended));
    assert_eq!(
        said(&ended).matches("The database is busy; waiting for it, 60 seconds at most.").count(),
        1,
        "{}",
        said(&ended)
    );
    assert!(took > Duration::from_secs(5), "{took:?}");
    other.wait().unwrap();

    let mut other = holding(&body, 12);
    let (ended, took) = added(&body, "impatient", &["--wait", "2"]);
    assert_eq!(ended.status.code(), Some(1));
    assert!(said(&ended).contains("waiting for it, 2 seconds at most"), "{}", said(&ended));
    assert!(said(&ended).contains("the database is busy"), "{}", said(&ended));
    assert!(took < Duration::from_secs(8), "{took:?}");
    // and does not wait at all when it is told so; nor does what waits for another run of the same kind take the lock for one
    for arguments in
        [&["mail", "--wait", "0"][..], &["deadlines", "--wait", "0"], &["badges", "resign", "--wait", "0"]]
    {
        let begun = Instant::now();
        let ended = command(&body.data, arguments).stderr(Stdio::piped()).output().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(6), "{arguments:?} {:?}", begun.elapsed());
        assert!(!said(&ended).contains("waiting"), "{arguments:?}: {}", said(&ended));
    }
    other.kill().unwrap();
    other.wait().unwrap();

    // nobody is told of a wait that was none
    let (ended, _) = added(&body, "at-once", &[]);
    assert!(ended.status.success() && said(&ended).is_empty(), "{}", said(&ended));
    let added = ask(
        &body.data.join("portal.sqlite"),
        "SELECT email AS line FROM accounts WHERE role = 'reviewer' ORDER BY email",
    );
    assert_eq!(added, ["at-once@people.test", "waits@people.test"]);
    let wrong = command(&body.data, &["check", "--wait", "soon"]).output().unwrap();
    assert_eq!(wrong.status.code(), Some(2));
}

/// Another process that writes one thing after the other without any pause, as the jobs of a large body do.
#[test]
fn a_command_gets_its_turn_beside_a_process_that_writes_all_the_time() {
    let body = Body::new();
    let mut rows = "email,name,certification,certificate_number,granted_on\n".to_owned();
    for nth in 0..2_500 {
        rows.push_str(&format!("many{nth}@people.test,Many {nth},ISP,MANY-{nth},2026-01-10\n"));
    }
    let file = body.folder.path().join("holders.csv");
    fs::write(&file, rows).unwrap();
    let mut busy = command(&body.data, &["import", "holders", file.to_str().unwrap()]).spawn().unwrap();
    let database = body.data.join("portal.sqlite");
    let written = || {
        ask(&database, "SELECT CAST(COUNT(*) AS TEXT) AS line FROM certificates")[0].parse::<u32>().unwrap()
    };
    crate::support::faked::wait_until("the import writes", || written() > 6);
    let mut longest = Duration::ZERO;
    let mut beside = 0;
    for nth in 0..5 {
        let (ended, took) = added(&body, &format!("beside-{nth}"), &[]);
        assert!(ended.status.success(), "{}", said(&ended));
        if busy.try_wait().unwrap().is_some() {
            break;
        }
        longest = longest.max(took);
        beside += 1;
    }
    assert!(beside > 0, "the import was over too soon to prove anything");
    eprintln!("{beside} commands beside an import, the longest {longest:?}");
    assert!(busy.wait().unwrap().success());
    checked(&body.data);
}
