//! A form that has been sent: where it led, so that the same form sent once more leads there, too.

use crate::actions::ActionError;
use crate::portal::Portal;
use crate::store::accounts::form_receipts::SentForm;

/// Notes where a form led that made something. Without an address half of it went wrong, and it may be sent again.
pub fn note_address(portal: &Portal, form: &SentForm, leads_to: Option<&str>) -> Result<(), ActionError> {
    Ok(portal.store.write(|conn| match leads_to {
        Some(address) => form.note(conn, address),
        None => form.forget(conn),
    })?)
}
