//! A CPE activity, as reported, and what the ledger needs of it.

use chrono::{NaiveDate, NaiveDateTime};

use super::category::Category;
use super::quantity::Quantity;
use super::waiting_time::WaitingTime;
use crate::domain::ids::{ActivityId, HolderId};

pub use super::activity_status::ActivityStatus;

/// What the ledger needs of a report that may count. Drafts, rejected and withdrawn ones never reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its identity.
    pub id: ActivityId,
    /// One that [counts](ActivityStatus::counts).
    pub status: ActivityStatus,
    /// The kind (G2–G7).
    pub category: Category,
    /// The day it counts on: the last one, when it covers several.
    pub completed_on: NaiveDate,
    /// When it was first submitted (UTC).
    pub reported_at: NaiveDateTime,
    /// What the holder reported.
    pub reported: Quantity,
    /// What the reviewer awarded, when that differs.
    pub awarded: Option<Quantity>,
    /// The publication it belongs to, folded; only looked at for writing (G4).
    pub publication: Option<String>,
}

impl Report {
    /// What counts: awarded if a reviewer said so, else reported.
    pub fn quantity(&self) -> Quantity {
        self.awarded.unwrap_or(self.reported)
    }

    /// The order in which a publication's reports are served (completed on, reported at, id).
    pub fn order(&self) -> (NaiveDate, NaiveDateTime, ActivityId) {
        (self.completed_on, self.reported_at, self.id)
    }
}

/// An activity whole, as its own page shows it. A draft may have gaps; a report has none where the rules need a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Its identity.
    pub id: ActivityId,
    /// Who did it.
    pub holder: HolderId,
    /// Where it stands.
    pub status: ActivityStatus,
    /// What was done, told by the holder.
    pub facts: Facts,
    /// What the reviewer awarded, when that differs from what was reported.
    pub awarded: Option<Quantity>,
    /// When it was first submitted (UTC); `None` for a draft.
    pub reported_at: Option<NaiveDateTime>,
    /// When it was last decided (UTC).
    pub decided_at: Option<NaiveDateTime>,
    /// How long it has waited.
    pub waiting: WaitingTime,
    /// Counts up with every change, so that a second editor notices.
    pub version: i64,
    /// When it was first kept (UTC).
    pub created_at: NaiveDateTime,
    /// When it last changed (UTC).
    pub updated_at: NaiveDateTime,
}

/// What the holder tells about an activity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The kind (G2–G7).
    pub category: Option<Category>,
    /// What it was.
    pub title: String,
    /// Who held, published or ran it.
    pub organiser: String,
    /// The field it belongs to (G8).
    pub field: Option<crate::domain::ids::FieldId>,
    /// First day; equals `completed_on` when it took one day.
    pub started_on: Option<NaiveDate>,
    /// Last day; the one that counts.
    pub completed_on: Option<NaiveDate>,
    /// How much, in the category's unit.
    pub quantity: Option<Quantity>,
    /// Title of the publication (G4); empty for other categories.
    pub publication: String,
    /// Why it is relevant, where the field does not say so (G8).
    pub relevance: String,
    /// The holder's word that it was not part of the regular job (G9).
    pub not_regular_job: bool,
}

impl Facts {
    /// Whether somebody would miss it: it has a title, or two other answers. The field is none of them, as the form proposes one.
    pub fn worth_keeping(&self) -> bool {
        let answers = [
            self.category.is_some(),
            !self.organiser.is_empty(),
            self.started_on.or(self.completed_on).is_some(),
            self.quantity.is_some(),
            !self.publication.is_empty(),
            !self.relevance.is_empty(),
        ];
        !self.title.is_empty() || answers.into_iter().filter(|given| *given).count() >= 2
    }

    /// The facts as a report that the ledger counts, or `None` while the kind, the day or the quantity is missing.
    pub fn report(
        &self,
        id: ActivityId,
        status: ActivityStatus,
        reported_at: NaiveDateTime,
    ) -> Option<Report> {
        let category = self.category?;
        Some(Report {
            id,
            status,
            category,
            completed_on: self.completed_on?,
            reported_at,
            reported: self.quantity?,
            awarded: None,
            publication: (category == Category::Writing)
                .then(|| super::publication::fold_title(&self.publication)),
        })
    }
}
