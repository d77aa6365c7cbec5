//! Forms without files, read after their token was found right.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

use super::fields::Fields;
use super::token::{Expected, FORM_PATIENCE, is_plain_form};
use super::{receipt, recovery};
use crate::domain::ids::AccountId;
use crate::web::http::access::Unrestricted;
use crate::web::http::bounds::{BEFORE_TOKEN, LARGEST_PLAIN, LARGEST_VALUE, LONGEST_NAME};
use crate::web::http::error::WebError;
use crate::web::http::route;

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
    let (mut body, mut fields, mut owner) = (Gathered::default(), 1_usize, None);
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| WebError::Unreadable("the body broke off"))?;
        fields = fields.saturating_add(chunk.iter().filter(|byte| **byte == b'&').count());
        if fields > bounds.fields {
            return Err(WebError::TooLarge);
        }
        body.add(&chunk);
        if body.kept.len() > bounds.text || body.arrived > LARGEST_PLAIN {
            return Err(WebError::TooMuchText);
        }
        if owner.is_none() && body.kept.len() > BEFORE_TOKEN {
            let first =
                body.kept.get(..BEFORE_TOKEN).and_then(|first| first.rsplitn(2, |byte| *byte == b'&').nth(1));
            let token = Fields::parse(first.unwrap_or_default()).one("csrf_token").to_owned();
            owner = Some(expected.judge(request, &token).await?);
        }
    }
    let fields = Fields::parse(&body.kept);
    if fields.0.iter().any(|(name, _)| name.len() > LONGEST_NAME) {
        return Err(WebError::TooLarge);
    }
    if owner.is_none() {
        owner = Some(expected.judge(request, fields.one("csrf_token")).await?);
    }
    Ok((fields, owner.flatten()))
}

/// Most bytes of a name and its value: every byte of them written as `%41`.
const LARGEST_PAIR: usize = 3 * (LARGEST_VALUE + LONGEST_NAME);

/// A body as far as it is kept: of a value that is too long for any field, the beginning.
#[derive(Default)]
struct Gathered {
    kept: web::BytesMut,
    /// Bytes that have arrived in all.
    arrived: usize,
    /// Bytes of the name and value that is arriving.
    pair: usize,
}

impl Gathered {
    fn add(&mut self, chunk: &[u8]) {
        self.arrived = self.arrived.saturating_add(chunk.len());
        for part in chunk.split_inclusive(|byte| *byte == b'&') {
            let ends = part.ends_with(b"&");
            let letters = part.strip_suffix(b"&").unwrap_or(part);
            let room = LARGEST_PAIR.saturating_sub(self.pair).min(letters.len());
            self.kept.extend_from_slice(letters.get(..room).unwrap_or_default());
            self.pair = self.pair.saturating_add(letters.len());
            if ends {
                self.kept.extend_from_slice(b"&");
                self.pair = 0;
            }
        }
    }
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

impl Unrestricted for CheckedFields {}
impl<T> Unrestricted for CheckedForm<T> {}

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
