//! The token of a form: which ones the form of a request may carry. It is checked before anything else is read.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::domain::ids::AccountId;
use crate::web::forms::recovery;
use crate::web::http::auth::{admitted, portal};
use crate::web::http::cookie::Jar;
use crate::web::http::csrf;
use crate::web::http::error::WebError;
use crate::web::http::route;

/// A form without files has to arrive within this time, and the token of one with files.
pub(in crate::web) const FORM_PATIENCE: Duration = Duration::from_secs(30);

/// The tokens that a form of this request may carry.
pub(in crate::web) struct Expected {
    /// The session's.
    session: Option<String>,
    /// The visitor's own, from the cookie, for routes that need no session: a sign-in page may have been opened before
    /// somebody signed in beside it.
    visitor: Option<String>,
}

impl Expected {
    /// Refuses other sites and people who may not use this route, and says which token the form has to carry.
    pub(in crate::web) async fn of(request: &HttpRequest) -> Result<Self, WebError> {
        let portal = portal(request)?;
        csrf::refuse_other_sites(request, &portal.config)?;
        let public = route::of_request(request).is_some_and(route::Route::is_public);
        let session = match admitted(request).await {
            Ok(session) => Some(session.csrf_token),
            Err(WebError::SignIn(_)) if public => None,
            Err(error) => return Err(error),
        };
        let visitor = if public { Jar::Csrf.read(&portal.config, request) } else { None };
        Ok(Self { session, visitor })
    }

    /// No token is right: the form of somebody who is not signed in any more.
    pub(in crate::web) const fn nobody() -> Self {
        Self { session: None, visitor: None }
    }

    pub(in crate::web) fn check(&self, sent: &str) -> Result<(), WebError> {
        csrf::check(self.session.as_deref(), sent).or_else(|_| csrf::check(self.visitor.as_deref(), sent))
    }

    /// Refuses a token that is none of ours. Gives whose form it is, when the token is that of a session that has ended.
    pub(in crate::web) async fn judge(
        &self,
        request: &HttpRequest,
        sent: &str,
    ) -> Result<Option<AccountId>, WebError> {
        let Err(error) = self.check(sent) else { return Ok(None) };
        recovery::owner(request, sent).await?.map_or(Err(error), |owner| Ok(Some(owner)))
    }
}

/// Whether the request says that its body is `a=1&b=2`.
pub(in crate::web) fn is_plain_form(request: &HttpRequest) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}
