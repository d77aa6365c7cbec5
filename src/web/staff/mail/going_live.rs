//! Whether mails to holders leave: everybody of staff sees what waits, an administrator lets them leave or holds them.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::actions::mail::going_live::{go_live, hold, holder_mails};
use crate::domain::codes::Stored;
use crate::domain::ids::MailId;
use crate::domain::notices::notice_kind::{NoticeKind, Perishable};
use crate::domain::plural::counted;
use crate::portal::Portal;
use crate::store::mail::holder_holds::HeldKind;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::{AsAdministrator, AsReviewer};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::dates::instant;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::notice_log::kind_words;
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "staff/mail/live.html")]
struct LivePage {
    page: Layout,
    /// Since when mails to holders are held; none when they leave.
    held_since: Option<String>,
    rows: Vec<HeldRow>,
    /// Waiting mails for the portal to be live, of all kinds.
    waiting: String,
    /// Waiting mails until their recipient is invited; empty without any.
    uninvited: String,
    seen: i64,
    administers: bool,
}

/// Mails of one kind that are held.
struct HeldRow {
    kind: String,
    words: String,
    mails: i64,
    oldest: String,
    newest: String,
    /// What becomes of them by itself; empty when they leave as they are.
    then: &'static str,
}

/// GET /staff/mail/live
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(staff: AsReviewer, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let found = blocking(&portal, holder_mails).await?;
    let at = |when| instant(&portal.clock, when);
    let waiting = counted(found.held(), "email is waiting", "emails are waiting");
    let uninvited = if found.uninvited > 0 {
        counted(found.uninvited, "email is waiting", "emails are waiting")
    } else {
        String::new()
    };
    let rows = found.waiting.into_iter().map(|HeldKind { kind, mails, oldest, newest }| HeldRow {
        words: kind_words(&kind),
        then: becomes(&kind),
        kind: kind.code().to_owned(),
        mails,
        oldest: at(oldest),
        newest: at(newest),
    });
    let page = LivePage {
        page: staff.layout("Emails to holders"),
        held_since: found.hold.map(|hold| hold.held_at.map_or_else(|| "the portal began".to_owned(), at)),
        rows: rows.collect(),
        waiting,
        uninvited,
        seen: found.seen.0,
        administers: staff.administers(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// What is not sent as it was written.
fn becomes(kind: &Stored<NoticeKind>) -> &'static str {
    match kind.known().and_then(NoticeKind::perishes) {
        Some(Perishable::Reminder) => {
            "Written again with the figures of the day: one for each holder, and none where nothing is missing any more or the deadline has passed."
        }
        Some(Perishable::Flag) => "Only where the year is still flagged.",
        Some(Perishable::FriendlyReminder) => {
            "Only those written on the same day: the others tell old figures."
        }
        Some(Perishable::Grant) | None => "",
    }
}

/// POST /staff/mail/live: `leave=on` lets mails to holders leave but for the ticked kinds, `leave=off` holds them.
///
/// # Errors
/// `WebError`; 409 when somebody was first.
pub async fn change(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let by = Some(staff.actor());
    let flash = match fields.one("leave") {
        "on" => {
            let discards: Vec<_> = fields.all("discard").map(|kind| Stored::of(kind.to_owned())).collect();
            let seen = fields.one("seen").parse().ok().map(MailId);
            let done = blocking(&portal, move |portal| go_live(portal, by, &discards, seen)).await?;
            let leaving = counted(done.leaving, "email", "emails");
            Flash::success(format!(
                "Emails to holders are sent from now on: {leaving} on the way, {} not sent.",
                done.discarded
            ))
        }
        "off" => {
            blocking(&portal, move |portal| hold(portal, by)).await?;
            Flash::success("Emails to holders are held from now on.")
        }
        _ => Flash::warning("Nothing was changed: choose whether emails to holders are sent or held."),
    };
    Ok(see_other_with("/staff/mail/live", flash))
}
