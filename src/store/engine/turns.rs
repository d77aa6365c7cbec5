//! Turns of several processes that write to one database.
//!
//! `SQLite` gives the write lock to whoever asks first after a commit. A process that waits asks again after a pause; one that writes all
//! the time asks at once, and would be served alone for as long as it writes. So a process that waits shows a sign (a lock on the note's
//! file, which ends with the process), and one that has just written and sees the sign leaves a gap in which the other one asks.

use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::FlockOperation;

use crate::store::StoreError;

/// How long a request waits for a connection before it answers "try again".
pub(in crate::store) const PATIENCE: Duration = Duration::from_secs(5);
/// How long `SQLite` itself asks for the write lock, more and more seldom: short, so that whoever waits asks often.
pub(in crate::store) const ASKS_FOR: Duration = Duration::from_millis(20);
/// The gap: longer than any pause of one who waits.
const GAP: Duration = Duration::from_millis(25);
/// How often the sign is looked at in the gap.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// Nobody is told of a shorter wait than this.
const NOT_WORTH_TELLING: Duration = Duration::from_secs(1);

/// How long to wait for a database that others are busy with, and how a person learns of it.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The longest time.
    pub longest: Duration,
    /// Told once for each wait that is worth it.
    pub tell: fn(Duration),
}

impl Patience {
    /// Of a request: whoever asked for a page hears soon that it cannot be done now.
    pub const OF_A_PAGE: Patience = Patience { longest: PATIENCE, tell: |_| {} };

    /// Does something until it is not busy any more, or patience ends.
    pub(in crate::store) fn until_free<T>(
        &self,
        mut attempt: impl FnMut() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let (begun, mut told) = (Instant::now(), false);
        loop {
            match attempt() {
                Err(StoreError::Busy) if begun.elapsed() < self.longest => {
                    if !told && begun.elapsed() >= NOT_WORTH_TELLING {
                        told = true;
                        (self.tell)(self.longest);
                    }
                    thread::sleep(LOOK_EVERY);
                }
                ended => return ended,
            }
        }
    }
}

/// The turns of one process.
pub(in crate::store) struct Turns {
    /// Where the sign is shown; nowhere on a server, which gives turns in the order in which they were asked for.
    note: Option<Arc<File>>,
    /// How often the write lock was asked for.
    asked: AtomicU64,
    patience: Mutex<Patience>,
    written: Mutex<Option<Instant>>,
}

impl Turns {
    pub(in crate::store) fn new(note: Option<Arc<File>>, patience: Patience) -> Turns {
        let asked = AtomicU64::default();
        Turns { note, asked, patience: Mutex::new(patience), written: Mutex::default() }
    }

    pub(in crate::store) fn patience(&self) -> Patience {
        *unpoisoned(&self.patience)
    }

    pub(in crate::store) fn set_patience(&self, patience: Patience) {
        *unpoisoned(&self.patience) = patience;
    }

    /// Asks for the write lock until it is there, or patience ends. `ask` gives `StoreError::Busy` after a moment.
    pub(in crate::store) fn take<T>(
        &self,
        mut ask: impl FnMut() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.give_way();
        let mut sign = None;
        self.patience().until_free(|| {
            self.count_one();
            let asked = ask();
            if matches!(asked, Err(StoreError::Busy)) && sign.is_none() {
                sign = self.note.as_deref().map(Sign::shown_on);
            }
            asked
        })
    }

    /// Asks for the write lock once, and not at all while another process waits for its turn after one of ours.
    pub(in crate::store) fn try_take<T>(
        &self,
        ask: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let just_written = unpoisoned(&self.written).is_some_and(|written| written.elapsed() < GAP);
        if just_written && self.another_waits() {
            return Err(StoreError::Busy);
        }
        self.count_one();
        ask()
    }

    fn count_one(&self) {
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    /// How often this process has asked for the write lock.
    pub(in crate::store) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// A transaction of this process has ended.
    pub(in crate::store) fn ended(&self) {
        *unpoisoned(&self.written) = Some(Instant::now());
    }

    /// Leaves a gap after the last transaction of this process when another process waits.
    fn give_way(&self) {
        let Some(written) = *unpoisoned(&self.written) else { return };
        while written.elapsed() < GAP && self.another_waits() {
            thread::sleep(LOOK_EVERY);
        }
    }

    fn another_waits(&self) -> bool {
        let Some(note) = &self.note else { return false };
        let asked = rustix::process::Flock {
            start: 0,
            length: 0,
            pid: None,
            typ: rustix::process::FlockType::WriteLock,
            offset_type: rustix::process::FlockOffsetType::Set,
        };
        rustix::process::fcntl_getlk(&**note, &asked).is_ok_and(|holder| holder.is_some())
    }
}

/// Shown as long as it lives. Where the disk knows no locks nobody sees it, and turns come as they come.
struct Sign<'a>(&'a File);

impl Sign<'_> {
    fn shown_on(note: &File) -> Sign<'_> {
        // several who wait show it together
        let _ = rustix::fs::fcntl_lock(note, FlockOperation::NonBlockingLockShared);
        Sign(note)
    }
}

impl Drop for Sign<'_> {
    fn drop(&mut self) {
        let _ = rustix::fs::fcntl_lock(self.0, FlockOperation::NonBlockingUnlock);
    }
}

fn unpoisoned<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
