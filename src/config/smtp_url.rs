//! The URL of the mail server.

use std::fmt;
use std::str::FromStr;

use url::Url;

/// A mail server's URL (`smtp://` or `smtps://`), kept so that its password never reaches a log or a message.
#[derive(Clone, Eq, PartialEq)]
pub struct SmtpUrl(String);

impl SmtpUrl {
    /// The whole URL with user name and password, for the mail transport only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for SmtpUrl {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Host and port only: a password may stand in the user part and, by mistake, in the query.
        match Url::parse(&self.0) {
            Ok(url) => {
                write!(out, "{}://{}", url.scheme(), url.host_str().unwrap_or("?"))?;
                url.port().map_or(Ok(()), |port| write!(out, ":{port}"))
            }
            Err(_) => out.write_str("(unreadable mail server URL)"),
        }
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SmtpUrl({self})")
    }
}

/// None of the messages repeats the value: it may hold a password.
pub(super) fn check_smtp(given: Option<&SmtpUrl>) -> Result<Option<SmtpUrl>, String> {
    let example = "for example smtp://user:password@mail.example.org:587?tls=required";
    let Some(smtp) = given.filter(|smtp| !smtp.0.is_empty()) else { return Ok(None) };
    let url = Url::parse(&smtp.0).map_err(|_| format!("the value is not a URL; {example}"))?;
    if !matches!(url.scheme(), "smtp" | "smtps") {
        return Err(format!("the URL does not begin with smtp:// or smtps://; {example}"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(format!("the URL names no mail server; {example}"));
    }
    for (key, value) in url.query_pairs() {
        match (key.as_ref(), value.as_ref()) {
            ("tls", "required") => {}
            ("tls", "opportunistic") if url.scheme() == "smtp" => {}
            ("tls", _) => {
                return Err(format!(
                    "tls must be required, or for smtp:// also opportunistic; without TLS leave it out; {example}"
                ));
            }
            _ => return Err(format!("the URL has a setting other than tls; {example}")),
        }
    }
    Ok(Some(smtp.clone()))
}
