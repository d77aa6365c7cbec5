//! Advice (G13): what a holder and the body write to each other, whose turn it is, and how an appeal ends.

use crate::domain::codes::codes;
use crate::domain::ids::{AccountId, ActivityId, CertificateId};
use crate::domain::roles::{Actor, not_their_own};

/// Most characters of a message.
pub const LONGEST_MESSAGE: usize = 4_000;
/// Most characters of a subject.
pub const LONGEST_SUBJECT: usize = 120;

codes! {
    /// What a conversation is.
    pub enum ConversationKind {
        /// Anything somebody wants to know.
        Question = "question",
        /// The holder's answer to a flag.
        FlagAnswer = "flag_answer",
        /// The holder disagrees with a decertification.
        Appeal = "appeal",
        /// Whether something would count, asked beforehand.
        WouldCount = "would_count",
    }
}

impl ConversationKind {
    /// Whether its answer decides something about the holder. A plain question decides nothing.
    pub const fn decides(self) -> bool {
        matches!(self, ConversationKind::FlagAnswer | ConversationKind::Appeal | ConversationKind::WouldCount)
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            ConversationKind::Question => "Question",
            ConversationKind::FlagAnswer => "Answer to a flag",
            ConversationKind::Appeal => "Appeal",
            ConversationKind::WouldCount => "Would this count?",
        }
    }
}

codes! {
    /// Who has to write next.
    pub enum Turn {
        /// Staff.
        Body = "body",
        /// The holder.
        Holder = "holder",
        /// Staff have answered and ask nothing. The database keeps it as the holder's turn without a need for an answer.
        Nobody = "nobody",
    }
}

/// What a conversation is about, if about anything in particular.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// A report.
    pub activity: Option<ActivityId>,
    /// A certificate.
    pub certificate: Option<CertificateId>,
    /// One of that certificate's years, by its number.
    pub year: Option<i64>,
}

codes! {
    /// How an appeal ended.
    pub enum AppealOutcome {
        /// The decertification stands.
        Upheld = "upheld",
        /// The certificate stands again.
        Reinstated = "reinstated",
        /// The holder took the appeal back.
        Withdrawn = "withdrawn",
    }
}

impl AppealOutcome {
    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            AppealOutcome::Upheld => "The decision stands",
            AppealOutcome::Reinstated => "The certificate is reinstated",
            AppealOutcome::Withdrawn => "The appeal was withdrawn",
        }
    }
}

/// Why something cannot be done with a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConversationRefusal {
    /// Nobody handles their own.
    #[error("This is your own conversation. A colleague has to answer it.")]
    OwnConversation,
    /// It is closed.
    #[error("This conversation is closed.")]
    Closed,
    /// It is open.
    #[error("This conversation is open.")]
    Open,
    /// A holder ends only what we have answered, and what nobody decides about.
    #[error("This conversation is waiting for us, so it stays open until we have answered.")]
    WaitsForUs,
    /// An appeal ends with its outcome, and with nothing else.
    #[error("An appeal is closed by its outcome. Record the outcome instead.")]
    NeedsOutcome,
    /// It is no appeal.
    #[error("This is not an appeal, so it has no outcome.")]
    NoAppeal,
    /// The outcome is recorded.
    #[error("The outcome of this appeal has been recorded. It cannot be opened again.")]
    OutcomeRecorded,
    /// Only administrators decide.
    #[error("Only an administrator can record the outcome of an appeal.")]
    NotAdministrator,
    /// Somebody else has to look at one's own decision.
    #[error("You took the decision that this appeal is against. Another administrator has to look at it.")]
    OwnDecision,
    /// Nobody else can look at it, and the administrator did not say that they know.
    #[error(
        "You took the decision that this appeal is against. Tick the box if you will judge it all the same."
    )]
    Alone,
    /// Their own decision is under appeal.
    #[error(
        "An appeal against your decision is open. Record its outcome there, so that the history says who judged it."
    )]
    UnderAppeal,
    /// There is no decertification to appeal against.
    #[error("This certificate is in force, so there is nothing to appeal against.")]
    Stands,
    /// It ended as its holder asked, or because a higher one took its place.
    #[error("This certificate was not withdrawn, so there is nothing to appeal against. Ask us instead.")]
    NotWithdrawn,
    /// One at a time.
    #[error("An appeal for this certificate is already open.")]
    AppealOpen,
    /// Whoever looks after it must be staff who may sign in, and not its holder.
    #[error(
        "Choose a colleague who can sign in, whose own conversation this is not, and who has not said that they know the holder."
    )]
    NoOwner,
}

/// May `actor` handle a conversation of `holder`, for the body?
///
/// # Errors
/// `ConversationRefusal::OwnConversation`.
pub fn check_handling(actor: Actor, holder: AccountId) -> Result<(), ConversationRefusal> {
    not_their_own(actor.id, holder).map_err(|_| ConversationRefusal::OwnConversation)
}

/// May `actor` record the outcome of an appeal of `holder` against a decision of `decided_by`? Whoever decided may not judge the
/// appeal, unless there is nobody else who could (`others`: administrators beside the decider and the holder) and the decider says that
/// they know it (`alone`). Gives whether the decider judges.
///
/// # Errors
/// The `ConversationRefusal` to show.
pub fn check_outcome(
    actor: Actor,
    holder: AccountId,
    decided_by: AccountId,
    others: bool,
    alone: bool,
) -> Result<bool, ConversationRefusal> {
    check_handling(actor, holder)?;
    if !actor.role.administers() {
        return Err(ConversationRefusal::NotAdministrator);
    }
    match actor.id == decided_by {
        false => Ok(false),
        true if others => Err(ConversationRefusal::OwnDecision),
        true if alone => Ok(true),
        true => Err(ConversationRefusal::Alone),
    }
}
