//! The fields of knowledge as a holder chooses among them: one's own, neighbouring ones, others (G8).

use chrono::NaiveDate;

use crate::domain::activities::relevance::{Relevance, relevance};
use crate::domain::certification::catalogue::{Field, Neighbours};
use crate::domain::ids::{FieldId, HolderId};
use crate::store::certification::{catalogue, certificates};
use crate::store::{Conn, StoreError};
use crate::web::forms::errors::{Choice, ChoiceGroup};

/// The fields, with what they are to a holder.
#[derive(Clone, Debug, Default)]
pub struct FieldChoices {
    fields: Vec<Field>,
    neighbours: Neighbours,
    /// The fields of the holder's certificates that are in force.
    own: Vec<FieldId>,
}

impl FieldChoices {
    /// Reads them.
    pub fn load(conn: &mut Conn<'_>, holder: HolderId, today: NaiveDate) -> Result<FieldChoices, StoreError> {
        let held = certificates::of_holders(conn, &[holder])?;
        Ok(FieldChoices {
            fields: catalogue::fields(conn)?,
            neighbours: catalogue::neighbours(conn)?,
            own: held
                .into_iter()
                .filter(|held| held.active_on(today))
                .map(|held| held.certification.field)
                .collect(),
        })
    }

    /// All fields.
    #[must_use]
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The choices in groups; one without a name when the holder has no certificate in force, so that none is near or far.
    #[must_use]
    pub fn groups(&self) -> Vec<ChoiceGroup> {
        let choices = |which: &dyn Fn(&Field) -> bool| -> Vec<Choice> {
            let fields = self.fields.iter().filter(|field| which(field));
            fields.map(|field| Choice::new(field.code.clone(), field.title.clone())).collect()
        };
        if self.own.is_empty() {
            return vec![ChoiceGroup { label: String::new(), choices: choices(&|_| true), far: false }];
        }
        let group = |label: &str, wanted: Relevance| ChoiceGroup {
            label: label.to_owned(),
            choices: choices(&|field| relevance(field.id, &self.own, &self.neighbours) == wanted),
            far: wanted == Relevance::NeedsExplanation,
        };
        let own = if self.own.iter().all(|field| Some(field) == self.own.first()) {
            "Your field"
        } else {
            "Your fields"
        };
        let mut groups = vec![
            group(own, Relevance::OwnField),
            group("Neighbouring fields", Relevance::NeighbouringField),
            group("Other fields", Relevance::NeedsExplanation),
        ];
        groups.retain(|group| !group.choices.is_empty());
        groups
    }

    /// The code of the field that a new report most likely belongs to: the holder's own where there is one, or else that of the last report,
    /// as long as it needs no explanation (G8); empty when neither says which.
    #[must_use]
    pub fn usual(&self, last: Option<FieldId>) -> &str {
        let only = match self.own.split_first() {
            Some((first, others)) if others.iter().all(|other| other == first) => Some(*first),
            _ => None,
        };
        let near =
            |field: &FieldId| relevance(*field, &self.own, &self.neighbours) != Relevance::NeedsExplanation;
        let last = last.filter(|field| self.own.is_empty() || near(field));
        let usual = only.or(last).and_then(|id| self.fields.iter().find(|field| field.id == id));
        usual.map_or("", |field| &field.code)
    }

    /// Whether the field of a code is neither the holder's own nor a neighbouring one; `None` when none is chosen, or none is near.
    #[must_use]
    pub fn is_far(&self, code: &str) -> Option<bool> {
        let field = self.fields.iter().find(|field| field.code == code.trim())?;
        let known = !self.own.is_empty();
        known.then(|| relevance(field.id, &self.own, &self.neighbours) == Relevance::NeedsExplanation)
    }

    /// What stands behind "Why it is relevant" for the field of a code.
    #[must_use]
    pub fn note(&self, code: &str) -> &'static str {
        match self.is_far(code) {
            _ if self.own.is_empty() => "optional",
            None => "needed for other fields",
            Some(true) => "needed for this field",
            Some(false) => "optional",
        }
    }
}
