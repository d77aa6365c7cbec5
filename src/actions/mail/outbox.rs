//! Posting: a rendered notice goes into the outbox, in the transaction of its cause.

use chrono::NaiveDateTime;

use crate::actions::ActionError;
use crate::domain::ids::MailId;
use crate::mail::{Rendered, message_id};
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::accounts::Account;
use crate::store::mail::outbox::{self, NewMail};
use crate::store::mail::outbox_delivery;

/// Writes a notice into the outbox for one person. To a closed account nothing leaves: it is kept with the words why.
///
/// # Errors
/// `ActionError::Store`.
pub(in crate::actions) fn post(
    conn: &mut Conn<'_>,
    portal: &Portal,
    to: &Account,
    notice: &Rendered,
    now: NaiveDateTime,
) -> Result<MailId, ActionError> {
    let message_id = message_id(&uuid::Uuid::new_v4().simple().to_string(), &portal.config.mail_from);
    let mail = NewMail {
        account: to.id,
        kind: notice.kind,
        to_name: &to.name,
        to_address: &to.email,
        subject: &notice.subject,
        text: &notice.text,
        html: &notice.html,
        message_id: &message_id,
    };
    let id = outbox::add(conn, &mail, now)?;
    if to.deactivated {
        outbox_delivery::discard_for_closed(conn, to.id, now)?;
    }
    Ok(id)
}
