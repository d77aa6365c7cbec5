//! Notices: what must be told to whom, as a subject, a plain text and a page that say the same.

use chrono::{NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use thiserror::Error;

use crate::config::Config;
use crate::domain::activities::credits::Credits;
use crate::domain::dates::{days_between, long_date};
use crate::domain::notices::notice_kind::NoticeKind;

use super::account_notices::{AccountChanged, Granted, Invitation, MailTest, PasswordReset};
use super::advice_notices::Reply;
use super::decision_notices::{Corrected, Decertified, Ended, Extended, Reinstated, Waived};
use super::message::one_line;
use super::review_notices::{
    Approved, CorrectionAnswered, QuestionTakenBack, Rejected, Returned, VerdictTakenBack, Verdicts,
};
use super::year_notices::{FlagLifted, Flagged, FriendlyReminder, MinimumReached, Recertified, Reminder};

/// What every notice needs to know beside its own matter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Letter {
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
}

impl Letter {
    /// A letter from the body of `config` to `recipient`.
    #[must_use]
    pub fn new(recipient: &str, config: &Config) -> Letter {
        Letter {
            recipient: one_line(recipient),
            body: config.body.clone(),
            contact: config.contact.clone(),
            portal_url: config.url.clone(),
            time_zone: config.time_zone,
        }
    }

    /// The full address of a path of the portal; `path` begins with a slash.
    pub(super) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.portal_url)
    }

    /// An instant (UTC) as it is said to people: "14 March 2027, 10:30 (Europe/Amsterdam)".
    pub(super) fn instant(&self, at: &NaiveDateTime) -> String {
        let local = self.time_zone.from_utc_datetime(at).naive_local();
        format!("{}, {} ({})", long_date(local.date()), local.format("%H:%M"), self.time_zone)
    }
}

/// One certification year in a notice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct YearLine {
    /// The title that the certificate gives.
    pub certification_title: String,
    /// The number printed on the certificate.
    pub certificate_number: String,
    /// First day of the year.
    pub year_starts_on: NaiveDate,
    /// Last day of the year.
    pub year_ends_on: NaiveDate,
    /// Its deadline: the last day, or later when it was extended.
    pub deadline: NaiveDate,
    /// E: approved credits that count.
    pub approved: Credits,
    /// P: credits that wait for review.
    pub pending: Credits,
    /// The minimum.
    pub required: Credits,
    /// What is missing when everything pending is approved; shown rounded up.
    pub missing: Credits,
}

impl YearLine {
    /// How long is left from `today` on: "14 days left", "today is the last day".
    pub(super) fn time_left(&self, today: &NaiveDate) -> String {
        match days_between(*today, self.deadline) {
            days if days < 0 => "the deadline has passed".to_owned(),
            0 => "today is the last day".to_owned(),
            1 => "1 day left".to_owned(),
            days => format!("{days} days left"),
        }
    }
}

/// A certificate in a notice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateLine {
    /// The title that it gives.
    pub certification_title: String,
    /// The number printed on it.
    pub certificate_number: String,
}

/// A notice, ready to be put into an envelope.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rendered {
    /// Its kind.
    pub kind: NoticeKind,
    /// One line without personal data.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as a page.
    pub html: String,
}

/// A template that could not be rendered: a defect of the portal, not of the notice.
#[derive(Debug, Error)]
#[error("the {} notice could not be rendered", .kind.code())]
pub struct RenderError {
    kind: NoticeKind,
    source: askama::Error,
}

pub(super) fn rendered(
    kind: NoticeKind,
    subject: &dyn askama::DynTemplate,
    text: &dyn askama::DynTemplate,
    html: &dyn askama::DynTemplate,
) -> Result<Rendered, RenderError> {
    let render = |template: &dyn askama::DynTemplate| {
        template.dyn_render().map_err(|source| RenderError { kind, source })
    };
    Ok(Rendered {
        kind,
        subject: one_line(&render(subject)?),
        text: tidy(&render(text)?),
        html: tidy(&render(html)?),
    })
}

/// Without the gaps that conditions and loops of a template leave: no line ends in spaces, at most one empty line in a row.
fn tidy(rendered: &str) -> String {
    let mut tidy = String::with_capacity(rendered.len());
    let mut gap = false;
    for line in rendered.lines().map(str::trim_end) {
        if line.is_empty() {
            gap = !tidy.is_empty();
            continue;
        }
        if std::mem::take(&mut gap) {
            tidy.push('\n');
        }
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy
}

macro_rules! notices {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// Any notice.
        #[derive(Clone, Debug, Eq, PartialEq)]
        pub enum Notice {
            $($(#[$doc])* $name($name),)*
        }

        impl Notice {
            /// Its kind.
            #[must_use]
            pub const fn kind(&self) -> NoticeKind {
                match self {
                    $(Notice::$name(_) => NoticeKind::$name,)*
                }
            }

            /// Renders it for one recipient.
            ///
            /// # Errors
            /// `RenderError` when a template fails.
            pub fn render(&self, letter: &Letter) -> Result<Rendered, RenderError> {
                match self {
                    $(Notice::$name(notice) => notice.render(letter),)*
                }
            }
        }

        $(impl From<$name> for Notice {
            fn from(notice: $name) -> Notice {
                Notice::$name(notice)
            }
        })*
    };
}

notices! {
    /// Credits are missing and a deadline is near (G13).
    Reminder,
    /// A person of the body writes about missing credits, some time before a deadline (G13).
    FriendlyReminder,
    /// An approval reached the minimum of a year.
    MinimumReached,
    /// A year was settled as met (G11).
    Recertified,
    /// A year was flagged: a proposal to decertify, for people to decide (G12).
    Flagged,
    /// A flag was lifted and the year settled as met.
    FlagLifted,
    /// A certificate was decertified (G12).
    Decertified,
    /// A certificate ended otherwise than for missing credits.
    Ended,
    /// What a certificate says was corrected.
    Corrected,
    /// A certificate stands again.
    Reinstated,
    /// A deadline was moved.
    Extended,
    /// A year counts as met, by decision.
    Waived,
    /// A report came back with a question.
    Returned,
    /// The question about a returned report was a mistake.
    QuestionTakenBack,
    /// A verdict was a mistake.
    VerdictTakenBack,
    /// A report does not count.
    Rejected,
    /// Reports count.
    Approved,
    /// Several verdicts, told together.
    Verdicts,
    /// A request for a correction was answered.
    CorrectionAnswered,
    /// An account was made.
    Invitation,
    /// A new password was asked for.
    PasswordReset,
    /// A certificate was granted.
    Granted,
    /// Somebody wrote in a conversation.
    Reply,
    /// An administrator tries whether mail arrives.
    MailTest,
    /// Password or address of an account changed.
    AccountChanged,
}
