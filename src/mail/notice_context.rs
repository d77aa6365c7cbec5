//! What every notice needs beside its own matter: to whom, from whom, in which zone.

use chrono::{NaiveDateTime, TimeZone};
use chrono_tz::Tz;

use super::message::one_line;
use super::standing::StandingLines;
use crate::config::Config;
use crate::domain::dates::long_date;
use crate::domain::ids::ActivityId;

/// What every notice needs to know beside its own matter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoticeContext {
    /// The recipient's name.
    pub recipient: String,
    /// The name of the certifying body.
    pub body: String,
    /// The address that gives advice.
    pub contact: String,
    /// The portal's origin, without a trailing slash. Always from configuration, never from a request.
    pub portal_url: String,
    /// The zone in which instants are told.
    pub time_zone: Tz,
    /// Where the recipient stands; none in a mail that is not about credits.
    pub standing: Option<StandingLines>,
}

impl NoticeContext {
    /// What a notice from the body of `config` to `recipient` needs.
    #[must_use]
    pub fn new(recipient: &str, config: &Config) -> NoticeContext {
        NoticeContext {
            recipient: one_line(recipient),
            body: config.body.clone(),
            contact: config.contact.clone(),
            portal_url: config.url.clone(),
            time_zone: config.time_zone,
            standing: None,
        }
    }

    /// The same to a holder about credits: with where they stand.
    #[must_use]
    pub fn with_standing(self, standing: Option<StandingLines>) -> NoticeContext {
        NoticeContext { standing, ..self }
    }

    /// The full address of a path of the portal; `path` begins with a slash.
    pub(super) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.portal_url)
    }

    /// The full address of what is named below a path.
    pub(super) fn below(&self, path: &str, name: &str) -> String {
        format!("{}{path}/{name}", self.portal_url)
    }

    /// The full address of the form that asks for a correction of a report.
    pub(super) fn correction(&self, activity: &ActivityId) -> String {
        self.link(&format!("/activities/{activity}/correction"))
    }

    /// The full address of the recipient's own report.
    pub(super) fn report(&self, activity: &ActivityId) -> String {
        self.link(&format!("/activities/{activity}"))
    }

    /// An instant (UTC) as it is said to people: "14 March 2027, 10:30 (Europe/Amsterdam)".
    pub(super) fn instant(&self, at: &NaiveDateTime) -> String {
        let local = self.time_zone.from_utc_datetime(at).naive_local();
        format!("{}, {} ({})", long_date(local.date()), local.format("%H:%M"), self.time_zone)
    }
}
