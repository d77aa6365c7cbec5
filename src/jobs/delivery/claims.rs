//! The mails that a round has claimed, and which of them leaves next: the oldest whose domain may have another one on its way. So a domain
//! that stalls holds one session, and the others go on with everybody else's mail.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use crate::domain::address;
use crate::domain::ids::MailId;
use crate::store::mail::outbox_delivery::ClaimedMail;

/// A domain whose mail is on its way for longer than this stalls.
const STALLS: Duration = Duration::from_secs(1);

/// Claimed mails that wait for a session, and what is on its way to which domain.
#[derive(Debug, Default)]
pub(super) struct Claims {
    waiting: VecDeque<(String, ClaimedMail)>,
    domains: BTreeMap<String, Traffic>,
}

/// What goes to one domain.
#[derive(Debug, Default)]
struct Traffic {
    /// When the mails that are on their way left.
    under_way: Vec<(MailId, Instant)>,
    /// The last mail of this round was answered in time.
    quick: bool,
}

impl Traffic {
    /// One at a time, until it is known to be quick and as long as it is; then as many as `most`.
    fn takes_another(&self, most: usize) -> bool {
        self.under_way.is_empty()
            || self.quick
                && self.under_way.len() < most
                && self.under_way.iter().all(|(_, left)| left.elapsed() < STALLS)
    }
}

impl Claims {
    /// How many wait for a session.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Takes in what was claimed.
    pub(super) fn add(&mut self, claimed: Vec<ClaimedMail>) {
        self.waiting.extend(claimed.into_iter().map(|mail| (address::domain(&mail.to_address), mail)));
    }

    /// The next mail for a session, of `sessions` in all; `None` when none may leave now. The last session is left to the others as long as
    /// there are any.
    pub(super) fn next(&mut self, sessions: usize) -> Option<ClaimedMail> {
        let domains = &self.domains;
        let first = self.waiting.front().map(|(domain, _)| domain);
        let mixed = self.waiting.iter().any(|(domain, _)| Some(domain) != first);
        let most = if mixed { sessions.saturating_sub(1).max(1) } else { sessions };
        let may = |domain: &String| domains.get(domain).is_none_or(|traffic| traffic.takes_another(most));
        let place = self.waiting.iter().position(|(domain, _)| may(domain))?;
        let (domain, mail) = self.waiting.remove(place)?;
        self.domains.entry(domain).or_default().under_way.push((mail.id, Instant::now()));
        Some(mail)
    }

    /// A session is done with a mail, in so much time.
    pub(super) fn done(&mut self, mail: &ClaimedMail, took: Duration) {
        let traffic = self.domains.entry(address::domain(&mail.to_address)).or_default();
        traffic.under_way.retain(|(under_way, _)| *under_way != mail.id);
        traffic.quick = took < STALLS;
    }

    /// A mail that could not begin waits again, as the first.
    pub(super) fn put_back(&mut self, mail: ClaimedMail) {
        self.waiting.push_front((address::domain(&mail.to_address), mail));
    }

    /// Forgets what waits for a domain that rests.
    pub(super) fn forget(&mut self, domain: &str) {
        self.waiting.retain(|(waiting, _)| waiting != domain);
    }

    /// Forgets all that waits.
    pub(super) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The domains that may have no further mail on its way now, so that nothing more needs to be claimed for them.
    pub(super) fn crowded(&self, sessions: usize) -> Vec<String> {
        let crowded = self.domains.iter().filter(|(_, traffic)| !traffic.takes_another(sessions));
        crowded.map(|(domain, _)| domain.clone()).collect()
    }

    /// Whether some mail has been on its way for longer than a mail takes.
    pub(super) fn something_stalls(&self) -> bool {
        let mut under_way = self.domains.values().flat_map(|traffic| &traffic.under_way);
        under_way.any(|(_, left)| left.elapsed() >= STALLS)
    }
}
