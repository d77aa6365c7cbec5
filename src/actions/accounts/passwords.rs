//! Passwords: the first one by invitation, another one by mail or in the account.

use chrono::{NaiveDateTime, TimeDelta};

use super::sessions;
use crate::actions::ActionError;
use crate::actions::mail::going_live;
use crate::actions::mail::outbox::post;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::AccountId;
use crate::domain::roles::Actor;
use crate::mail::{AccountChange, AccountChanged, Notice, NoticeContext, PasswordReset};
use crate::portal::Portal;
use crate::secrets::{PasswordHash, Token, check_password};
use crate::store::Conn;
use crate::store::accounts::tokens::{self, Purpose};
use crate::store::accounts::{self, Account};
use crate::store::records::history::{self, Event};

/// A link for another password works for this many hours.
pub const RESET_HOURS: i64 = 2;
/// Links for another password that one account is sent within an hour at most: its mailbox is not for flooding.
const RESETS_AN_HOUR: i64 = 3;

/// What was typed as a new password, twice.
#[derive(Clone, Copy)]
pub struct NewPassword<'a> {
    /// The first time.
    pub password: &'a str,
    /// Again.
    pub password_again: &'a str,
}

impl NewPassword<'_> {
    /// Checks it for one person.
    ///
    /// # Errors
    /// `ActionError::Invalid` for the fields `password` and `password_again`.
    pub fn check(&self, portal: &Portal, account: &Account) -> Result<(), ActionError> {
        let about = [account.name.as_str(), account.email.as_str(), portal.config.body.as_str()];
        let first = check_password(self.password, &about)
            .map_err(|problem| ActionError::invalid("password", problem.to_string()));
        let again = match self.password == self.password_again {
            true => Ok(()),
            false => Err(ActionError::invalid("password_again", "Type the same password in both fields.")),
        };
        ActionError::both(first, again).map(|_| ())
    }
}

/// Sends a link for another password to an address, if it has an account. Whoever asks learns nothing either way.
///
/// # Errors
/// `ActionError::Store`.
pub fn request_reset(portal: &Portal, email: &str) -> Result<(), ActionError> {
    let now = portal.clock.now();
    let until = now + TimeDelta::hours(RESET_HOURS);
    portal.store.write(|conn| {
        let account = accounts::find_by_email(conn, email)?.filter(|account| !account.deactivated);
        let Some(account) = account else { return Ok(()) };
        let lately = now - TimeDelta::hours(1);
        if tokens::count_since(conn, account.id, Purpose::PasswordReset, lately)? >= RESETS_AN_HOUR {
            return Ok(());
        }
        let token = Token::random()?;
        tokens::retire(conn, account.id, Some(Purpose::PasswordReset), now)?;
        tokens::add(conn, account.id, Purpose::PasswordReset, &token.hash(), now, until)?;
        let notice = Notice::from(PasswordReset { token: token.expose().to_owned(), valid_until: until });
        post(
            conn,
            portal,
            &account,
            &notice.render(&NoticeContext::new(&account.name, &portal.config))?,
            now,
        )?;
        Ok(history::record(
            conn,
            &Event::about_account(None, account.id, HistoryEvent::PasswordResetRequested, String::new()),
            now,
        )?)
    })
}

/// Whose link it is.
///
/// # Errors
/// `ActionError::NotFound` when it does not work, or not any more.
pub fn of_link(portal: &Portal, purpose: Purpose, token: &str) -> Result<Account, ActionError> {
    let hash = Token::parse(token).ok_or(ActionError::NotFound)?.hash();
    let now = portal.clock.now();
    portal.store.read(|conn| by_link(conn, purpose, &hash, now))
}

fn by_link(
    conn: &mut Conn<'_>,
    purpose: Purpose,
    hash: &str,
    now: NaiveDateTime,
) -> Result<Account, ActionError> {
    let id = tokens::account_of(conn, purpose, hash, now)?.ok_or(ActionError::NotFound)?;
    accounts::find(conn, id)?.filter(|account| !account.deactivated).ok_or(ActionError::NotFound)
}

/// Sets the password that a link is for, ends all sessions and all links of the account, and signs the person in.
///
/// # Errors
/// `ActionError::NotFound` when the link does not work (any more); `ActionError::Invalid` as [`NewPassword::check`].
pub fn set_by_link(
    portal: &Portal,
    purpose: Purpose,
    token: &str,
    new: NewPassword<'_>,
    browser: &str,
) -> Result<Token, ActionError> {
    let hash = Token::parse(token).ok_or(ActionError::NotFound)?.hash();
    let now = portal.clock.now();
    let account = portal.store.read(|conn| by_link(conn, purpose, &hash, now))?;
    new.check(portal, &account)?;
    // outside the write: hashing takes long, and nobody should have to wait for it
    let password = portal.passwords.hash(new.password)?;
    portal.store.write(|conn| {
        let account = by_link(conn, purpose, &hash, now)?;
        going_live::before_first_invitation(conn, portal, &account)?;
        accounts::set_password_hash(conn, account.id, password.as_str(), now)?;
        tokens::retire(conn, account.id, None, now)?;
        accounts::sessions::end_all(conn, account.id, None)?;
        match purpose {
            Purpose::Invitation => {
                history::record(
                    conn,
                    &Event::about_account(
                        Some(account.id),
                        account.id,
                        HistoryEvent::InvitationAccepted,
                        String::new(),
                    ),
                    now,
                )?;
            }
            Purpose::PasswordReset => changed(conn, portal, &account, now)?,
        }
        sessions::begin(conn, account.id, browser, now)
    })
}

/// Changes the password of somebody who is signed in. The other sessions end.
///
/// # Errors
/// `ActionError::Invalid` for `current_password`, `password` and `password_again`.
pub fn change(
    portal: &Portal,
    by: Actor,
    session: i64,
    current: &str,
    new: NewPassword<'_>,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    let (account, hash) = portal.store.read(|conn| {
        let account = accounts::find(conn, by.id)?.ok_or(ActionError::NotFound)?;
        Ok::<_, ActionError>((account, accounts::password_hash(conn, by.id)?))
    })?;
    let wrong = || ActionError::invalid("current_password", "This is not your current password.");
    let right = |hash: &String| portal.passwords.verify(current, &PasswordHash::from_stored(hash.clone()));
    let (hash, ()) = ActionError::both(hash.filter(right).ok_or_else(wrong), new.check(portal, &account))?;
    let password = portal.passwords.hash(new.password)?;
    portal.store.write(|conn| {
        // the password may have been changed, and the session ended, while this one was hashed
        if accounts::password_hash(conn, by.id)?.as_ref() != Some(&hash) {
            return Err(wrong());
        }
        if !accounts::sessions::of_account(conn, by.id, now)?.iter().any(|in_force| in_force.id == session) {
            return Err(ActionError::NotFound);
        }
        accounts::set_password_hash(conn, by.id, password.as_str(), now)?;
        tokens::retire(conn, by.id, None, now)?;
        accounts::sessions::end_all(conn, by.id, Some(session))?;
        changed(conn, portal, &account, now)
    })
}

/// Sets a password without a link, for commands. Part of a write; hash and check come before it.
///
/// # Errors
/// `ActionError::Store`.
pub fn set(
    conn: &mut Conn<'_>,
    account: AccountId,
    hash: &PasswordHash,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    accounts::set_password_hash(conn, account, hash.as_str(), now)?;
    tokens::retire(conn, account, None, now)?;
    accounts::sessions::end_all(conn, account, None)?;
    Ok(history::record(
        conn,
        &Event::about_account(None, account, HistoryEvent::PasswordSet, String::new()),
        now,
    )?)
}

fn changed(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: &Account,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    history::record(
        conn,
        &Event::about_account(Some(account.id), account.id, HistoryEvent::PasswordChanged, String::new()),
        now,
    )?;
    let notice = Notice::from(AccountChanged { change: AccountChange::Password, changed_at: now });
    post(conn, portal, account, &notice.render(&NoticeContext::new(&account.name, &portal.config))?, now)?;
    Ok(())
}
