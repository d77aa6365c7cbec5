//! Signing in and out.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::actions::ActionError;
use crate::actions::accounts::form_recovery;
use crate::actions::accounts::sessions;
use crate::actions::accounts::sign_in::{Attempt, SignIn, sign_in};
use crate::domain::roles::Actor;
use crate::portal::Portal;
use crate::secrets::Token;
use crate::store::accounts::sessions::KEPT_DAYS;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::http::auth::{AsAnyone, Visitor};
use crate::web::http::blocking::blocking;
use crate::web::http::client;
use crate::web::http::cookie::Jar;
use crate::web::http::error::WebError;
use crate::web::view::flash::{local_path, see_other, see_other_with};
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

/// What the sign-in form sends.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SignInForm {
    email: String,
    password: String,
    next: String,
    keep: String,
}

/// What the address of the sign-in page says.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct SignInQuery {
    next: String,
    ended: String,
    kept: String,
}

impl SignInForm {
    /// Whether the person wants to stay signed in on this device.
    fn keeps(&self) -> bool {
        self.keep == "1"
    }
}

#[derive(Template)]
#[template(path = "public/sign_in.html")]
struct SignInPage {
    page: Layout,
    errors: FieldErrors,
    email: String,
    next: String,
    ended: bool,
    kept: bool,
    /// Whether the person wants to stay signed in.
    keep: bool,
    days: i64,
}

/// `GET /sign-in`
pub async fn new(visitor: Visitor, query: web::Query<SignInQuery>) -> HttpResponse {
    let next = local_path(&query.next).unwrap_or_default();
    if let Some(person) = &visitor.person {
        return see_other(if next.is_empty() { person.first_page() } else { next });
    }
    let page = SignInPage {
        page: visitor.form_layout("Sign in"),
        errors: FieldErrors::new(),
        email: String::new(),
        next: next.to_owned(),
        ended: !query.ended.is_empty(),
        kept: !query.kept.is_empty(),
        keep: false,
        days: KEPT_DAYS,
    };
    render(StatusCode::OK, &page)
}

/// `POST /sign-in`
pub async fn create(
    visitor: Visitor,
    request: HttpRequest,
    portal: web::Data<Portal>,
    form: CheckedForm<SignInForm>,
) -> Result<HttpResponse, WebError> {
    let CheckedForm(form) = form;
    let errors = missing(&form);
    if !errors.is_empty() {
        return Ok(again(&visitor, &form, StatusCode::UNPROCESSABLE_ENTITY, errors));
    }
    let (typed, address, browser) = (form.clone(), client::address(&request), client::browser(&request));
    let old = visitor.person.as_ref().map(|person| (person.actor(), person.session_id));
    let (done, waiting) = blocking(&portal, move |portal| {
        let attempt = Attempt {
            email: &typed.email,
            password: &typed.password,
            address: &address,
            browser: &browser,
            keep: typed.keeps(),
        };
        in_place_of(portal, &attempt, old)
    })
    .await?;
    // a form that waits comes first, unless the way leads there already
    let waiting = waiting.filter(|_| form.next.is_empty() || form.next == "/");
    let next = waiting.as_deref().or(local_path(&form.next)).unwrap_or("/");
    Ok(match done {
        SignIn::Done(token) => signed_in(&portal, &token, next, form.keeps().then(not_kept)),
        SignIn::Kept(token) => kept_signed_in(&portal, &token, next),
        SignIn::Refused => {
            let message = "This address and this password do not match. Check both and try again.";
            let errors = FieldErrors::of("password", message);
            again(&visitor, &form, StatusCode::UNPROCESSABLE_ENTITY, errors)
        }
        SignIn::Wait(seconds) => too_many_attempts(&visitor, &form, seconds),
    })
}

/// Signs in, in the place of the session of this browser, if there is one. Gives the address of a form that waits for this person, too.
fn in_place_of(
    portal: &Portal,
    attempt: &Attempt<'_>,
    old: Option<(Actor, i64)>,
) -> Result<(SignIn, Option<String>), ActionError> {
    let done = sign_in(portal, attempt)?;
    let (SignIn::Done(token) | SignIn::Kept(token)) = &done else { return Ok((done, None)) };
    if let Some((by, session)) = old {
        sessions::end_if_there(portal, by, session)?;
    }
    let waiting = form_recovery::waiting_for(portal, token)?;
    Ok((done, waiting))
}

/// The page again, with what was typed except the password.
fn again(visitor: &Visitor, form: &SignInForm, status: StatusCode, errors: FieldErrors) -> HttpResponse {
    let page = SignInPage {
        page: visitor.form_layout("Sign in"),
        errors,
        email: form.email.clone(),
        next: local_path(&form.next).unwrap_or_default().to_owned(),
        ended: false,
        kept: form.next.contains("parked="),
        keep: form.keeps(),
        days: KEPT_DAYS,
    };
    render(status, &page)
}

fn too_many_attempts(visitor: &Visitor, form: &SignInForm, seconds: i64) -> HttpResponse {
    let message = format!(
        "There were several attempts that did not work. Wait {} and try again, or choose a new password.",
        wait_words(seconds)
    );
    let errors = FieldErrors::of("password", message);
    let mut response = again(visitor, form, StatusCode::TOO_MANY_REQUESTS, errors);
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    response
}

fn missing(form: &SignInForm) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if form.email.trim().is_empty() {
        errors.push("email", "Enter your email address.");
    }
    if form.password.is_empty() {
        errors.push("password", "Enter your password.");
    }
    errors
}

/// "1 second", "20 seconds", "3 minutes": rounded up.
fn wait_words(seconds: i64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds / 60 + i64::from(seconds % 60 > 0)),
    }
}

/// Goes on as somebody who has just signed in.
pub(in crate::web) fn signed_in(
    portal: &Portal,
    token: &Token,
    path: &str,
    flash: Option<Flash>,
) -> HttpResponse {
    let response = match flash {
        Some(flash) => see_other_with(path, flash),
        None => see_other(path),
    };
    with_session(response, &Jar::Session.filled(&portal.config, token.expose().to_owned()))
}

/// The same, on a device that stays signed in.
fn kept_signed_in(portal: &Portal, token: &Token, path: &str) -> HttpResponse {
    let cookie = Jar::Session.filled_for(&portal.config, token.expose().to_owned(), KEPT_DAYS);
    with_session(see_other(path), &cookie)
}

fn with_session(mut response: HttpResponse, cookie: &Cookie<'_>) -> HttpResponse {
    if let Err(error) = response.add_cookie(cookie) {
        tracing::error!(%error, "the session cookie could not be written");
    }
    response
}

/// What staff are told who asked for what only holders get.
fn not_kept() -> Flash {
    Flash::info("Staff accounts do not stay signed in on a device. You are signed in for today.")
}

/// `POST /sign-out`
pub async fn delete(
    person: AsAnyone,
    portal: web::Data<Portal>,
    _: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (by, session) = (person.actor(), person.session_id);
    blocking(&portal, move |portal| sessions::end_if_there(portal, by, session)).await?;
    let mut response = see_other_with("/", Flash::success("You are signed out."));
    if let Err(error) = response.add_cookie(&Jar::Session.emptied(&portal.config)) {
        tracing::error!(%error, "the session cookie could not be removed");
    }
    Ok(response)
}
