//! The public origin of the portal: chosen once, inside every signed badge, and with it the issuer's decentralised identifier.

use url::{Position, Url};

use super::BadgeError;

/// A public origin such as `https://portal.example.org`, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    url: String,
    did: String,
}

impl Origin {
    /// The origin of an address.
    ///
    /// # Errors
    /// `BadgeError::Origin` when the address has no host.
    pub fn of(address: &str) -> Result<Self, BadgeError> {
        let problem = || BadgeError::Origin(address.to_owned());
        let url = Url::parse(address).map_err(|_| problem())?;
        let host = url.host_str().ok_or_else(problem)?;
        // did:web writes the colon before a port as %3A, and those of an IPv6 address as well.
        let host = host.replace(':', "%3A");
        let did = match url.port() {
            Some(port) => format!("did:web:{host}%3A{port}"),
            None => format!("did:web:{host}"),
        };
        Ok(Self { url: url[..Position::AfterPort].to_owned(), did })
    }

    /// The issuer: `did:web:` and the host.
    #[must_use]
    pub fn did(&self) -> &str {
        &self.did
    }

    /// The origin itself.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// An address below the origin.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }
}
