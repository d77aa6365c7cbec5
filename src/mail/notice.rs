//! Notices: what must be told to whom, as a subject, a plain text and a page that say the same.

use crate::domain::notices::notice_kind::NoticeKind;

use super::account_notices::{AccountChanged, Granted, Invitation, MailTest, PasswordReset};
use super::advice_notices::Reply;
use super::decision_notices::{Corrected, Decertified, Ended, Extended, Reinstated, Waived};
use super::notice_context::NoticeContext;
use super::rendering::{RenderError, Rendered};
use super::review_notices::{
    Approved, CorrectionAnswered, QuestionTakenBack, Rejected, Returned, VerdictTakenBack, Verdicts,
};
use super::year_notices::{FlagLifted, Flagged, FriendlyReminder, MinimumReached, Recertified, Reminder};

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
            pub fn render(&self, letter: &NoticeContext) -> Result<Rendered, RenderError> {
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
