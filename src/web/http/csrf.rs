//! Whether a form is one of ours: sent from a page of the portal, with the token that the page gave.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::config::Config;
use crate::secrets::Token;
use crate::web::http::error::WebError;

/// Refuses what a browser says comes from another site. Whoever sends neither header (no browser of today) is held to
/// the token alone.
///
/// # Errors
/// `WebError::Forged`.
pub fn refuse_other_sites(request: &HttpRequest, config: &Config) -> Result<(), WebError> {
    let text = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return match site {
            "same-origin" | "none" => Ok(()),
            _ => Err(WebError::Forged("Sec-Fetch-Site")),
        };
    }
    let Some(origin) = text(header::ORIGIN.as_str()) else { return Ok(()) };
    let own_host = text(header::HOST.as_str())
        .is_some_and(|host| origin.split_once("://").is_some_and(|(_, authority)| authority == host));
    if origin == config.url || own_host { Ok(()) } else { Err(WebError::Forged("Origin")) }
}

/// Longest address that a form carries.
const LONGEST_ADDRESS: usize = 500;

/// What the form of a page carries as its token: the token, and the address of the page behind a dot. So a form that is kept finds its
/// way back, also where the browser does not say which page it comes from.
#[must_use]
pub fn with_address(masked: &str, request: &HttpRequest) -> String {
    let uri = request.uri();
    let whole = uri.path_and_query().map_or(uri.path(), |whole| whole.as_str());
    let address = if whole.len() > LONGEST_ADDRESS { uri.path() } else { whole };
    if address.len() > LONGEST_ADDRESS {
        return masked.to_owned();
    }
    let address: String = url::form_urlencoded::byte_serialize(address.as_bytes()).collect();
    format!("{masked}.{address}")
}

/// The token that a form sent, and the address of the page on which it stands, where it says so.
#[must_use]
pub fn parted(sent: &str) -> (&str, Option<String>) {
    let Some((token, address)) = sent.split_once('.') else { return (sent, None) };
    let mut read = url::form_urlencoded::parse(address.as_bytes());
    (token, read.next().map(|(address, _)| address.into_owned()))
}

/// Compares what a form sent with the token it should have.
///
/// # Errors
/// `WebError::Forged`.
pub fn check(expected: Option<&str>, sent: &str) -> Result<(), WebError> {
    let (sent, _) = parted(sent);
    let token = expected.and_then(Token::parse).ok_or(WebError::Forged("no token was given out"))?;
    if token.matches_masked(sent) { Ok(()) } else { Err(WebError::Forged("the token is missing or wrong")) }
}
