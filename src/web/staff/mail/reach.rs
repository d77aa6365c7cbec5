//! What a notice says of the email about what was just done: it leaves, or why it does not and what ends that.

use actix_web::web;

use crate::domain::ids::AccountId;
use crate::domain::notices::delivery::{HeldBy, Reach};
use crate::portal::Portal;
use crate::store::mail::reach;
use crate::web::http::auth::Person;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Flash;

/// Where it is seen to that held mails to somebody leave: the path, and what a link to it says.
#[must_use]
pub fn cure(by: HeldBy, holder: AccountId) -> (String, &'static str) {
    match by {
        HeldBy::Everything => ("/staff/mail/hold".to_owned(), "Held emails"),
        HeldBy::NotLive => ("/staff/mail/live".to_owned(), "Emails to holders"),
        HeldBy::Uninvited => (format!("/staff/holders/{holder}"), "Invite them"),
    }
}

/// The notice of what was done about a holder: what happened, and what they hear of it; `told` when an email says it.
#[must_use]
pub fn notice(staff: &Person, holder: AccountId, reach: Reach, (done, told): (&str, &str)) -> Flash {
    let flash = Flash::success(format!("{done} {}", reach.sentence(told)));
    with_cure(flash, staff, holder, reach)
}

/// A notice with the way to what keeps the email about it, for whoever can do something about that.
#[must_use]
pub fn with_cure(flash: Flash, staff: &Person, holder: AccountId, reach: Reach) -> Flash {
    match reach {
        // only administrators invite
        Reach::Held(HeldBy::Uninvited) if !staff.administers() => flash,
        Reach::Held(by) => {
            let (path, label) = cure(by, holder);
            flash.with_link(path, label)
        }
        Reach::Leaves | Reach::Closed => flash,
    }
}

/// [`notice`] of a holder of whom nothing was read yet.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn told(
    staff: &Person,
    portal: &web::Data<Portal>,
    holder: AccountId,
    words: (&str, &str),
) -> Result<Flash, WebError> {
    let read = blocking(portal, move |portal| Ok(portal.store.read(|conn| reach::of_one(conn, holder))?));
    Ok(notice(staff, holder, read.await?, words))
}
