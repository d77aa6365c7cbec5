//! A round of deliveries: it claims what is due, hands it to sessions, opens no more of them than there is to send, and hears how each mail
//! ended.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use chrono::NaiveDateTime;

use super::attempts::{again, wait_after};
use super::claims::Claims;
use super::pauses::Pauses;
use super::session::{Ending, Outcome, Session};
use crate::actions::ActionError;
use crate::jobs::Watch;
use crate::mail::Trouble;
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::engine::leases::Lease;
use crate::store::mail::mail_pauses::MailPause;
use crate::store::mail::outbox_delivery::{self, ClaimedMail, DeliveryEnd, WantedMails};

/// Mails claimed in one go.
const CLAIM_AT_ONCE: i64 = 100;
/// No more is claimed while so many wait for domains that take no other.
const MOST_CLAIMED: usize = 400;
/// One more session is opened for each so many mails.
const MAILS_FOR_A_SESSION: usize = 5;
/// How often a round that waits looks around.
const MOMENT: Duration = Duration::from_millis(250);

/// What a delivery did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Taken by the server.
    pub sent: usize,
    /// To be tried again later.
    pub postponed: usize,
    /// Failed for good; staff see them.
    pub failed: usize,
    /// May have arrived or not; staff resolve them.
    pub uncertain: usize,
}

impl Delivered {
    /// In words; empty when there was nothing to do.
    pub fn summary(&self) -> String {
        let Delivered { sent, postponed, failed, uncertain } = *self;
        if *self == Delivered::default() {
            return String::new();
        }
        format!(
            "Emails delivered {sent}, to be tried again {postponed}, failed for good {failed}, uncertain {uncertain}."
        )
    }
}

/// A session as the round sees it.
struct Line {
    number: usize,
    mails: Sender<ClaimedMail>,
    busy: bool,
}

/// One round of deliveries, under the name of its lease.
pub(super) struct Round<'a> {
    portal: &'a Portal,
    lease: &'a Lease,
    claims: Claims,
    pauses: Pauses,
    lines: Vec<Line>,
    delivered: Delivered,
    /// The most sessions at once: fewer when the server lets no more in.
    sessions: usize,
    opened: usize,
    /// The server took a mail: further sessions are worth trying.
    works: bool,
    /// When there was nothing to claim.
    nothing_since: Option<Instant>,
    /// No further mail begins.
    over: bool,
    /// The round is at its end, and hears only what is left to be told.
    closing: bool,
}

impl<'a> Round<'a> {
    pub(super) fn new(
        portal: &'a Portal,
        lease: &'a Lease,
        pauses: std::collections::BTreeMap<String, MailPause>,
        delivered: Delivered,
    ) -> Round<'a> {
        Round {
            portal,
            lease,
            claims: Claims::default(),
            pauses: Pauses::new(pauses),
            lines: Vec::new(),
            delivered,
            sessions: portal.mailer.sessions(),
            opened: 0,
            works: false,
            nothing_since: None,
            over: false,
            closing: false,
        }
    }

    /// Delivers all that is due. Whatever goes wrong, every mail that has begun comes to its end first.
    pub(super) fn deliver_all(mut self, watch: Watch<'_>) -> Result<Delivered, ActionError> {
        thread::scope(|scope| {
            let (tell, endings) = mpsc::channel();
            let mut done = self.go_on(scope, &tell, &endings, watch);
            // without these the sessions end, and then nobody tells anything any more
            self.lines.clear();
            self.closing = true;
            drop(tell);
            for ending in endings {
                done = done.and(self.hear(ending));
            }
            done
        })?;
        Ok(self.delivered)
    }

    fn go_on<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, '_>,
        tell: &Sender<Ending>,
        endings: &Receiver<Ending>,
        watch: Watch<'_>,
    ) -> Result<(), ActionError>
    where
        'a: 'scope,
    {
        loop {
            self.hand_out(scope, tell, watch)?;
            if !self.lines.iter().any(|line| line.busy) {
                return Ok(());
            }
            match endings.recv_timeout(MOMENT) {
                Ok(ending) => self.hear(ending)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    /// Gives every free session a mail, and opens further ones as far as they are worth it.
    fn hand_out<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, '_>,
        tell: &Sender<Ending>,
        watch: Watch<'_>,
    ) -> Result<(), ActionError>
    where
        'a: 'scope,
    {
        while !self.over && (self.lines.iter().any(|line| !line.busy) || self.may_open()) {
            let next = match self.claims.next(self.sessions) {
                None => {
                    self.claim()?;
                    self.claims.next(self.sessions)
                }
                next => next,
            };
            let Some(mail) = next else { return Ok(()) };
            if watch().is_break() {
                self.over = true;
                return Ok(());
            }
            if !self.lines.iter().any(|line| !line.busy) {
                self.open(scope, tell)?;
            }
            if let Some(line) = self.lines.iter_mut().find(|line| !line.busy) {
                // a thread that has ended has told so, and its mail stays claimed until the end of the round
                line.busy = line.mails.send(mail).is_ok();
                if !line.busy {
                    self.over = true;
                }
            }
        }
        Ok(())
    }

    /// One session finds out whether the server is there; the more there is to send, the more are opened beside it. One that stalls keeps
    /// nobody else's mail.
    fn may_open(&self) -> bool {
        let open = self.lines.len();
        if open == 0 {
            return true;
        }
        let much = self.works && self.claims.waiting() + open > open * MAILS_FOR_A_SESSION;
        open < self.sessions && (much || self.claims.something_stalls())
    }

    fn open<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, '_>,
        tell: &Sender<Ending>,
    ) -> Result<(), ActionError>
    where
        'a: 'scope,
    {
        let (mails, theirs) = mpsc::channel();
        let (number, tell) = (self.opened, tell.clone());
        let (portal, lease) = (self.portal, self.lease);
        thread::Builder::new()
            .name(format!("mail-{number}"))
            .spawn_scoped(scope, move || {
                // a scope would panic with its thread, and nobody would give back the lease and what is claimed
                let deliver = AssertUnwindSafe(|| Session::new(number, portal, lease).run(&theirs, &tell));
                if panic::catch_unwind(deliver).is_err() {
                    tracing::error!(number, "a session for mail panicked");
                }
            })
            .map_err(|error| StoreError::database("a thread for mail", error))?;
        self.opened += 1;
        self.lines.push(Line { number, mails, busy: false });
        Ok(())
    }

    /// Claims what is due, but not for domains to which enough is on its way.
    fn claim(&mut self) -> Result<(), ActionError> {
        let lately = self.nothing_since.is_some_and(|since| since.elapsed() < MOMENT);
        if lately && self.lines.iter().any(|line| line.busy) || self.claims.waiting() >= MOST_CLAIMED {
            return Ok(());
        }
        let now = self.portal.clock.now();
        let passing_over = self.claims.crowded(self.sessions);
        let wanted = WantedMails { limit: CLAIM_AT_ONCE, passing_over: &passing_over };
        let claimed = self.portal.store.write(|conn| {
            if self.lease.renew(conn, self.portal.clock.machine_now())? {
                outbox_delivery::claim(conn, self.lease.owner(), now, wanted).map(Some)
            } else {
                Ok(None)
            }
        })?;
        self.over = claimed.is_none();
        let claimed = claimed.unwrap_or_default();
        self.nothing_since = claimed.is_empty().then(Instant::now);
        self.claims.add(claimed);
        Ok(())
    }

    /// A session tells how it fared.
    fn hear(&mut self, ending: Ending) -> Result<(), ActionError> {
        let Ending { session, mail, outcome, took } = ending;
        if let Some(line) = self.lines.iter_mut().find(|line| line.number == session) {
            line.busy = line.busy && mail.is_none();
        }
        match (mail, outcome) {
            (_, Outcome::Broken(error)) => {
                self.over = true;
                return Err(error);
            }
            (_, Outcome::Panicked) => {
                self.over = true;
                self.lines.retain(|line| line.number != session);
            }
            (None, _) => {}
            (Some(mail), outcome) => {
                self.claims.done(&mail, took);
                self.note(session, mail, outcome)?;
            }
        }
        Ok(())
    }

    fn note(&mut self, session: usize, mail: ClaimedMail, outcome: Outcome) -> Result<(), ActionError> {
        match outcome {
            Outcome::Sent => {
                self.delivered.sent += 1;
                self.works = true;
                self.pauses.taken(self.portal, &mail)
            }
            Outcome::Ended(end, error, trouble) => {
                match end {
                    DeliveryEnd::Again(_) => self.delivered.postponed += 1,
                    DeliveryEnd::Failed | DeliveryEnd::NoRecipient => self.delivered.failed += 1,
                    DeliveryEnd::Uncertain => self.delivered.uncertain += 1,
                }
                match trouble {
                    Some(Trouble::Domain { at_once }) => self.domain_refuses(&mail, &error, at_once),
                    // at its end the round has no other sessions to compare this one with
                    Some(Trouble::Server) if self.closing => Ok(()),
                    Some(Trouble::Server) if self.goes_on_without(session) => Ok(()),
                    Some(Trouble::Server) => self.server_rests(&error),
                    None => Ok(()),
                }
            }
            // it says nothing about the server while others had it; the mail is given back with the rest
            Outcome::Unreached(..) if self.closing => Ok(()),
            Outcome::Unreached(error, trouble) => {
                if self.goes_on_without(session) {
                    self.claims.put_back(mail);
                    return Ok(());
                }
                let now = self.portal.clock.now();
                let end = again(&mail, now);
                let until = now + wait_after(mail.attempts);
                self.portal.store.write(|conn| {
                    outbox_delivery::ended(conn, mail.id, self.lease.owner(), end, &error, now)
                })?;
                match end {
                    DeliveryEnd::Again(_) => self.delivered.postponed += 1,
                    _ => self.delivered.failed += 1,
                }
                match trouble {
                    Some(Trouble::Server) => self.server_rests(&error),
                    _ => self.postpone_rest(until, &error),
                }
            }
            Outcome::NotAttempted | Outcome::Broken(_) | Outcome::Panicked => Ok(()),
        }
    }

    /// Whether others go on when a session is of no further use: the server lets so many in and no more.
    fn goes_on_without(&mut self, session: usize) -> bool {
        self.lines.retain(|line| line.number != session);
        self.sessions = self.lines.len().max(1);
        !self.lines.is_empty()
    }

    fn domain_refuses(&mut self, mail: &ClaimedMail, error: &str, at_once: bool) -> Result<(), ActionError> {
        if let Some(pause) = self.pauses.refused(self.portal.clock.now(), mail, error, at_once) {
            self.claims.forget(&pause.domain);
            self.delivered.postponed += self.pauses.begin(self.portal, self.lease, pause)?;
        }
        Ok(())
    }

    /// The server itself takes nothing for now.
    fn server_rests(&mut self, error: &str) -> Result<(), ActionError> {
        let until = self.pauses.begin_of_server(self.portal, error)?;
        self.postpone_rest(until, error)
    }

    /// The server cannot be reached: one attempt stands for all, and they wait as long as the mail that found out.
    fn postpone_rest(&mut self, until: NaiveDateTime, reason: &str) -> Result<(), ActionError> {
        self.over = true;
        self.claims.clear();
        let now = self.portal.clock.now();
        self.delivered.postponed += self.portal.store.write(|conn| {
            outbox_delivery::release(conn, self.lease.owner(), now)?;
            outbox_delivery::postpone_due(conn, until, reason, now)
        })?;
        Ok(())
    }
}
