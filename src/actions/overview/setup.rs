//! The first steps of a new portal.

use crate::actions::ActionError;
use crate::actions::mail::outbox::post;
use crate::domain::ids::MailId;
use crate::domain::roles::Administrator;
use crate::mail::{MailTest, Notice, NoticeContext};
use crate::portal::Portal;
use crate::store::accounts;
use crate::store::operations::setup;

/// Puts a test mail to the administrator's own address into the outbox.
///
/// # Errors
/// `ActionError::NotFound` without such an account.
pub fn test_mail(portal: &Portal, by: Administrator) -> Result<MailId, ActionError> {
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let account = accounts::find(conn, by.id)?.ok_or(ActionError::NotFound)?;
        let notice = Notice::from(MailTest).render(&NoticeContext::new(&account.name, &portal.config))?;
        post(conn, portal, &account, &notice, now)
    })
}

/// Puts the set-up page away.
pub fn put_away(portal: &Portal, by: Administrator) -> Result<(), ActionError> {
    let now = portal.clock.now();
    Ok(portal.store.write(|conn| setup::dismiss(conn, by.id, now))?)
}

/// Fetches the set-up page back.
pub fn fetch_back(portal: &Portal, _: Administrator) -> Result<(), ActionError> {
    Ok(portal.store.write(setup::fetch_back)?)
}
