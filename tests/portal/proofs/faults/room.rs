//! A disk without room: a file system of 8 MB in a mount namespace of the portal's own, which ends with it.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use chrono::Days;

use super::super::reports::line::{Visitor, part};
use super::super::reports::signed_in;
use super::{Body, CANNOT_NOW, Served, refused, there, today};
use crate::support::process::command;

const ROOM: &str = "8m";

/// The portal's command on a small disk of its own, onto which the data folder is copied first. `before` is done on that disk by a shell
/// just before the portal starts.
fn on_a_small_disk(body: &Body, before: &str) -> (Command, PathBuf) {
    let disk = body.folder.path().join("disk");
    fs::create_dir_all(&disk).unwrap();
    let data = disk.join("data");
    let mut inside = command(&data, &["serve"]);
    let serving = std::mem::replace(&mut inside, Command::new("unshare"));
    let script = format!(
        "set -e; mount -t tmpfs -o size={ROOM} none \"$0\"; cp -a \"$1\" \"$0\"/; cd \"$0\"; {before}; cd /; shift; exec \"$@\""
    );
    inside.args(["--map-root-user", "--mount", "sh", "-c", &script]).arg(&disk).arg(&body.data);
    inside.arg(serving.get_program()).args(serving.get_args());
    inside.env_clear().env("PATH", std::env::var("PATH").unwrap());
    for (name, value) in serving.get_envs() {
        if let Some(value) = value {
            inside.env(name, value);
        }
    }
    inside.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped());
    (inside, disk)
}

const FILL: &str = "dd if=/dev/zero of=filler bs=1k 2>/dev/null || true";

struct Filled {
    portal: Served,
    filler: PathBuf,
}

impl Filled {
    fn start(body: &Body) -> Filled {
        let (serving, disk) = on_a_small_disk(body, "true");
        let mut portal = Served::start(serving, &disk, &body.folder.path().join("log"));
        // its own disk, seen from outside
        let seen = PathBuf::from(format!("/proc/{}/root{}", portal.child.id(), disk.display()));
        assert!(seen.join("data/portal.sqlite").exists(), "the disk is seen from outside");
        portal.data = seen.join("data");
        Filled { portal, filler: seen.join("filler") }
    }

    fn fill(&self) {
        let mut file = OpenOptions::new().create(true).append(true).open(&self.filler).unwrap();
        while file.write_all(&[0; 1024]).is_ok() {}
    }

    fn free(&self) {
        File::create(&self.filler).unwrap();
        fs::remove_file(&self.filler).unwrap();
    }
}

fn long_report(portal: &Served, visitor: &mut Visitor, token: &str, title: &str, proof: usize) -> u16 {
    let completed_on = (today() - Days::new(30)).to_string();
    let reason = "All that was said there. ".repeat(60);
    let mut body = Vec::new();
    for (name, value) in [
        ("csrf_token", token),
        ("category", "attending"),
        ("title", title),
        ("field", "information_security"),
        ("completed_on", &completed_on),
        ("hours", "1:30"),
        ("explanation", &reason),
        ("not_regular_job", "1"),
        ("intent", "submit"),
    ] {
        body.extend(part(&format!("name=\"{name}\""), value.as_bytes()));
    }
    if proof > 0 {
        let content = format!("%PDF-1.4\n% {title} {}\n%%EOF\n", "x".repeat(proof));
        let disposition = "name=\"evidence\"; filename=\"proof.pdf\"\r\nContent-Type: application/pdf";
        body.extend(part(disposition, content.as_bytes()));
    }
    let answer = visitor.post_parts(&portal.address, "/activities", body).expect("an answer");
    let left_out =
        answer.status == 422 && answer.text.contains("the portal has no room for files at the moment");
    assert!(answer.status == 303 || left_out || CANNOT_NOW.contains(&answer.status), "{}", answer.text);
    answer.status
}

#[test]
fn on_a_full_disk_the_portal_refuses_what_it_cannot_keep_and_goes_on_when_there_is_room() {
    let body = Body::new();
    let mut filled = Filled::start(&body);
    let address = filled.portal.address.clone();
    let mut visitor = filled.portal.visitor(0);
    let token = filled.portal.token(&mut visitor);
    assert_eq!(long_report(&filled.portal, &mut visitor, &token, "Before", 10_000), 303);
    filled.fill();

    // an upload finds no room at once: what was typed stands in the form, and the file is named
    let refused = long_report(&filled.portal, &mut visitor, &token, "With a large proof", 900_000);
    assert_eq!(refused, 422);
    // a report may find room that the log has still; then it is kept, and at some time there is none
    let mut outcomes = Vec::new();
    for nth in 0..400 {
        let title = format!("Full {nth}");
        let status = long_report(&filled.portal, &mut visitor, &token, &title, 0);
        outcomes.push((title, status));
        filled.fill();
        if outcomes.iter().filter(|(_, status)| *status != 303).count() >= 5 {
            break;
        }
    }
    let kept = outcomes.iter().filter(|(_, status)| *status == 303).count();
    assert!(outcomes.len() - kept >= 5, "{kept} reports were kept on a full disk");

    // nobody is let in by a session that could not be kept
    let mut refused = 0;
    for holder in 1..4 {
        let mut other = Visitor::default();
        let page = filled.portal.page(&mut other, "/sign-in");
        let (email, token) = (format!("h{holder}@people.test"), page.token());
        let password = "violet harbour tractor moon";
        let fields = [("csrf_token", token.as_str()), ("email", &email), ("password", password)];
        let answer = other.post_plain(&address, "/sign-in", &fields).unwrap();
        let left_out =
            answer.status == 422 && answer.text.contains("the portal has no room for files at the moment");
        assert!(answer.status == 303 || left_out || CANNOT_NOW.contains(&answer.status), "{}", answer.text);
        refused += usize::from(answer.status != 303);
        let dashboard = other.get(&address, "/dashboard").unwrap().status;
        assert_eq!(dashboard == 200, answer.status == 303, "let in exactly by a kept session: {dashboard}");
    }
    assert!(refused > 0, "no sign-in was refused for lack of room");

    // what can be read is read, and says whose it is
    for path in ["/dashboard", "/activities", "/activities/new"] {
        let answer = visitor.get(&address, path).unwrap();
        assert!(answer.status == 200 || CANNOT_NOW.contains(&answer.status), "{path}: {}", answer.text);
        assert!(!answer.text.contains("Holder 1"), "{path}: somebody else's name");
    }
    // a job that writes: the titles of new reports are taken into the index of the search every few seconds. It may have found room that
    // was left behind the last report; then it gets another one, and none
    let patience = Instant::now() + Duration::from_secs(90);
    while !filled.portal.logged().contains("a job failed") {
        assert!(Instant::now() < patience, "no job met the full disk: {}", filled.portal.logged());
        filled.free();
        let title = format!("For the index {}", outcomes.len());
        let status = long_report(&filled.portal, &mut visitor, &token, &title, 0);
        filled.fill();
        outcomes.push((title, status));
        let tick = Instant::now() + Duration::from_secs(6);
        while Instant::now() < tick && !filled.portal.logged().contains("a job failed") {
            thread::sleep(Duration::from_millis(200));
        }
    }
    filled.portal.is_alive();

    filled.free();
    let patience = Instant::now() + Duration::from_secs(20);
    while long_report(&filled.portal, &mut visitor, &token, "With room again", 50_000) != 303 {
        assert!(Instant::now() < patience, "it does not recover: {}", filled.portal.logged());
        thread::sleep(Duration::from_millis(200));
    }
    for holder in 1..4 {
        signed_in(&address, holder);
    }
    filled.portal.is_alive();
    let copy = body.folder.path().join("copy");
    stopped_and_copied(filled, &copy);
    assert_eq!(there(&copy, "Before"), 1);
    assert_eq!(there(&copy, "With room again"), 1);
    assert_eq!(there(&copy, "With a large proof"), 0);
    for (title, status) in outcomes {
        assert_eq!(there(&copy, &title), usize::from(status == 303), "{title}: {status}");
    }
    super::checked(&copy);
}

/// Takes the data folder off the small disk while that is still there.
fn stopped_and_copied(filled: Filled, copy: &Path) {
    let pid = filled.portal.child.id().to_string();
    // the disk stays as long as somebody is in its namespace
    let mut stays = Command::new("nsenter")
        .args(["--target", &pid, "--user", "--mount", "--preserve-credentials", "sleep", "60"])
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(300));
    let Filled { portal, .. } = filled;
    let inside = portal.data.clone();
    let seen = inside.strip_prefix(format!("/proc/{pid}/root")).unwrap();
    let seen = Path::new("/proc").join(stays.id().to_string()).join("root").join(seen);
    portal.stop();
    let copied = Command::new("cp").arg("-a").arg(&seen).arg(copy).status().unwrap();
    stays.kill().unwrap();
    stays.wait().unwrap();
    assert!(copied.success());
}

#[test]
fn a_start_without_room_or_on_a_disk_that_only_reads_is_refused_with_one_line() {
    let body = Body::new();
    // what was prepared leaves a log behind when somebody is killed; here there is none, so it must be made
    let (serving, _) = on_a_small_disk(&body, FILL);
    let said = refused(serving);
    assert!(said.contains("disk is full") || said.contains("No space left"), "{said}");

    let (serving, _) = on_a_small_disk(&body, &format!("rm -r data; {FILL}"));
    let said = refused(serving);
    assert!(said.contains("disk is full") || said.contains("No space left"), "{said}");

    let (serving, _) = on_a_small_disk(&body, "cd /; mount -o remount,ro \"$0\"");
    let said = refused(serving);
    assert!(said.contains("Read-only") || said.contains("readonly"), "{said}");

    // with room it starts, so the refusals were about the room
    let (serving, disk) = on_a_small_disk(&body, "true");
    Served::start(serving, &disk, &body.folder.path().join("log")).stop();
}
