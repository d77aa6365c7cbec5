//! What the people of the demonstration did: activities that sound like real ones.

use chrono::NaiveDate;

use super::random::Random;
use crate::actions::activities::form::Typed;
use crate::actions::imports::ActivityRow;
use crate::domain::activities::category::{Category, Unit};

/// Half a credit, in the units of version 1 of the policy: amounts of the demonstration are whole numbers of these.
const fn units_for_halves(category: Category, halves: i64) -> i64 {
    match category {
        Category::Attending | Category::Teaching | Category::CourseMaterial => halves * 30,
        Category::Unregistered => halves * 90,
        Category::Reading => halves * 75,
        Category::Writing => halves / 2,
    }
}

/// Something that somebody did.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub category: Category,
    pub title: String,
    pub organiser: &'static str,
    pub field: &'static str,
    pub started_on: NaiveDate,
    pub completed_on: NaiveDate,
    /// Minutes or pages.
    pub amount: i64,
    pub publication: String,
    pub relevance: String,
}

impl Deed {
    /// The same on another day.
    pub(super) fn on(mut self, day: NaiveDate) -> Self {
        self.started_on = day;
        self.completed_on = day;
        self
    }

    /// As it is typed into the report form.
    pub(super) fn typed(&self) -> Typed {
        let mut typed = Typed {
            category: self.category.code().to_owned(),
            title: self.title.clone(),
            organiser: self.organiser.to_owned(),
            field: self.field.to_owned(),
            started_on: self.started_on.to_string(),
            completed_on: self.completed_on.to_string(),
            publication: self.publication.clone(),
            relevance: self.relevance.clone(),
            not_regular_job: true,
            ..Typed::default()
        };
        if self.category.unit() == Unit::Minutes {
            typed.hours = (self.amount / 60).to_string();
            typed.minutes = (self.amount % 60).to_string();
        } else {
            typed.pages = self.amount.to_string();
        }
        typed
    }

    /// As it stands in a file of activities.
    pub(super) fn row(&self, email: &str, status: &str) -> ActivityRow {
        let quantity = match self.category.unit() {
            Unit::Minutes => format!("{}:{:02}", self.amount / 60, self.amount % 60),
            Unit::Pages | Unit::A4Pages => self.amount.to_string(),
        };
        ActivityRow {
            email: email.to_owned(),
            category: self.category.code().to_owned(),
            title: self.title.clone(),
            organiser: self.organiser.to_owned(),
            field: self.field.to_owned(),
            started_on: self.started_on.to_string(),
            completed_on: self.completed_on.to_string(),
            quantity,
            publication: self.publication.clone(),
            status: status.to_owned(),
            awarded: String::new(),
        }
    }
}

/// The field of a certification, by the letters it begins with.
pub(super) fn field_of(certification: &str) -> &'static str {
    match certification {
        code if code.starts_with("ITS") || code == "CITSO" => "it_security",
        code if code.starts_with("DP") || code == "CDPO" => "data_protection",
        code if code.starts_with("BC") || code == "CBCO" => "business_continuity",
        code if code.starts_with("CM") || code == "CCMO" => "crisis_management",
        code if code.starts_with("EH") || code == "CEHL" => "ethical_hacking",
        code if code.starts_with("SP") || code == "CSPL" => "secure_software",
        _ => "information_security",
    }
}

const ORGANISERS: [&str; 8] = [
    "Noordzee Security Forum",
    "European Privacy Circle",
    "Harbour University",
    "Chamber of Resilience",
    "Open Practitioners’ Network",
    "Instituto Atlántico",
    "Lighthouse Press",
    "Union of Auditors",
];

fn topics(field: &str) -> [&'static str; 6] {
    match field {
        "it_security" => [
            "network segmentation",
            "identity and access",
            "cloud hardening",
            "log analysis",
            "patching at scale",
            "zero trust",
        ],
        "data_protection" => [
            "impact assessments",
            "subject access requests",
            "international transfers",
            "retention schedules",
            "privacy by design",
            "breach notification",
        ],
        "business_continuity" => [
            "recovery objectives",
            "supply chain continuity",
            "exercise design",
            "impact analysis",
            "alternate sites",
            "pandemic planning",
        ],
        "crisis_management" => [
            "crisis communication",
            "decision logs",
            "tabletop exercises",
            "media training",
            "command structures",
            "after-action reviews",
        ],
        "ethical_hacking" => [
            "web application testing",
            "red team reporting",
            "wireless assessments",
            "responsible disclosure",
            "social engineering",
            "exploit mitigation",
        ],
        "secure_software" => [
            "threat modelling",
            "memory safety",
            "dependency review",
            "secure code review",
            "secrets in pipelines",
            "fuzzing",
        ],
        _ => [
            "risk treatment",
            "supplier security",
            "awareness that works",
            "incident reporting",
            "asset classification",
            "audit evidence",
        ],
    }
}

fn title(category: Category, topic: &str, random: &mut Random) -> String {
    let patterns: &[&str] = match category {
        Category::Attending => &[
            "Study day: {}",
            "Workshop on {} in practice",
            "Conference track: {}",
            "Webinar: what is new in {}",
            "Masterclass {}",
        ],
        Category::Reading => &["“A field guide to {}”", "White paper on {}", "“The little book of {}”"],
        Category::Writing => &["Article on {}", "White paper: {} for small organisations"],
        Category::Teaching => &["Evening class: {}", "Guest lecture on {}", "Talk about {} for beginners"],
        Category::CourseMaterial => &["Exercises on {} for the practitioner course", "New module: {}"],
        Category::Unregistered => &["Podcast series on {}", "Open meet-up: {}"],
    };
    let pattern = random.one_of(patterns).copied().unwrap_or("{}");
    pattern.replace("{}", topic)
}

/// Something worth at most `halves` half credits in `field`, on a day from `from` to `to`. Gives what it is worth too.
pub(super) fn deed(
    field: &'static str,
    halves: i64,
    from: NaiveDate,
    to: NaiveDate,
    random: &mut Random,
) -> (Deed, i64) {
    let category = match random.between(1, 100) {
        1..=50 => Category::Attending,
        51..=68 => Category::Reading,
        69..=80 => Category::Teaching,
        81..=90 => Category::Unregistered,
        _ => Category::CourseMaterial,
    };
    let most = match category {
        Category::Attending => random.between(4, 16),
        Category::Unregistered => random.between(1, 2),
        _ => random.between(2, 8),
    };
    let worth = most.min(halves).max(1);
    let topics = topics(field);
    let topic = random.one_of(&topics).copied().unwrap_or("risk treatment");
    let length = to.signed_duration_since(from).num_days().max(0);
    let completed_on = crate::domain::dates::plus_days(from, random.between(0, length));
    let started_on = if worth > 12 && completed_on > from {
        completed_on.pred_opt().unwrap_or(completed_on)
    } else {
        completed_on
    };
    let deed = Deed {
        category,
        title: capitalised(&title(category, topic, random)),
        organiser: random.one_of(&ORGANISERS).copied().unwrap_or("Lighthouse Press"),
        field,
        started_on,
        completed_on,
        amount: units_for_halves(category, worth),
        publication: String::new(),
        relevance: String::new(),
    };
    (deed, worth)
}

/// Pages of a publication.
pub(super) fn writing(
    field: &'static str,
    title: &str,
    publication: &str,
    pages: i64,
    on: NaiveDate,
) -> Deed {
    Deed {
        category: Category::Writing,
        title: title.to_owned(),
        organiser: "Lighthouse Press",
        field,
        started_on: on,
        completed_on: on,
        amount: pages,
        publication: publication.to_owned(),
        relevance: String::new(),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
