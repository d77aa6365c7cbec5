//! Which part of the queue a reviewer works on, as the address says it: `?category=&field=&waiting=&needed=`.

use chrono::{NaiveDateTime, TimeDelta};

use crate::domain::activities::category::Category;
use crate::domain::ids::FieldId;
use crate::store::activities::review_queue::ReviewFilter;
use crate::web::forms::errors::Choice;
use crate::web::forms::fields::Fields;

/// How long a report has waited at least, in days, as the form offers it.
const WAITING: [(&str, &str); 4] = [("3", "3 days"), ("7", "a week"), ("14", "2 weeks"), ("30", "30 days")];

/// The filter as it stands in an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// A category's word; empty for all.
    pub category: String,
    /// A field's number; empty for all.
    pub field: String,
    /// Days waited at least; empty for all.
    pub waiting: String,
    /// `1` for only those that are needed.
    pub needed: String,
}

impl QueueFilter {
    /// Reads an address. What is no filter is none.
    pub fn read(query: &Fields) -> QueueFilter {
        let one = |name: &str, known: bool| if known { query.one(name).to_owned() } else { String::new() };
        QueueFilter {
            category: one("category", Category::from_code(query.one("category")).is_some()),
            field: one("field", query.one("field").parse::<i64>().is_ok()),
            waiting: one("waiting", WAITING.iter().any(|(days, _)| *days == query.one("waiting"))),
            needed: one("needed", query.one("needed") == "1"),
        }
    }

    /// The names and values for addresses; empty ones are left out there.
    pub fn kept(&self) -> [(&str, &str); 4] {
        [
            ("category", &self.category),
            ("field", &self.field),
            ("waiting", &self.waiting),
            ("needed", &self.needed),
        ]
    }

    /// Whether everything is shown.
    pub fn is_empty(&self) -> bool {
        self.kept().iter().all(|(_, value)| value.is_empty())
    }

    /// What follows a path: `?category=reading`, or nothing.
    pub fn suffix(&self) -> String {
        let kept = self.kept();
        let set: Vec<_> = kept.iter().filter(|(_, value)| !value.is_empty()).collect();
        if set.is_empty() {
            return String::new();
        }
        format!("?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(set).finish())
    }

    /// The same for the store.
    pub fn of_store(&self, now: NaiveDateTime) -> ReviewFilter {
        ReviewFilter {
            category: Category::from_code(&self.category),
            field: self.field.parse().ok().map(FieldId),
            waiting_before: self.waiting.parse().ok().map(|days| now - TimeDelta::days(days)),
            needed: !self.needed.is_empty(),
        }
    }

    /// What the form offers for how long a report has waited.
    pub fn waiting_choices() -> Vec<Choice> {
        WAITING.iter().map(|(days, label)| Choice::new(*days, format!("Longer than {label}"))).collect()
    }
}
