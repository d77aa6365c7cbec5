//! Accounts: adding and inviting people, their roles, closing and opening.

pub mod account_closing;
pub mod acquaintances;
pub mod form_receipts;
pub mod form_recovery;
pub mod list_density;
pub mod passwords;
pub mod sessions;
pub mod sign_in;
pub mod visits;

use chrono::{NaiveDateTime, TimeDelta};

use self::account_closing::Closing;
use super::ActionError;
use super::mail::going_live;
use super::mail::outbox::post;
use super::text::one_line;
use crate::domain::address;
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::AccountId;
use crate::domain::roles::{Administrator, Reviewer, Role};
use crate::mail::{Invitation, Notice, NoticeContext};
use crate::portal::Portal;
use crate::secrets::{Token, check_password};
use crate::store::accounts::tokens::{self, Purpose};
use crate::store::accounts::{self, Account, AccountPlace};
use crate::store::records::history::{self, Event};
use crate::store::{Conn, StoreError};

/// An invitation works for this many days.
pub const INVITATION_DAYS: i64 = 14;
/// Accounts on one page of the list.
pub const LISTED: usize = 50;
/// Longest name, in characters.
pub const LONGEST_NAME: usize = 120;

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    /// The address, as it was typed.
    pub email: &'a str,
    /// The name, as it was typed.
    pub name: &'a str,
    /// What the account is for.
    pub role: Role,
}

/// A mail address that could exist, as it is kept, or what is wrong with it, for the person who typed it. Deliberately loose,
/// because only a mail can tell.
///
/// # Errors
/// The sentence to show.
pub fn checked_email(typed: &str) -> Result<String, String> {
    let email = address::kept(typed);
    if email.is_empty() {
        return Err("Enter the email address.".to_owned());
    }
    let bad = |part: &str| {
        part.is_empty()
            || part.chars().any(|c| c.is_control() || c.is_whitespace() || "<>()[]\\,;:\"@".contains(c))
    };
    let well_formed = email.rsplit_once('@').is_some_and(|(local, domain)| {
        !bad(local) && !bad(domain) && !domain.starts_with('.') && !domain.ends_with('.')
    });
    if well_formed && email.len() <= 254 {
        Ok(email)
    } else {
        Err("Enter one email address, such as name@example.org.".to_owned())
    }
}

/// A name with single spaces, or what is wrong with it.
///
/// # Errors
/// The sentence to show.
pub fn checked_name(typed: &str) -> Result<String, String> {
    let name = one_line("The name", typed, LONGEST_NAME)?;
    if name.is_empty() { Err("Enter the name.".to_owned()) } else { Ok(name) }
}

/// A name and an address that can be kept, with everything that is wrong with either.
///
/// # Errors
/// `ActionError::Invalid` for `name` and `email`.
pub fn checked_person(name: &str, email: &str) -> Result<(String, String), ActionError> {
    let beside = |field| move |problem: String| ActionError::invalid(field, problem);
    ActionError::both(
        checked_name(name).map_err(beside("name")),
        checked_email(email).map_err(beside("email")),
    )
}

/// Adds an account without a password. Part of a write.
///
/// # Errors
/// `ActionError::Invalid` for fields `name` and `email`, also when the address has an account already.
pub fn add(
    conn: &mut Conn<'_>,
    new: &NewAccount<'_>,
    by: Option<Administrator>,
    now: NaiveDateTime,
) -> Result<Account, ActionError> {
    let (name, email) = checked_person(new.name, new.email)?;
    let id = accounts::add(conn, &email, &name, new.role, now).map_err(|error| match error {
        StoreError::Constraint(_) => ActionError::invalid("email", "This address already has an account."),
        other => ActionError::Store(other),
    })?;
    history::record(
        conn,
        &Event::about_account(
            by.map(|by| by.id),
            id,
            HistoryEvent::AccountAdded,
            format!("role {}", new.role.code()),
        ),
        now,
    )?;
    accounts::find(conn, id)?.ok_or(ActionError::NotFound)
}

/// Gives an account a fresh invitation. Earlier ones go on working until their time is up or one of them was used: the person may have
/// either mail at hand. From the first one on the portal writes to them. Part of a write. Whoever calls this hands the token over, or uses
/// [`invite`], which sends it.
///
/// # Errors
/// `ActionError::Refused` cases as `ActionError::Invalid` when the account has a password or is closed.
pub fn new_invitation(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: &Account,
    by: Option<Reviewer>,
    now: NaiveDateTime,
) -> Result<Token, ActionError> {
    if account.deactivated {
        return Err(ActionError::invalid("", "This account is closed. Open it first."));
    }
    if account.has_password {
        return Err(ActionError::invalid(
            "",
            "This person already has a password and can choose a new one on the sign-in page.",
        ));
    }
    let token = Token::random()?;
    let until = now + TimeDelta::days(INVITATION_DAYS);
    tokens::add(conn, account.id, Purpose::Invitation, &token.hash(), now, until)?;
    going_live::before_first_invitation(conn, portal, account)?;
    accounts::set_invited(conn, account.id, now)?;
    history::record(
        conn,
        &Event::about_account(by.map(|by| by.id), account.id, HistoryEvent::InvitationMade, String::new()),
        now,
    )?;
    Ok(token)
}

/// Invites a person by mail. Part of a write.
///
/// # Errors
/// As [`new_invitation`].
pub fn invite(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: &Account,
    by: Option<Reviewer>,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let token = new_invitation(conn, portal, account, by, now)?;
    let notice = Notice::from(Invitation {
        token: token.expose().to_owned(),
        valid_until: now + TimeDelta::days(INVITATION_DAYS),
    });
    post(conn, portal, account, &notice.render(&NoticeContext::new(&account.name, &portal.config))?, now)?;
    Ok(())
}

/// Adds an account and invites the person.
///
/// # Errors
/// As [`add`].
pub fn add_and_invite(
    portal: &Portal,
    new: &NewAccount<'_>,
    by: Administrator,
) -> Result<AccountId, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let account = add(conn, new, Some(by), now)?;
        invite(conn, portal, &account, Some(by.into()), now)?;
        Ok(account.id)
    })
}

/// Invites a person who has no password yet, again or for the first time.
///
/// # Errors
/// `ActionError::NotFound`; as [`new_invitation`].
pub fn invite_again(portal: &Portal, id: AccountId, by: Reviewer) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let account = accounts::find(conn, id)?.ok_or(ActionError::NotFound)?;
        invite(conn, portal, &account, Some(by), now)
    })
}

/// Gives an account another role. Its sessions end, so that no page of the old role stays open; whoever is on staff no longer has nothing of
/// staff's in hand.
///
/// # Errors
/// `ActionError::Invalid` (field `role`) for the last administrator and for the own account; `StoreError::Changed`.
pub fn change_role(
    portal: &Portal,
    id: AccountId,
    version: i64,
    role: Role,
    by: Administrator,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let account = accounts::find(conn, id)?.ok_or(ActionError::NotFound)?;
        if account.role == role {
            return Ok(());
        }
        stays_administered(conn, &account, "role")?;
        accounts::set_role(conn, id, version, role)?;
        accounts::sessions::end_all(conn, id, None)?;
        let mut told = vec![format!("from {} to {}", account.role.code(), role.code())];
        if !role.reviews() {
            told.extend(account_closing::hand_back(conn, &account, None, by, now)?);
        }
        let detail = told.join("; ");
        Ok(history::record(
            conn,
            &Event::about_account(Some(by.id), id, HistoryEvent::RoleChanged, detail),
            now,
        )?)
    })
}

/// Closes an account: its sessions end, its links stop working, nobody can sign in to it and nothing is mailed to it. What becomes of its
/// certificates and of the work in its hands is said with it, and done in the same moment.
///
/// # Errors
/// `ActionError::Invalid` for the last administrator, and as `account_closing::settle`; `StoreError::Changed`.
pub fn deactivate(
    portal: &Portal,
    id: AccountId,
    version: i64,
    by: Administrator,
    closing: &Closing<'_>,
) -> Result<(), ActionError> {
    portal.store.write(|conn| {
        let account = accounts::find(conn, id)?.ok_or(ActionError::NotFound)?;
        if account.deactivated { Ok(()) } else { close(conn, portal, &account, version, by, closing) }
    })
}

/// Closes an open account. Part of a write.
///
/// # Errors
/// As [`deactivate`].
pub(in crate::actions) fn close(
    conn: &mut Conn<'_>,
    portal: &Portal,
    account: &Account,
    version: i64,
    by: Administrator,
    closing: &Closing<'_>,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    stays_administered(conn, account, "")?;
    accounts::set_deactivated(conn, account.id, version, Some(now))?;
    accounts::sessions::end_all(conn, account.id, None)?;
    tokens::retire(conn, account.id, None, now)?;
    let settled = account_closing::settle(conn, portal, account, by, closing)?;
    Ok(history::record(
        conn,
        &Event::about_account(Some(by.id), account.id, HistoryEvent::AccountClosed, settled),
        now,
    )?)
}

/// Opens a closed account again.
///
/// # Errors
/// `StoreError::Changed`.
pub fn reactivate(
    portal: &Portal,
    id: AccountId,
    version: i64,
    by: Administrator,
) -> Result<(), ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let account = accounts::find(conn, id)?.ok_or(ActionError::NotFound)?;
        if !account.deactivated {
            return Ok(());
        }
        accounts::set_deactivated(conn, id, version, None)?;
        Ok(history::record(
            conn,
            &Event::about_account(Some(by.id), id, HistoryEvent::AccountReopened, String::new()),
            now,
        )?)
    })
}

/// The last administrator cannot go: nobody could make another.
fn stays_administered(
    conn: &mut Conn<'_>,
    account: &Account,
    field: &'static str,
) -> Result<(), ActionError> {
    let counts = account.role.administers() && !account.deactivated;
    if counts && accounts::administrators(conn)? <= 1 {
        return Err(ActionError::invalid(
            field,
            "This is the last administrator. Make somebody else an administrator first.",
        ));
    }
    Ok(())
}

/// One page of the list of accounts, and where the next one begins.
///
/// # Errors
/// `ActionError::Store`.
pub fn list(
    portal: &Portal,
    search: &str,
    role: Option<Role>,
    after: Option<&AccountPlace>,
) -> Result<(Vec<Account>, Option<AccountPlace>), ActionError> {
    let limit = i64::try_from(LISTED + 1).unwrap_or(i64::MAX);
    let mut found = portal.store.read(|conn| accounts::list(conn, search, role, after, limit))?;
    let more = found.len() > LISTED;
    found.truncate(LISTED);
    let next = found.last().filter(|_| more).map(AccountPlace::of);
    Ok((found, next))
}

/// An account, and whether an invitation to it still works.
///
/// # Errors
/// `ActionError::NotFound`.
pub fn show(portal: &Portal, id: AccountId) -> Result<(Account, bool), ActionError> {
    let now = portal.clock.now();
    portal.store.read(|conn| {
        let account = accounts::find(conn, id)?.ok_or(ActionError::NotFound)?;
        let invited = !account.has_password && tokens::is_invited(conn, id, now)?;
        Ok((account, invited))
    })
}

/// Adds an account at the command line, or takes the one of that address: its role must be the same. With a password,
/// that is set; without, the token of a fresh invitation comes back, and no mail is sent.
///
/// # Errors
/// `ActionError::Invalid`: another role, a password that is there already (only without a new one), a weak password.
pub fn add_by_command(
    portal: &Portal,
    new: &NewAccount<'_>,
    password: Option<&str>,
) -> Result<Option<Token>, ActionError> {
    let now = portal.clock.now();
    let hash = match password {
        Some(password) => {
            let about = [new.name, new.email, portal.config.body.as_str()];
            check_password(password, &about)
                .map_err(|problem| ActionError::invalid("password", problem.to_string()))?;
            Some(portal.passwords.hash(password)?)
        }
        None => None,
    };
    portal.store.write(|conn| {
        let account = match accounts::find_by_email(conn, new.email)? {
            Some(account) if account.role != new.role => {
                let message = format!(
                    "This address already has an account, with the role {}. An administrator can change the role.",
                    account.role.code()
                );
                return Err(ActionError::invalid("role", message));
            }
            Some(account) => account,
            None => add(conn, new, None, now)?,
        };
        match &hash {
            Some(hash) => {
                going_live::before_first_invitation(conn, portal, &account)?;
                passwords::set(conn, account.id, hash, now).map(|()| None)
            }
            None => new_invitation(conn, portal, &account, None, now).map(Some),
        }
    })
}
