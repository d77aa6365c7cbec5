//! Delivers the outbox in stages, so that a crash can neither lose a mail nor send it twice.
//!
//! `pending` → `claimed` (commit) → SMTP dialogue up to the server's go-ahead → `committing` (commit) → the message, its answer → `sent`
//! (commit). After a crash `claimed` goes back to `pending`; `committing` becomes `uncertain`, which staff resolve. Never a blind retry.
//!
//! Under the one lease for it, several sessions deliver at once, each over a connection of its own. While the server answers quickly, one
//! commit says both that a session's mail was sent and that its next one is on its way: the disk is asked once for a mail, and never more
//! than one mail of each session is in doubt.

mod attempts;
mod claims;
mod pauses;
mod round;
mod session;

use std::time::Duration;

use chrono::TimeDelta;

use self::round::Round;
use super::{JobReport, Watch};
use crate::actions::ActionError;
use crate::domain::job::LeaseName;
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::engine::leases::{Lease, Term};
use crate::store::mail::{mail_holds, mail_pauses, outbox_delivery};

pub use self::round::Delivered;

/// The lease outlives the longest dialogue with a server by far, and is renewed with the first mail after ten seconds. Whoever lost it
/// meanwhile finds its mails taken away, and sends none of them.
const TERM: Term = Term { lasts: TimeDelta::seconds(120), renew_after: Duration::from_secs(10) };

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
        let server_rests =
            mail_pauses::in_force(conn, now)?.iter().any(|pause| pause.domain == mail_pauses::WHOLE_SERVER);
        Ok::<_, StoreError>(
            mail_holds::in_force(conn)?.is_some()
                || server_rests
                || !outbox_delivery::anything_to_do(conn, now)?,
        )
    })?;
    if held_or_idle {
        return Ok(Delivered::default());
    }
    let (lease, uncertain, pauses) = portal.store.write(|conn| {
        let lease = Lease::take(conn, LeaseName::Delivery, TERM, portal.clock.machine_now())?
            .ok_or(StoreError::UnderWay)?;
        let (_, uncertain) = outbox_delivery::recover(conn, lease.owner(), now)?;
        Ok::<_, StoreError>((lease, uncertain, mail_pauses::all(conn)?))
    })?;
    let delivered = Delivered { uncertain, ..Delivered::default() };
    let done = Round::new(portal, &lease, pauses, delivered).deliver_all(watch);
    portal.store.write(|conn| {
        outbox_delivery::release(conn, lease.owner(), portal.clock.now())?;
        lease.give_back(conn)
    })?;
    done
}
