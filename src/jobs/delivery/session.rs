//! One session of a round, on a thread of its own: it delivers one mail after another over one connection, and has at most one of them in
//! doubt.

use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crate::actions::ActionError;
use crate::actions::badges::badge_files;
use crate::domain::codes::Stored;
use crate::domain::ids::MailId;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::mail::{Attachment, BoxError, DeliveryError, Envelope, MailSession, Trouble};
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::engine::leases::Lease;
use crate::store::mail::outbox_delivery::{self, ClaimedMail, DeliveryEnd};

use super::attempts;

/// A server that takes a mail within this time is quick: what it took is recorded together with the next mail's beginning.
const QUICK: Duration = Duration::from_millis(50);

/// What staff read of a mail over which our own code failed.
const PANICKED: &str = "The portal failed while it made this email. Its log says where.";

/// How a session fared with a mail.
#[derive(Debug)]
pub(super) struct Ending {
    /// Which session.
    pub session: usize,
    /// The mail; none when the session itself came to an end.
    pub mail: Option<ClaimedMail>,
    /// What came of it.
    pub outcome: Outcome,
    /// How long it took.
    pub took: Duration,
}

/// What came of a mail.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The server took it.
    Sent,
    /// Our own step failed, so nothing was sent: it stays claimed and is given back at the end.
    NotAttempted,
    /// It did not succeed, which is recorded.
    Ended(DeliveryEnd, String, Option<Trouble>),
    /// The server could not be reached, or did not let us in: nothing is recorded, and the session is of no further use.
    Unreached(String, Option<Trouble>),
    /// The database failed.
    Broken(ActionError),
    /// The thread panicked; what it had in hand is uncertain to the next round.
    Panicked,
}

/// A session, under the name of the round's lease.
pub(super) struct Session<'a> {
    number: usize,
    portal: &'a Portal,
    lease: &'a Lease,
    session: MailSession,
    /// A mail that the server took, which is not recorded yet, and its kind.
    taken: Option<(MailId, Stored<NoticeKind>)>,
}

/// Tells of a panic: nobody would wait for its mail in vain.
struct Watchman(usize, Sender<Ending>);

impl Drop for Watchman {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Watchman(session, endings) = self;
            let (mail, outcome, took) = (None, Outcome::Panicked, Duration::ZERO);
            // nobody listens any more when the round is over
            let _ = endings.send(Ending { session: *session, mail, outcome, took });
        }
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(number: usize, portal: &'a Portal, lease: &'a Lease) -> Session<'a> {
        Session { number, portal, lease, session: portal.mailer.open(), taken: None }
    }

    /// Delivers what comes until nothing more does.
    pub(super) fn run(mut self, mails: &Receiver<ClaimedMail>, endings: &Sender<Ending>) {
        let _watchman = Watchman(self.number, endings.clone());
        let session = self.number;
        let tell = |mail, outcome, took| endings.send(Ending { session, mail, outcome, took }).is_ok();
        loop {
            let next = match mails.recv_timeout(QUICK) {
                Err(RecvTimeoutError::Timeout) => {
                    // nothing to record it with
                    if let Err(error) = self.record_taken()
                        && !tell(None, Outcome::Broken(error), Duration::ZERO)
                    {
                        return;
                    }
                    mails.recv().ok()
                }
                next => next.ok(),
            };
            let Some(mail) = next else { break };
            let began = Instant::now();
            // one mail of which nothing can be made must not keep everybody else's
            let delivering = AssertUnwindSafe(|| self.deliver(&mail));
            let outcome = panic::catch_unwind(delivering).unwrap_or_else(|_| self.panicked(&mail));
            let outcome = outcome.unwrap_or_else(Outcome::Broken);
            if !tell(Some(mail), outcome, began.elapsed()) {
                break;
            }
        }
        if let Err(error) = self.record_taken() {
            let _ = tell(None, Outcome::Broken(error), Duration::ZERO);
        }
    }

    /// Delivers one mail and records how it ended.
    fn deliver(&mut self, mail: &ClaimedMail) -> Result<Outcome, ActionError> {
        let (portal, lease) = (self.portal, self.lease);
        let store = &portal.store;
        let began = Instant::now();
        let before = self.taken.clone();
        let mut both = false;
        let envelope = envelope(mail, badge_files::of_mail(portal, mail.id, &mail.kind)?);
        let result = self.session.deliver(&envelope, &mut || {
            store
                .write(|conn| {
                    let now = portal.clock.now();
                    if let Some((before, kind)) = &before {
                        outbox_delivery::sent(conn, *before, kind, lease.owner(), now)?;
                    }
                    if lease.is_old() && !lease.renew(conn, portal.clock.machine_now())? {
                        return Err(StoreError::Changed);
                    }
                    outbox_delivery::commit(conn, mail.id, lease.owner(), now)
                })
                .map_err(BoxError::from)?;
            both = true;
            Ok(())
        });
        if both {
            self.taken = None;
        } else {
            self.record_taken()?;
        }
        let now = portal.clock.now();
        let (end, error) = match result {
            Ok(()) => {
                self.taken = Some((mail.id, mail.kind.clone()));
                if began.elapsed() > QUICK {
                    self.record_taken()?;
                }
                return Ok(Outcome::Sent);
            }
            Err(DeliveryError::NotAttempted(error)) => {
                tracing::warn!(mail = mail.id.0, %error, "a mail was not attempted");
                return Ok(Outcome::NotAttempted);
            }
            Err(DeliveryError::Temporary(error)) if self.session.is_closed() => {
                return Ok(Outcome::Unreached(error, self.session.trouble()));
            }
            Err(DeliveryError::Temporary(error)) => (attempts::again(mail, now), error),
            Err(DeliveryError::Permanent(error)) => (DeliveryEnd::Failed, error),
            Err(DeliveryError::NoRecipient(error)) => (DeliveryEnd::NoRecipient, error),
            Err(DeliveryError::Uncertain(error)) => (DeliveryEnd::Uncertain, error),
        };
        // the server's words may name the recipient, so they stay in the database, out of the log
        tracing::warn!(mail = mail.id.0, outcome = ?end, "a mail was not delivered");
        store.write(|conn| outbox_delivery::ended(conn, mail.id, lease.owner(), end, &error, now))?;
        Ok(Outcome::Ended(end, error, self.session.trouble()))
    }

    /// Our own code failed over a mail: that counts as an attempt, and as uncertain once the mail was on its way.
    fn panicked(&mut self, mail: &ClaimedMail) -> Result<Outcome, ActionError> {
        tracing::error!(mail = mail.id.0, "the delivery of a mail panicked");
        self.session = self.portal.mailer.open();
        match self.record_taken() {
            // it was recorded with the beginning of this one
            Err(ActionError::Store(StoreError::Changed)) => self.taken = None,
            recorded => recorded?,
        }
        let now = self.portal.clock.now();
        let owner = self.lease.owner();
        let end = self.portal.store.write(|conn| {
            let end = match outbox_delivery::has_begun(conn, mail.id, owner)? {
                true => DeliveryEnd::Uncertain,
                false => attempts::again(mail, now),
            };
            outbox_delivery::ended(conn, mail.id, owner, end, PANICKED, now)?;
            Ok::<_, StoreError>(end)
        })?;
        Ok(Outcome::Ended(end, PANICKED.to_owned(), None))
    }

    /// Records that the server took the last mail. What could not be written is known still, and tried again at the end.
    fn record_taken(&mut self) -> Result<(), ActionError> {
        if let Some((taken, kind)) = &self.taken {
            let now = self.portal.clock.now();
            let owner = self.lease.owner();
            self.portal.store.write(|conn| outbox_delivery::sent(conn, *taken, kind, owner, now))?;
            self.taken = None;
        }
        Ok(())
    }
}

fn envelope(mail: &ClaimedMail, attachments: Vec<Attachment>) -> Envelope {
    Envelope {
        message_id: mail.message_id.clone(),
        created_at: mail.created_at,
        kind: mail.kind.code().to_owned(),
        to_name: mail.to_name.clone(),
        to_address: mail.to_address.clone(),
        subject: mail.subject.clone(),
        text: mail.text.clone(),
        html: mail.html.clone(),
        attachments,
    }
}
