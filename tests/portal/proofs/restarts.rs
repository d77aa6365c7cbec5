//! `kill -9` of whatever process of the portal, at whatever moment, also of two at once: the next start is let in, nothing that was told
//! to be done is lost, and the data is whole.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use chrono::Days;

use super::faults::{Body, checked, today};
use super::reports::{HOLDERS, titles};
use super::trials;
use crate::support::process::command;

/// What a start says that is refused, whatever the reason.
const REFUSED: [&str; 5] =
    ["cannot be opened", "cannot be used", "do not belong together", "are missing from", "migration failed"];
/// How long a process lives at least and at most, in milliseconds.
const LIVES: (u64, u64) = (5, 200);
/// Kills between two looks at the whole of the data.
const BETWEEN_CHECKS: usize = 60;

/// Numbers that are the same in every run, and look like chance.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// A process under way, with what it says and the reports that it brings in.
struct Begun {
    child: Child,
    what: &'static str,
    says: PathBuf,
    brings: Vec<String>,
}

/// The folder in which everything happens, and what came of it.
struct Scene {
    body: Body,
    draw: Draw,
    begun: usize,
    kept: BTreeSet<String>,
    refused: Vec<String>,
    kills: usize,
    ended_by_themselves: usize,
}

impl Scene {
    fn new(seed: u64) -> Scene {
        Scene {
            body: Body::new(),
            draw: Draw(seed),
            begun: 0,
            kept: BTreeSet::new(),
            refused: Vec::new(),
            kills: 0,
            ended_by_themselves: 0,
        }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.body.folder.path().join(name)
    }

    /// Begins one of the processes that a folder sees.
    fn begin(&mut self) -> Begun {
        self.begun += 1;
        let nth = self.begun;
        let (what, arguments, brings): (_, Vec<String>, _) = match self.draw.below(16) {
            0..4 => ("serve", words(&["serve"]), Vec::new()),
            4..6 => ("mail", words(&["mail"]), Vec::new()),
            6..8 => {
                // the deadlines of these certificates come nearer, so that there are reminders to write
                let day = today() + Days::new(170 + self.draw.below(90));
                ("deadlines", words(&["deadlines", "--as-of", &day.to_string()]), Vec::new())
            }
            8..12 => {
                let (file, titles) = self.activities(nth);
                ("import", words(&["import", "activities", file.to_str().unwrap()]), titles)
            }
            12 => ("backup", words(&["backup", self.place("backup.zip").to_str().unwrap()]), Vec::new()),
            13 => ("resign", words(&["badges", "resign"]), Vec::new()),
            14 => ("check", words(&["check"]), Vec::new()),
            _ => {
                let email = format!("n{nth}@people.test");
                let add = ["account", "add", "--email", &email, "--name", "N", "--role", "reviewer"];
                ("account", words(&add), Vec::new())
            }
        };
        let says = self.place(&format!("says-{}", nth % 4));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let mut process = command(&self.body.data, &arguments);
        process.stdout(Stdio::null()).stderr(File::create(&says).unwrap());
        Begun { child: process.spawn().unwrap(), what, says, brings }
    }

    /// A file of new reports.
    fn activities(&mut self, nth: usize) -> (PathBuf, Vec<String>) {
        let mut rows =
            "email,category,title,organiser,field,started_on,completed_on,quantity,publication,status\n"
                .to_owned();
        let day = today() - Days::new(30);
        let many = 1 + self.draw.below(40);
        let titles: Vec<String> = (0..many).map(|row| format!("Import {nth}, row {row}")).collect();
        for (row, title) in titles.iter().enumerate() {
            let holder = row % HOLDERS;
            rows.push_str(&format!(
                "h{holder}@people.test,attending,\"{title}\",Somebody,information_security,,{day},1,,submitted\n"
            ));
        }
        let file = self.place(&format!("activities-{}.csv", nth % 4));
        fs::write(&file, rows).unwrap();
        (file, titles)
    }

    /// Kills a process, or looks at how it ended before.
    fn end(&mut self, mut begun: Begun) {
        let ended = begun.child.try_wait().unwrap();
        begun.child.kill().unwrap();
        begun.child.wait().unwrap();
        let said = fs::read_to_string(&begun.says).unwrap();
        assert!(!said.contains("panicked"), "{}: {said}", begun.what);
        if REFUSED.iter().any(|words| said.contains(words)) {
            self.refused.push(format!("{} after {} kills: {said}", begun.what, self.kills));
        }
        match ended {
            Some(status) => {
                self.ended_by_themselves += 1;
                if status.success() {
                    self.kept.extend(begun.brings);
                }
            }
            None => self.kills += 1,
        }
    }

    /// The whole of the data, without anybody else; the checking connection takes no part in what was left.
    fn look(&mut self) {
        let says = self.place("says-check");
        let checked =
            command(&self.body.data, &["check"]).stderr(File::create(&says).unwrap()).output().unwrap();
        let said = String::from_utf8_lossy(&checked.stdout).into_owned() + &fs::read_to_string(says).unwrap();
        if !checked.status.success() {
            self.refused.push(format!("check after {} kills: {said}", self.kills));
        }
    }

    fn long_enough(&mut self) {
        let (least, most) = LIVES;
        thread::sleep(Duration::from_millis(least + self.draw.below(most - least)));
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn no_start_is_refused_for_what_a_killed_process_left_and_nothing_is_lost() {
    let kills = trials(300, 5000);
    let begun_at = Instant::now();
    let mut scene = Scene::new(0x2545_f491_4f6c_dd1d);
    let mut next_look = BETWEEN_CHECKS;
    while scene.kills < kills {
        let first = scene.begin();
        if scene.draw.below(3) == 0 {
            let pause = scene.draw.below(40);
            thread::sleep(Duration::from_millis(pause));
            let second = scene.begin();
            scene.long_enough();
            scene.end(first);
            let pause = scene.draw.below(30);
            thread::sleep(Duration::from_millis(pause));
            scene.end(second);
        } else {
            scene.long_enough();
            scene.end(first);
        }
        if scene.kills >= next_look || scene.refused.len() > 5 {
            next_look += BETWEEN_CHECKS;
            scene.look();
        }
        assert!(scene.refused.len() <= 20, "{:#?}", scene.refused);
    }
    scene.look();
    eprintln!(
        "{} kills in {:?}: {} refused; {} processes ended by themselves, {} reports told to be kept",
        scene.kills,
        begun_at.elapsed(),
        scene.refused.len(),
        scene.ended_by_themselves,
        scene.kept.len()
    );
    assert!(scene.refused.is_empty(), "{:#?}", scene.refused);
    let there = titles(&scene.body.data);
    for title in &scene.kept {
        assert_eq!(there.get(title), Some(&1), "{title}");
    }
    assert!(scene.kept.len() >= kills / 10, "too little was done to prove anything");
}

#[test]
fn a_first_start_that_is_killed_is_begun_again() {
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    for round in 0..trials(12, 200) {
        let folder = tempfile::tempdir().unwrap();
        let mut said = String::new();
        for _ in 0..3 {
            let mut first = begun_first(folder.path());
            thread::sleep(Duration::from_millis(5 + draw.below(200)));
            first.kill().unwrap();
            let ended = first.wait_with_output().unwrap();
            said.push_str(&String::from_utf8_lossy(&ended.stderr));
        }
        assert!(!REFUSED.iter().any(|words| said.contains(words)), "round {round}: {said}");
        let add = ["account", "add", "--email", "a@people.test", "--name", "A", "--role", "administrator"];
        let begun = command(folder.path(), &add).stderr(Stdio::piped()).output().unwrap();
        assert!(begun.status.success(), "round {round}: {}", String::from_utf8_lossy(&begun.stderr));
        checked(folder.path());
    }
}

fn begun_first(data: &Path) -> Child {
    command(data, &["serve"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}
