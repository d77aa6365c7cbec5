//! What the history's events are about, for whoever looks for some of them.

use super::codes::codes;
use super::history_event::HistoryEvent;

codes! {
    /// What an event is about.
    pub enum HistoryTopic {
        /// Reports, their verdicts and their corrections.
        Reports = "of-reports",
        /// Certificates, their years, decisions and badges.
        Certificates = "of-certificates",
        /// Questions, appeals and answers.
        Conversations = "of-conversations",
        /// Who may come in, and what is known about them.
        Accounts = "of-accounts",
        /// Mails that went wrong, were held or were written by hand.
        Mail = "of-mail",
        /// Rules, catalogue, prepared words, exports.
        Settings = "of-settings",
    }
}

impl HistoryTopic {
    /// What the choice is called.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            HistoryTopic::Reports => "Reports",
            HistoryTopic::Certificates => "Certificates",
            HistoryTopic::Conversations => "Questions",
            HistoryTopic::Accounts => "Accounts",
            HistoryTopic::Mail => "Mail",
            HistoryTopic::Settings => "Settings",
        }
    }
}

/// Gives every event its topic. There is no line for the rest, so that an event without one does not compile.
macro_rules! topics {
    ($($topic:ident: $($event:ident)+;)+) => {
        impl HistoryEvent {
            /// What it is about.
            #[must_use]
            pub const fn topic(self) -> HistoryTopic {
                match self {
                    $($(HistoryEvent::$event)|+ => HistoryTopic::$topic,)+
                }
            }
        }
    };
}

topics! {
    Accounts: AccountAdded AccountClosed AccountReopened RoleChanged InvitationMade InvitationAccepted
        PasswordResetRequested PasswordSet PasswordChanged AddressConfirmed CalendarAddressMade
        CalendarAddressRemoved HolderImported HolderRenamed HolderCorrected
        StaffNoteWritten StaffNoteRemoved AcquaintanceDeclared AcquaintanceEnded;
    Settings: FieldAdded FieldChanged CertificationAdded CertificationChanged PolicyAdded PolicyWithdrawn
        PreparedWordsChanged CannedAnswerAdded CannedAnswerChanged CannedAnswerRemoved DataExported;
    Certificates: CertificateGranted CertificateDecertified CertificateReinstated CertificateEnded
        CertificateCorrected YearWaived YearExtended YearRecertified YearFlagged FlagLifted FlagHeld
        HeldFlagsConfirmed NoticePeriodRestarted BadgeShared BadgeUnshared;
    Reports: ActivityDrafted DraftChanged DraftDeleted ActivitySubmitted ActivityChanged ActivityAnswered
        ActivityWithdrawn ActivityImported ActivityApproved ActivityReturned ActivityRejected EvidenceRemoved
        QuestionTakenBack VerdictTakenBack ReportGiven ReportHandedBack CorrectionRequested CorrectionAccepted
        CorrectionDeclined;
    Conversations: ConversationBegun AppealMade InquiryMade MessageWritten ConversationHandedOver
        ConversationClosed ConversationReopened InquiryAnswered AnswerTakenBack AppealDecided;
    Mail: FriendlyReminderSent MailSentAgain MailMarkedDelivered MailBounced BouncePutAway HeldMailReleased
        HolderMailHeld HolderMailReleased;
}
