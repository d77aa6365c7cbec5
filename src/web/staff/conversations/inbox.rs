//! The inbox of advice: what holders ask, who looks after it, whose turn it is and for how long.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::READ_THERE;
use crate::actions::ActionError;
use crate::actions::conversations::{ConversationOpening, write_to};
use crate::domain::conversations::conversation::{About, ConversationKind};
use crate::domain::ids::{AccountId, HolderId};
use crate::domain::ledger::derivation::Reader;
use crate::portal::Portal;
use crate::store::accounts;
use crate::store::conversations::inbox::{self, Inbox, InboxKey, key_in};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedForm;
use crate::web::forms::receipt::once;
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::staff::mail::reach::told;
use crate::web::view::conversation::ConversationLine;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};

/// Conversations on one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "staff/advice/index.html")]
struct AdvicePage {
    page: Layout,
    show: String,
    kind: String,
    shows: Vec<Choice>,
    kinds: Vec<Choice>,
    lines: Vec<ConversationLine>,
    pager: Pager,
}

/// The lists, by the word in the address.
fn inbox_of(show: &str, me: AccountId) -> (Inbox, &'static str) {
    match show {
        "mine" => (Inbox::Of(me), "mine"),
        "unowned" => (Inbox::Unowned, "unowned"),
        "holder" => (Inbox::WaitingForHolder, "holder"),
        "closed" => (Inbox::Closed, "closed"),
        _ => (Inbox::WaitingForUs, "waiting"),
    }
}

fn shows() -> Vec<Choice> {
    [
        ("waiting", "Waiting for us"),
        ("mine", "Looked after by me"),
        ("unowned", "Looked after by nobody"),
        ("holder", "Waiting for the holder"),
        ("closed", "Closed"),
    ]
    .into_iter()
    .map(|(value, label)| Choice::new(value, label))
    .collect()
}

/// GET /staff/advice `?show=waiting|mine|unowned|holder|closed&kind=…`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let (which, show) = inbox_of(query.one("show"), staff.account.id);
    let kind = ConversationKind::from_code(query.one("kind"));
    let place = place(&query, read_key);
    let listed = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| inbox::list(conn, which, kind, &place, PAGE))?)
    })
    .await?;
    let kind = kind.map_or("", ConversationKind::code);
    let kept = [("show", show), ("kind", kind)];
    let page = AdvicePage {
        page: staff.layout("Advice"),
        show: show.to_owned(),
        kind: kind.to_owned(),
        shows: shows(),
        kinds: ConversationKind::ALL.iter().map(|kind| Choice::new(kind.code(), kind.label())).collect(),
        pager: Pager::new("/staff/advice", &kept, &listed, |row| written_key(key_in(which, row))),
        lines: listed.rows.iter().map(|row| ConversationLine::new(row, Reader::Staff, &portal)).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// A place in the list: "2026-11-23T09:00:00~17".
fn written_key((at, id): InboxKey) -> String {
    format!("{}~{id}", at.format("%Y-%m-%dT%H:%M:%S%.f"))
}

fn read_key(text: &str) -> Option<InboxKey> {
    let (at, id) = text.split_once('~')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}

#[derive(Template)]
#[template(path = "staff/advice/new.html")]
struct NewPage {
    page: Layout,
    errors: FieldErrors,
    form: WriteForm,
    holder: i64,
    holder_name: String,
    own: bool,
}

/// A message to a holder, as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct WriteForm {
    subject: String,
    words: String,
    /// Whether the holder has to answer.
    needs_answer: String,
}

/// GET /staff/holders/{id}/advice: the form that begins a conversation with a holder.
///
/// # Errors
/// `WebError::NotFound` without such a holder.
pub async fn new(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    // whoever writes first usually asks
    let form = WriteForm { needs_answer: "1".to_owned(), ..WriteForm::default() };
    new_page(&staff, &portal, AccountId(*id), form, None).await
}

async fn new_page(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: HolderId,
    form: WriteForm,
    errors: Option<FieldErrors>,
) -> Result<HttpResponse, WebError> {
    let holder = blocking(portal, move |portal| {
        portal.store.read(|conn| accounts::find(conn, id))?.ok_or(ActionError::NotFound)
    })
    .await?;
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = NewPage {
        page: staff.layout(format!("Write to {}", holder.name)),
        errors: errors.unwrap_or_default(),
        form,
        own: holder.id == staff.account.id,
        holder: holder.id.0,
        holder_name: holder.name,
    };
    Ok(render(status, &page))
}

/// POST /staff/holders/{id}/advice
///
/// # Errors
/// `WebError::NotFound` without such a holder.
pub async fn create(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<WriteForm>,
) -> Result<HttpResponse, WebError> {
    let (holder, actor, given) = (AccountId(*id), staff.actor(), form.clone());
    let begun = once(&request, &portal, move |portal| {
        let opening = ConversationOpening {
            kind: ConversationKind::Question,
            about: About::default(),
            subject: &given.subject,
            words: &given.words,
        };
        write_to(portal, actor, holder, &opening, !given.needs_answer.is_empty())
    })
    .await
    .or_corrections()?;
    match begun {
        Ok(id) => {
            let flash = told(&staff, &portal, holder, ("Sent.", READ_THERE)).await?;
            Ok(see_other_with(format!("/staff/advice/{id}"), flash))
        }
        Err(errors) => new_page(&staff, &portal, holder, form, Some(errors)).await,
    }
}
