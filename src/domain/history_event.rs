//! What the history records: one event for each thing that can happen, with its words for everybody who reads of it.

use super::codes::{Stored, codes};

codes! {
    /// Something that happens to somebody's affairs and is recorded for good.
    pub enum HistoryEvent {
        /// An account was added.
        AccountAdded = "account added",
        /// An account was closed.
        AccountClosed = "account closed",
        /// A closed account was opened again.
        AccountReopened = "account opened again",
        /// An account got another role.
        RoleChanged = "role changed",
        /// An invitation was written.
        InvitationMade = "invitation made",
        /// Somebody set a password with their invitation.
        InvitationAccepted = "invitation accepted",
        /// Somebody asked for a link that sets a new password.
        PasswordResetRequested = "new password asked for",
        /// A password was set with a link or by a command.
        PasswordSet = "password set",
        /// Somebody changed their password.
        PasswordChanged = "password changed",
        /// Somebody says that the address is right from which their mail came back.
        AddressConfirmed = "mail address confirmed",
        /// An address for a calendar program was made.
        CalendarAddressMade = "calendar address made",
        /// It was taken away.
        CalendarAddressRemoved = "calendar address taken away",
        /// A holder was imported.
        HolderImported = "holder imported",
        /// An import gave a holder another name.
        HolderRenamed = "holder renamed",
        /// A holder's name or address was corrected.
        HolderCorrected = "holder corrected",

        /// A field was added to the catalogue.
        FieldAdded = "field added",
        /// A field of the catalogue was changed.
        FieldChanged = "field changed",
        /// A certification was added to the catalogue.
        CertificationAdded = "certification added",
        /// A certification of the catalogue was changed.
        CertificationChanged = "certification changed",
        /// A version of the policy was added.
        PolicyAdded = "policy version added",
        /// A version of the policy that was not in force yet was taken back.
        PolicyWithdrawn = "policy version taken back",

        /// A certificate was granted.
        CertificateGranted = "certificate granted",
        /// A certificate was decertified (G12).
        CertificateDecertified = "certificate decertified",
        /// A certificate was put back in force.
        CertificateReinstated = "certificate reinstated",
        /// A certificate ended otherwise than for missing credits.
        CertificateEnded = "certificate ended",
        /// What a certificate says was corrected.
        CertificateCorrected = "certificate corrected",
        /// A year counts as met, by decision.
        YearWaived = "year waived",
        /// A year's deadline was moved.
        YearExtended = "year extended",
        /// A year was settled as met (G11).
        YearRecertified = "year recertified",
        /// A year was flagged (G12).
        YearFlagged = "year flagged",
        /// A flag was lifted.
        FlagLifted = "flag lifted",
        /// So many flags were due that an administrator is asked first.
        FlagHeld = "flag held by the guard",
        /// An administrator said that held flags are right.
        HeldFlagsConfirmed = "held flags confirmed",
        /// A notice period begins now, because the mail about the flag leaves now.
        NoticePeriodRestarted = "flag counts from now",
        /// A holder shares a badge as Open Badges 2.0, too.
        BadgeShared = "badge shared as Open Badges 2.0",
        /// A holder shares it no longer.
        BadgeUnshared = "badge no longer shared as Open Badges 2.0",

        /// A report was kept as a draft.
        ActivityDrafted = "activity drafted",
        /// A draft was changed.
        DraftChanged = "draft changed",
        /// A draft was deleted.
        DraftDeleted = "draft deleted",
        /// An activity was reported.
        ActivitySubmitted = "activity submitted",
        /// A report was changed before it was looked at.
        ActivityChanged = "activity changed",
        /// A returned report was answered.
        ActivityAnswered = "activity answered",
        /// A report was withdrawn.
        ActivityWithdrawn = "activity withdrawn",
        /// A report was imported.
        ActivityImported = "activity imported",
        /// A report was approved.
        ActivityApproved = "activity approved",
        /// A report was returned with a question.
        ActivityReturned = "activity returned",
        /// A report was rejected.
        ActivityRejected = "activity rejected",
        /// A file was removed from a report.
        EvidenceRemoved = "evidence removed",
        /// The question about a returned report was taken back.
        QuestionTakenBack = "question taken back",
        /// A verdict was taken back.
        VerdictTakenBack = "verdict taken back",
        /// A holder asked for a correction of a decided report.
        CorrectionRequested = "correction asked",
        /// The report was corrected as its holder asked.
        CorrectionAccepted = "correction accepted",
        /// The report was not corrected.
        CorrectionDeclined = "correction declined",

        /// A conversation was begun.
        ConversationBegun = "conversation begun",
        /// A holder appealed against the end of a certificate.
        AppealMade = "appeal made",
        /// A holder asked whether something would count.
        InquiryMade = "question asked beforehand",
        /// A message was written in a conversation.
        MessageWritten = "message written",
        /// A conversation got another person to look after it.
        ConversationHandedOver = "conversation handed over",
        /// A conversation was closed.
        ConversationClosed = "conversation closed",
        /// A closed conversation was opened again.
        ConversationReopened = "conversation opened again",
        /// The question whether something would count was answered.
        InquiryAnswered = "question answered",
        /// That answer was taken back.
        AnswerTakenBack = "answer taken back",
        /// An appeal was decided.
        AppealDecided = "appeal decided",
        /// The prepared words of a verdict were changed.
        PreparedWordsChanged = "prepared words changed",
        /// A prepared answer was added.
        CannedAnswerAdded = "canned answer added",
        /// A prepared answer was changed.
        CannedAnswerChanged = "canned answer changed",
        /// A prepared answer was removed.
        CannedAnswerRemoved = "canned answer removed",

        /// Staff wrote to a holder about missing credits.
        FriendlyReminderSent = "friendly reminder sent",
        /// A mail that was stuck or came back was sent again.
        MailSentAgain = "mail sent again",
        /// Staff know that a mail arrived.
        MailMarkedDelivered = "mail marked as delivered",
        /// A mail came back.
        MailBounced = "mail noted as come back",
        /// Nothing is to be done about a mail that came back or failed.
        BouncePutAway = "returned mail put away",
        /// An administrator decided about the mail that was held after a restore.
        HeldMailReleased = "held mail released",
        /// Mails to holders are held.
        HolderMailHeld = "mails to holders held",
        /// Mails to holders leave from now on.
        HolderMailReleased = "mails to holders leave",
        /// Somebody exported data.
        DataExported = "data exported",
    }
}

/// How an event looks in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good news for its holder.
    Good,
    /// Bad news for its holder.
    Bad,
    /// Something is to be done, or changes what is.
    Action,
    /// Neither.
    Plain,
}

/// The words of an event for everybody who reads of it in the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// What staff read: a past participle with its noun.
    pub staff: &'static str,
    /// What its holder reads on the page of the report that it is about. `None` for what is about no report, for a review (which has its
    /// own place there), and for what staff note for themselves.
    pub holder: Option<&'static str>,
    /// How it looks.
    pub tone: Tone,
}

const fn words(staff: &'static str, holder: Option<&'static str>, tone: Tone) -> Words {
    Words { staff, holder, tone }
}

impl HistoryEvent {
    /// Its words. There is no arm for the rest, so that an event that nobody has words for does not compile.
    #[must_use]
    pub const fn words(self) -> Words {
        match self {
            HistoryEvent::AccountAdded => words("account added", None, Tone::Plain),
            HistoryEvent::AccountClosed => words("account closed", None, Tone::Plain),
            HistoryEvent::AccountReopened => words("account opened again", None, Tone::Plain),
            HistoryEvent::RoleChanged => words("role changed", None, Tone::Plain),
            HistoryEvent::InvitationMade => words("invitation made", None, Tone::Plain),
            HistoryEvent::InvitationAccepted => words("invitation accepted", None, Tone::Plain),
            HistoryEvent::PasswordResetRequested => words("new password asked for", None, Tone::Plain),
            HistoryEvent::PasswordSet => words("password set", None, Tone::Plain),
            HistoryEvent::PasswordChanged => words("password changed", None, Tone::Plain),
            HistoryEvent::AddressConfirmed => words("mail address confirmed", None, Tone::Plain),
            HistoryEvent::CalendarAddressMade => words("calendar address made", None, Tone::Plain),
            HistoryEvent::CalendarAddressRemoved => words("calendar address taken away", None, Tone::Plain),
            HistoryEvent::HolderImported => words("holder imported", None, Tone::Plain),
            HistoryEvent::HolderRenamed => words("holder renamed", None, Tone::Plain),
            HistoryEvent::HolderCorrected => words("holder corrected", None, Tone::Plain),
            HistoryEvent::FieldAdded => words("field added", None, Tone::Plain),
            HistoryEvent::FieldChanged => words("field changed", None, Tone::Plain),
            HistoryEvent::CertificationAdded => words("certification added", None, Tone::Plain),
            HistoryEvent::CertificationChanged => words("certification changed", None, Tone::Plain),
            HistoryEvent::PolicyAdded => words("policy version added", None, Tone::Plain),
            HistoryEvent::PolicyWithdrawn => words("policy version taken back", None, Tone::Plain),
            HistoryEvent::CertificateGranted => words("certificate granted", None, Tone::Good),
            HistoryEvent::CertificateDecertified => words("certificate decertified", None, Tone::Bad),
            HistoryEvent::CertificateReinstated => words("certificate reinstated", None, Tone::Good),
            HistoryEvent::CertificateEnded => words("certificate ended", None, Tone::Action),
            HistoryEvent::CertificateCorrected => words("certificate corrected", None, Tone::Plain),
            HistoryEvent::YearWaived => words("year waived", None, Tone::Good),
            HistoryEvent::YearExtended => words("year extended", None, Tone::Action),
            HistoryEvent::YearRecertified => words("year recertified", None, Tone::Good),
            HistoryEvent::YearFlagged => words("year flagged", None, Tone::Bad),
            HistoryEvent::FlagLifted => words("flag lifted", None, Tone::Good),
            HistoryEvent::FlagHeld => words("flag held by the guard", None, Tone::Plain),
            HistoryEvent::HeldFlagsConfirmed => words("held flags confirmed", None, Tone::Plain),
            HistoryEvent::NoticePeriodRestarted => words("flag counts from now", None, Tone::Plain),
            HistoryEvent::BadgeShared => words("badge shared as Open Badges 2.0", None, Tone::Plain),
            HistoryEvent::BadgeUnshared => {
                words("badge no longer shared as Open Badges 2.0", None, Tone::Plain)
            }
            HistoryEvent::ActivityDrafted => {
                words("activity drafted", Some("It was kept as a draft"), Tone::Plain)
            }
            HistoryEvent::DraftChanged => words("draft changed", Some("You changed the draft"), Tone::Plain),
            HistoryEvent::DraftDeleted => words("draft deleted", Some("You deleted the draft"), Tone::Plain),
            HistoryEvent::ActivitySubmitted => {
                words("activity submitted", Some("You reported it"), Tone::Plain)
            }
            HistoryEvent::ActivityChanged => {
                words("activity changed", Some("You changed your report"), Tone::Plain)
            }
            HistoryEvent::ActivityAnswered => {
                words("activity answered", Some("You answered and sent it again"), Tone::Plain)
            }
            HistoryEvent::ActivityWithdrawn => {
                words("activity withdrawn", Some("You withdrew it"), Tone::Plain)
            }
            HistoryEvent::ActivityImported => words(
                "activity imported",
                Some("It was brought in from the records before this portal"),
                Tone::Plain,
            ),
            HistoryEvent::ActivityApproved => words("activity approved", None, Tone::Good),
            HistoryEvent::ActivityReturned => words("activity returned", None, Tone::Action),
            HistoryEvent::ActivityRejected => words("activity rejected", None, Tone::Bad),
            HistoryEvent::EvidenceRemoved => {
                words("evidence removed", Some("You removed a file"), Tone::Plain)
            }
            HistoryEvent::QuestionTakenBack => words(
                "question taken back",
                Some("We took our question back, and the report went to review again"),
                Tone::Plain,
            ),
            HistoryEvent::VerdictTakenBack => words(
                "verdict taken back",
                Some("We took our verdict back, and the report went to review again"),
                Tone::Plain,
            ),
            HistoryEvent::CorrectionRequested => {
                words("correction asked", Some("You asked for a correction"), Tone::Plain)
            }
            HistoryEvent::CorrectionAccepted => words(
                "correction accepted",
                Some("We corrected it as you asked, and it went to review again"),
                Tone::Plain,
            ),
            HistoryEvent::CorrectionDeclined => {
                words("correction declined", Some("We did not correct it"), Tone::Plain)
            }
            HistoryEvent::ConversationBegun => words("conversation begun", None, Tone::Plain),
            HistoryEvent::AppealMade => words("appeal made", None, Tone::Plain),
            HistoryEvent::InquiryMade => words("question asked beforehand", None, Tone::Plain),
            HistoryEvent::MessageWritten => words("message written", None, Tone::Plain),
            HistoryEvent::ConversationHandedOver => words("conversation handed over", None, Tone::Plain),
            HistoryEvent::ConversationClosed => words("conversation closed", None, Tone::Plain),
            HistoryEvent::ConversationReopened => words("conversation opened again", None, Tone::Plain),
            HistoryEvent::InquiryAnswered => words("question answered", None, Tone::Plain),
            HistoryEvent::AnswerTakenBack => words("answer taken back", None, Tone::Plain),
            HistoryEvent::AppealDecided => words("appeal decided", None, Tone::Plain),
            HistoryEvent::PreparedWordsChanged => words("prepared words changed", None, Tone::Plain),
            HistoryEvent::CannedAnswerAdded => words("canned answer added", None, Tone::Plain),
            HistoryEvent::CannedAnswerChanged => words("canned answer changed", None, Tone::Plain),
            HistoryEvent::CannedAnswerRemoved => words("canned answer removed", None, Tone::Plain),
            HistoryEvent::FriendlyReminderSent => words("friendly reminder sent", None, Tone::Plain),
            HistoryEvent::MailSentAgain => words("mail sent again", None, Tone::Plain),
            HistoryEvent::MailMarkedDelivered => words("mail marked as delivered", None, Tone::Plain),
            HistoryEvent::MailBounced => words("mail noted as come back", None, Tone::Plain),
            HistoryEvent::BouncePutAway => words("returned mail put away", None, Tone::Plain),
            HistoryEvent::HeldMailReleased => words("held mail released", None, Tone::Plain),
            HistoryEvent::HolderMailHeld => words("mails to holders held", None, Tone::Plain),
            HistoryEvent::HolderMailReleased => words("mails to holders leave", None, Tone::Plain),
            HistoryEvent::DataExported => words("data exported", None, Tone::Plain),
        }
    }

    /// What an exported file says: the code, because whoever reads such files relies on it.
    #[must_use]
    pub const fn for_export(self) -> &'static str {
        self.code()
    }

    /// Whether it is about a draft, which is its holder's own affair: staff read that it happened, and not what it says.
    #[must_use]
    pub const fn is_of_draft(self) -> bool {
        matches!(
            self,
            HistoryEvent::ActivityDrafted | HistoryEvent::DraftChanged | HistoryEvent::DraftDeleted
        )
    }
}

impl Stored<HistoryEvent> {
    /// What staff read; the word of the row for an event of another version.
    #[must_use]
    pub fn for_staff(&self) -> &str {
        self.known().map_or_else(|| self.code(), |event| event.words().staff)
    }

    /// What an exported file says; the word of the row for an event of another version.
    #[must_use]
    pub fn for_export(&self) -> &str {
        self.known().map_or_else(|| self.code(), |event| event.for_export())
    }

    /// What its holder reads, if anything.
    #[must_use]
    pub fn for_holder(&self) -> Option<&'static str> {
        self.known().and_then(|event| event.words().holder)
    }

    /// How it looks in a list.
    #[must_use]
    pub fn tone(&self) -> Tone {
        self.known().map_or(Tone::Plain, |event| event.words().tone)
    }

    /// Whether it is about a draft.
    #[must_use]
    pub fn is_of_draft(&self) -> bool {
        self.known().is_some_and(HistoryEvent::is_of_draft)
    }
}
