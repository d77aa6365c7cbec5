//! Mail that is held after a restore or a takeover: everybody of staff sees what waits, an administrator says what becomes of it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::actions::mail::hold::{Discarded, HoldContents, held, release};
use crate::domain::codes::Stored;
use crate::domain::ids::MailId;
use crate::domain::notices::delivery::HoldCause;
use crate::domain::plural::counted;
use crate::portal::Portal;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::{AsAdministrator, AsReviewer};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::dates::instant;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

const FROM_BACKUP: &str = "backup";
const SINCE: &str = "since";

#[derive(Template)]
#[template(path = "staff/mail/hold.html")]
struct HoldPage {
    page: Layout,
    /// What happened, and what follows from it; none when mail is not held.
    held: Option<HeldShown>,
    rows: Vec<WaitingRow>,
    /// Waiting mails, of all kinds.
    waiting: i64,
    seen: i64,
    administers: bool,
}

/// Why mail is held, in words.
struct HeldShown {
    /// When it began.
    since: String,
    /// What happened to the portal.
    happened: String,
    /// Until when the database knows what happened.
    until: String,
    /// That day, for the history.
    day: String,
    /// What it came from: "backup" or "copy".
    source: &'static str,
    /// Whether it was a takeover: then decisions of the last moments may be missing, too.
    taken_over: bool,
}

/// Mails of one kind that wait.
struct WaitingRow {
    /// What the form says for them.
    value: String,
    kind: String,
    from_backup: bool,
    mails: i64,
    oldest: String,
    newest: String,
}

/// GET /staff/mail/hold
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(staff: AsReviewer, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let found = blocking(&portal, held).await?;
    let at = |when| instant(&portal.clock, when);
    let (held, rows, seen) = match found {
        None => (None, Vec::new(), 0),
        Some(HoldContents { hold, waiting, seen }) => {
            let rows = waiting.into_iter().map(|waiting| WaitingRow {
                value: format!(
                    "{}.{}",
                    if waiting.from_backup { FROM_BACKUP } else { SINCE },
                    waiting.kind.code()
                ),
                kind: waiting.kind.code().replace('-', " "),
                from_backup: waiting.from_backup,
                mails: waiting.mails,
                oldest: at(waiting.oldest),
                newest: at(waiting.newest),
            });
            let until = at(hold.backup_made_at);
            let shown = HeldShown {
                since: at(hold.held_at),
                happened: hold.cause.happened(&until),
                until,
                day: portal.clock.day_of(hold.backup_made_at).to_string(),
                source: hold.cause.source(),
                taken_over: hold.cause == HoldCause::Takeover,
            };
            (Some(shown), rows.collect(), seen.0)
        }
    };
    let waiting = rows.iter().map(|row: &WaitingRow| row.mails).sum();
    let (page, administers) = (staff.layout("Mail is held"), staff.administers());
    Ok(render(StatusCode::OK, &HoldPage { page, held, rows, waiting, seen, administers }))
}

/// POST /staff/mail/hold: the ticked kinds are not sent, everything else leaves.
///
/// # Errors
/// `WebError`; 409 when mail is not held any more.
pub async fn end(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let mut discards = Vec::new();
    for value in fields.all("discard") {
        match value.split_once('.') {
            Some((from @ (FROM_BACKUP | SINCE), kind)) => {
                discards
                    .push(Discarded { from_backup: from == FROM_BACKUP, kind: Stored::of(kind.to_owned()) });
            }
            _ => return Err(WebError::Unreadable("which mails are meant")),
        }
    }
    let seen = fields.one("seen").parse().ok().map(MailId);
    let by = staff.actor();
    let released = blocking(&portal, move |portal| release(portal, by, &discards, seen)).await?;
    let mails = |number: i64| counted(number, "email", "emails");
    let discarded = i64::try_from(released.discarded).unwrap_or(i64::MAX);
    let text = format!(
        "Mail is no longer held: {} on the way, {} not sent.",
        mails(released.leaving),
        mails(discarded)
    );
    Ok(see_other_with("/staff/mail", Flash::success(text)))
}
