//! Taking over from a replica that the real Litestream kept, while it is behind: mail is held before any leaves a second time.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use cpe_portal::actions::mail::hold::{Discarded, held, release};
use cpe_portal::domain::ids::AccountId;
use cpe_portal::domain::roles::{Actor, Administrator, Role};

use super::body::Body;
use super::serve_and_die;
use super::sink::{Mood, Point, Sink};
use crate::proofs::trials;
use crate::support::faked::wait_until;
use crate::support::process::command;
use crate::transfer::support::{ask, open};

fn litestream(arguments: &[&str]) -> Command {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin/litestream");
    let given = std::env::var_os("CPE_PORTAL_LITESTREAM").map(PathBuf::from);
    let program = given.unwrap_or(installed);
    assert!(
        program.is_file(),
        "this proof needs Litestream at {} (bash tests/run puts it there)",
        program.display()
    );
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Litestream beside a database, once it has written something down.
fn replicating(database: &Path, replica: &Path) -> Child {
    let url = format!("file://{}", replica.display());
    let child = litestream(&["replicate", database.to_str().unwrap(), &url]).spawn().unwrap();
    wait_until("the replica begins", || replica.is_dir() && files(replica) > 0);
    child
}

/// How many files lie below a folder.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

#[test]
fn a_replica_that_is_behind_sends_no_mail_twice() {
    let mut body = Body::of(trials(60, 1_000));
    let sink = Sink::start(Mood::Calm, 0x5eed_0009);
    body.mails_go_to(&sink);
    let folder = tempfile::tempdir().unwrap();
    let replica = folder.path().join("replica");
    let mut beside = replicating(&body.database(), &replica);
    // stopped as a network stops that is gone: the portal goes on for a moment, and nobody writes it down
    let stopped = Command::new("kill").args(["-STOP", &beside.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert!(serve_and_die(&body, &sink, Point::BeforeTheAnswer, 20), "the portal died in the middle");
    beside.kill().unwrap();
    beside.wait().unwrap();
    let sent = sink.seen(|seen| seen.accepted.len());
    assert!(sent >= 10, "too few to prove anything: {sent}");

    body.move_to_another_machine();
    let (database, url) = (body.database(), format!("file://{}", replica.display()));
    assert!(litestream(&["restore", "-o", database.to_str().unwrap(), &url]).status().unwrap().success());
    let waiting = body.states()["pending"];
    assert!(waiting > trials(60, 1_000) - sent, "the replica knows of everything that was sent: {waiting}");
    assert_eq!(body.mail_command().status().unwrap().code(), Some(1), "mail is held");
    assert_eq!(sink.seen(|seen| seen.accepted.len()), sent);
    let data = database.parent().unwrap();
    assert!(command(data, &["check"]).status().unwrap().success());

    // what came with the replica is not sent: some of it was
    let added = ["account", "add", "--email", "ada@portal.test", "--name", "Ada", "--role", "administrator"];
    assert!(command(data, &added).status().unwrap().success());
    let id = ask(&database, "SELECT id || '' AS line FROM accounts WHERE email = 'ada@portal.test'");
    let actor = Actor { id: AccountId(id[0].parse().unwrap()), role: Role::Administrator };
    let portal = open(data, "2027-03-10");
    let contents = held(&portal).unwrap().unwrap();
    let from_copy = contents.waiting.iter().filter(|waiting| waiting.from_backup);
    let discards: Vec<Discarded> =
        from_copy.map(|kind| Discarded { from_backup: true, kind: kind.kind.clone() }).collect();
    let released =
        release(&portal, Administrator::of(actor).unwrap(), &discards, Some(contents.seen)).unwrap();
    assert_eq!(released.discarded, waiting);
    drop(portal);
    body.deliver_the_rest(&sink);
    body.assert_nothing_twice(&sink);
}
