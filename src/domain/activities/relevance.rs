//! Relevance (G8): own field, neighbouring field, or a written explanation that a reviewer weighs.

use crate::domain::certification::catalogue::Neighbours;
use crate::domain::ids::FieldId;

/// How an activity's field relates to a holder's certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relevance {
    /// The field of one of the holder's active certificates.
    OwnField,
    /// A neighbour of such a field.
    NeighbouringField,
    /// Neither: the holder explains, the reviewer decides.
    NeedsExplanation,
}

/// Relates an activity's field to the fields of the certificates that were active on its day (G8).
pub fn relevance(activity: FieldId, own: &[FieldId], neighbours: &Neighbours) -> Relevance {
    if own.contains(&activity) {
        Relevance::OwnField
    } else if own.iter().any(|&field| neighbours.adjoin(field, activity)) {
        Relevance::NeighbouringField
    } else {
        Relevance::NeedsExplanation
    }
}
