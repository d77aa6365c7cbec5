//! The page behind a link from a mail: choosing a password.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::actions::ActionError;
use crate::actions::accounts::passwords::{NewPassword, of_link, set_by_link};
use crate::portal::Portal;
use crate::secrets::SHORTEST_PASSWORD;
use crate::store::accounts::Account;
use crate::store::accounts::tokens::Purpose;
use crate::web::forms::errors::FieldErrors;
use crate::web::http::auth::Visitor;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::client;
use crate::web::http::error::WebError;
use crate::web::public::sign_in::signed_in;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

/// What the form sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewPasswordForm {
    pub(in crate::web) password: String,
    pub(in crate::web) password_again: String,
}

#[derive(Template)]
#[template(path = "public/new_password.html")]
struct NewPasswordPage {
    page: Layout,
    errors: FieldErrors,
    invitation: bool,
    name: String,
    email: String,
    shortest: usize,
}

#[derive(Template)]
#[template(path = "public/used_link.html")]
struct UsedLinkPage {
    page: Layout,
    invitation: bool,
}

fn form(visitor: &Visitor, purpose: Purpose, account: &Account, errors: FieldErrors) -> HttpResponse {
    let invitation = purpose == Purpose::Invitation;
    let title = if invitation { "Welcome" } else { "Choose a new password" };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = NewPasswordPage {
        page: visitor.form_layout(title),
        errors,
        invitation,
        name: account.name.clone(),
        email: account.email.clone(),
        shortest: SHORTEST_PASSWORD,
    };
    render(status, &page)
}

/// A link that was used, has run out or was never ours: all three look the same.
fn used(visitor: &Visitor, purpose: Purpose) -> HttpResponse {
    let page = UsedLinkPage {
        page: visitor.layout("This link does not work any more"),
        invitation: purpose == Purpose::Invitation,
    };
    render(StatusCode::GONE, &page)
}

async fn account(
    portal: &web::Data<Portal>,
    purpose: Purpose,
    token: &str,
) -> Result<Option<Account>, WebError> {
    let token = token.to_owned();
    match blocking(portal, move |portal| of_link(portal, purpose, &token)).await {
        Ok(account) => Ok(Some(account)),
        Err(WebError::Action(ActionError::NotFound)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Shows the form.
pub(in crate::web) async fn show(
    visitor: Visitor,
    portal: web::Data<Portal>,
    purpose: Purpose,
    token: String,
) -> Result<HttpResponse, WebError> {
    Ok(match account(&portal, purpose, &token).await? {
        Some(account) => form(&visitor, purpose, &account, FieldErrors::new()),
        None => used(&visitor, purpose),
    })
}

/// Sets the password and signs the person in.
pub(in crate::web) async fn set(
    visitor: Visitor,
    request: HttpRequest,
    portal: web::Data<Portal>,
    purpose: Purpose,
    token: String,
    typed: NewPasswordForm,
) -> Result<HttpResponse, WebError> {
    let Some(account) = account(&portal, purpose, &token).await? else {
        return Ok(used(&visitor, purpose));
    };
    let browser = client::browser(&request);
    let done = blocking(&portal, move |portal| {
        let new = NewPassword { password: &typed.password, password_again: &typed.password_again };
        set_by_link(portal, purpose, &token, new, &browser)
    })
    .await;
    if let Err(WebError::Action(ActionError::NotFound)) = done {
        return Ok(used(&visitor, purpose));
    }
    Ok(match done.or_corrections()? {
        Ok(token) => {
            let text = match purpose {
                Purpose::Invitation => "Your password has been set. Welcome.",
                Purpose::PasswordReset => "Your new password has been set.",
            };
            signed_in(&portal, &token, "/", Some(Flash::success(text)))
        }
        Err(errors) => form(&visitor, purpose, &account, errors),
    })
}
