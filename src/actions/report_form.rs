//! The report form: what people typed becomes facts, or messages beside the fields.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::activity::{Activity, ActivityStatus, Facts, Report};
use crate::domain::calendar::{Lean, long_date, plus_days, read_day};
use crate::domain::catalogue::{Field, Neighbours};
use crate::domain::category::{Category, Unit};
use crate::domain::eligibility::{relevance_on, usable_years};
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::ledger::HolderFile;
use crate::domain::policy::Policies;
use crate::domain::quantity::{Quantity, QuantityError};
use crate::domain::relevance::Relevance;
use crate::domain::text::{composed, is_invisible, on_one_line};
use crate::store::{Conn, StoreError, catalogue, files, policies};

/// Most characters of a title, an organiser or a publication.
pub const LONGEST_LINE: usize = 300;
/// Most characters of an explanation.
pub const LONGEST_TEXT: usize = 4_000;

const LINE_BREAKS: [char; 3] = ['\n', '\r', '\t'];

/// What stands in the fields of the report form, exactly as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// A category's code.
    pub category: String,
    /// What it was.
    pub title: String,
    /// Who held, published or ran it.
    pub organiser: String,
    /// A field's code.
    pub field: String,
    /// First day.
    pub started_on: String,
    /// Last day.
    pub completed_on: String,
    /// Hours, for categories that count time.
    pub hours: String,
    /// Minutes beside the hours.
    pub minutes: String,
    /// Pages, for reading and writing.
    pub pages: String,
    /// The publication, for writing.
    pub publication: String,
    /// Why it is relevant.
    pub relevance: String,
    /// Whether the box was ticked.
    pub not_regular_job: bool,
    /// The question that was asked beforehand about it, by its number; mostly empty.
    pub question: String,
}

impl Typed {
    /// A kept activity as it would be typed, to be shown in the form again.
    pub fn of(facts: &Facts, fields: &[Field]) -> Typed {
        let day = |day: Option<NaiveDate>| day.map(long_date).unwrap_or_default();
        let number = |amount: i64| if amount == 0 { String::new() } else { amount.to_string() };
        let (hours, minutes, pages) = match facts.quantity {
            Some(quantity) if quantity.unit() == Unit::Minutes => {
                (number(quantity.amount() / 60), number(quantity.amount() % 60), String::new())
            }
            Some(quantity) => (String::new(), String::new(), quantity.typed()),
            None => Default::default(),
        };
        Typed {
            category: facts.category.map_or("", Category::code).to_owned(),
            title: facts.title.clone(),
            organiser: facts.organiser.clone(),
            field: facts
                .field
                .and_then(|id| fields.iter().find(|field| field.id == id))
                .map(|field| field.code.clone())
                .unwrap_or_default(),
            started_on: day(facts.started_on.filter(|day| Some(*day) != facts.completed_on)),
            completed_on: day(facts.completed_on),
            hours,
            minutes,
            pages,
            publication: facts.publication.clone(),
            relevance: facts.relevance.clone(),
            not_regular_job: facts.not_regular_job,
            question: String::new(),
        }
    }
}

/// How much has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// A draft may have gaps; what is typed must be readable.
    Draft,
    /// A report is whole, and some certification year can use it.
    Report,
    /// A question beforehand may have gaps, and its days lie ahead.
    Question,
}

/// What a report is read against.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Everything about the holder.
    pub file: HolderFile,
    /// The rules' figures.
    pub policies: Policies,
    /// The fields of knowledge.
    pub fields: Vec<Field>,
    /// Which of them neighbour each other.
    pub neighbours: Neighbours,
    /// The day in the body's time zone.
    pub today: NaiveDate,
}

impl Setting {
    /// Reads it all together.
    ///
    /// # Errors
    /// `StoreError`.
    pub fn load(conn: &mut Conn<'_>, holder: HolderId, today: NaiveDate) -> Result<Setting, StoreError> {
        let rules = Rules::load(conn)?;
        Setting::under(rules, conn, holder, today)
    }

    /// Reads what is the holder's; the rules were read before, so that a write does not hold everybody up with them.
    ///
    /// # Errors
    /// `StoreError`.
    pub fn under(
        rules: Rules,
        conn: &mut Conn<'_>,
        holder: HolderId,
        today: NaiveDate,
    ) -> Result<Setting, StoreError> {
        let Rules { policies, fields, neighbours } = rules;
        Ok(Setting { file: files::of_holder(conn, holder, today)?, policies, fields, neighbours, today })
    }
}

/// What is the same for every holder: policies and catalogue.
#[derive(Clone, Debug)]
pub struct Rules {
    policies: Policies,
    fields: Vec<Field>,
    neighbours: Neighbours,
}

impl Rules {
    /// Reads them.
    ///
    /// # Errors
    /// `StoreError`.
    pub fn load(conn: &mut Conn<'_>) -> Result<Rules, StoreError> {
        Ok(Rules {
            policies: policies::all(conn)?,
            fields: catalogue::fields(conn)?,
            neighbours: catalogue::neighbours(conn)?,
        })
    }
}

/// What a form says: the facts that could be read, and what is wrong, in the order of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What could be read.
    pub facts: Facts,
    /// Field and message.
    pub errors: Vec<(&'static str, String)>,
}

impl Reading {
    fn say(&mut self, field: &'static str, message: impl Into<String>) {
        self.errors.push((field, message.into()));
    }

    /// The facts as the report they would make now; a change keeps the id and the day of the first report.
    pub fn would_be(&self, before: Option<&Activity>, now: NaiveDateTime) -> Option<Report> {
        let id = before.map_or(ActivityId(i64::MAX), |activity| activity.id);
        let reported_at = before.and_then(|activity| activity.reported_at).unwrap_or(now);
        self.facts.report(id, ActivityStatus::Submitted, reported_at)
    }
}

/// Reads the form. Facts without errors at `Strictness::Report` are fit to be reported.
pub fn read(typed: &Typed, setting: &Setting, strictness: Strictness) -> Reading {
    let whole = strictness == Strictness::Report;
    let mut reading = Reading::default();
    reading.facts.category = Category::from_code(typed.category.trim());
    let typed_amount =
        [&typed.hours, &typed.minutes, &typed.pages].iter().any(|text| !text.trim().is_empty());
    match reading.facts.category {
        Some(_) => {}
        None if !typed.category.trim().is_empty() => {
            reading.say("category", "Choose a kind of activity from the list.")
        }
        None if whole => reading.say("category", "Choose the kind of activity."),
        None if typed_amount => {
            reading.say("category", "Choose the kind of activity: it decides whether hours or pages count.");
        }
        None => {}
    }
    reading.facts.title = line(&mut reading, "title", &typed.title);
    if whole && reading.facts.title.is_empty() && !has_error(&reading, "title") {
        reading.say("title", "Enter a title, such as the name of the event or the book.");
    }
    if reading.facts.category == Some(Category::Writing) {
        reading.facts.publication = line(&mut reading, "publication", &typed.publication);
        if whole && reading.facts.publication.is_empty() && !has_error(&reading, "publication") {
            reading.say(
                "publication",
                "Enter the title of the publication, so that everything you wrote for it is counted together.",
            );
        }
    }
    reading.facts.organiser = line(&mut reading, "organiser", &typed.organiser);
    field(&mut reading, typed, setting, whole);
    days(&mut reading, typed, setting, strictness);
    explanation(&mut reading, typed, setting, whole);
    quantity(&mut reading, typed, whole);
    reading.facts.not_regular_job = typed.not_regular_job;
    if whole && !typed.not_regular_job {
        // G9
        reading.say(
            "not_regular_job",
            "Confirm that this was not part of your regular job. Regular work earns no credits.",
        );
    }
    reading
}

fn has_error(reading: &Reading, field: &str) -> bool {
    reading.errors.iter().any(|(name, _)| *name == field)
}

/// One line of text: trimmed, inner spaces as one; empty when nothing visible was typed.
fn line(reading: &mut Reading, name: &'static str, typed: &str) -> String {
    let text = on_one_line(typed);
    // a pasted line break is a space; other control characters would be invisible in lists and files
    if text.chars().any(char::is_control) {
        reading
            .say(name, "This contains characters that cannot be shown. Type it again instead of pasting it.");
    }
    let length = text.chars().count();
    if length > LONGEST_LINE {
        reading.say(name, format!("Use at most {LONGEST_LINE} characters. There are {length} now."));
    }
    if text.chars().all(is_invisible) { String::new() } else { text }
}

fn field(reading: &mut Reading, typed: &Typed, setting: &Setting, whole: bool) {
    let code = typed.field.trim();
    reading.facts.field = setting.fields.iter().find(|field| field.code == code).map(|field| field.id);
    if reading.facts.field.is_none() {
        if !code.is_empty() {
            reading.say("field", "Choose a field from the list.");
        } else if whole {
            reading.say("field", "Choose the field that it belongs to.");
        }
    }
}

fn days(reading: &mut Reading, typed: &Typed, setting: &Setting, strictness: Strictness) {
    let whole = strictness == Strictness::Report;
    let lean = if strictness == Strictness::Question { Lean::Ahead } else { Lean::Back };
    let started_before = reading.errors.len();
    let started_on = day(reading, "started_on", &typed.started_on, setting.today, lean);
    let completed_on = day(reading, "completed_on", &typed.completed_on, setting.today, lean);
    let unreadable = reading.errors.len() > started_before;
    if let (Some(first), Some(last)) = (started_on, completed_on)
        && first > last
    {
        reading.say(
            "started_on",
            format!("It cannot start after it was completed, on {}. Check both days.", long_date(last)),
        );
        return;
    }
    if whole && completed_on.is_none() && !unreadable {
        reading.say(
            "completed_on",
            format!(
                "Enter the day on which it was completed, such as {}.",
                long_date(plus_days(setting.today, -1))
            ),
        );
    }
    if let Some(last) = completed_on.filter(|_| whole)
        && let Err(unusable) = usable_years(&setting.file, last, setting.today)
    {
        reading.say("completed_on", unusable.to_string());
    }
    reading.facts.started_on = started_on.or(completed_on);
    reading.facts.completed_on = completed_on;
}

fn day(
    reading: &mut Reading,
    name: &'static str,
    typed: &str,
    today: NaiveDate,
    lean: Lean,
) -> Option<NaiveDate> {
    if typed.trim().is_empty() {
        return None;
    }
    let day = read_day(typed, today, lean);
    if day.is_none() {
        let (example, word, last) = match lean {
            Lean::Back => (plus_days(today, -1), "yesterday", "Day completed"),
            Lean::Ahead => (plus_days(today, 1), "tomorrow", "Last day"),
        };
        let label = if name == "started_on" { "First day" } else { last };
        let numbers = example.format("%-d/%-m/%Y");
        reading.say(
            name,
            format!("{label}: enter a day that exists, such as {}, {numbers} or {word}.", long_date(example)),
        );
    }
    day
}

/// A text of several lines: trimmed, empty when nothing visible was typed.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn long_text(typed: &str) -> Result<String, String> {
    let text = typed.replace("\r\n", "\n");
    let text = composed(text.trim());
    if text.chars().any(|c| c.is_control() && !LINE_BREAKS.contains(&c)) {
        return Err(
            "This contains characters that cannot be shown. Type it again instead of pasting it.".to_owned()
        );
    }
    let length = text.chars().count();
    if length > LONGEST_TEXT {
        return Err(format!("Use at most {LONGEST_TEXT} characters. There are {length} now."));
    }
    Ok(if text.chars().all(is_invisible) { String::new() } else { text.into_owned() })
}

fn explanation(reading: &mut Reading, typed: &Typed, setting: &Setting, whole: bool) {
    match long_text(&typed.relevance) {
        Ok(text) => reading.facts.relevance = text,
        Err(problem) => return reading.say("relevance", problem),
    }
    let empty = reading.facts.relevance.is_empty();
    if let (true, true, Some(field), Some(day)) =
        (whole, empty, reading.facts.field, reading.facts.completed_on)
        && relevance_on(&setting.file, field, day, &setting.neighbours) == Relevance::NeedsExplanation
    {
        // G8
        reading.say(
            "relevance",
            "This field is neither yours nor a neighbouring one. Say in a few words why the activity is relevant to your certificate; a reviewer decides.",
        );
    }
}

fn quantity(reading: &mut Reading, typed: &Typed, whole: bool) {
    let Some(category) = reading.facts.category else { return };
    let (empty, read) = match category.unit() {
        Unit::Minutes => (
            typed.hours.trim().is_empty() && typed.minutes.trim().is_empty(),
            Quantity::from_hours_and_minutes(&typed.hours, &typed.minutes),
        ),
        Unit::Pages | Unit::A4Pages => {
            (typed.pages.trim().is_empty(), Quantity::parse(category, &typed.pages))
        }
    };
    match read {
        Ok(quantity) => reading.facts.quantity = Some(quantity),
        Err(_) if empty && !whole => {}
        Err(error) => {
            if category.unit() == Unit::Minutes
                && error == QuantityError::NotMinutes
                && let Err(hours) = Quantity::parse(category, &typed.hours)
                && !matches!(hours, QuantityError::NoTime | QuantityError::Zero)
            {
                // both fields are wrong: both say so
                reading.say("hours", hours.to_string());
            }
            let name = match (category.unit(), &error) {
                (Unit::Minutes, QuantityError::NotMinutes | QuantityError::FractionAndMinutes) => "minutes",
                (Unit::Minutes, _) => "hours",
                _ => "pages",
            };
            reading.say(name, error.to_string());
        }
    }
}
