//! How often a mail is tried, and how long it waits in between; a domain that rests waits as long.

use chrono::{NaiveDateTime, TimeDelta};

use crate::store::mail::outbox_delivery::{ClaimedMail, DeliveryEnd};

/// Attempts before a mail fails for good: with an hour between the later ones, about three days.
const MOST_ATTEMPTS: i64 = 75;
/// No mail fails for good before it is so old, however often it was tried.
const TRIED_FOR: TimeDelta = TimeDelta::days(3);

/// How long a mail waits after so many attempts, and a domain after so many pauses: 1, 5, 15, 60 minutes, then an hour each time.
pub(super) fn wait_after(attempts: i64) -> TimeDelta {
    TimeDelta::minutes(match attempts {
        ..=0 => 1,
        1 => 5,
        2 => 15,
        _ => 60,
    })
}

/// How a mail ends for now that was not taken.
pub(super) fn again(mail: &ClaimedMail, now: NaiveDateTime) -> DeliveryEnd {
    let age = now - mail.created_at;
    // one that was written on a rehearsed day is not waited for until that day
    let old = age >= TRIED_FOR || age < TimeDelta::zero();
    if old && mail.attempts + 1 >= MOST_ATTEMPTS {
        DeliveryEnd::Failed
    } else {
        DeliveryEnd::Again(now + wait_after(mail.attempts))
    }
}
