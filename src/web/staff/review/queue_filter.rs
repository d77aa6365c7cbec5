//! Which part of the queue a reviewer works on and in which order, as the address says it:
//! `?category=&field=&certification=&reader=&with=&waiting=&needed=&sort=`.

use chrono::{NaiveDateTime, TimeDelta};

use crate::domain::activities::category::Category;
use crate::domain::activities::queue_order::QueueSorting;
use crate::domain::ids::{AccountId, CertificationId, FieldId};
use crate::store::activities::review_queue::{InHands, ReviewFilter};
use crate::web::forms::errors::Choice;
use crate::web::forms::fields::Fields;

/// The word for what nobody reads now or has; somebody who does stands there as a number.
const NOBODY: &str = "nobody";
/// The word for what was given to whoever looks.
const MINE: &str = "me";

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
    /// A certification's number; empty for all.
    pub certification: String,
    /// A reader's number, or the word for nobody; empty for all.
    pub reader: String,
    /// The number of whoever a report was given to, or the word for nobody or for oneself; empty for all.
    pub with: String,
    /// The order, with a minus for the other way round; empty for the usual one.
    pub sort: String,
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
            certification: one("certification", query.one("certification").parse::<i64>().is_ok()),
            reader: one("reader", in_hands(query.one("reader")).is_some()),
            with: one("with", query.one("with") == MINE || in_hands(query.one("with")).is_some()),
            sort: QueueSorting::read(query.one("sort")).written(),
        }
    }

    /// The names and values for addresses; empty ones are left out there.
    pub fn kept(&self) -> [(&str, &str); 8] {
        [
            ("category", &self.category),
            ("field", &self.field),
            ("waiting", &self.waiting),
            ("needed", &self.needed),
            ("certification", &self.certification),
            ("reader", &self.reader),
            ("with", &self.with),
            ("sort", &self.sort),
        ]
    }

    /// Whether everything is shown, in whatever order.
    pub fn is_empty(&self) -> bool {
        self.kept().iter().all(|(name, value)| *name == "sort" || value.is_empty())
    }

    /// The order.
    pub fn sorting(&self) -> QueueSorting {
        QueueSorting::read(&self.sort)
    }

    /// The same part of the queue in another order.
    pub fn sorted_by(&self, sorting: QueueSorting) -> QueueFilter {
        QueueFilter { sort: sorting.written(), ..self.clone() }
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

    /// The same for the store, as `me` looks at it.
    pub fn of_store(&self, now: NaiveDateTime, me: AccountId) -> ReviewFilter {
        ReviewFilter {
            category: Category::from_code(&self.category),
            field: self.field.parse().ok().map(FieldId),
            waiting_before: self.waiting.parse().ok().map(|days| now - TimeDelta::days(days)),
            needed: !self.needed.is_empty(),
            certification: self.certification.parse().ok().map(CertificationId),
            read_by: in_hands(&self.reader),
            given_to: if self.with == MINE { Some(InHands::Staff(me)) } else { in_hands(&self.with) },
        }
    }

    /// What the form offers for who reads a report: nobody, and those who read one now.
    pub fn reader_choices(readers: Vec<(AccountId, String)>, me: AccountId) -> Vec<Choice> {
        let name = |(id, name): (AccountId, String)| {
            Choice::new(
                id.to_string(),
                if id == me { "Read by you".to_owned() } else { format!("Read by {name}") },
            )
        };
        std::iter::once(Choice::new(NOBODY, "Read by nobody")).chain(readers.into_iter().map(name)).collect()
    }

    /// What the form offers for whose a report is: one's own, nobody's, and those of colleagues who have one.
    pub fn with_choices(assignees: Vec<(AccountId, String)>, me: AccountId) -> Vec<Choice> {
        let colleagues = assignees.into_iter().filter(|(id, _)| *id != me);
        let mut all = vec![Choice::new(MINE, "Mine"), Choice::new(NOBODY, "Given to nobody")];
        all.extend(colleagues.map(|(id, name)| Choice::new(id.to_string(), format!("With {name}"))));
        all
    }

    /// What the form offers for how long a report has waited.
    pub fn waiting_choices() -> Vec<Choice> {
        WAITING.iter().map(|(days, label)| Choice::new(*days, format!("Longer than {label}"))).collect()
    }
}

fn in_hands(text: &str) -> Option<InHands> {
    match text {
        NOBODY => Some(InHands::Nobody),
        number => number.parse().ok().map(|id| InHands::Staff(AccountId(id))),
    }
}
