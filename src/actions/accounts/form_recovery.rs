//! Nothing typed is lost: a form that arrives after its session has ended waits for the account of that session.

use crate::actions::ActionError;
use crate::domain::ids::AccountId;
use crate::domain::roles::Actor;
use crate::portal::Portal;
use crate::secrets::Token;
use crate::store::accounts::saved_forms::{self, ParkedForm};
use crate::store::accounts::sessions;

/// Whose form it is that carries `token`, when `now_signed_in` sends it or nobody. A token of somebody else's session that is in
/// force is none that this browser can have come by honestly.
///
/// # Errors
/// `ActionError::Store`.
pub fn owner_of_form(
    portal: &Portal,
    token: &Token,
    now_signed_in: Option<AccountId>,
) -> Result<Option<AccountId>, ActionError> {
    let now = portal.clock.now();
    let owner = portal.store.read(|conn| sessions::of_form_token(conn, token.expose(), now))?;
    Ok(owner
        .filter(|(owner, in_force)| !in_force || now_signed_in.is_none_or(|person| person == *owner))
        .map(|(owner, _)| owner))
}

/// Keeps a form for its owner, and gives its identity.
///
/// # Errors
/// `ActionError::Store`.
pub fn park(portal: &Portal, owner: AccountId, form: &ParkedForm) -> Result<i64, ActionError> {
    let now = portal.clock.now();
    Ok(portal.store.write(|conn| saved_forms::add(conn, owner, form, now))?)
}

/// Where a form waits that its owner, who has just signed in with `token`, has not seen again.
///
/// # Errors
/// `ActionError::Store`.
pub fn waiting_for(portal: &Portal, token: &Token) -> Result<Option<String>, ActionError> {
    let (now, hash) = (portal.clock.now(), token.hash());
    let waiting = portal.store.read(|conn| match sessions::find(conn, &hash, now)? {
        Some(session) => saved_forms::unseen(conn, session.account.id),
        None => Ok(None),
    })?;
    Ok(waiting.map(|(id, page)| address(&page, id)))
}

/// The address at which a form comes back on its page.
#[must_use]
pub fn address(page: &str, id: i64) -> String {
    format!("{page}{}parked={id}", if page.contains('?') { '&' } else { '?' })
}

/// The form that waits for this account, which sees it now.
///
/// # Errors
/// `ActionError::Store`.
pub fn bring_back(portal: &Portal, owner: Actor, id: i64) -> Result<Option<ParkedForm>, ActionError> {
    let now = portal.clock.now();
    let form = portal.store.read(|conn| saved_forms::find(conn, owner.id, id))?;
    if form.is_some() {
        portal.store.write(|conn| saved_forms::shown(conn, id, now))?;
    }
    Ok(form)
}

/// Forgets a form that has been sent.
///
/// # Errors
/// `ActionError::Store`.
pub fn forget(portal: &Portal, owner: Actor, id: i64) -> Result<(), ActionError> {
    Ok(portal.store.write(|conn| saved_forms::remove(conn, owner.id, id))?)
}
