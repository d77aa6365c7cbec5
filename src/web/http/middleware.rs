//! What surrounds every answer: its number, its headers, its cookies, its one line in the log, and the page that says
//! what went wrong.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::FutureExt;

use crate::config::Config;
use crate::portal::Portal;
use crate::web::forms::receipt;
use crate::web::forms::{ended_session, recovery};
use crate::web::http::answer_counts::{Answer, METER};
use crate::web::http::auth::{VisitorToken, already_known, frame_of};
use crate::web::http::cookie::Jar;
use crate::web::http::error::WebError;
use crate::web::http::route;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::{self, ErrorPage, render};

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; connect-src 'self'";

/// The same for a page that shows evidence in a frame of its own.
pub(in crate::web) const POLICY_WITH_VIEWER: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self' data:; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    connect-src 'self'; frame-src 'self'";

/// Headers of every answer that does not bring its own.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// How an address writes a NUL, and the sign for a character that cannot be read (see [`crate::domain::text::without_nul`]).
const NUL: &str = "%00";
const UNREADABLE: &str = "%1A";

/// No page has a NUL in its address; in what is asked of one the sign for a character that cannot be read stands in its place.
fn without_nul(request: &mut ServiceRequest) -> Result<(), WebError> {
    if request.path().contains(NUL) {
        return Err(WebError::NotFound);
    }
    if !request.query_string().contains(NUL) {
        return Ok(());
    }
    let asked = request.uri().to_string().replace(NUL, UNREADABLE);
    request.head_mut().uri = asked.parse().map_err(|_| WebError::Unreadable("the address"))?;
    Ok(())
}

/// Answers a request and sees it out.
///
/// # Errors
/// Those of the server itself; ours have become pages.
pub async fn watch(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id: String = uuid::Uuid::new_v4().simple().to_string().chars().take(12).collect();
    let portal = request.app_data::<web::Data<Portal>>().cloned();
    let refused = match without_nul(&mut request) {
        Ok(()) => ended_session::without_session(&mut request).await,
        Err(error) => Some(error),
    };
    let response = match refused {
        Some(error) => request.into_response(HttpResponse::from_error(error)),
        None => answered(request, next, &id).await?,
    };
    let Some(portal) = portal else { return Ok(response) };
    let (request, response) = response.into_parts();
    let response = with_page(&request, response, &portal, &id);
    let response = receipt::see_through(&request, response, &portal).await;
    let response = recovery::see_through(&request, response, &portal).await;
    let mut response = with_cookies(&request, response, &portal.config);
    add_headers(&request, &mut response, &portal.config);
    let took = started.elapsed();
    let answer = Answer {
        route: request.match_pattern().unwrap_or_else(|| "none".to_owned()),
        method: known_method(request.method()).to_owned(),
        status: response.status().as_u16(),
    };
    METER.count(&answer, took);
    let line = Line {
        id: &id,
        route: answer.route,
        ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        account: already_known(&request).map(|session| session.account.id.0),
    };
    line.write(&request, &response);
    Ok(ServiceResponse::new(request, response))
}

/// What the pages answer. A defect that ends the handler must not end the connection without a word and without a line in the log.
async fn answered(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    id: &str,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let method = request.method().clone();
    let route = route::find(method.as_str(), request.path()).map_or("none", |route| route.path);
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(answer) => Ok(answer?.map_into_boxed_body()),
        Err(_) => {
            tracing::error!(id, %method, route, status = 500, "the handler panicked");
            let answer = Answer {
                route: route.to_owned(),
                method: known_method(&method).to_owned(),
                status: StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
            };
            METER.count(&answer, Duration::ZERO);
            Err(InternalError::from_response("the handler panicked", page::plain_error()).into())
        }
    }
}

/// A method as it is counted: a sender may invent any number of others.
fn known_method(method: &Method) -> &str {
    match *method {
        Method::GET | Method::POST | Method::HEAD | Method::OPTIONS => method.as_str(),
        _ => "other",
    }
}

/// Ids and patterns only: never an address, a token or a body.
struct Line<'a> {
    id: &'a str,
    route: String,
    ms: u64,
    account: Option<i64>,
}

impl Line<'_> {
    fn write(self, request: &HttpRequest, response: &HttpResponse) {
        let Self { id, route, ms, account } = self;
        let (method, status) = (request.method(), response.status().as_u16());
        match response.error() {
            // too much at once is what strangers can bring about, and no fault
            Some(error) if status == 503 => {
                tracing::warn!(id, %method, route, status, ms, account, %error, "request");
            }
            Some(error) if status >= 500 => {
                tracing::error!(id, %method, route, status, ms, account, %error, "request");
            }
            Some(error) if status >= 400 && !says_what_was_typed(error) => {
                tracing::info!(id, %method, route, status, ms, account, %error, "request");
            }
            _ => tracing::info!(id, %method, route, status, ms, account, "request"),
        }
    }
}

/// Whether the words of an error may repeat what a person typed.
fn says_what_was_typed(error: &Error) -> bool {
    matches!(error.as_error::<WebError>(), Some(WebError::Action(_)))
}

/// Gives an error its page. Answers that already are pages stay as they are.
fn with_page(request: &HttpRequest, response: HttpResponse, portal: &Portal, id: &str) -> HttpResponse {
    let status = response.status();
    let Some(error) = response.error().filter(|_| status.as_u16() >= 400) else { return response };
    let layout = Layout { flash: None, ..frame_of(request, portal) };
    let page = match error.as_error::<WebError>().and_then(WebError::refusal) {
        Some(refusal) => ErrorPage::refused(layout, refusal, id),
        None => ErrorPage::new(status, layout, id),
    };
    let shown = render(status, &page);
    let mut response = response.set_body(shown.into_body());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn with_cookies(request: &HttpRequest, mut response: HttpResponse, config: &Config) -> HttpResponse {
    let flash = response.extensions_mut().remove::<Flash>();
    let shows_page = !response.status().is_redirection()
        && response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
        && response.status() != StatusCode::NOT_MODIFIED;
    let mut cookies = Vec::new();
    if let Some(flash) = flash {
        cookies.push(Jar::Flash.filled(config, flash.encoded()));
    } else if shows_page && request.cookie(Jar::Flash.name(config)).is_some() {
        cookies.push(Jar::Flash.emptied(config));
    }
    let to_set = request.extensions().get::<Arc<VisitorToken>>().and_then(|token| token.to_set());
    cookies.extend(to_set.map(|token| Jar::Csrf.filled(config, token)));
    for cookie in &cookies {
        if let Err(error) = response.add_cookie(cookie) {
            tracing::error!(%error, "a cookie could not be written");
        }
    }
    response
}

fn add_headers(request: &HttpRequest, response: &mut HttpResponse, config: &Config) {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if config.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        let personal = already_known(request).is_some() || headers.contains_key(header::SET_COOKIE);
        let rule = if personal { "no-store" } else { "no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(rule));
    }
}
