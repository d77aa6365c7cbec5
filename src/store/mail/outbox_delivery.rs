//! The outbox while it is being delivered: pending → claimed → committing → sent, each step a commit of its own.
//!
//! Whoever delivers holds the one lease for it, under a name of its own for each run. So what is in hand under another name belongs to
//! somebody who died: `claimed` was not sent for certain, `committing` may have been.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::{BigInt, Bool};

use super::mail_pauses::{self, MailPause};
use super::{bounces, holder_holds, mail_log};
use crate::domain::address;
use crate::domain::codes::{Stored, codes_of};
use crate::domain::ids::{AccountId, MailId};
use crate::domain::notices::delivery::MailState;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::store::engine::prelude::*;
use crate::store::schema::{accounts, mail_holds, mails};
use crate::store::{Conn, StoreError};

/// A mail that was claimed for delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedMail {
    /// Its identity.
    pub id: MailId,
    /// How often it was tried before.
    pub attempts: i64,
    /// The notice's kind.
    pub kind: Stored<NoticeKind>,
    /// The recipient's name.
    pub to_name: String,
    /// The recipient's address.
    pub to_address: String,
    /// Subject.
    pub subject: String,
    /// The text body.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// Fixed for good.
    pub message_id: String,
    /// When it was written (UTC).
    pub created_at: NaiveDateTime,
}

/// Longer than any mail waits for its next attempt.
const BEYOND_ANY_WAIT: TimeDelta = TimeDelta::hours(2);

/// Never tried, or its next attempt has come; and whoever gave a verdict had their time to take it back. A time far beyond any wait was
/// written by a clock that was wrong.
macro_rules! due_by {
    ($now:expr) => {
        mails::attempts
            .eq(0)
            .or(mails::next_attempt_at.le($now))
            .or(mails::next_attempt_at.gt($now + BEYOND_ANY_WAIT))
            .and(
                mails::waits_until
                    .is_null()
                    .or(mails::waits_until.le(Some($now)))
                    .or(mails::waits_until.gt(Some($now + BEYOND_ANY_WAIT))),
            )
    };
}

/// Mails that have yet to leave, said literally: a bound value would keep the partial index from serving it.
pub(in crate::store) fn pending() -> SqlLiteral<Bool> {
    sql("mails.state = 'pending'")
}

/// Those of them that may leave now: none to somebody who was never invited, and none to a holder while those are held.
pub(in crate::store) fn leaving(conn: &mut Conn<'_>) -> Result<Literally, StoreError> {
    Ok(match holder_holds::is_held(conn)? {
        true => literally(
            "mails.state = 'pending' AND mails.to_holder = 0",
            "mails.state = 'pending' AND NOT mails.to_holder",
        ),
        false => literally(
            "mails.state = 'pending' AND mails.uninvited = 0",
            "mails.state = 'pending' AND NOT mails.uninvited",
        ),
    })
}

/// Mails in hand of which `state` holds, said literally for the same reason.
fn in_hand(state: &str) -> SqlLiteral<Bool> {
    sql(&format!("mails.state IN ('claimed', 'committing', 'uncertain', 'failed') AND mails.{state}"))
}

/// Whether anything is due or in hand: asked every few seconds, so it only reads.
pub fn anything_to_do(conn: &mut Conn<'_>, now: NaiveDateTime) -> Result<bool, StoreError> {
    let due = mails::table.filter(leaving(conn)?).filter(due_by!(now));
    let in_hand = in_hand("state IN ('claimed', 'committing')");
    Ok(diesel::select(diesel::dsl::exists(due)).get_result::<bool>(conn.0)?
        || diesel::select(diesel::dsl::exists(mails::table.filter(in_hand))).get_result::<bool>(conn.0)?)
}

/// Takes over what somebody who died had in hand: `claimed` becomes pending, `committing` uncertain. Gives both numbers.
pub fn recover(conn: &mut Conn<'_>, owner: &str, now: NaiveDateTime) -> Result<(usize, usize), StoreError> {
    let others = |state: &'static str| {
        mails::table
            .filter(in_hand(state))
            .filter(mails::claimed_by.is_null().or(mails::claimed_by.ne(owner.to_owned())))
    };
    let back = diesel::update(others("state = 'claimed'"))
        .set((
            mails::state.eq(MailState::Pending.code()),
            mails::claimed_by.eq(None::<String>),
            mails::updated_at.eq(now),
        ))
        .execute(conn.0)?;
    // claimed_by stays: should its owner live after all, its certain answer is still taken
    let uncertain = diesel::update(others("state = 'committing'"))
        .set((
            mails::state.eq(MailState::Uncertain.code()),
            mails::last_error.eq("The portal stopped while the mail was on its way."),
            mails::updated_at.eq(now),
        ))
        .execute(conn.0)?;
    Ok((back, uncertain))
}

/// What is said of a mail whose recipient's account is closed.
const ACCOUNT_CLOSED: &str = "The account is closed, so nothing is sent to it.";

/// Puts aside whatever is still to leave for a closed account: nobody reads it. What failed or is uncertain needs nobody any more. Gives how
/// many had yet to leave.
pub fn discard_for_closed(
    conn: &mut Conn<'_>,
    account: AccountId,
    now: NaiveDateTime,
) -> Result<usize, StoreError> {
    let waiting: Vec<i64> = mails::table
        .filter(mails::account_id.eq(account.0))
        .filter(pending())
        .select(mails::id)
        .load(conn.0)?;
    for id in &waiting {
        holder_holds::discard(conn, MailId(*id), ACCOUNT_CLOSED, now)?;
    }
    let stuck: Vec<i64> = mails::table
        .filter(mails::account_id.eq(account.0))
        .filter(in_hand("state IN ('failed', 'uncertain')"))
        .select(mails::id)
        .load(conn.0)?;
    for id in stuck {
        mail_log::put_away(conn, MailId(id), now)?;
    }
    Ok(waiting.len())
}

#[derive(Queryable)]
struct Due {
    id: i64,
    attempts: i64,
    kind: String,
    to_name: String,
    to_address: String,
    subject: String,
    text: String,
    html: String,
    message_id: String,
    created_at: NaiveDateTime,
}

/// What is set of a mail that waits because its domain rests, or the server: nothing was tried, so it is no nearer to its last attempt. Its
/// next attempt has a moment all the same, which counts from the first one on.
macro_rules! put_off {
    ($until:expr, $error:expr, $now:expr) => {
        (
            mails::attempts.eq(per_engine(
                sql::<BigInt>("MAX(mails.attempts, 1)"),
                sql::<BigInt>("GREATEST(mails.attempts, 1)"),
            )),
            mails::next_attempt_at.eq($until),
            mails::last_error.eq($error),
            mails::updated_at.eq($now),
        )
    };
}

/// A mail's domain, by the end of its address; without case, as addresses are compared.
macro_rules! to_domain {
    ($domain:expr) => {
        in_any_case!(mails::to_address, ending_in($domain))
    };
}

fn ending_in(domain: &str) -> String {
    let mut pattern = "%@".to_owned();
    for letter in domain.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

/// What a claim may take.
#[derive(Clone, Copy, Debug)]
pub struct WantedMails<'a> {
    /// So many mails at most.
    pub limit: i64,
    /// None to these domains, to which enough is on its way.
    pub passing_over: &'a [String],
}

/// Whether nothing leaves after a restore or a takeover: it may have begun while a round is under way.
fn all_is_held(conn: &mut Conn<'_>) -> Result<bool, StoreError> {
    let open = mail_holds::table.filter(mail_holds::ended_at.is_null());
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(conn.0)?)
}

/// The next mails that are due, oldest first; none while mail is held. What is due for an account that was closed meanwhile is put aside, and what is for a domain
/// that rests waits with it.
fn due(conn: &mut Conn<'_>, now: NaiveDateTime, wanted: WantedMails<'_>) -> Result<Vec<Due>, StoreError> {
    if all_is_held(conn)? {
        return Ok(Vec::new());
    }
    let pauses = mail_pauses::all(conn)?;
    let resting = |address: &str| pauses.get(&address::domain(address)).filter(|pause| pause.in_force(now));
    if pauses.get(mail_pauses::WHOLE_SERVER).is_some_and(|pause| pause.in_force(now)) {
        return Ok(Vec::new());
    }
    loop {
        let rows = due_rows(conn, now, wanted)?;
        let closed: Vec<i64> = accounts::table
            .filter(accounts::id.eq_any(rows.iter().map(|(account, _)| *account)))
            .filter(accounts::deactivated_at.is_not_null())
            .select(accounts::id)
            .load(conn.0)?;
        let paused: Vec<&Due> =
            rows.iter().map(|(_, due)| due).filter(|due| resting(&due.to_address).is_some()).collect();
        if closed.is_empty() && paused.is_empty() {
            return Ok(rows.into_iter().map(|(_, due)| due).collect());
        }
        for due in paused {
            if let Some(pause) = resting(&due.to_address) {
                let one = mails::table.filter(mails::id.eq(due.id)).filter(pending());
                diesel::update(one).set(put_off!(pause.ends_at, &pause.words, now)).execute(conn.0)?;
            }
        }
        for account in closed {
            discard_for_closed(conn, AccountId(account), now)?;
        }
    }
}

fn due_rows(
    conn: &mut Conn<'_>,
    now: NaiveDateTime,
    wanted: WantedMails<'_>,
) -> Result<Vec<(i64, Due)>, StoreError> {
    let leaving = leaving(conn)?;
    Ok(boxed!(conn.0, Engine, load, {
        let mut query = mails::table.filter(leaving).filter(due_by!(now)).into_boxed::<Engine>();
        for domain in wanted.passing_over {
            query = query.filter(diesel::dsl::not(to_domain!(domain)));
        }
        query.order((mails::next_attempt_at, mails::id)).limit(wanted.limit).select((
            mails::account_id,
            (
                mails::id,
                mails::attempts,
                mails::kind,
                mails::to_name,
                mails::to_address,
                mails::subject,
                mails::body_text,
                mails::body_html,
                mails::message_id,
                mails::created_at,
            ),
        ))
    })?)
}

/// Claims the next mails that are due, oldest first, but none for a closed account or a domain that rests. One never tried is due whatever
/// its day: it may have been written on a rehearsed one.
pub fn claim(
    conn: &mut Conn<'_>,
    owner: &str,
    now: NaiveDateTime,
    wanted: WantedMails<'_>,
) -> Result<Vec<ClaimedMail>, StoreError> {
    let rows = due(conn, now, wanted)?;
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    diesel::update(mails::table.filter(mails::id.eq_any(ids)))
        .set((
            mails::state.eq(MailState::Claimed.code()),
            mails::claimed_by.eq(Some(owner)),
            mails::updated_at.eq(now),
        ))
        .execute(conn.0)?;
    Ok(rows
        .into_iter()
        .map(
            |Due { id, attempts, kind, to_name, to_address, subject, text, html, message_id, created_at }| {
                ClaimedMail {
                    id: MailId(id),
                    attempts,
                    kind: Stored::of(kind),
                    to_name,
                    to_address,
                    subject,
                    text,
                    html,
                    message_id,
                    created_at,
                }
            },
        )
        .collect())
}

/// Records that the message itself is on its way from now on: what happens to us after this is uncertain.
///
/// # Errors
/// `StoreError::Changed` when the mail is not ours any more, or when it or all mail is held, or its account closed, since it was claimed; it must not be
/// sent then.
pub fn commit(conn: &mut Conn<'_>, id: MailId, owner: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    let (to_holder, account): (bool, i64) = mails::table
        .find(id.0)
        .select((mails::to_holder, mails::account_id))
        .first(conn.0)
        .optional()?
        .ok_or(StoreError::Changed)?;
    let closed: Option<NaiveDateTime> =
        accounts::table.find(account).select(accounts::deactivated_at).first(conn.0)?;
    if closed.is_some() || (to_holder && holder_holds::is_held(conn)?) || all_is_held(conn)? {
        return Err(StoreError::Changed);
    }
    let ours = mails::table
        .find(id.0)
        .filter(mails::state.eq(MailState::Claimed.code()))
        .filter(mails::claimed_by.eq(owner));
    one(diesel::update(ours)
        .set((mails::state.eq(MailState::Committing.code()), mails::updated_at.eq(now)))
        .execute(conn.0)?)
}

/// Whether the message itself is on its way, by what [`commit`] recorded.
pub fn has_begun(conn: &mut Conn<'_>, id: MailId, owner: &str) -> Result<bool, StoreError> {
    let begun = mails::table
        .find(id.0)
        .filter(mails::state.eq(MailState::Committing.code()))
        .filter(mails::claimed_by.eq(owner));
    Ok(diesel::select(diesel::dsl::exists(begun)).get_result(conn.0)?)
}

/// Records that the server took the mail. A link that sets a password does not stay in the outbox.
///
/// # Errors
/// `StoreError::Changed` when somebody resolved it meanwhile.
pub fn sent(
    conn: &mut Conn<'_>,
    id: MailId,
    kind: &Stored<NoticeKind>,
    owner: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let ours = mails::table
        .find(id.0)
        .filter(mails::state.eq_any(codes_of(&[MailState::Committing, MailState::Uncertain])))
        .filter(mails::claimed_by.eq(owner));
    one(diesel::update(ours)
        .set((
            mails::state.eq(MailState::Sent.code()),
            mails::attempts.eq(mails::attempts + 1),
            mails::claimed_by.eq(None::<String>),
            mails::last_error.eq(""),
            mails::sent_at.eq(Some(now)),
            mails::updated_at.eq(now),
        ))
        .execute(conn.0)?)?;
    if kind.known().is_some_and(NoticeKind::is_secret) {
        diesel::update(mails::table.find(id.0))
            .set((mails::body_text.eq(""), mails::body_html.eq("")))
            .execute(conn.0)?;
    }
    Ok(())
}

/// How a delivery ended that did not succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryEnd {
    /// To be tried again from this instant on.
    Again(NaiveDateTime),
    /// Failed for good.
    Failed,
    /// Failed for good because of the address: it came back at once.
    NoRecipient,
    /// Nobody knows whether it arrived.
    Uncertain,
}

/// Records a delivery that did not succeed.
///
/// # Errors
/// `StoreError::Changed` when the mail is not ours any more.
pub fn ended(
    conn: &mut Conn<'_>,
    id: MailId,
    owner: &str,
    ended: DeliveryEnd,
    error: &str,
    now: NaiveDateTime,
) -> Result<(), StoreError> {
    let ours = mails::table
        .find(id.0)
        .filter(mails::state.eq_any(codes_of(&[MailState::Claimed, MailState::Committing])))
        .filter(mails::claimed_by.eq(owner));
    let (state, next) = match ended {
        DeliveryEnd::Again(at) => (MailState::Pending, Some(at)),
        DeliveryEnd::Failed | DeliveryEnd::NoRecipient => (MailState::Failed, None),
        DeliveryEnd::Uncertain => (MailState::Uncertain, None),
    };
    let changed = diesel::update(ours)
        .set((
            mails::state.eq(state.code()),
            mails::attempts.eq(mails::attempts + 1),
            mails::claimed_by.eq(None::<String>),
            mails::last_error.eq(error),
            mails::updated_at.eq(now),
        ))
        .execute(conn.0)?;
    one(changed)?;
    if ended == DeliveryEnd::NoRecipient {
        bounces::note_refused(conn, id, error, now)?;
    }
    if let Some(next) = next {
        diesel::update(mails::table.find(id.0)).set(mails::next_attempt_at.eq(next)).execute(conn.0)?;
    }
    Ok(())
}

/// Gives back what was claimed and not begun.
pub fn release(conn: &mut Conn<'_>, owner: &str, now: NaiveDateTime) -> Result<(), StoreError> {
    let ours = mails::table.filter(in_hand("state = 'claimed'")).filter(mails::claimed_by.eq(owner));
    diesel::update(ours)
        .set((
            mails::state.eq(MailState::Pending.code()),
            mails::claimed_by.eq(None::<String>),
            mails::updated_at.eq(now),
        ))
        .execute(conn.0)?;
    Ok(())
}

/// The server cannot be reached: everything that is due waits until a moment. Gives its number.
pub fn postpone_due(
    conn: &mut Conn<'_>,
    until: NaiveDateTime,
    error: &str,
    now: NaiveDateTime,
) -> Result<usize, StoreError> {
    let due = mails::table.filter(leaving(conn)?).filter(due_by!(now));
    Ok(diesel::update(due).set(put_off!(until, error, now)).execute(conn.0)?)
}

/// A domain rests until a moment: what is due for it waits until then, what is in hand under `owner` and not begun
/// among it. Gives their number.
pub fn postpone_domain(
    conn: &mut Conn<'_>,
    owner: &str,
    pause: &MailPause,
    now: NaiveDateTime,
) -> Result<usize, StoreError> {
    let ours = mails::table.filter(in_hand("state = 'claimed'")).filter(mails::claimed_by.eq(owner));
    diesel::update(ours.filter(to_domain!(&pause.domain)))
        .set((mails::state.eq(MailState::Pending.code()), mails::claimed_by.eq(None::<String>)))
        .execute(conn.0)?;
    let due = mails::table.filter(leaving(conn)?).filter(due_by!(now)).filter(to_domain!(&pause.domain));
    Ok(diesel::update(due).set(put_off!(pause.ends_at, &pause.words, now)).execute(conn.0)?)
}

fn one(changed: usize) -> Result<(), StoreError> {
    if changed == 1 { Ok(()) } else { Err(StoreError::Changed) }
}
