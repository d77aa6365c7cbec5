//! A row of activities, read cell by cell: every cell that is not right is told, not only the first.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{ImportTerms, day_in, shown};
use crate::actions::activities::form::LONGEST_LINE;
use crate::actions::text::one_line;
use crate::domain::activities::activity::{ActivityStatus, Facts};
use crate::domain::activities::category::Category;
use crate::domain::activities::quantity::Quantity;
use crate::domain::address;
use crate::domain::dates::long_date;
use crate::domain::ids::FieldId;
use crate::store::activities::import_keys::import_key;

/// A row as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActivityRow {
    /// The holder's address.
    pub email: String,
    /// A category word, such as attending.
    pub category: String,
    /// What it was.
    pub title: String,
    /// Who held, published or ran it; may be empty.
    pub organiser: String,
    /// A field's code, such as `it_security`.
    pub field: String,
    /// First day; empty means the last one.
    pub started_on: String,
    /// Last day.
    pub completed_on: String,
    /// Hours ("2.5", "2,5", "2:30") or pages.
    pub quantity: String,
    /// The publication, for writing.
    pub publication: String,
    /// Submitted or approved.
    pub status: String,
    /// What a reviewer awarded instead of the reported quantity, where a file says so.
    pub awarded: String,
}

/// A row whose cells are good, each on its own.
pub(super) struct Parsed {
    pub facts: Facts,
    pub category: Category,
    pub reported: Quantity,
    pub completed_on: NaiveDate,
    pub status: ActivityStatus,
    pub awarded: Option<Quantity>,
    /// What makes it the same as another row: see [`import_key`].
    pub key: String,
}

/// What could be read of a row. `faults` is empty exactly when `parsed` is there.
pub(super) struct Read {
    /// The address; empty when there is none.
    pub email: String,
    /// The same as addresses are compared.
    pub email_norm: String,
    /// The last day, when it is one up to today.
    pub completed_on: Option<NaiveDate>,
    pub parsed: Option<Parsed>,
    pub faults: Vec<String>,
}

/// Collects what is wrong.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn take<T>(&mut self, result: Result<T, String>) -> Option<T> {
        result.map_err(|fault| self.0.push(fault)).ok()
    }

    fn add(&mut self, fault: impl Into<String>) {
        self.0.push(fault.into());
    }
}

pub(super) fn read(row: &ActivityRow, fields: &BTreeMap<String, FieldId>, terms: &ImportTerms) -> Read {
    let mut faults = Faults::default();
    let email = address::kept(&row.email);
    if email.is_empty() {
        faults.add("The email is missing.");
    }
    let category = faults.take(category_in(&row.category));
    let title = faults.take(one_line("The title", &row.title, LONGEST_LINE));
    if title.as_deref() == Some("") {
        faults.add("The title is missing.");
    }
    let organiser = faults.take(one_line("The organiser", &row.organiser, LONGEST_LINE));
    let field = faults.take(fields.get(&row.field.trim().to_lowercase()).copied().ok_or_else(|| {
        let words: Vec<&str> = fields.keys().map(String::as_str).collect();
        said_missing_or("field", &row.field, &format!("is not a field. Use {}.", words.join(", ")))
    }));
    let (started_on, completed_on) = days(row, terms, &mut faults);
    let reported = faults.take(quantity("quantity", category, &row.quantity));
    let publication = faults.take(one_line("The publication", &row.publication, LONGEST_LINE));
    if category == Some(Category::Writing) && publication.as_deref() == Some("") {
        faults.add("The publication is missing; writing needs its title.");
    }
    let status = faults.take(status_in(&row.status));
    let awarded = match row.awarded.trim() {
        "" => None,
        _ if status.is_some_and(|status| status != ActivityStatus::Approved) => {
            faults.add("Only an approved activity can have an awarded quantity.");
            None
        }
        cell => faults.take(quantity("awarded quantity", category, cell)).flatten(),
    };
    let parsed = (|| {
        let (category, reported, completed_on) = (category?, reported.flatten()?, completed_on?);
        let facts = Facts {
            category: Some(category),
            title: title?,
            organiser: organiser?,
            field: Some(field?),
            started_on: Some(started_on?),
            completed_on: Some(completed_on),
            quantity: Some(reported),
            // a publication named in another category is ignored (G4)
            publication: publication.filter(|_| category == Category::Writing).unwrap_or_default(),
            relevance: String::new(),
            not_regular_job: true,
        };
        let awarded = awarded.filter(|awarded| *awarded != reported);
        let key = import_key(&facts);
        Some(Parsed { facts, category, reported, completed_on, status: status?, awarded, key })
    })();
    let parsed = parsed.filter(|_| faults.0.is_empty());
    Read { email_norm: address::compared(&email), email, completed_on, parsed, faults: faults.0 }
}

fn category_in(cell: &str) -> Result<Category, String> {
    Category::from_code(&cell.trim().to_lowercase()).ok_or_else(|| {
        let words: Vec<&str> = Category::ALL.iter().map(|category| category.code()).collect();
        said_missing_or("category", cell, &format!("is not a category. Use {}.", words.join(", ")))
    })
}

fn status_in(cell: &str) -> Result<ActivityStatus, String> {
    match ActivityStatus::from_code(&cell.trim().to_lowercase()) {
        Some(status @ (ActivityStatus::Submitted | ActivityStatus::Approved)) => Ok(status),
        Some(
            ActivityStatus::Draft
            | ActivityStatus::Returned
            | ActivityStatus::Rejected
            | ActivityStatus::Withdrawn,
        )
        | None => {
            Err(said_missing_or("status", cell, "is not a status for an import. Use submitted or approved."))
        }
    }
}

/// The first and the last day, each when it can be one.
fn days(
    row: &ActivityRow,
    terms: &ImportTerms,
    faults: &mut Faults,
) -> (Option<NaiveDate>, Option<NaiveDate>) {
    let completed_on = if row.completed_on.trim().is_empty() {
        faults.add("The day of completion (completed_on) is missing.");
        None
    } else {
        faults.take(day_in(&terms.days, "completed_on", &row.completed_on))
    };
    let started_on = if row.started_on.trim().is_empty() {
        completed_on
    } else {
        faults.take(day_in(&terms.days, "started_on", &row.started_on))
    };
    if let (Some(started_on), Some(completed_on)) = (started_on, completed_on)
        && started_on > completed_on
    {
        faults.add(format!(
            "It starts on {}, after it was completed on {}.",
            long_date(started_on),
            long_date(completed_on)
        ));
    }
    if let Some(day) = completed_on.filter(|day| *day > terms.today) {
        faults.add(format!("{} is in the future (completed_on).", long_date(day)));
        return (started_on, None);
    }
    (started_on, completed_on)
}

/// What a cell with a quantity holds. Without a category nobody can say what a number means: none then.
fn quantity(name: &str, category: Option<Category>, cell: &str) -> Result<Option<Quantity>, String> {
    let missing = cell.trim().is_empty();
    let Some(category) = category else {
        return if missing { Err(format!("The {name} is missing.")) } else { Ok(None) };
    };
    Quantity::parse(category, cell).map(Some).map_err(|problem| {
        if missing {
            format!("The {name} is missing.")
        } else {
            format!("{} is not a valid {name} for {}: {problem}", shown(cell), category.code())
        }
    })
}

fn said_missing_or(name: &str, cell: &str, otherwise: &str) -> String {
    if cell.trim().is_empty() {
        format!("The {name} is missing.")
    } else {
        format!("{} {otherwise}", shown(cell))
    }
}
