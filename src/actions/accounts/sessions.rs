//! Being signed in: beginning, using and ending sessions.

use chrono::{NaiveDateTime, TimeDelta};

use crate::actions::ActionError;
use crate::domain::ids::AccountId;
use crate::domain::roles::Actor;
use crate::portal::Portal;
use crate::secrets::Token;
use crate::store::accounts::sessions::{self, ListedSession, NewSession, Session};
use crate::store::{Conn, StoreError};

/// A use is recorded at most once in this many seconds: otherwise every page would be a write.
const SEEN_EVERY_SECONDS: i64 = 180;
/// A use so many minutes after the last one that was recorded is recorded even when that has to wait: half the time that a session may rest.
const SURELY_SEEN_MINUTES: i64 = sessions::IDLE_HOURS * 60 / 2;
/// Longest name of a browser that is kept, in characters.
const LONGEST_BROWSER: usize = 200;

/// Begins a session for an account and gives its token: the only time that anybody sees it.
///
/// # Errors
/// `ActionError::Secrets`, `ActionError::Store`.
pub fn begin(
    conn: &mut Conn<'_>,
    account: AccountId,
    browser: &str,
    now: NaiveDateTime,
) -> Result<Token, ActionError> {
    begin_until(conn, account, browser, now, None)
}

/// The same for a session that is kept on its device for [`sessions::KEPT_DAYS`]. It is for holders; whoever calls this has looked.
///
/// # Errors
/// As [`begin`].
pub fn begin_kept(
    conn: &mut Conn<'_>,
    account: AccountId,
    browser: &str,
    now: NaiveDateTime,
) -> Result<Token, ActionError> {
    begin_until(conn, account, browser, now, Some(now + TimeDelta::days(sessions::KEPT_DAYS)))
}

fn begin_until(
    conn: &mut Conn<'_>,
    account: AccountId,
    browser: &str,
    now: NaiveDateTime,
    kept_until: Option<NaiveDateTime>,
) -> Result<Token, ActionError> {
    let token = Token::random()?;
    let csrf_token = Token::random()?;
    let browser: String = browser.chars().filter(|c| !c.is_control()).take(LONGEST_BROWSER).collect();
    let session = NewSession {
        account,
        token_hash: &token.hash(),
        csrf_token: csrf_token.expose(),
        browser: &browser,
        kept_until,
    };
    sessions::add(conn, &session, now)?;
    Ok(token)
}

/// The session of a token, if it is in force; notes that it was used.
///
/// # Errors
/// `ActionError::Store`.
pub fn current(portal: &Portal, token: &Token) -> Result<Option<Session>, ActionError> {
    let now = portal.clock.now();
    let hash = token.hash();
    let session = portal.store.ask(|conn| sessions::find(conn, &hash, now))?;
    if let Some(session) = &session
        && now - session.seen_at >= TimeDelta::seconds(SEEN_EVERY_SECONDS)
    {
        let touch = |conn: &mut Conn<'_>| sessions::touch(conn, session.id, now);
        let noted = match now - session.seen_at > TimeDelta::minutes(SURELY_SEEN_MINUTES) {
            // whoever goes on using it would be signed out in the end
            true => portal.store.write(touch),
            // Not worth waiting for: the next request notes it.
            false => portal.store.write_if_free(touch),
        };
        // Not worth refusing a page for.
        match noted {
            Ok(()) | Err(StoreError::Busy) => {}
            Err(error) => tracing::warn!(%error, "the use of a session could not be noted"),
        }
    }
    Ok(session)
}

/// The sessions of an account that are in force.
///
/// # Errors
/// `ActionError::Store`.
pub fn list(portal: &Portal, account: AccountId) -> Result<Vec<ListedSession>, ActionError> {
    let now = portal.clock.now();
    Ok(portal.store.read(|conn| sessions::of_account(conn, account, now))?)
}

/// Ends one of somebody's own sessions.
///
/// # Errors
/// `ActionError::NotFound` when they have no such session.
pub fn end(portal: &Portal, by: Actor, id: i64) -> Result<(), ActionError> {
    portal.store.write(|conn| match sessions::end(conn, by.id, id)? {
        true => Ok(()),
        false => Err(ActionError::NotFound),
    })
}

/// Ends one of somebody's own sessions, or finds that it has ended already.
///
/// # Errors
/// `ActionError::Store`.
pub fn end_if_there(portal: &Portal, by: Actor, id: i64) -> Result<(), ActionError> {
    match end(portal, by, id) {
        Err(ActionError::NotFound) => Ok(()),
        ended => ended,
    }
}

/// Ends all of somebody's own sessions but the one that they use, and gives how many there were.
///
/// # Errors
/// `ActionError::Store`.
pub fn end_others(portal: &Portal, by: Actor, session: i64) -> Result<usize, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let listed = sessions::of_account(conn, by.id, now)?;
        sessions::end_all(conn, by.id, Some(session))?;
        Ok(listed.iter().filter(|listed| listed.id != session).count())
    })
}
