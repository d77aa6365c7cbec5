//! Delivers the outbox in stages, so that a crash can neither lose a mail nor send it twice.
//!
//! `pending` → `claimed` (commit) → SMTP dialogue up to the server's go-ahead → `committing` (commit) → the message, its answer → `sent`
//! (commit). After a crash `claimed` goes back to `pending`; `committing` becomes `uncertain`, which staff resolve. Never a blind retry.
//!
//! While the server answers quickly, one commit says both that a mail was sent and that the next one is on its way: the disk is asked once
//! for a mail, and never more than one of them is in doubt.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use chrono::{NaiveDateTime, TimeDelta};

use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::actions::badges::badge_files;
use crate::domain::codes::Stored;
use crate::domain::ids::MailId;
use crate::domain::job::LeaseName;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::mail::{Attachment, BoxError, DeliveryError, Envelope, MailSession};
use crate::portal::Portal;
use crate::store::engine::leases::{Lease, Term};
use crate::store::mail::mail_holds;
use crate::store::mail::outbox_delivery;
use crate::store::mail::outbox_delivery::{ClaimedMail, DeliveryEnd};
use crate::store::{Conn, StoreError};

/// Mails claimed in one go.
const CLAIM_AT_ONCE: i64 = 100;
/// The lease outlives the longest dialogue with a server by far, and is renewed with the first mail after ten seconds. Whoever lost it
/// meanwhile finds its mails taken away, and sends none of them.
const TERM: Term = Term { lasts: TimeDelta::seconds(120), renew_after: Duration::from_secs(10) };
/// Attempts before a mail fails for good: with an hour between the later ones, about three days.
const MOST_ATTEMPTS: i64 = 75;

/// A server that takes a mail within this time is quick: what it took is recorded together with the next mail's beginning.
const QUICK: Duration = Duration::from_millis(50);

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

/// How long a mail waits after so many attempts: 1, 5, 15, 60 minutes, then an hour each time.
fn wait_after(attempts: i64) -> TimeDelta {
    TimeDelta::minutes(match attempts {
        ..=0 => 1,
        1 => 5,
        2 => 15,
        _ => 60,
    })
}

pub(super) fn job(portal: &Portal, watch: Watch<'_>) -> Result<JobReport, ActionError> {
    let delivered = deliver(portal, watch)?;
    Ok(JobReport {
        summary: delivered.summary(),
        complete: delivered.failed == 0 && delivered.uncertain == 0,
    })
}

/// Delivers what is due, each mail at most once.
///
/// # Errors
/// `StoreError::UnderWay` when another process is delivering. Mails in hand stay safe whatever happens.
pub fn deliver(portal: &Portal, watch: Watch<'_>) -> Result<Delivered, ActionError> {
    let now = portal.clock.now();
    // after a restore nobody knows what was sent already, until an administrator has said what becomes of it
    let held_or_idle = portal.store.read(|conn| {
        Ok::<_, StoreError>(
            mail_holds::in_force(conn)?.is_some() || !outbox_delivery::anything_to_do(conn, now)?,
        )
    })?;
    if held_or_idle {
        return Ok(Delivered::default());
    }
    let (lease, (_, uncertain)) = portal.store.write(|conn| {
        let lease = Lease::take(conn, LeaseName::Delivery, TERM, portal.clock.machine_now())?
            .ok_or(StoreError::UnderWay)?;
        let recovered = outbox_delivery::recover(conn, lease.owner(), now)?;
        Ok::<_, StoreError>((lease, recovered))
    })?;
    let mut round = Round { portal, lease, taken: None };
    let mut delivered = Delivered { uncertain, ..Delivered::default() };
    let done = round.deliver_all(&mut delivered, watch);
    let recorded = round.record_taken();
    portal.store.write(|conn| {
        outbox_delivery::release(conn, round.lease.owner(), portal.clock.now())?;
        round.lease.give_back(conn)
    })?;
    done?;
    recorded?;
    Ok(delivered)
}

/// One round of deliveries, under the name of its lease.
struct Round<'a> {
    portal: &'a Portal,
    lease: Lease,
    /// A mail that the server took, which is not recorded yet, and its kind.
    taken: Option<(MailId, Stored<NoticeKind>)>,
}

impl Round<'_> {
    fn deliver_all(&mut self, delivered: &mut Delivered, watch: Watch<'_>) -> Result<(), ActionError> {
        let mut session = self.portal.mailer.open();
        loop {
            let now = self.portal.clock.now();
            let taken = self.taken.clone();
            let claimed = self.portal.store.write(|conn| {
                if let Some((taken, kind)) = &taken {
                    outbox_delivery::sent(conn, *taken, kind, self.lease.owner(), now)?;
                }
                if self.keep_lease(conn)? {
                    outbox_delivery::claim(conn, self.lease.owner(), now, CLAIM_AT_ONCE)
                } else {
                    Ok(Vec::new())
                }
            })?;
            self.taken = None;
            if claimed.is_empty() {
                return Ok(());
            }
            for mail in &claimed {
                if watch().is_break() {
                    return Ok(());
                }
                if let ControlFlow::Break(reason) = self.deliver_one(&mut session, mail, delivered)? {
                    return self.postpone_rest(&reason, delivered);
                }
            }
        }
    }

    /// Delivers one mail and records how it ended. `Break`, with the reason, when the server cannot be reached at all.
    fn deliver_one(
        &mut self,
        session: &mut MailSession,
        mail: &ClaimedMail,
        delivered: &mut Delivered,
    ) -> Result<ControlFlow<String>, ActionError> {
        let portal = self.portal;
        let store = &portal.store;
        let began = Instant::now();
        let before = self.taken.clone();
        let mut both = false;
        let envelope = envelope(mail, badge_files::of_mail(portal, mail.id, &mail.kind)?);
        let result = session.deliver(&envelope, &mut || {
            store
                .write(|conn| {
                    let now = portal.clock.now();
                    if let Some((before, kind)) = &before {
                        outbox_delivery::sent(conn, *before, kind, self.lease.owner(), now)?;
                    }
                    if self.lease.is_old() && !self.keep_lease(conn)? {
                        return Err(StoreError::Changed);
                    }
                    outbox_delivery::commit(conn, mail.id, self.lease.owner(), now)
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
        let (ended, error) = match result {
            Ok(()) => {
                self.taken = Some((mail.id, mail.kind.clone()));
                delivered.sent += 1;
                if began.elapsed() > QUICK {
                    self.record_taken()?;
                }
                return Ok(ControlFlow::Continue(()));
            }
            // our own step failed, so nothing was sent: it stays claimed and is given back
            Err(DeliveryError::NotAttempted(error)) => {
                tracing::warn!(mail = mail.id.0, %error, "a mail was not attempted");
                return Ok(ControlFlow::Continue(()));
            }
            Err(DeliveryError::Temporary(error)) => (again(mail, now), error),
            Err(DeliveryError::Permanent(error)) => (DeliveryEnd::Failed, error),
            Err(DeliveryError::NoRecipient(error)) => (DeliveryEnd::NoRecipient, error),
            Err(DeliveryError::Uncertain(error)) => (DeliveryEnd::Uncertain, error),
        };
        // the server's words may name the recipient, so they stay in the database, out of the log
        tracing::warn!(mail = mail.id.0, outcome = ?ended, "a mail was not delivered");
        store.write(|conn| outbox_delivery::ended(conn, mail.id, self.lease.owner(), ended, &error, now))?;
        match ended {
            DeliveryEnd::Again(_) => delivered.postponed += 1,
            DeliveryEnd::Failed | DeliveryEnd::NoRecipient => delivered.failed += 1,
            DeliveryEnd::Uncertain => delivered.uncertain += 1,
        }
        Ok(if session.is_closed() { ControlFlow::Break(error) } else { ControlFlow::Continue(()) })
    }

    /// Records that the server took the last mail.
    fn record_taken(&mut self) -> Result<(), ActionError> {
        if let Some((taken, kind)) = self.taken.take() {
            let now = self.portal.clock.now();
            self.portal
                .store
                .write(|conn| outbox_delivery::sent(conn, taken, &kind, self.lease.owner(), now))?;
        }
        Ok(())
    }

    /// The server cannot be reached: one attempt stands for all.
    fn postpone_rest(&self, reason: &str, delivered: &mut Delivered) -> Result<(), ActionError> {
        let now = self.portal.clock.now();
        delivered.postponed += self.portal.store.write(|conn| {
            outbox_delivery::release(conn, self.lease.owner(), now)?;
            outbox_delivery::postpone_due(conn, &wait_after, reason, now)
        })?;
        Ok(())
    }

    fn keep_lease(&self, conn: &mut Conn<'_>) -> Result<bool, StoreError> {
        self.lease.renew(conn, self.portal.clock.machine_now())
    }
}

fn again(mail: &ClaimedMail, now: NaiveDateTime) -> DeliveryEnd {
    if mail.attempts + 1 >= MOST_ATTEMPTS {
        DeliveryEnd::Failed
    } else {
        DeliveryEnd::Again(now + wait_after(mail.attempts))
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
