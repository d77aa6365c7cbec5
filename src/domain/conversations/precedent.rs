//! "Would this count?" (G8): what is asked before an event, the answer, and which answers resemble a report.

use chrono::NaiveDate;

use crate::domain::activities::category::Category;
use crate::domain::activities::quantity::Quantity;
use crate::domain::codes::codes;
use crate::domain::ids::FieldId;

/// Most characters of a precedent's public title.
pub const LONGEST_PUBLIC_TITLE: usize = 200;
/// Words of a search or a title that are looked for at most.
pub const MOST_WORDS: usize = 6;

/// What is asked about: as in a report, but days and quantity may be open still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The kind of activity.
    pub category: Category,
    /// What it is.
    pub title: String,
    /// Who holds, publishes or runs it; may be empty.
    pub organiser: String,
    /// The field it belongs to.
    pub field: FieldId,
    /// First day.
    pub started_on: Option<NaiveDate>,
    /// Last day.
    pub completed_on: Option<NaiveDate>,
    /// How long or how much.
    pub quantity: Option<Quantity>,
    /// Why it is relevant; may be empty.
    pub relevance: String,
}

codes! {
    /// The answer to such a question.
    pub enum InquiryVerdict {
        /// It would count.
        Yes = "yes",
        /// It would, if something is given.
        Conditions = "conditions",
        /// It would not.
        No = "no",
    }
}

impl InquiryVerdict {
    /// What people read.
    pub const fn label(self) -> &'static str {
        match self {
            InquiryVerdict::Yes => "Yes, it would count",
            InquiryVerdict::Conditions => "Yes, with conditions",
            InquiryVerdict::No => "No, it would not count",
        }
    }
}

/// Words that say nothing about what an event is.
const EMPTY_WORDS: [&str; 24] = [
    "with",
    "from",
    "this",
    "that",
    "your",
    "the",
    "and",
    "for",
    "about",
    "into",
    "part",
    "day",
    "days",
    "course",
    "training",
    "webinar",
    "conference",
    "seminar",
    "workshop",
    "session",
    "meeting",
    "annual",
    "online",
    "event",
];

/// The telling words of a folded title, the longest first: what a precedent that resembles it would share.
#[must_use]
pub fn telling_words(folded: &str) -> Vec<String> {
    let mut words: Vec<String> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 2 && !EMPTY_WORDS.contains(word))
        .filter(|word| !word.chars().all(|c| c.is_ascii_digit()))
        .map(str::to_owned)
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.dedup();
    words.truncate(MOST_WORDS);
    words
}

/// Whether a folded text resembles what these words were taken from: it has at least two of them, or the only one.
#[must_use]
pub fn resembles(words: &[String], folded: &str) -> bool {
    let shared = likeness(words, folded);
    shared >= 2 || (shared == 1 && words.len() == 1)
}

/// How many of the words a folded text has.
#[must_use]
pub fn likeness(words: &[String], folded: &str) -> usize {
    words.iter().filter(|word| folded.contains(word.as_str())).count()
}
