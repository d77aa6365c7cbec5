//! The verdict as it was typed.

use serde::Deserialize;

use crate::actions::reviews::GivenVerdict;
use crate::domain::activities::review::{ReasonCode, ReviewDecision};

/// The verdict as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReviewForm {
    /// `approve`, `return` or `reject`.
    pub decision: String,
    /// What counts, when it differs from what was reported.
    pub quantity: String,
    /// Not empty to award more than was reported.
    pub more: String,
    /// The kind of reason.
    pub reason_code: String,
    /// In words.
    pub reason: String,
    /// The version of the report that was read.
    pub version: String,
    /// The words of the one click that returns a report whose file cannot be opened; it stands for all other fields.
    pub cannot_open: String,
}

impl ReviewForm {
    pub(super) fn verdict(&self) -> GivenVerdict<'_> {
        GivenVerdict {
            decision: ReviewDecision::from_code(&self.decision),
            quantity: &self.quantity,
            reason_code: ReasonCode::from_code(&self.reason_code),
            reason: &self.reason,
            more: !self.more.is_empty(),
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
