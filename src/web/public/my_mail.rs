//! The mails that the portal wrote to somebody: when, why, and what became of each.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::actions::mail::bounce::confirm_address;
use crate::domain::ids::MailId;
use crate::domain::notices::delivery::Delivery;
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::mail::bounces;
use crate::store::mail::mail_log;
use crate::store::mail::mail_log::Which;
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::AsAnyone;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::dates::instant;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::notice_log::{delivery_tag, kind_words, mail_words, returned_address, sent_tag};
use crate::web::view::page::render;
use crate::web::view::paging::{Pager, place};
use crate::web::view::tags::Tag;

/// Mails on one page.
const PAGE: i64 = 30;

#[derive(Template)]
#[template(path = "public/my_mail.html")]
struct MyMailPage {
    page: Layout,
    rows: Vec<MyMail>,
    pager: Pager,
    came_back: String,
}

struct MyMail {
    written: String,
    subject: String,
    kind: String,
    became: String,
    tag: Tag,
}

/// GET /account/mail
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(
    person: AsAnyone,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let account = person.account.id;
    let query = Fields::parse(request.query_string().as_bytes());
    let place = place(&query, |key| key.parse().ok().map(MailId));
    let (page, bounce) = blocking(&portal, move |portal| {
        Ok(portal.store.read(|conn| {
            let page = mail_log::list(conn, Which::To(account), &place, PAGE)?;
            Ok::<_, StoreError>((page, bounces::open_of(conn, account)?))
        })?)
    })
    .await?;
    let pager = Pager::new("/account/mail", &[], &page, |mail| mail.id.to_string());
    let rows = page
        .rows
        .iter()
        .map(|mail| MyMail {
            written: instant(&portal.clock, mail.created_at),
            subject: mail.subject.clone(),
            kind: kind_words(&mail.kind),
            became: mail_words(mail, portal.config.smtp.is_none(), &portal.clock),
            tag: match mail.delivery() {
                Delivery::Delivered => sent_tag(portal.config.smtp.is_none()),
                other => delivery_tag(other),
            },
        })
        .collect();
    let page = MyMailPage {
        page: person.layout("Emails that we have sent you"),
        rows,
        pager,
        came_back: returned_address(bounce),
    };
    Ok(render(StatusCode::OK, &page))
}

/// POST /account/address: the address that mail came back from is right.
pub async fn confirm(
    person: AsAnyone,
    portal: web::Data<Portal>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let by = person.actor();
    blocking(&portal, move |portal| confirm_address(portal, by)).await?;
    let text = "Thank you. We will look into why the email came back.";
    Ok(see_other_with("/account/mail", Flash::success(text)))
}
