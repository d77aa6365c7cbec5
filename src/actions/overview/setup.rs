//! The first steps of a new portal.

use crate::actions::ActionError;
use crate::actions::mail::outbox::post;
use crate::domain::ids::{AccountId, MailId};
use crate::mail::{Letter, MailTest, Notice};
use crate::portal::Portal;
use crate::store::accounts;

/// Puts a test mail to somebody's own address into the outbox.
///
/// # Errors
/// `ActionError::NotFound` without such an account.
pub fn test_mail(portal: &Portal, account: AccountId) -> Result<MailId, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let account = accounts::find(conn, account)?.ok_or(ActionError::NotFound)?;
        let notice = Notice::from(MailTest).render(&Letter::new(&account.name, &portal.config))?;
        post(conn, portal, &account, &notice, now)
    })
}
