//! The verdict as it was typed.

use serde::Deserialize;

use crate::actions::reviews::GivenVerdict;
use crate::domain::activities::review::{ReasonCode, ReviewDecision};
use crate::domain::ids::AccountId;

/// Whatever a form on the page of a report sends: the verdict, and what is for colleagues.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReviewForm {
    /// `approve`, `return` or `reject`.
    pub decision: String,
    /// What counts, when it differs from what was reported.
    pub quantity: String,
    /// Not empty to award more than was reported.
    pub more: String,
    /// The colleague who reads it, to take it over from them.
    pub take_over: String,
    /// The kind of reason.
    pub reason_code: String,
    /// In words.
    pub reason: String,
    /// The version of the report that was read.
    pub version: String,
    /// The words of the one click that returns a report whose file cannot be opened; it stands for all other fields.
    pub cannot_open: String,
    /// The colleague to whom it is given.
    pub colleague: String,
    /// A word to the colleague.
    pub for_colleague: String,
    /// Who had it when the page was read.
    pub held_by: String,
    /// A note for staff.
    pub note: String,
    /// What the reader says about knowing the holder.
    pub known_reason: String,
}

impl ReviewForm {
    pub(super) fn verdict(&self) -> GivenVerdict<'_> {
        GivenVerdict {
            decision: ReviewDecision::from_code(&self.decision),
            quantity: &self.quantity,
            reason_code: ReasonCode::from_code(&self.reason_code),
            reason: &self.reason,
            more: !self.more.is_empty(),
            take_over: self.take_over.trim().parse().ok().map(AccountId),
        }
    }

    /// With the fields that the one click stands for.
    pub(super) fn spelled_out(self) -> ReviewForm {
        if self.cannot_open.trim().is_empty() {
            return self;
        }
        ReviewForm {
            decision: ReviewDecision::Return.code().to_owned(),
            reason_code: ReasonCode::CannotOpen.code().to_owned(),
            reason: self.cannot_open,
            version: self.version,
            ..ReviewForm::default()
        }
    }
}
