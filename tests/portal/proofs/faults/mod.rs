//! Faults of the machine: no room, a disk that fails, a database that is locked, damaged or mixed up, evidence that went astray. Each
//! gives a refused start with one clear line, or 503 or 507; never "done" for what was not kept, never a panic, never somebody else's
//! data; and the portal works again by itself when the fault is gone.

mod disk;
mod files;
mod log;
mod log_states;
mod room;
mod waiting;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use chrono::{Days, NaiveDate, Utc};

use super::reports::line::{Answer, Visitor};
use super::reports::{people, report, signed_in, titles};
use crate::support::process::command;

/// What a person is told when the portal cannot do it now.
pub const CANNOT_NOW: [u16; 2] = [503, 507];

/// A prepared data folder of a few holders, who can sign in.
pub struct Body {
    pub folder: tempfile::TempDir,
    pub data: PathBuf,
}

impl Body {
    pub fn new() -> Body {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        people(folder.path(), &data, today() - Days::new(100));
        Body { folder, data }
    }
}

pub fn today() -> NaiveDate {
    Utc::now().date_naive()
}

/// A portal that serves while something is done to it. Its data folder as this process sees it.
pub struct Served {
    pub child: Child,
    pub address: String,
    pub data: PathBuf,
    log: PathBuf,
}

impl Served {
    /// Starts a command that serves (the portal itself, or something that becomes it). What it logs goes to a file.
    pub fn start(mut serving: Command, data: &Path, log: &Path) -> Served {
        let written = std::fs::File::create(log).unwrap();
        let mut child = serving.stderr(written).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let address = said.trim_end().rsplit(' ').next().unwrap().trim_end_matches(')').to_owned();
        assert!(address.starts_with("127.0.0.1:"), "{said:?}: {}", std::fs::read_to_string(log).unwrap());
        Served { child, address, data: data.to_owned(), log: log.to_owned() }
    }

    pub fn plain(body: &Body) -> Served {
        Served::start(command(&body.data, &["serve"]), &body.data, &body.folder.path().join("log"))
    }

    pub fn visitor(&self, holder: usize) -> Visitor {
        signed_in(&self.address, holder)
    }

    /// Reports, and says what came of it: kept (303) or refused for now. Anything else is a defect.
    pub fn report(&self, visitor: &mut Visitor, token: &str, title: &str, nth: usize) -> u16 {
        let day = today() - Days::new(30);
        let answer = report(visitor, &self.address, token, title, day, nth).expect("an answer");
        assert!(answer.status == 303 || CANNOT_NOW.contains(&answer.status), "{}", answer.text);
        answer.status
    }

    pub fn token(&self, visitor: &mut Visitor) -> String {
        self.page(visitor, "/activities/new").token()
    }

    pub fn page(&self, visitor: &mut Visitor, path: &str) -> Answer {
        let answer = visitor.get(&self.address, path).expect("an answer");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer
    }

    pub fn is_alive(&mut self) {
        assert!(self.child.try_wait().unwrap().is_none(), "the portal lives: {}", self.logged());
        assert!(!self.logged().contains("panicked"), "{}", self.logged());
    }

    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it in order.
    pub fn stop(mut self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(told.success());
        assert!(self.child.wait().unwrap().success(), "{}", self.logged());
        assert!(!self.logged().contains("panicked"), "{}", self.logged());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // ended already, mostly
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a start says that has to fail: one line for people.
pub fn refused(mut serving: Command) -> String {
    let mut child = serving.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let patience = std::time::Instant::now() + Duration::from_secs(30);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if std::time::Instant::now() > patience {
            child.kill().unwrap();
            panic!("it was not refused");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(!status.success(), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "one line: {said}");
    said
}

pub fn refused_serving(data: &Path) -> String {
    refused(command(data, &["serve"]))
}

pub fn checked(data: &Path) {
    let checked: Output = command(data, &["check"]).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

/// How often each report is there.
pub fn there(data: &Path, title: &str) -> usize {
    titles(data).get(title).copied().unwrap_or(0)
}
