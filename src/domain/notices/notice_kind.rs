//! The kinds of notices that the portal writes to people.

use crate::domain::codes::codes;

codes! {
    /// What a mail tells. The code stands in the outbox and in the header `X-CPE-Notice`.
    pub enum NoticeKind {
        /// Credits are missing and a deadline is near (G13).
        Reminder = "reminder",
        /// A person of the body writes about missing credits, some time before a deadline (G13).
        FriendlyReminder = "friendly-reminder",
        /// An approval reached the minimum of a year.
        MinimumReached = "minimum-reached",
        /// A year was settled as met (G11).
        Recertified = "recertified",
        /// A year was flagged: a proposal to decertify, for people to decide (G12).
        Flagged = "flagged",
        /// A flag was lifted and the year settled as met.
        FlagLifted = "flag-lifted",
        /// A certificate was decertified (G12).
        Decertified = "decertified",
        /// A certificate ended otherwise than for missing credits.
        Ended = "ended",
        /// What a certificate says was corrected.
        Corrected = "corrected",
        /// A certificate stands again.
        Reinstated = "reinstated",
        /// A deadline was moved.
        Extended = "extended",
        /// A year counts as met, by decision.
        Waived = "waived",
        /// A report came back with a question.
        Returned = "returned",
        /// The question about a returned report was a mistake.
        QuestionTakenBack = "question-taken-back",
        /// A verdict was a mistake.
        VerdictTakenBack = "verdict-taken-back",
        /// A report does not count.
        Rejected = "rejected",
        /// Reports count.
        Approved = "approved",
        /// Several verdicts, told together.
        Verdicts = "verdicts",
        /// A request for a correction was answered.
        CorrectionAnswered = "correction-answered",
        /// An account was made.
        Invitation = "invitation",
        /// A new password was asked for.
        PasswordReset = "password-reset",
        /// A certificate was granted.
        Granted = "granted",
        /// Somebody wrote in a conversation.
        Reply = "reply",
        /// An administrator tries whether mail arrives.
        MailTest = "test",
        /// Password or address of an account changed.
        AccountChanged = "account-changed",
    }
}

/// A notice that time can make untrue while it is held, by what has to be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Perishable {
    /// The figures of a reminder.
    Reminder,
    /// A letter of another day.
    FriendlyReminder,
    /// A flag that may be lifted, and until when it can be answered.
    Flag,
    /// A certificate that may have ended.
    Grant,
}

impl NoticeKind {
    /// How time can make it untrue. `None` for what has happened and stays true.
    #[must_use]
    pub const fn perishes(self) -> Option<Perishable> {
        match self {
            NoticeKind::Reminder => Some(Perishable::Reminder),
            NoticeKind::FriendlyReminder => Some(Perishable::FriendlyReminder),
            NoticeKind::Flagged => Some(Perishable::Flag),
            NoticeKind::Granted => Some(Perishable::Grant),
            NoticeKind::MinimumReached
            | NoticeKind::Recertified
            | NoticeKind::FlagLifted
            | NoticeKind::Decertified
            | NoticeKind::Ended
            | NoticeKind::Corrected
            | NoticeKind::Reinstated
            | NoticeKind::Extended
            | NoticeKind::Waived
            | NoticeKind::Returned
            | NoticeKind::QuestionTakenBack
            | NoticeKind::VerdictTakenBack
            | NoticeKind::Rejected
            | NoticeKind::Approved
            | NoticeKind::Verdicts
            | NoticeKind::CorrectionAnswered
            | NoticeKind::Invitation
            | NoticeKind::PasswordReset
            | NoticeKind::Reply
            | NoticeKind::MailTest
            | NoticeKind::AccountChanged => None,
        }
    }

    /// Those that time can make untrue.
    #[must_use]
    pub fn perishable() -> Vec<NoticeKind> {
        NoticeKind::ALL.into_iter().filter(|kind| kind.perishes().is_some()).collect()
    }

    /// Kinds whose body carries a secret link: staff never read it.
    pub const SECRET: [NoticeKind; 2] = [NoticeKind::Invitation, NoticeKind::PasswordReset];

    /// Whether it always leaves: somebody's own way in, and the try whether mail arrives at all.
    #[must_use]
    pub const fn always_leaves(self) -> bool {
        matches!(self, NoticeKind::Invitation | NoticeKind::PasswordReset | NoticeKind::MailTest)
    }

    /// Whether its body carries a secret link.
    #[must_use]
    pub fn is_secret(self) -> bool {
        NoticeKind::SECRET.contains(&self)
    }
}
