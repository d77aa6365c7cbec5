//! The form with a badge file, read by bounds of its own: everybody may send it, and a badge needs little.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;

use super::badge_intake::{DESK, Tray};
use crate::web::forms::plain::read_fields;
use crate::web::forms::token::{Expected, is_plain_form};
use crate::web::http::access::Unrestricted;
use crate::web::http::bounds::{Bounds, Tap};
use crate::web::http::client;
use crate::web::http::error::WebError;

/// Most bytes of a badge file: the picture and its text are a hundred thousand.
pub const LARGEST: usize = 2 * 1024 * 1024;
/// Most bytes that are let pass by, so that a browser that sends too large a file hears why it was refused.
const LARGEST_PASSED_BY: usize = 32 * 1024 * 1024;
/// Most bytes of a field that is no file: there is only the token, with the address of its page.
const LARGEST_FIELD: usize = 4 * 1024;
/// What the body may bring at most, and before the token a few kilobytes.
const BOUNDS: Bounds =
    Bounds { fields: MOST_PARTS, text: MOST_PARTS * LARGEST_FIELD, files: 1, file: 32 << 20 };
/// Most parts: the token and the file, and what a browser's extension may add.
const MOST_PARTS: usize = 8;
/// The form has to arrive within this time: 2 MB over a slow line.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was sent with a token that is right.
pub enum BadgeForm {
    /// A file.
    File(UploadedBadge),
    /// No file.
    Nothing,
    /// A file of more bytes than a badge needs. None of them were kept.
    TooLarge,
}

/// A file that somebody brings.
pub struct UploadedBadge {
    /// Name that it had with the person who sent it; anything may stand here.
    pub name: String,
    /// Its bytes.
    pub tray: Tray,
}

impl Unrestricted for BadgeForm {}

impl FromRequest for BadgeForm {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let expected = Expected::of(&request).await?;
            if is_plain_form(&request) {
                read_fields(&request, payload, &expected).await?;
                return Ok(BadgeForm::Nothing);
            }
            let tap = Tap::new(payload, BOUNDS);
            let parts = Multipart::new(request.headers(), tap.clone());
            let address = client::address(&request);
            let read = tokio::time::timeout(PATIENCE, read(parts, &tap, &expected, &address));
            read.await.unwrap_or(Err(WebError::TooSlow))
        })
    }
}

async fn read(
    mut parts: Multipart,
    tap: &Tap,
    expected: &Expected,
    address: &str,
) -> Result<BadgeForm, WebError> {
    let mut form = BadgeForm::Nothing;
    let (mut checked, mut number) = (false, 0);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(unreadable)?;
        number += 1;
        if number > MOST_PARTS {
            return Err(WebError::TooLarge);
        }
        let file_name = part.content_disposition().and_then(|said| said.get_filename()).map(str::to_owned);
        match file_name {
            None => {
                let value = field(&mut part).await?;
                if part.name() == Some("csrf_token") {
                    expected.check(&value)?;
                    checked = true;
                    tap.open();
                }
            }
            Some(_) if !checked => return Err(WebError::Forged("a file came before the token")),
            Some(name) if part.name() == Some("file") && matches!(form, BadgeForm::Nothing) => {
                form = file(&mut part, name, address).await?;
            }
            Some(_) => pass_by(&mut part).await?,
        }
    }
    if checked { Ok(form) } else { Err(WebError::Forged("the token is missing")) }
}

async fn field(part: &mut Field) -> Result<String, WebError> {
    let mut value = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(unreadable)?;
        if value.len().saturating_add(chunk.len()) > LARGEST_FIELD {
            return Err(WebError::TooLarge);
        }
        value.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8_lossy(&value).into_owned())
}

async fn file(part: &mut Field, name: String, address: &str) -> Result<BadgeForm, WebError> {
    let mut tray = DESK.tray(address)?;
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(unreadable)?;
        if tray.bytes().len().saturating_add(chunk.len()) > LARGEST {
            drop(tray);
            pass_by(part).await?;
            return Ok(BadgeForm::TooLarge);
        }
        tray.add(&chunk)?;
    }
    // a form to which no file was added sends a part without name and bytes
    let nothing = tray.bytes().is_empty() && name.is_empty();
    Ok(if nothing { BadgeForm::Nothing } else { BadgeForm::File(UploadedBadge { name, tray }) })
}

/// Takes in what is still being sent, and keeps nothing.
async fn pass_by(part: &mut Field) -> Result<(), WebError> {
    let mut passed = 0_usize;
    while let Some(chunk) = part.next().await {
        passed = passed.saturating_add(chunk.map_err(unreadable)?.len());
        if passed > LARGEST_PASSED_BY {
            return Err(WebError::TooLarge);
        }
    }
    Ok(())
}

fn unreadable<E>(_: E) -> WebError {
    WebError::Unreadable("the parts of the form")
}
