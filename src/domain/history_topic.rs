//! What the history's events are about, for whoever looks for some of them.

use super::codes::codes;
use super::history_event::HistoryEvent;

codes! {
    /// What an event is about.
    pub enum HistoryTopic {
        /// Reports, their verdicts and their corrections.
        Reports = "reports",
        /// Certificates, their years, decisions and badges.
        Certificates = "certificates",
        /// Questions, appeals and answers.
        Conversations = "conversations",
        /// Who may come in, and what is known about them.
        Accounts = "accounts",
        /// Mails that went wrong, were held or were written by hand.
        Mail = "mail",
        /// Rules, catalogue, prepared words, exports.
        Settings = "settings",
    }
}

impl HistoryTopic {
    /// What the choice is called.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            HistoryTopic::Reports => "Reports and verdicts",
            HistoryTopic::Certificates => "Certificates and decisions",
            HistoryTopic::Conversations => "Questions and appeals",
            HistoryTopic::Accounts => "Accounts",
            HistoryTopic::Mail => "Mail",
            HistoryTopic::Settings => "Rules and settings",
        }
    }
}

impl HistoryEvent {
    /// What it is about. There is no line for the rest, so that an event without a topic does not compile.
    #[must_use]
    pub const fn topic(self) -> HistoryTopic {
        use HistoryEvent as Event;
        match self {
            Event::AccountAdded
            | Event::AccountClosed
            | Event::AccountReopened
            | Event::RoleChanged
            | Event::InvitationMade
            | Event::InvitationAccepted
            | Event::PasswordResetRequested
            | Event::PasswordSet
            | Event::PasswordChanged
            | Event::AddressConfirmed
            | Event::CalendarAddressMade
            | Event::CalendarAddressRemoved
            | Event::HolderImported
            | Event::HolderRenamed
            | Event::HolderCorrected => HistoryTopic::Accounts,
            Event::FieldAdded
            | Event::FieldChanged
            | Event::CertificationAdded
            | Event::CertificationChanged
            | Event::PolicyAdded
            | Event::PolicyWithdrawn
            | Event::PreparedWordsChanged
            | Event::CannedAnswerAdded
            | Event::CannedAnswerChanged
            | Event::CannedAnswerRemoved
            | Event::DataExported => HistoryTopic::Settings,
            Event::CertificateGranted
            | Event::CertificateDecertified
            | Event::CertificateReinstated
            | Event::CertificateEnded
            | Event::CertificateCorrected
            | Event::YearWaived
            | Event::YearExtended
            | Event::YearRecertified
            | Event::YearFlagged
            | Event::FlagLifted
            | Event::FlagHeld
            | Event::HeldFlagsConfirmed
            | Event::NoticePeriodRestarted
            | Event::BadgeShared
            | Event::BadgeUnshared => HistoryTopic::Certificates,
            Event::ActivityDrafted
            | Event::DraftChanged
            | Event::DraftDeleted
            | Event::ActivitySubmitted
            | Event::ActivityChanged
            | Event::ActivityAnswered
            | Event::ActivityWithdrawn
            | Event::ActivityImported
            | Event::ActivityApproved
            | Event::ActivityReturned
            | Event::ActivityRejected
            | Event::EvidenceRemoved
            | Event::QuestionTakenBack
            | Event::VerdictTakenBack
            | Event::CorrectionRequested
            | Event::CorrectionAccepted
            | Event::CorrectionDeclined => HistoryTopic::Reports,
            Event::ConversationBegun
            | Event::AppealMade
            | Event::InquiryMade
            | Event::MessageWritten
            | Event::ConversationHandedOver
            | Event::ConversationClosed
            | Event::ConversationReopened
            | Event::InquiryAnswered
            | Event::AnswerTakenBack
            | Event::AppealDecided => HistoryTopic::Conversations,
            Event::FriendlyReminderSent
            | Event::MailSentAgain
            | Event::MailMarkedDelivered
            | Event::MailBounced
            | Event::BouncePutAway
            | Event::HeldMailReleased
            | Event::HolderMailHeld
            | Event::HolderMailReleased => HistoryTopic::Mail,
        }
    }
}
