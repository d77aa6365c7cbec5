//! The report form: what people typed becomes facts, or messages beside the fields.

use chrono::{NaiveDate, NaiveDateTime};

use crate::domain::activities::activity::{Activity, ActivityStatus, Facts, Report};
use crate::domain::activities::category::{Category, Unit};
use crate::domain::activities::plausibility::too_long_for_its_days;
use crate::domain::activities::quantity::{Quantity, QuantityError};
use crate::domain::activities::submission::{Leniency, Objection, SubmissionFacts, objections};
use crate::domain::certification::catalogue::{Field, Neighbours};
use crate::domain::certification::policy::Policies;
use crate::domain::dates::{LONGEST_QUOTE, Lean, long_date, plus_days, read_day, year_beyond, year_in_doubt};
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::ledger::HolderFile;
use crate::domain::text::{composed, excerpt, is_invisible, on_one_line, too_long};
use crate::store::certification::{catalogue, policies};
use crate::store::records::holder_records;
use crate::store::{Conn, StoreError};

/// Most characters of a title, an organiser or a publication.
pub const LONGEST_LINE: usize = 300;
/// Most characters of an explanation.
pub const LONGEST_TEXT: usize = 4_000;

/// The field by which a holder confirms G9.
const TICKED_BOX: &str = "not_regular_job";

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

impl Typed {
    /// The texts, by the names of their fields: the one list of them.
    fn texts(&mut self) -> [(&'static str, &mut String); 11] {
        [
            ("category", &mut self.category),
            ("title", &mut self.title),
            ("organiser", &mut self.organiser),
            ("field", &mut self.field),
            ("started_on", &mut self.started_on),
            ("completed_on", &mut self.completed_on),
            ("hours", &mut self.hours),
            ("minutes", &mut self.minutes),
            ("pages", &mut self.pages),
            ("publication", &mut self.publication),
            ("relevance", &mut self.relevance),
        ]
    }

    /// The texts from what was sent, or kept, for the name of each field; empty for one that was not.
    pub fn read<'a>(sent: impl Fn(&str) -> &'a str) -> Typed {
        let mut typed = Typed::default();
        for (name, text) in typed.texts() {
            sent(name).clone_into(text);
        }
        typed
    }

    /// What was typed, by the names of the fields, to be kept beside a draft that cannot be read whole.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let mut copy = self.clone();
        let texts = copy.texts().map(|(name, text)| (name, std::mem::take(text)));
        let ticked = if self.not_regular_job { "1" } else { "" };
        texts.into_iter().chain([(TICKED_BOX, ticked.to_owned())]).collect()
    }

    /// The form as it was typed when it was kept.
    pub fn kept(fields: &[(String, String)]) -> Typed {
        let one = |name: &str| fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value);
        Typed { not_regular_job: !one(TICKED_BOX).is_empty(), ..Typed::read(one) }
    }
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
    pub fn load(conn: &mut Conn<'_>, holder: HolderId, today: NaiveDate) -> Result<Setting, StoreError> {
        let rules = Rules::load(conn)?;
        Setting::under(rules, conn, holder, today)
    }

    /// Reads what is the holder's; the rules were read before, so that a write does not hold everybody up with them.
    pub fn under(
        rules: Rules,
        conn: &mut Conn<'_>,
        holder: HolderId,
        today: NaiveDate,
    ) -> Result<Setting, StoreError> {
        let Rules { policies, fields, neighbours } = rules;
        Ok(Setting {
            file: holder_records::of_holder(conn, holder, today)?,
            policies,
            fields,
            neighbours,
            today,
        })
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
    /// The fields of knowledge.
    pub(in crate::actions) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Reads them.
    pub fn load(conn: &mut Conn<'_>) -> Result<Rules, StoreError> {
        Ok(Rules {
            policies: policies::all(conn)?,
            fields: catalogue::fields(conn)?,
            neighbours: catalogue::neighbours(conn)?,
        })
    }
}

/// A form that was read: the facts, and what can be said about each field. It is read once; what is missing depends on what is to be done
/// with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedForm {
    /// What could be read.
    pub facts: Facts,
    problems: Vec<(&'static str, String, Matters)>,
}

/// For what a problem of a field matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matters {
    /// Nothing can be done with the form.
    Always,
    /// A draft may have gaps; a report is whole.
    ForReport,
    /// What is said instead while it is a draft.
    ForDraft,
}

/// The fields in the order of the form.
const ORDER: [&str; 12] = [
    "category",
    "title",
    "publication",
    "organiser",
    "field",
    "relevance",
    "completed_on",
    "started_on",
    "hours",
    "minutes",
    "pages",
    "not_regular_job",
];

fn in_order(problems: &mut [(&'static str, String)]) {
    problems.sort_by_key(|(field, _)| ORDER.iter().position(|name| name == field));
}

impl ParsedForm {
    fn say(&mut self, field: &'static str, message: impl Into<String>) {
        self.problems.push((field, message.into(), Matters::Always));
    }

    fn ask(&mut self, field: &'static str, message: impl Into<String>) {
        self.problems.push((field, message.into(), Matters::ForReport));
    }

    fn has_problem(&self, field: &str) -> bool {
        self.problems.iter().any(|(name, ..)| *name == field)
    }

    /// What keeps it from being kept as a draft, or from being asked about: fields and messages in the order of the form.
    pub fn draft_problems(&self) -> Vec<(&'static str, String)> {
        self.problems_for(Matters::ForDraft)
    }

    /// What keeps it from being reported: what cannot be read, what is missing, and that no certification year could use it (G1, G8, G9,
    /// G10). Fields and messages in the order of the form.
    pub fn report_problems(&self, setting: &Setting) -> Vec<(&'static str, String)> {
        let mut problems = self.problems_for(Matters::ForReport);
        let claim = SubmissionFacts {
            day: self.facts.completed_on,
            field: self.facts.field,
            explained: !self.facts.relevance.is_empty() || self.has_problem("relevance"),
        };
        let leniency = Leniency::Nothing(&setting.neighbours);
        for objection in objections(&setting.file, &claim, setting.today, leniency) {
            problems.push(match objection {
                Objection::Unusable(unusable) => ("completed_on", unusable.to_string()),
                Objection::FarField => {
                    let problem = "This field is neither yours nor a neighbouring one. Say in a few words why the activity is relevant to your certificate; a reviewer decides.";
                    ("relevance", problem.to_owned())
                }
            });
        }
        in_order(&mut problems);
        problems
    }

    fn problems_for(&self, purpose: Matters) -> Vec<(&'static str, String)> {
        let matters = |matters: Matters| matters == Matters::Always || matters == purpose;
        let told = self.problems.iter().filter(|(.., of)| matters(*of));
        let mut told: Vec<_> = told.map(|(field, message, _)| (*field, message.clone())).collect();
        in_order(&mut told);
        told
    }

    /// The facts as the report they would make now; a change keeps the id and the day of the first report.
    pub fn would_be(&self, before: Option<&Activity>, now: NaiveDateTime) -> Option<Report> {
        let id = before.map_or(ActivityId(i64::MAX), |activity| activity.id);
        let reported_at = before.and_then(|activity| activity.reported_at).unwrap_or(now);
        self.facts.report(id, ActivityStatus::Submitted, reported_at)
    }
}

/// Reads the form as it was typed on `today`. Days without a year lean back to the past for a report, ahead for a question.
pub fn parse(typed: &Typed, fields: &[Field], today: NaiveDate, lean: Lean) -> ParsedForm {
    let mut parsed = ParsedForm::default();
    parsed.facts.category = Category::from_code(typed.category.trim());
    if parsed.facts.category.is_none() {
        missing_category(&mut parsed, typed);
    }
    parsed.facts.title = line(&mut parsed, "title", &typed.title);
    if parsed.facts.title.is_empty() && !parsed.has_problem("title") {
        parsed.ask("title", "Enter a title, such as the name of the event or the book.");
    }
    if parsed.facts.category == Some(Category::Writing) {
        parsed.facts.publication = line(&mut parsed, "publication", &typed.publication);
        if parsed.facts.publication.is_empty() && !parsed.has_problem("publication") {
            parsed.ask(
                "publication",
                "Enter the title of the publication, so that everything you wrote for it is counted together.",
            );
        }
    }
    parsed.facts.organiser = line(&mut parsed, "organiser", &typed.organiser);
    field(&mut parsed, typed, fields);
    days(&mut parsed, typed, today, lean);
    match long_text(&typed.relevance) {
        Ok(text) => parsed.facts.relevance = text,
        Err(problem) => parsed.say("relevance", problem),
    }
    quantity(&mut parsed, typed);
    if let Some(problem) = too_long_for_its_days(&parsed.facts) {
        parsed.ask("hours", problem);
    }
    parsed.facts.not_regular_job = typed.not_regular_job;
    if !typed.not_regular_job {
        // G9
        parsed.ask(
            "not_regular_job",
            "Confirm that this was not part of your regular job. Regular work earns no credits.",
        );
    }
    parsed
}

fn missing_category(parsed: &mut ParsedForm, typed: &Typed) {
    let amounts = [&typed.hours, &typed.minutes, &typed.pages];
    if !typed.category.trim().is_empty() {
        parsed.say("category", "Choose a kind of activity from the list.");
        return;
    }
    parsed.ask("category", "Choose the kind of activity.");
    if amounts.iter().any(|text| !text.trim().is_empty()) {
        let problem = "Choose the kind of activity: it decides whether hours or pages count.";
        parsed.problems.push(("category", problem.to_owned(), Matters::ForDraft));
    }
}

/// One line of text: trimmed, inner spaces as one; empty when nothing visible was typed.
fn line(parsed: &mut ParsedForm, name: &'static str, typed: &str) -> String {
    let text = on_one_line(typed);
    // a pasted line break is a space; other control characters would be invisible in lists and files
    if text.chars().any(char::is_control) {
        parsed
            .say(name, "This contains characters that cannot be shown. Type it again instead of pasting it.");
    }
    let length = text.chars().count();
    if length > LONGEST_LINE {
        parsed.say(name, too_long(LONGEST_LINE, length));
    }
    if text.chars().all(is_invisible) { String::new() } else { text }
}

fn field(parsed: &mut ParsedForm, typed: &Typed, fields: &[Field]) {
    let code = typed.field.trim();
    parsed.facts.field = fields.iter().find(|field| field.code == code).map(|field| field.id);
    match (parsed.facts.field, code) {
        (Some(_), _) => {}
        (None, "") => parsed.ask("field", "Choose the field that it belongs to."),
        (None, _) => parsed.say("field", "Choose a field from the list."),
    }
}

fn days(parsed: &mut ParsedForm, typed: &Typed, today: NaiveDate, lean: Lean) {
    let started_on = day(parsed, "started_on", &typed.started_on, today, lean);
    let completed_on = day(parsed, "completed_on", &typed.completed_on, today, lean);
    if let (Some(first), Some(last)) = (started_on, completed_on)
        && first > last
    {
        let (first, last) = (long_date(first), long_date(last));
        let problem =
            format!("The days contradict each other: the last day, {last}, is before the first, {first}.");
        return parsed.say("started_on", problem);
    }
    if completed_on.is_none() && !parsed.has_problem("completed_on") {
        let example = long_date(plus_days(today, -1));
        parsed.ask("completed_on", format!("Enter the day on which it was completed, such as {example}."));
    }
    parsed.facts.started_on = started_on.or(completed_on);
    parsed.facts.completed_on = completed_on;
}

fn day(
    parsed: &mut ParsedForm,
    name: &'static str,
    typed: &str,
    today: NaiveDate,
    lean: Lean,
) -> Option<NaiveDate> {
    if typed.trim().is_empty() {
        return None;
    }
    if let Some((ahead, past)) = year_in_doubt(typed, today).filter(|_| lean == Lean::Back) {
        let (ahead, past) = (long_date(ahead), long_date(past));
        parsed.say(name, format!("{ahead} is still to come. If you mean {past}, type the year as well."));
        return None;
    }
    let day = read_day(typed, today, lean);
    if day.is_none() {
        let (example, word, last) = match lean {
            Lean::Back => (plus_days(today, -1), "yesterday", "Day completed"),
            Lean::Ahead => (plus_days(today, 1), "tomorrow", "Last day"),
        };
        let label = if name == "started_on" { "First day" } else { last };
        let (typed, numbers) = (excerpt(typed, LONGEST_QUOTE), example.format("%-d/%-m/%Y"));
        let like = format!("Write it like {}, {numbers} or {word}.", long_date(example));
        let problem = match year_beyond(&typed) {
            Some(year) => format!("{label}: the year {year} cannot be right. {like}"),
            None => format!("{label}: we cannot read “{typed}” as a day. {like}"),
        };
        parsed.say(name, problem);
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
        return Err(too_long(LONGEST_TEXT, length));
    }
    Ok(if text.chars().all(is_invisible) { String::new() } else { text.into_owned() })
}

fn quantity(parsed: &mut ParsedForm, typed: &Typed) {
    let Some(category) = parsed.facts.category else { return };
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
        Ok(quantity) => parsed.facts.quantity = Some(quantity),
        Err(error) => {
            if category.unit() == Unit::Minutes
                && error == QuantityError::NotMinutes
                && let Err(hours) = Quantity::parse(category, &typed.hours)
                && !matches!(hours, QuantityError::NoTime | QuantityError::Zero)
            {
                // both fields are wrong: both say so
                parsed.say("hours", hours.to_string());
            }
            let name = match (category.unit(), &error) {
                (Unit::Minutes, QuantityError::NotMinutes | QuantityError::FractionAndMinutes) => "minutes",
                (Unit::Minutes, _) => "hours",
                _ => "pages",
            };
            let matters = if empty { Matters::ForReport } else { Matters::Always };
            parsed.problems.push((name, error.to_string(), matters));
        }
    }
}
