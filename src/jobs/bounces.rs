//! Fetches what came back from its mailbox: each delivery report goes the way of `cpe-portal bounce`.
//!
//! How far the mailbox is read is committed together with what a report says, so that a kill at any moment loses none and notes none twice.
//! Only then is the message marked as read; nothing else in the mailbox is ever touched.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::actions::mail::bounce::{ReportResult, note_from_mailbox};
use crate::domain::job::LeaseName;
use crate::mail::{Mailbox, MailboxError, MailboxSession, read_report};
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::engine::leases::{Lease, Term};
use crate::store::mail::mailbox_progress::{self, MailboxPlace, MailboxProgress};

/// Messages read in one round; the next round goes on.
const MESSAGES_A_ROUND: usize = 500;
/// No further message begins after this.
const LONGEST_ROUND: Duration = Duration::from_secs(100);
/// Rounds that end at the same message before it is passed over: an hour in which nothing behind it would be read.
const TRIES_OF_A_MESSAGE: i64 = 12;
/// Renewed between two messages, each of which takes less.
const MAILBOX_TERM: Term = Term { lasts: TimeDelta::seconds(120), renew_after: Duration::from_secs(10) };

/// What a reading of the mailbox came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailboxRound {
    noted: usize,
    known: usize,
    not_final: usize,
    /// Reports about emails that are none of ours.
    foreign: usize,
    /// Messages that are no reports.
    others: usize,
    /// Messages that could not be read at all.
    passed_over: Vec<u32>,
    /// Why it ended too early.
    trouble: Option<String>,
}

impl MailboxRound {
    /// Whether everything could be read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.trouble.is_none() && self.passed_over.is_empty()
    }

    /// In words, whatever there was.
    #[must_use]
    pub fn words(&self) -> String {
        let MailboxRound { noted, known, not_final, foreign, others, passed_over, trouble } = self;
        let mut words = format!(
            "Delivery reports noted {noted}, known already {known}, not final {not_final}, about other emails {foreign}; other messages {others}."
        );
        for uid in passed_over {
            words.push_str(&format!(
                " The message with the number {uid} could not be read in {TRIES_OF_A_MESSAGE} rounds and is passed over."
            ));
        }
        if let Some(trouble) = trouble {
            words.push_str(&format!(
                " The mailbox could not be read to its end: {trouble}. It is tried again every few minutes, and nothing is lost."
            ));
        }
        words
    }

    /// In words for the list of runs; empty when nothing was about emails.
    fn summary(&self) -> String {
        let reports = self.noted + self.known + self.not_final + self.foreign;
        if reports == 0 && self.is_complete() { String::new() } else { self.words() }
    }
}

pub(super) fn job(portal: &Portal, watch: Watch<'_>) -> Result<JobReport, ActionError> {
    let round = read_mailbox(portal, watch)?.unwrap_or_default();
    Ok(JobReport { summary: round.summary(), complete: round.is_complete() })
}

/// Reads what is new in the mailbox, each message once. `None` when no mailbox is set.
///
/// # Errors
/// `StoreError::UnderWay` when another process reads it; the store's. What the mailbox's server does is told in the round.
pub fn read_mailbox(portal: &Portal, watch: Watch<'_>) -> Result<Option<MailboxRound>, ActionError> {
    let Some(mailbox) = &portal.mailbox else { return Ok(None) };
    let lease = portal.store.write(|conn| {
        Lease::take(conn, LeaseName::Mailbox, MAILBOX_TERM, portal.clock.machine_now())?
            .ok_or(StoreError::UnderWay)
    })?;
    let reading = Reading {
        portal,
        mailbox,
        session: None,
        lease: &lease,
        name: mailbox.name(),
        place: MailboxPlace::default(),
        round: MailboxRound::default(),
    };
    let round = reading.run(watch);
    portal.store.write(|conn| lease.give_back(conn))?;
    round.map(Some)
}

/// Why a reading ends.
enum Hindrance {
    /// The mailbox's server, perhaps at one message.
    Mailbox(MailboxError, Option<u32>),
    /// Ours.
    Portal(ActionError),
}

impl From<ActionError> for Hindrance {
    fn from(error: ActionError) -> Self {
        Hindrance::Portal(error)
    }
}

impl From<MailboxError> for Hindrance {
    fn from(error: MailboxError) -> Self {
        Hindrance::Mailbox(error, None)
    }
}

struct Reading<'a> {
    portal: &'a Portal,
    mailbox: &'a Mailbox,
    /// The open mailbox; none before it is opened, and after its line was lost.
    session: Option<MailboxSession>,
    lease: &'a Lease,
    name: String,
    /// The last message that was read.
    place: MailboxPlace,
    round: MailboxRound,
}

impl Reading<'_> {
    fn run(mut self, watch: Watch<'_>) -> Result<MailboxRound, ActionError> {
        let store = &self.portal.store;
        let known = store.read(|conn| mailbox_progress::find(conn, &self.name))?.unwrap_or_default();
        let read = self.read(&known, watch);
        let now = self.portal.clock.now();
        let trouble = match read {
            Ok(()) => None,
            Err(Hindrance::Mailbox(error, at)) => Some((error.to_string(), at)),
            Err(Hindrance::Portal(error)) => return Err(error),
        };
        let Reading { name, place, .. } = &self;
        self.portal.store.write(|conn| {
            if place.uid_validity > 0 {
                mailbox_progress::reach(conn, name, *place, None)?;
            }
            match &trouble {
                None => mailbox_progress::finish(conn, name, now),
                Some((_, at)) => mailbox_progress::fail(conn, name, *at, now),
            }
        })?;
        self.round.trouble = trouble.map(|(words, _)| words);
        Ok(self.round)
    }

    fn read(&mut self, known: &MailboxProgress, watch: Watch<'_>) -> Result<(), Hindrance> {
        let begun = Instant::now();
        let uid_validity = self.session()?.uid_validity();
        // where the numbers begin anew everything is read again: what is known already changes nothing
        let same = known.place.uid_validity == uid_validity;
        let from = if same { known.place.uid } else { 0 };
        // kept also when the first message cannot be read: how often it could not belongs to these numbers
        self.place = MailboxPlace { uid_validity, uid: from };
        if let Some(uid) = known.to_mark.filter(|_| same) {
            // once more, and never again: a server that breaks off at a mark would break off each round
            let forgotten = self.portal.store.write(|conn| mailbox_progress::forget_mark(conn, &self.name));
            forgotten.map_err(ActionError::from)?;
            self.mark(uid);
        }
        let mut waiting = self.session()?.messages_after(from)?;
        waiting.truncate(MESSAGES_A_ROUND);
        let mut later = waiting.as_slice();
        while let [uid, rest @ ..] = later {
            later = rest;
            if watch().is_break() || begun.elapsed() > LONGEST_ROUND || !self.has_lease()? {
                break;
            }
            let hindered =
                same && known.hindrance.is_some_and(|(at, times)| at == *uid && times >= TRIES_OF_A_MESSAGE);
            let place = MailboxPlace { uid_validity, uid: *uid };
            match self.take(place) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => break,
                Err(Hindrance::Mailbox(_, Some(_))) if hindered && self.gives_any(later)? => {
                    tracing::error!(
                        uid,
                        "a message in the mailbox of bounces cannot be read and is passed over"
                    );
                    self.round.passed_over.push(*uid);
                    self.place = place;
                }
                Err(hindrance) => return Err(hindrance),
            }
        }
        Ok(())
    }

    /// The open mailbox, opened again where its line was lost.
    fn session(&mut self) -> Result<&mut MailboxSession, Hindrance> {
        match &mut self.session {
            Some(session) => Ok(session),
            none => {
                let session = self.mailbox.open()?;
                if ![0, session.uid_validity()].contains(&self.place.uid_validity) {
                    return Err(MailboxError::renumbered().into());
                }
                Ok(none.insert(session))
            }
        }
    }

    /// Asks for something; what did not come over a line that was lost is asked for over another one next time.
    fn ask<T>(
        &mut self,
        question: impl FnOnce(&mut MailboxSession) -> Result<T, MailboxError>,
    ) -> Result<T, Hindrance> {
        let answer = question(self.session()?);
        if answer.as_ref().is_err_and(|error| !error.is_refusal()) {
            self.session = None;
        }
        Ok(answer?)
    }

    /// Whether the server gives a message that came later: the next one, or the newest. Where it gives none, it is not about a message that
    /// it does not give either.
    fn gives_any(&mut self, later: &[u32]) -> Result<bool, ActionError> {
        let newest = later.get(1..).and_then(<[u32]>::last);
        for uid in later.first().into_iter().chain(newest) {
            if !self.has_lease()? {
                return Ok(false);
            }
            if matches!(self.ask(|session| session.message(*uid)), Ok(Some(_))) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads one message. Stops at a report about a mail that is on its way still: the next round asks again.
    fn take(&mut self, place: MailboxPlace) -> Result<ControlFlow<()>, Hindrance> {
        let uid = place.uid;
        // a mailbox that cannot be opened again is not about this message
        self.session()?;
        let bytes = self.ask(|session| session.message(uid)).map_err(|hindrance| match hindrance {
            Hindrance::Mailbox(error, _) => Hindrance::Mailbox(error, Some(uid)),
            hindrance @ Hindrance::Portal(_) => hindrance,
        })?;
        let report = read_report(&bytes.unwrap_or_default())
            .map_err(|error| ActionError::from(StoreError::database("a reader of reports", error)))?;
        let result = match report {
            None => None,
            Some(report) => match note_from_mailbox(self.portal, &self.name, place, &report) {
                Err(ActionError::Store(StoreError::Busy)) => return Ok(ControlFlow::Break(())),
                result => Some(result?),
            },
        };
        self.place = place;
        match result {
            None => self.round.others += 1,
            Some(ReportResult::NotOurs) => self.round.foreign += 1,
            Some(ReportResult::Noted) => self.round.noted += 1,
            Some(ReportResult::KnownAlready) => self.round.known += 1,
            Some(ReportResult::NotFinal) => self.round.not_final += 1,
        }
        if result.is_some_and(|result| result != ReportResult::NotOurs) {
            self.mark(uid);
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Marks a message as read. A mailbox in which nothing can be marked serves as well: the report is noted.
    fn mark(&mut self, uid: u32) {
        if self.ask(|session| session.mark_as_read(uid)).is_err() {
            tracing::warn!(uid, "a message in the mailbox of bounces cannot be marked as read");
        }
    }

    fn has_lease(&self) -> Result<bool, ActionError> {
        if !self.lease.is_old() {
            return Ok(true);
        }
        let now = self.portal.clock.machine_now();
        Ok(self.portal.store.write(|conn| self.lease.renew(conn, now))?)
    }
}
