//! How long a store is waited for, how many wait at once, and when nobody is sent to it for a moment.
//!
//! Whoever waits for the store keeps one of the threads that pages need, too. So only a few wait at once, and while the store does not
//! answer one of them at a time finds out whether it does again; everybody else is told at once.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Requests to the store at once, fewer than the threads that one worker has for pages.
const AT_ONCE: usize = 4;
/// How long somebody waits for one of those places while the store answers.
const WAIT_FOR_A_PLACE: Duration = Duration::from_secs(1);
/// Failures in a row, of whoever's requests, after which the store is left alone.
const FAILURES_IN_A_ROW: u32 = 3;
/// How long it is then left alone.
const REST: Duration = Duration::from_secs(3);
/// Whoever is this patient waits until the store is asked again.
const PATIENT: Duration = Duration::from_secs(60);

/// How long somebody waits for the store.
#[derive(Clone, Copy, Debug)]
pub struct StoreWait {
    longest: Duration,
    /// Whether that is less than a store that works may take: then its end says nothing about the store.
    short: bool,
}

impl StoreWait {
    /// A wait that is over before a store that works has to answer. Its end is told to whoever waits, and counts for nobody else.
    pub const fn short(longest: Duration) -> Self {
        Self { longest, short: true }
    }

    /// The longest that it takes.
    pub(super) const fn longest(self) -> Duration {
        self.longest
    }

    /// Whether a failure is the end of the wait, which came at `until`, and no failure of the store.
    pub(super) fn ended_it(self, until: Instant) -> bool {
        self.short && Instant::now() >= until
    }
}

impl From<Duration> for StoreWait {
    fn from(longest: Duration) -> Self {
        Self { longest, short: false }
    }
}

/// How the store fared when it was last asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LastAnswer {
    /// How long ago that was.
    pub(super) age: Duration,
    /// What went wrong, when something did.
    pub(super) problem: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    under_way: usize,
    failures: u32,
    failed_at: Option<Instant>,
    last: Option<(Instant, Option<String>)>,
}

impl State {
    fn rest_left(&self) -> Option<Duration> {
        let failed_at = self.failed_at.filter(|_| self.failures >= FAILURES_IN_A_ROW)?;
        REST.checked_sub(failed_at.elapsed())
    }
}

/// The places of those who ask the store.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    state: Mutex<State>,
    freed: Condvar,
}

/// A place. It is free again when this is dropped.
pub(super) struct Place<'a>(&'a Bounds);

impl Bounds {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for whoever has this patience; `None` when the store is left alone just now, or too many ask it.
    pub(super) fn enter(&self, patience: Duration) -> Option<Place<'_>> {
        let (patient, began) = (patience >= PATIENT, Instant::now());
        let wait = if patient { patience } else { WAIT_FOR_A_PLACE.min(patience) };
        loop {
            let state = self.state();
            let rest = state.rest_left();
            // after a rest one finds out for all
            let most = if state.failures >= FAILURES_IN_A_ROW { 1 } else { AT_ONCE };
            if rest.is_none() && state.under_way < most {
                let mut state = state;
                state.under_way += 1;
                return Some(Place(self));
            }
            let left = wait.checked_sub(began.elapsed())?;
            match rest {
                Some(rest) if patient => {
                    drop(state);
                    thread::sleep(rest.min(left));
                }
                Some(_) => return None,
                None if state.failures >= FAILURES_IN_A_ROW && !patient => return None,
                None => drop(self.freed.wait_timeout(state, left)),
            }
        }
    }

    /// The store answered.
    pub(super) fn answered(&self) {
        let mut state = self.state();
        (state.failures, state.failed_at) = (0, None);
        state.last = Some((Instant::now(), None));
    }

    /// The store did not answer, or not as one that works.
    pub(super) fn failed(&self, problem: &str) {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        let now = Instant::now();
        state.failed_at = Some(now);
        state.last = Some((now, Some(problem.to_owned())));
    }

    /// The store answered, and refused.
    pub(super) fn refused(&self, problem: &str) {
        let mut state = self.state();
        (state.failures, state.failed_at) = (0, None);
        state.last = Some((Instant::now(), Some(problem.to_owned())));
    }

    /// How it fared when it was last asked; `None` before that.
    pub(super) fn last(&self) -> Option<LastAnswer> {
        let state = self.state();
        let (at, problem) = state.last.as_ref()?;
        Some(LastAnswer { age: at.elapsed(), problem: problem.clone() })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way = state.under_way.saturating_sub(1);
        drop(state);
        self.0.freed.notify_one();
    }
}
