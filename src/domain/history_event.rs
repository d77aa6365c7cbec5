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
        /// A report that waits for review was given to a colleague.
        ReportGiven = "report given to a colleague",
        /// A report that a colleague had is everybody's again.
        ReportHandedBack = "report handed back",
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

        /// Somebody wrote a note that only staff read.
        StaffNoteWritten = "staff note written",
        /// The words of such a note were taken out again.
        StaffNoteRemoved = "staff note removed",
        /// Somebody on staff said that they know a holder, and decides nothing about them from then on.
        AcquaintanceDeclared = "acquaintance declared",
        /// An administrator took it back.
        AcquaintanceEnded = "acquaintance taken back",

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

/// Gives every event its words: how it looks, what staff read, and what its holder reads, if anything. There is no line for the rest, so
/// that an event that nobody has words for does not compile.
macro_rules! words {
    () => { None };
    ($holder:literal) => { Some($holder) };
    ($($event:ident: $tone:ident, $staff:literal $(, $holder:literal)?;)*) => {
        impl HistoryEvent {
            /// Its words.
            #[must_use]
            pub const fn words(self) -> Words {
                match self {
                    $(HistoryEvent::$event => {
                        Words { staff: $staff, holder: words!($($holder)?), tone: Tone::$tone }
                    })*
                }
            }
        }
    };
}

words! {
    AccountAdded: Plain, "account added";
    AccountClosed: Plain, "account closed";
    AccountReopened: Plain, "account opened again";
    RoleChanged: Plain, "role changed";
    InvitationMade: Plain, "invitation made";
    InvitationAccepted: Plain, "invitation accepted";
    PasswordResetRequested: Plain, "new password asked for";
    PasswordSet: Plain, "password set";
    PasswordChanged: Plain, "password changed";
    AddressConfirmed: Plain, "email address confirmed";
    CalendarAddressMade: Plain, "calendar address made";
    CalendarAddressRemoved: Plain, "calendar address taken away";
    HolderImported: Plain, "holder imported";
    HolderRenamed: Plain, "holder renamed";
    HolderCorrected: Plain, "holder corrected";
    FieldAdded: Plain, "field added";
    FieldChanged: Plain, "field changed";
    CertificationAdded: Plain, "certification added";
    CertificationChanged: Plain, "certification changed";
    PolicyAdded: Plain, "policy version added";
    PolicyWithdrawn: Plain, "policy version taken back";
    CertificateGranted: Good, "certificate granted";
    CertificateDecertified: Bad, "certificate decertified";
    CertificateReinstated: Good, "certificate reinstated";
    CertificateEnded: Action, "certificate ended";
    CertificateCorrected: Plain, "certificate corrected";
    YearWaived: Good, "year waived";
    YearExtended: Action, "year extended";
    YearRecertified: Good, "year recertified";
    YearFlagged: Bad, "year flagged";
    FlagLifted: Good, "flag lifted";
    FlagHeld: Plain, "flag held by the guard";
    HeldFlagsConfirmed: Plain, "held flags confirmed";
    NoticePeriodRestarted: Plain, "flag counts from now";
    BadgeShared: Plain, "badge shared as Open Badges 2.0";
    BadgeUnshared: Plain, "badge no longer shared as Open Badges 2.0";
    ActivityDrafted: Plain, "activity drafted", "It was kept as a draft";
    DraftChanged: Plain, "draft changed", "You changed the draft";
    DraftDeleted: Plain, "draft deleted", "You deleted the draft";
    ActivitySubmitted: Plain, "activity submitted", "You reported it";
    ActivityChanged: Plain, "activity changed", "You changed your report";
    ActivityAnswered: Plain, "activity answered", "You answered and sent it again";
    ActivityWithdrawn: Plain, "activity taken back by its holder", "You took it back";
    ActivityImported: Plain, "activity imported", "It was brought in from the records before this portal";
    ActivityApproved: Good, "activity approved";
    ActivityReturned: Action, "activity returned";
    ActivityRejected: Bad, "activity rejected";
    EvidenceRemoved: Plain, "evidence removed", "You removed a file";
    QuestionTakenBack: Plain, "question taken back", "We took our question back, and the report went to review again";
    VerdictTakenBack: Plain, "verdict taken back", "We took our verdict back, and the report went to review again";
    ReportGiven: Plain, "report given to a colleague";
    ReportHandedBack: Plain, "report handed back";
    CorrectionRequested: Plain, "correction asked", "You asked for a correction";
    CorrectionAccepted: Plain, "correction accepted", "We corrected it as you asked, and it went to review again";
    CorrectionDeclined: Plain, "correction declined", "We did not correct it";
    ConversationBegun: Plain, "conversation begun";
    AppealMade: Plain, "appeal made";
    InquiryMade: Plain, "question asked beforehand";
    MessageWritten: Plain, "message written";
    ConversationHandedOver: Plain, "conversation handed over";
    ConversationClosed: Plain, "conversation closed";
    ConversationReopened: Plain, "conversation opened again";
    InquiryAnswered: Plain, "question answered";
    AnswerTakenBack: Plain, "answer taken back";
    AppealDecided: Plain, "appeal decided";
    PreparedWordsChanged: Plain, "prepared words changed";
    CannedAnswerAdded: Plain, "canned answer added";
    CannedAnswerChanged: Plain, "canned answer changed";
    CannedAnswerRemoved: Plain, "canned answer removed";
    StaffNoteWritten: Plain, "note for staff written";
    StaffNoteRemoved: Plain, "note for staff removed";
    AcquaintanceDeclared: Plain, "acquaintance declared";
    AcquaintanceEnded: Plain, "acquaintance taken back";
    FriendlyReminderSent: Plain, "friendly reminder sent";
    MailSentAgain: Plain, "email sent again";
    MailMarkedDelivered: Plain, "email marked as delivered";
    MailBounced: Plain, "email noted as come back";
    BouncePutAway: Plain, "returned email put away";
    HeldMailReleased: Plain, "held email released";
    HolderMailHeld: Plain, "emails to holders held";
    HolderMailReleased: Plain, "emails to holders are sent";
    DataExported: Plain, "data exported";
}

impl HistoryEvent {
    /// What an exported file says: the code, because whoever reads such files relies on it.
    #[must_use]
    pub const fn for_export(self) -> &'static str {
        self.code()
    }

    /// Whether it is what staff keep among themselves about somebody: whoever it is about does not read that it happened, being staff too.
    #[must_use]
    pub const fn is_kept_from_subject(self) -> bool {
        matches!(
            self,
            HistoryEvent::StaffNoteWritten
                | HistoryEvent::StaffNoteRemoved
                | HistoryEvent::AcquaintanceDeclared
                | HistoryEvent::AcquaintanceEnded
        )
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
