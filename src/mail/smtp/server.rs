//! Which mail server, how to reach it, and how to sign in: what the URL in the configuration says.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use lettre::transport::smtp::authentication::Credentials;
use percent_encoding::percent_decode_str;
use thiserror::Error;
use url::{Host, Url};

use crate::config::SmtpUrl;

/// How a connection is encrypted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encryption {
    /// Not at all: `smtp://host`, for a relay on the same machine or network.
    None,
    /// By STARTTLS where the server offers it: `smtp://host?tls=opportunistic`.
    Opportunistic,
    /// By STARTTLS, or no mail leaves: `smtp://host?tls=required`.
    Required,
    /// From the first byte: `smtps://host`.
    Implicit,
}

/// A mail server.
#[derive(Clone)]
pub struct Server {
    /// Its name or address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    pub(in crate::mail) credentials: Option<Credentials>,
}

/// Why a mail server's URL cannot be used. Never repeats the URL: it may hold a password.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum MailerProblem {
    /// Not a URL of the forms that [`Server::parse`] knows.
    #[error(
        "the mail server's URL cannot be read; it looks like smtp://host:25, \
         smtp://user:password@host:587?tls=required or smtps://host:465"
    )]
    Unreadable,
    /// A setting other than `tls`, or another value for it.
    #[error("the mail server's URL has a setting that is not known; tls=required and tls=opportunistic are")]
    UnknownSetting,
    /// User name or password is not UTF-8 once decoded.
    #[error("user name or password in the mail server's URL cannot be read; write special characters as %40")]
    Credentials,
}

impl Server {
    /// Reads `smtp://host:port`, `smtp://user:pass@host:587?tls=required` or `smtps://host:465`. The port may be left out (25, 587 with
    /// TLS, 465). A password never leaves the machine unencrypted: with one, TLS is required except towards this machine itself.
    ///
    /// # Errors
    /// A [`MailerProblem`].
    pub fn parse(url: &SmtpUrl) -> Result<Server, MailerProblem> {
        let url = Url::parse(url.expose()).map_err(|_| MailerProblem::Unreadable)?;
        let (host, here) = match url.host().ok_or(MailerProblem::Unreadable)? {
            Host::Domain("") => return Err(MailerProblem::Unreadable),
            // an IPv4 address stays a name in URLs of this scheme
            Host::Domain(name) => (name.to_owned(), name == "localhost" || is_loopback(name)),
            Host::Ipv4(address) => (address.to_string(), address.is_loopback()),
            Host::Ipv6(address) => (address.to_string(), address.is_loopback()),
        };
        let mut encryption = match url.scheme() {
            "smtp" => Encryption::None,
            "smtps" => Encryption::Implicit,
            _ => return Err(MailerProblem::Unreadable),
        };
        for (key, value) in url.query_pairs() {
            encryption = match (key.as_ref(), value.as_ref(), encryption) {
                ("tls", "required", Encryption::Implicit) => Encryption::Implicit,
                ("tls", "required", _) => Encryption::Required,
                ("tls", "opportunistic", Encryption::None) => Encryption::Opportunistic,
                _ => return Err(MailerProblem::UnknownSetting),
            };
        }
        let credentials = credentials(&url)?;
        if credentials.is_some() && !here && encryption != Encryption::Implicit {
            encryption = Encryption::Required;
        }
        let port = url.port().unwrap_or(match encryption {
            Encryption::None | Encryption::Opportunistic => 25,
            Encryption::Required => 587,
            Encryption::Implicit => 465,
        });
        Ok(Server { host, port, encryption, credentials })
    }
}

impl fmt::Debug for Server {
    /// Without user name and password.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Server({}:{}, {:?})", self.host, self.port, self.encryption)
    }
}

fn is_loopback(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn credentials(url: &Url) -> Result<Option<Credentials>, MailerProblem> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(None);
    }
    let user = decoded(url.username()).ok_or(MailerProblem::Credentials)?;
    let password = decoded(url.password().unwrap_or_default()).ok_or(MailerProblem::Credentials)?;
    Ok(Some(Credentials::new(user, password)))
}

/// A part of a URL as it was before its special characters were written with `%`. A bare percent sign stands for itself.
fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}
