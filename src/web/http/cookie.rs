//! The portal's cookies: HttpOnly, SameSite=Lax, for the whole portal; Secure and `__Host-` where people come over TLS.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};

use crate::config::Config;

/// What a cookie is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Jar {
    /// The session's token.
    Session,
    /// The token of forms that are open to people who have not signed in.
    Csrf,
    /// The message about what has just happened.
    Flash,
}

impl Jar {
    /// The cookie's name.
    #[must_use]
    pub fn name(self, config: &Config) -> &'static str {
        match (self, config.is_https()) {
            (Self::Session, true) => "__Host-session",
            (Self::Session, false) => "session",
            (Self::Csrf, true) => "__Host-csrf",
            (Self::Csrf, false) => "csrf",
            (Self::Flash, true) => "__Host-flash",
            (Self::Flash, false) => "flash",
        }
    }

    /// A cookie to set. It ends with the browser; a flash ends after a minute.
    #[must_use]
    pub fn filled(self, config: &Config, value: String) -> Cookie<'static> {
        let mut cookie = Cookie::build(self.name(config), value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(config.is_https())
            .finish();
        if self == Self::Flash {
            cookie.set_max_age(Duration::minutes(1));
        }
        cookie
    }

    /// A cookie to set that the browser keeps for some days, also when it is closed.
    #[must_use]
    pub fn filled_for(self, config: &Config, value: String, days: i64) -> Cookie<'static> {
        let mut cookie = self.filled(config, value);
        cookie.set_max_age(Duration::days(days));
        cookie
    }

    /// A cookie that removes the one the browser has.
    #[must_use]
    pub fn emptied(self, config: &Config) -> Cookie<'static> {
        let mut cookie = self.filled(config, String::new());
        cookie.make_removal();
        cookie
    }

    /// What the browser sent.
    #[must_use]
    pub fn read(self, config: &Config, request: &HttpRequest) -> Option<String> {
        request.cookie(self.name(config)).map(|cookie| cookie.value().to_owned())
    }
}
