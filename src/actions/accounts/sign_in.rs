//! Signing in, and slowing down whoever guesses, without ever locking out the person whose account it is.
//!
//! Three counts, each of which forgets by half every quarter of an hour:
//! - of the pair (account, network address): after 3 failures the wait doubles, up to 5 minutes;
//! - of the account, from wherever: after 10 failures the waits of a pair grow by up to 30 seconds. They are counted from
//!   that pair's own last failure, so that nobody elsewhere can keep the owner waiting;
//! - of the address, for whatever account: after 20 failures the wait doubles, up to 30 seconds.
//!
//! An attempt that comes too early is not checked and not counted.

use chrono::{NaiveDateTime, TimeDelta};

use super::sessions;
use crate::actions::ActionError;
use crate::domain::ids::AccountId;
use crate::domain::roles::Role;
use crate::portal::Portal;
use crate::secrets::{PasswordHash, Token, fingerprint};
use crate::store::Conn;
use crate::store::accounts::sign_in_failures::{self, Failures};
use crate::store::accounts::tokens;
use crate::store::accounts::{self, Account, normal_email};

const PAIR: Slowing = Slowing { free: 3, longest_seconds: 300 };
const ACCOUNT: Slowing = Slowing { free: 10, longest_seconds: 30 };
const ADDRESS: Slowing = Slowing { free: 20, longest_seconds: 30 };
/// A count falls by half in this time.
const HALVED_EVERY_MINUTES: i64 = 15;
/// What has not gone wrong for this long is forgotten.
const FORGOTTEN_AFTER_HOURS: i64 = 24;
/// Links that stopped working stay for this long, for nothing but curiosity.
const OLD_LINKS_DAYS: i64 = 30;

#[derive(Clone, Copy)]
struct Slowing {
    free: i64,
    longest_seconds: i64,
}

impl Slowing {
    /// Seconds to wait after so many failures: 1, 2, 4 …
    fn seconds(self, failures: i64) -> i64 {
        match u32::try_from(failures - self.free) {
            Ok(over) if failures >= self.free => {
                1_i64.checked_shl(over.min(30)).unwrap_or(i64::MAX).min(self.longest_seconds)
            }
            _ => 0,
        }
    }
}

/// What somebody typed to sign in, and from where.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The email address.
    pub email: &'a str,
    /// The password.
    pub password: &'a str,
    /// The network address it came from.
    pub address: &'a str,
    /// What the browser calls itself.
    pub browser: &'a str,
    /// Whether the person wants to stay signed in on this device. Only a holder's wish counts.
    pub keep: bool,
}

/// How an attempt ended.
#[derive(Debug)]
pub enum SignIn {
    /// Signed in: the session's token.
    Done(Token),
    /// The same, and the session is kept on this device.
    Kept(Token),
    /// Address and password do not belong together, or the account cannot be used: the same answer for all.
    Refused,
    /// Too early after too many failures: seconds to wait.
    Wait(i64),
}

struct Keys {
    pair: String,
    account: String,
    address: String,
}

impl Keys {
    fn of(attempt: &Attempt<'_>) -> Self {
        let email = normal_email(attempt.email);
        Self {
            pair: fingerprint(&format!("pair {email} {}", attempt.address)),
            account: fingerprint(&format!("account {email}")),
            address: fingerprint(&format!("address {}", attempt.address)),
        }
    }
}

/// Signs somebody in.
///
/// # Errors
/// `ActionError::Store`, `ActionError::Secrets`.
pub fn sign_in(portal: &Portal, attempt: &Attempt<'_>) -> Result<SignIn, ActionError> {
    let now = portal.clock.now();
    let keys = Keys::of(attempt);
    // Counted as failed before it is checked: otherwise a hundred attempts at once would all be the first.
    let wait = portal.store.write(|conn| {
        let wait = wait(conn, &keys, now)?;
        if wait == 0 {
            for key in [&keys.pair, &keys.account, &keys.address] {
                let failures = weighed(sign_in_failures::find(conn, key)?, now);
                sign_in_failures::record(conn, key, failures + 1, now)?;
            }
        }
        Ok::<_, ActionError>(wait)
    })?;
    if wait > 0 {
        return Ok(SignIn::Wait(wait));
    }
    let Some(verified) = verify(portal, attempt)? else { return Ok(SignIn::Refused) };
    portal.store.write(|conn| {
        let Some(account) = verified.still_standing(conn, attempt.email)? else { return Ok(SignIn::Refused) };
        sign_in_failures::forget(conn, &keys.pair)?;
        sign_in_failures::forget(conn, &keys.account)?;
        let others = weighed(sign_in_failures::find(conn, &keys.address)?, now) - 1;
        if others > 0 {
            sign_in_failures::record(conn, &keys.address, others, now)?;
        } else {
            sign_in_failures::forget(conn, &keys.address)?;
        }
        accounts::sessions::clear_ended(conn, now)?;
        sign_in_failures::clear_before(conn, now - TimeDelta::hours(FORGOTTEN_AFTER_HOURS))?;
        tokens::clear_before(conn, now - TimeDelta::days(OLD_LINKS_DAYS))?;
        // staff see other people's records: their sessions end soon, whatever was ticked
        Ok(match attempt.keep && account.role == Role::Holder {
            true => SignIn::Kept(sessions::begin_kept(conn, account.id, attempt.browser, now)?),
            false => SignIn::Done(sessions::begin(conn, account.id, attempt.browser, now)?),
        })
    })
}

/// An account whose password was typed, and the hash that says so.
struct Verified {
    account: AccountId,
    hash: String,
}

impl Verified {
    /// The account, if it is so still. Hashing takes long, and is done outside the write that begins the session: meanwhile the owner may
    /// have chosen another password to be rid of whoever knows this one, the account may have been closed, or its address given to somebody
    /// else.
    fn still_standing(&self, conn: &mut Conn<'_>, email: &str) -> Result<Option<Account>, ActionError> {
        let Some(account) = accounts::find_by_email(conn, email)? else { return Ok(None) };
        let hash = accounts::password_hash(conn, account.id)?;
        let stands = account.id == self.account && !account.deactivated && hash.as_ref() == Some(&self.hash);
        Ok(Some(account).filter(|_| stands))
    }
}

/// The account, if the password is its own. Takes the same time whatever is wrong.
fn verify(portal: &Portal, attempt: &Attempt<'_>) -> Result<Option<Verified>, ActionError> {
    let found = portal.store.read(|conn| {
        let Some(account) = accounts::find_by_email(conn, attempt.email)? else { return Ok(None) };
        let hash = accounts::password_hash(conn, account.id)?;
        Ok::<_, ActionError>(hash.map(|hash| (account, hash)))
    })?;
    let Some((account, hash)) = found.filter(|(account, _)| !account.deactivated) else {
        portal.passwords.dummy_verify(attempt.password);
        return Ok(None);
    };
    let right = portal.passwords.verify(attempt.password, &PasswordHash::from_stored(hash.clone()));
    Ok(right.then_some(Verified { account: account.id, hash }))
}

/// Failures as they weigh now: half of them after every quarter of an hour.
fn weighed(failures: Option<Failures>, now: NaiveDateTime) -> i64 {
    let Some(failures) = failures else { return 0 };
    let halvings = (now - failures.last_failed_at).num_minutes().max(0) / HALVED_EVERY_MINUTES;
    u32::try_from(halvings).ok().and_then(|by| failures.failures.checked_shr(by)).unwrap_or(0)
}

/// Seconds until the next attempt is looked at.
fn wait(conn: &mut Conn<'_>, keys: &Keys, now: NaiveDateTime) -> Result<i64, ActionError> {
    let pair = sign_in_failures::find(conn, &keys.pair)?;
    let account = sign_in_failures::find(conn, &keys.account)?;
    let address = sign_in_failures::find(conn, &keys.address)?;
    let left = |since: Option<Failures>, seconds: i64| {
        since.map_or(0, |since| seconds - (now - since.last_failed_at).num_seconds())
    };
    let of_pair = PAIR.seconds(weighed(pair, now)).max(ACCOUNT.seconds(weighed(account, now)));
    Ok(left(pair, of_pair).max(left(address, ADDRESS.seconds(weighed(address, now)))).max(0))
}
