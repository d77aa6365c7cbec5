//! Forms that are known to be ours: the token is checked before anything else is read.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use crate::domain::ids::AccountId;
use crate::web::forms::receipt;
use crate::web::forms::recovery;
use crate::web::http::auth::{admitted, portal};
use crate::web::http::bounds::{BEFORE_TOKEN, LONGEST_NAME};
use crate::web::http::cookie::Jar;
use crate::web::http::csrf;
use crate::web::http::error::WebError;
use crate::web::http::route;

/// A form without files has to arrive within this time, and the token of one with files.
pub(in crate::web) const FORM_PATIENCE: Duration = Duration::from_secs(30);

/// The fields of a form, in the order they were sent. A name may stand more than once.
#[derive(Clone, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `a=1&b=2`. Anything can be read; what is no UTF-8 is replaced.
    #[must_use]
    pub fn parse(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// Adds a field.
    pub fn push(&mut self, name: String, value: String) {
        self.0.push((name, value));
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// All of it, in the order it was sent.
    #[must_use]
    pub fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }

    /// What was sent for a name, the first time it stands; nothing is the same as empty.
    #[must_use]
    pub fn one(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Everything that was sent for a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// Whether a name was sent at all, as a ticked box is.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// Reads the fields into a struct. Give it `#[serde(default)]`, so that a field that is missing is empty.
    ///
    /// # Errors
    /// `WebError::Unreadable` when a field has another form than the struct asks for.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, WebError> {
        let mut seen = BTreeSet::new();
        let mut first = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.0 {
            if seen.insert(name) {
                first.append_pair(name, value);
            }
        }
        web::Query::<T>::from_query(&first.finish())
            .map(web::Query::into_inner)
            .map_err(|_| WebError::Unreadable("the fields of the form"))
    }
}

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

/// Reads the fields of a form without files, after its token was found right. One that carries the token of a session that has ended is
/// kept for its owner.
pub(in crate::web) async fn read_fields(
    request: &HttpRequest,
    payload: Payload,
    expected: &Expected,
) -> Result<Fields, WebError> {
    let reading = read_pairs(request, payload, expected);
    let (fields, owner) =
        tokio::time::timeout(FORM_PATIENCE, reading).await.unwrap_or(Err(WebError::TooSlow))?;
    match owner {
        None => {
            recovery::note(request, &fields);
            receipt::note(request, &fields, &[]);
            Ok(fields)
        }
        Some(owner) => Err(recovery::park(request, owner, fields, Vec::new()).await?),
    }
}

/// The fields, and whose form it is when its session has ended.
async fn read_pairs(
    request: &HttpRequest,
    mut payload: Payload,
    expected: &Expected,
) -> Result<(Fields, Option<AccountId>), WebError> {
    if !is_plain_form(request) {
        // A body that is left out altogether is a form without a token.
        return match payload.next().await {
            None => Err(WebError::Forged("the token is missing")),
            Some(_) => Err(WebError::NotAForm),
        };
    }
    let bounds = route::bounds_of(request);
    let (mut body, mut fields, mut owner) = (web::BytesMut::new(), 1_usize, None);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| WebError::Unreadable("the body broke off"))?;
        fields = fields.saturating_add(chunk.iter().filter(|byte| **byte == b'&').count());
        if body.len().saturating_add(chunk.len()) > bounds.text || fields > bounds.fields {
            return Err(WebError::TooLarge);
        }
        body.extend_from_slice(&chunk);
        if owner.is_none() && body.len() > BEFORE_TOKEN {
            let first =
                body.get(..BEFORE_TOKEN).and_then(|first| first.rsplitn(2, |byte| *byte == b'&').nth(1));
            let first = Fields::parse(first.unwrap_or_default());
            owner = Some(expected.judge(request, first.one("csrf_token")).await?);
        }
    }
    let fields = Fields::parse(&body);
    if fields.0.iter().any(|(name, _)| name.len() > LONGEST_NAME) {
        return Err(WebError::TooLarge);
    }
    let owner = match owner {
        Some(owner) => owner,
        None => expected.judge(request, fields.one("csrf_token")).await?,
    };
    Ok((fields, owner))
}

/// The fields of a form whose token was right.
#[derive(Clone)]
pub struct CheckedFields(pub Fields);

/// A form whose token was right, read into a struct. Give the struct `#[serde(default)]`.
#[derive(Clone)]
pub struct CheckedForm<T>(pub T);

async fn checked(request: HttpRequest, payload: Payload) -> Result<Fields, WebError> {
    let expected = Expected::of(&request).await?;
    read_fields(&request, payload, &expected).await
}

impl FromRequest for CheckedFields {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { Ok(Self(checked(request, payload).await?)) })
    }
}

impl<T: DeserializeOwned> FromRequest for CheckedForm<T> {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { Ok(Self(checked(request, payload).await?.read()?)) })
    }
}
