//! What can go wrong in an action.

use crate::badges::BadgeError;
use crate::domain::activities::eligibility::{NothingToReport, UnusableDay};
use crate::domain::activities::review::{ReadByColleague, VerdictError};
use crate::domain::certification::decision::DecisionRefusal;
use crate::domain::conversations::conversation;
use crate::domain::roles::{Acquainted, Own};
use crate::files::FilesError;
use crate::mail::RenderError;
use crate::secrets::SecretsError;
use crate::store::StoreError;

/// Why an action was not done. Nothing is changed then.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// There is no such thing, or not for this person.
    #[error("not found")]
    NotFound,
    /// What was typed cannot be used: form field and message, in order.
    #[error("invalid: {0:?}")]
    Invalid(Vec<(&'static str, String)>),
    /// A decision is refused by the rules.
    #[error("refused: {0}")]
    Refused(#[from] DecisionRefusal),
    /// Somebody is about to decide something of their own.
    #[error("refused: {0}")]
    Own(#[from] Own),
    /// Somebody is about to decide about a holder whom they said they know.
    #[error("refused: {0}")]
    Acquainted(#[from] Acquainted),
    /// A step in a conversation is refused by the rules.
    #[error("refused: {0}")]
    Conversation(#[from] conversation::ConversationRefusal),
    /// A verdict is refused by the rules.
    #[error("refused: {0}")]
    Verdict(#[from] VerdictError),
    /// A colleague reads the report, and it was not taken over.
    #[error("refused: {0}")]
    ReadByColleague(#[from] ReadByColleague),
    /// No certification year can use the activity.
    #[error("refused: {0}")]
    Unusable(#[from] UnusableDay),
    /// The holder can report nothing at all today.
    #[error("refused: {0}")]
    NothingToReport(#[from] NothingToReport),
    /// The database; `StoreError::Changed` means that somebody was first.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The evidence folder.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// Password hashing or random numbers.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// A mail could not be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A badge could not be signed.
    #[error(transparent)]
    Badge(#[from] BadgeError),
}

impl ActionError {
    /// One message beside one field.
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        ActionError::Invalid(vec![(field, message.into())])
    }

    /// Both, or everything that is wrong with either, in the order of the form: whoever mends one thing is not to be told the next one only
    /// then.
    ///
    /// # Errors
    /// What is wrong with both together, or the first error that is none of a field.
    pub fn both<A, B>(first: Result<A, Self>, second: Result<B, Self>) -> Result<(A, B), Self> {
        match (first, second) {
            (Ok(first), Ok(second)) => Ok((first, second)),
            (Err(ActionError::Invalid(mut problems)), Err(ActionError::Invalid(more))) => {
                problems.extend(more);
                Err(ActionError::Invalid(problems))
            }
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    }
}
