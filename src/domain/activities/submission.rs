//! What becomes of a report that comes in: where it stands, and what keeps it out.

use chrono::NaiveDate;

use super::activity_status::ActivityStatus;
use super::eligibility::{UnusableDay, relevance_on, usable_years};
use super::relevance::Relevance;
use crate::domain::certification::catalogue::Neighbours;
use crate::domain::ids::FieldId;
use crate::domain::ledger::HolderFile;

/// What the holder wants done with the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Keep it for later.
    Draft,
    /// Report it.
    Submit,
}

impl Intent {
    /// Where the activity stands afterwards, that stood at `before` (`None` for a new one): a draft stays one until it is submitted; what
    /// was reported is reported again, whatever was wanted, which answers a returned one.
    #[must_use]
    pub const fn next(self, before: Option<ActivityStatus>) -> ActivityStatus {
        match (self, before) {
            (Intent::Draft, None | Some(ActivityStatus::Draft)) => ActivityStatus::Draft,
            _ => ActivityStatus::Submitted,
        }
    }
}

/// What a report says, as far as it decides whether the report can be taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct SubmissionFacts {
    /// The day it was completed, when that could be read.
    pub day: Option<NaiveDate>,
    /// The field it belongs to, when that could be read.
    pub field: Option<FieldId>,
    /// Whether something is said about its relevance.
    pub explained: bool,
}

/// What a report is let off, by where it comes from.
#[derive(Clone, Copy, Debug)]
pub enum Leniency<'a> {
    /// Nothing: its holder writes it, and can say why a field is relevant that neighbours none of theirs (G8).
    Nothing(&'a Neighbours),
    /// Words about a far field: it comes from earlier records, where nobody was asked for them.
    FarFields,
}

/// Why a report cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Objection {
    /// No certification year could use it (G1, G10).
    Unusable(UnusableDay),
    /// Its field is neither the holder's nor a neighbouring one, and nothing is said about that (G8).
    FarField,
}

/// Everything that keeps a report out, beside what cannot be read in it.
#[must_use]
pub fn objections(
    file: &HolderFile,
    claim: &SubmissionFacts,
    today: NaiveDate,
    leniency: Leniency<'_>,
) -> Vec<Objection> {
    let mut objections = Vec::new();
    let Some(day) = claim.day else { return objections };
    if let Err(unusable) = usable_years(file, day, today) {
        objections.push(Objection::Unusable(unusable));
    }
    if let (Leniency::Nothing(neighbours), Some(field), false) = (leniency, claim.field, claim.explained)
        && relevance_on(file, field, day, neighbours) == Relevance::NeedsExplanation
    {
        objections.push(Objection::FarField);
    }
    objections
}
