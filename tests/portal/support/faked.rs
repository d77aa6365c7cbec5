//! A clock that a test moves while the real binary runs: libfaketime, told by a file how far it is off.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, TimeDelta, Utc};

const PLACES: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
];

fn library() -> String {
    let given = std::env::var("CPE_PORTAL_FAKETIME").ok();
    given
        .into_iter()
        .chain(PLACES.iter().map(|place| (*place).to_owned()))
        .find(|place| Path::new(place).is_file())
        .expect(
            "these proofs need libfaketime (on Debian: apt-get install libfaketime; bash tests/run does it)",
        )
}

/// A wall clock that goes as fast as the real one and is off by as much as a test says.
pub struct FakedClock {
    file: PathBuf,
    library: String,
    off: TimeDelta,
}

impl FakedClock {
    /// A clock that shows `now` (UTC) now.
    pub fn showing(folder: &Path, now: NaiveDateTime) -> Self {
        let mut clock = Self { file: folder.join("clock"), library: library(), off: TimeDelta::zero() };
        clock.set(now);
        clock
    }

    /// What it shows (UTC).
    pub fn now(&self) -> NaiveDateTime {
        Utc::now().naive_utc() + self.off
    }

    /// Sets it, for every process that lives by it.
    pub fn set(&mut self, now: NaiveDateTime) {
        self.off = TimeDelta::seconds((now - Utc::now().naive_utc()).num_seconds());
        self.tell();
    }

    /// Moves it on, or back.
    pub fn advance(&mut self, by: TimeDelta) {
        self.off += by;
        self.tell();
    }

    fn tell(&self) {
        // replaced as a whole: nobody may read half a number
        let next = self.file.with_extension("next");
        std::fs::write(&next, format!("{:+}\n", self.off.num_seconds())).unwrap();
        std::fs::rename(&next, &self.file).unwrap();
    }

    /// Lets a command live by it. Waiting goes on by the real clock: only the day and the hour are faked.
    pub fn rule(&self, mut command: Command) -> Command {
        command
            .env("LD_PRELOAD", &self.library)
            .env("FAKETIME_TIMESTAMP_FILE", &self.file)
            .env("FAKETIME_NO_CACHE", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1");
        command
    }
}

/// Waits for something to come true, however long it takes within reason.
pub fn wait_until(what: &str, mut is_true: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !is_true() {
        assert!(Instant::now() < patience, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
