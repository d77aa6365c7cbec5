//! The mail log, and what staff do about a mail that is stuck.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::actions::ActionError;
use crate::actions::mails::{mark_delivered, send_again};
use crate::domain::ids::{AccountId, MailId};
use crate::portal::Portal;
use crate::store::mail_log::{self, LoggedMail, Which};
use crate::web::blocking::blocking;
use crate::web::checked::{CheckedFields, Fields};
use crate::web::error::WebError;
use crate::web::flash::see_other_with;
use crate::web::instant::instant;
use crate::web::layout::{Flash, Layout};
use crate::web::page::render;
use crate::web::paging::{Pager, place};
use crate::web::session::AsReviewer;
use crate::web::state::Tag;

/// Mails on one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "staff/mail/index.html")]
struct MailPage {
    page: Layout,
    stuck: bool,
    rows: Vec<MailRow>,
    pager: Pager,
}

/// A mail in a list.
pub struct MailRow {
    /// Its identity.
    pub id: i64,
    /// When it was written.
    pub written: String,
    /// The notice's kind, in words: "flag lifted".
    pub kind: String,
    /// To whom.
    pub account: i64,
    /// Their name.
    pub to_name: String,
    /// The subject.
    pub subject: String,
    /// Where it stands.
    pub tag: Tag,
}

#[derive(Template)]
#[template(path = "staff/mail/show.html")]
struct OneMailPage {
    page: Layout,
    row: MailRow,
    to_address: String,
    attempts: i64,
    sent: String,
    next: String,
    error: String,
    /// The text; none for a mail with a secret link.
    text: Option<String>,
    uncertain: bool,
    failed: bool,
}

/// GET /staff/mail `?which=stuck`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let stuck = query.one("which") == "stuck";
    let to = query.one("to").parse().ok().map(AccountId);
    let which = match (stuck, to) {
        (true, _) => Which::Stuck,
        (false, Some(account)) => Which::To(account),
        (false, None) => Which::All,
    };
    let place = place(&query, |key| key.parse().ok().map(MailId));
    let page = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| mail_log::list(conn, which, &place, PAGE))?)
    })
    .await?;
    let kept = [("which", if stuck { "stuck" } else { "" }), ("to", query.one("to"))];
    let pager = Pager::new("/staff/mail", &kept, &page, |mail| mail.id.to_string());
    let rows = page.rows.iter().map(|mail| mail_row(mail, &portal)).collect();
    Ok(render(StatusCode::OK, &MailPage { page: staff.layout("Mail"), stuck, rows, pager }))
}

/// A mail as lists show it.
pub fn mail_row(mail: &LoggedMail, portal: &Portal) -> MailRow {
    MailRow {
        id: mail.id.0,
        written: instant(&portal.clock, mail.created_at),
        kind: mail.kind.replace('-', " "),
        account: mail.account.0,
        to_name: mail.to_name.clone(),
        subject: mail.subject.clone(),
        tag: match mail.state.as_str() {
            "sent" => Tag { kind: "good", label: "Delivered" },
            "failed" => Tag { kind: "bad", label: "Failed" },
            "uncertain" => Tag { kind: "action", label: "Uncertain" },
            "pending" if mail.attempts > 0 => Tag { kind: "wait", label: "Will be tried again" },
            "pending" => Tag { kind: "wait", label: "In the outbox" },
            _ => Tag { kind: "wait", label: "Being delivered" },
        },
    }
}

/// GET /staff/mail/{id}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn show(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    let id = MailId(*id);
    let (mail, text) = blocking(&portal, move |portal| {
        portal.store.read(|conn| mail_log::find(conn, id))?.ok_or(ActionError::NotFound)
    })
    .await?;
    let page = OneMailPage {
        page: staff.layout(mail.subject.clone()),
        row: mail_row(&mail, &portal),
        sent: mail.sent_at.map(|at| instant(&portal.clock, at)).unwrap_or_default(),
        next: if mail.state == "pending" {
            instant(&portal.clock, mail.next_attempt_at)
        } else {
            String::new()
        },
        uncertain: mail.state == "uncertain",
        failed: mail.state == "failed",
        to_address: mail.to_address,
        attempts: mail.attempts,
        error: mail.last_error,
        text,
    };
    Ok(render(StatusCode::OK, &page))
}

/// POST /staff/mail/{id}/dispatch: sends a stuck mail again.
///
/// # Errors
/// `WebError`; 409 when it is not stuck any more.
pub async fn dispatch(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (id, by) = (MailId(*id), staff.actor());
    blocking(&portal, move |portal| send_again(portal, by, id)).await?;
    Ok(see_other_with(format!("/staff/mail/{id}"), Flash::success("The mail is in the outbox again.")))
}

/// POST /staff/mail/{id}/arrival: an uncertain mail did arrive.
///
/// # Errors
/// `WebError`; 409 when it is not uncertain any more.
pub async fn arrival(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (id, by) = (MailId(*id), staff.actor());
    blocking(&portal, move |portal| mark_delivered(portal, by, id)).await?;
    Ok(see_other_with(format!("/staff/mail/{id}"), Flash::success("The mail counts as delivered.")))
}
