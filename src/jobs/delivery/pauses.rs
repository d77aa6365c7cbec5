//! When a domain, or the mail server, rests: one that closes the line, or refuses three mails in a row, is left alone for 1, 5, 15, 60
//! minutes, then for an hour each time, until it takes a mail.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::attempts::wait_after;
use crate::actions::ActionError;
use crate::domain::address;
use crate::portal::Portal;
use crate::store::engine::leases::Lease;
use crate::store::mail::mail_pauses::{self, MailPause, WHOLE_SERVER};
use crate::store::mail::outbox_delivery::{self, ClaimedMail};

/// So many refusals for now, with nothing taken in between, are about the domain: one alone may be about a mailbox.
const REFUSALS_OF_A_DOMAIN: u32 = 3;

/// What a round knows of pauses.
#[derive(Debug)]
pub(super) struct Pauses {
    known: BTreeMap<String, MailPause>,
    /// Refusals in a row.
    refusals: BTreeMap<String, u32>,
}

impl Pauses {
    pub(super) const fn new(known: BTreeMap<String, MailPause>) -> Pauses {
        Pauses { known, refusals: BTreeMap::new() }
    }

    /// A mail was taken: neither its domain nor the server rests any more.
    pub(super) fn taken(&mut self, portal: &Portal, mail: &ClaimedMail) -> Result<(), ActionError> {
        let domain = address::domain(&mail.to_address);
        self.refusals.remove(&domain);
        for over in [domain.as_str(), WHOLE_SERVER] {
            if self.known.remove(over).is_some() {
                portal.store.write(|conn| mail_pauses::end(conn, over))?;
            }
        }
        Ok(())
    }

    /// A mail was refused for now. Gives the pause that its domain needs, if it does: at once when the line was closed, or when it is
    /// asked again after a pause.
    pub(super) fn refused(
        &mut self,
        now: NaiveDateTime,
        mail: &ClaimedMail,
        error: &str,
        at_once: bool,
    ) -> Option<MailPause> {
        let domain = address::domain(&mail.to_address);
        let refusals = self.refusals.entry(domain.clone()).or_default();
        *refusals += 1;
        let known = self.known.get(&domain);
        // what was on its way when it began says nothing new
        if domain.is_empty() || known.is_some_and(|pause| pause.in_force(now)) {
            return None;
        }
        (at_once || *refusals >= REFUSALS_OF_A_DOMAIN || known.is_some())
            .then(|| self.next(domain, error, now))
    }

    fn next(&self, domain: String, error: &str, now: NaiveDateTime) -> MailPause {
        let before = self.known.get(&domain).map_or(0, |pause| pause.times);
        MailPause {
            domain,
            times: before + 1,
            began_at: now,
            ends_at: now + wait_after(before),
            words: error.to_owned(),
        }
    }

    /// A domain rests, and what is due for it waits. Gives the number of those mails.
    pub(super) fn begin(
        &mut self,
        portal: &Portal,
        lease: &Lease,
        pause: MailPause,
    ) -> Result<usize, ActionError> {
        let postponed = portal.store.write(|conn| {
            mail_pauses::begin(conn, &pause)?;
            outbox_delivery::postpone_domain(conn, lease.owner(), &pause, pause.began_at)
        })?;
        tracing::warn!(times = pause.times, until = %pause.ends_at, "a domain takes no mail for now");
        self.known.insert(pause.domain.clone(), pause);
        Ok(postponed)
    }

    /// The mail server rests. Gives until when.
    pub(super) fn begin_of_server(
        &mut self,
        portal: &Portal,
        error: &str,
    ) -> Result<NaiveDateTime, ActionError> {
        let pause = self.next(WHOLE_SERVER.to_owned(), error, portal.clock.now());
        portal.store.write(|conn| mail_pauses::begin(conn, &pause))?;
        tracing::warn!(times = pause.times, until = %pause.ends_at, "the mail server takes no mail for now");
        let until = pause.ends_at;
        self.known.insert(pause.domain.clone(), pause);
        Ok(until)
    }
}
