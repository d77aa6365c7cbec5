//! From a page struct to an answer, and the page for when something went wrong.

use crate::web::view::layout::Layout;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use askama::Template;
use std::borrow::Cow;

/// Answers with a page. A template that fails to render becomes a plain error page, and a line in the log.
pub fn render(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::build(status).content_type(ContentType::html()).body(html),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            plain_error()
        }
    }
}

/// The page for when no page can be made.
pub(in crate::web) fn plain_error() -> HttpResponse {
    HttpResponse::InternalServerError().content_type(ContentType::html()).body(PLAIN_ERROR_PAGE)
}

/// What stands when not even the error page can be rendered.
const PLAIN_ERROR_PAGE: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>Something went wrong on our side</title></head>\
<body><h1>Something went wrong on our side</h1><p>Nothing that you had sent before is lost. Please try again in a few minutes.</p>\
<p><a href=\"/\">Go to the home page</a></p></body></html>\n";

/// The page for when something went wrong: what happened, what to do, and a number that finds it in the log.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// The frame; without a session it has no navigation.
    pub page: Layout,
    /// What happened, for a person.
    pub happened: Cow<'static, str>,
    /// What to do now.
    pub advice: &'static str,
    /// Finds the request in the log.
    pub request_id: String,
}

impl ErrorPage {
    /// The page for a status. Any status without words of its own gets those of 500.
    #[must_use]
    pub fn new(status: StatusCode, mut page: Layout, request_id: impl Into<String>) -> Self {
        let (title, happened, advice) = words(status);
        title.clone_into(&mut page.title);
        Self { page, happened: happened.into(), advice, request_id: request_id.into() }
    }

    /// The page for something that the rules refuse, when there is no form to show it in.
    #[must_use]
    pub fn refused(mut page: Layout, reason: String, request_id: impl Into<String>) -> Self {
        "This was not done".clone_into(&mut page.title);
        Self {
            page,
            happened: reason.into(),
            advice: "Nothing was changed. Go back to see how things stand, and decide again.",
            request_id: request_id.into(),
        }
    }
}

/// Title, what happened, what to do.
fn words(status: StatusCode) -> (&'static str, &'static str, &'static str) {
    match status.as_u16() {
        400 => (
            "We could not read that request",
            "Your browser sent something that the portal could not read.",
            "Please go back and try again. Nothing was changed.",
        ),
        403 => (
            "Please send the form again",
            "The form was open for too long, or it was sent from another tab or site. For your security, nothing was changed.",
            "Go back, reload the page and send the form again.",
        ),
        404 => (
            "There is no page here",
            "The address may be mistyped or out of date, or the page may belong to somebody else's account.",
            "Check the address, or start again from the home page.",
        ),
        405 => (
            "That cannot be done at this address",
            "This address shows or does something else.",
            "Start again from the home page. Nothing was changed.",
        ),
        409 => (
            "Somebody changed this in the meantime",
            "While you were looking at it, somebody else saved a change. Your change was not saved, so that theirs is not lost.",
            "Go back, reload the page to see how it stands now, and decide again.",
        ),
        413 => (
            "That is more than the portal accepts at once",
            "A file may have up to 15 MB, and a report may have up to 10 files. Nothing was saved.",
            "Go back and send smaller or fewer files. A photo or a scan at a lower resolution is good enough.",
        ),
        415 => (
            "The portal does not take that kind of content",
            "What was sent is not a form that the portal knows. Nothing was saved.",
            "Go back and use the form on the page.",
        ),
        429 => (
            "Please wait a moment",
            "There were many attempts in a short time, so the portal has slowed down. Nothing is locked.",
            "Wait a minute and try again.",
        ),
        503 => (
            "The portal is busy or being looked after",
            "Your request could not be handled just now, and nothing was changed.",
            "Please try again in a few minutes.",
        ),
        507 => (
            "The portal has run out of space",
            "There is no room to save this, so nothing was changed. The people who run the portal can see this too.",
            "Please try again later, or write to us if it is urgent.",
        ),
        _ => (
            "Something went wrong on our side",
            "This is our mistake and not yours. Nothing that you had saved before is lost.",
            "Please try again in a few minutes. If it happens again, write to us and give the number below.",
        ),
    }
}
