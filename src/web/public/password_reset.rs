//! Another password by mail. Whether an address has an account is told to nobody but its mailbox.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::actions::accounts::checked_email;
use crate::actions::accounts::passwords::{self, RESET_HOURS};
use crate::portal::Portal;
use crate::store::accounts::tokens::Purpose;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::plain::CheckedForm;
use crate::web::http::auth::Visitor;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::public::new_password::{self, NewPasswordForm};
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// Both answers take this long, so that a watch tells no more than the page does.
const ANSWER_AFTER: Duration = Duration::from_millis(300);

/// What the form sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ResetForm {
    email: String,
}

#[derive(Template)]
#[template(path = "public/password_reset.html")]
struct ResetPage {
    page: Layout,
    errors: FieldErrors,
    email: String,
    sent: bool,
    hours: i64,
}

/// `GET /password-reset`
pub async fn new(visitor: Visitor) -> HttpResponse {
    let page = ResetPage {
        page: visitor.form_layout("Choose a new password"),
        errors: FieldErrors::new(),
        email: String::new(),
        sent: false,
        hours: RESET_HOURS,
    };
    render(StatusCode::OK, &page)
}

/// `POST /password-reset`
pub async fn create(
    visitor: Visitor,
    portal: web::Data<Portal>,
    form: CheckedForm<ResetForm>,
) -> Result<HttpResponse, WebError> {
    let CheckedForm(form) = form;
    let mut page = ResetPage {
        page: visitor.form_layout("Choose a new password"),
        errors: FieldErrors::new(),
        email: form.email.clone(),
        sent: false,
        hours: RESET_HOURS,
    };
    let email = match checked_email(&form.email) {
        Ok(email) => email,
        Err(problem) => {
            page.errors.push("email", problem);
            return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
        }
    };
    let work = blocking(&portal, move |portal| passwords::request_reset(portal, &email));
    let (done, ()) = futures_util::future::join(work, tokio::time::sleep(ANSWER_AFTER)).await;
    done?;
    page.sent = true;
    "Check your mailbox".clone_into(&mut page.page.title);
    Ok(render(StatusCode::OK, &page))
}

/// `GET /password-reset/{token}`
pub async fn edit(
    visitor: Visitor,
    portal: web::Data<Portal>,
    token: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    new_password::show(visitor, portal, Purpose::PasswordReset, token.into_inner()).await
}

/// `POST /password-reset/{token}`
pub async fn update(
    visitor: Visitor,
    request: HttpRequest,
    portal: web::Data<Portal>,
    token: web::Path<String>,
    form: CheckedForm<NewPasswordForm>,
) -> Result<HttpResponse, WebError> {
    new_password::set(visitor, request, portal, Purpose::PasswordReset, token.into_inner(), form.0).await
}
