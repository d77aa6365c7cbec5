//! Notices about reviews: returned, rejected, approved.

use chrono::NaiveDate;

use crate::domain::activities::credits::Credits;
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::review::ReasonCode;
use crate::domain::ids::ActivityId;

use super::words::{filters, three_templates};

/// A report came back with a question; it stays undecided until the holder answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Returned {
    /// The report.
    pub activity: ActivityId,
    /// Its title.
    pub title: String,
    /// The kind of reason.
    pub code: ReasonCode,
    /// The reviewer's words.
    pub reason: String,
    /// Whether the holder was told before that it was approved, which is taken back by this.
    pub approved_before: bool,
}

/// The question that came with a returned report was a mistake.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct QuestionTakenBack {
    /// The report.
    pub activity: ActivityId,
    /// Its title.
    pub title: String,
}

/// A verdict was a mistake, and the report is looked at again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerdictTakenBack {
    /// The report.
    pub activity: ActivityId,
    /// Its title.
    pub title: String,
    /// Whether it had been approved; else it had been rejected.
    pub approved: bool,
    /// The reviewer's words.
    pub reason: String,
}

/// A report does not count.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rejected {
    /// The report.
    pub activity: ActivityId,
    /// Its title.
    pub title: String,
    /// The kind of reason.
    pub code: ReasonCode,
    /// The reviewer's words.
    pub reason: String,
    /// Whether the holder was told before that it was approved, which is taken back by this.
    pub approved_before: bool,
}

/// One or more reports count.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Approved {
    /// The reports.
    pub activities: Vec<ApprovedActivity>,
}

/// A report that counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApprovedActivity {
    /// Its title.
    pub title: String,
    /// The day it was completed.
    pub completed_on: NaiveDate,
    /// What it earns.
    pub credits: Credits,
    /// When the reviewer awarded another quantity than was reported.
    pub award: Option<Award>,
}

/// Several verdicts that are told together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Verdicts {
    /// Reports that count.
    pub approved: Vec<ApprovedActivity>,
    /// The other reports, each with what is said about it.
    pub others: Vec<OtherVerdict>,
}

impl Verdicts {
    fn reports(&self) -> usize {
        self.approved.len() + self.others.len()
    }
}

/// A verdict that is no approval.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OtherVerdict {
    /// A report came back with a question.
    Returned(Returned),
    /// The question was a mistake.
    QuestionTakenBack(QuestionTakenBack),
    /// A verdict was a mistake.
    VerdictTakenBack(VerdictTakenBack),
    /// A report does not count.
    Rejected(Rejected),
}

/// An award that differs from the report.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Award {
    /// What was reported.
    pub reported: Quantity,
    /// What counts.
    pub awarded: Quantity,
    /// Why, in the reviewer's words.
    pub reason: String,
}

impl Award {
    fn less(&self) -> bool {
        self.awarded < self.reported
    }
}

/// A request for a correction was answered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CorrectionAnswered {
    /// The report.
    pub activity: ActivityId,
    /// Its title.
    pub title: String,
    /// Whether the report was changed and waits for review again.
    pub accepted: bool,
    /// Staff's words; may be empty when it was accepted.
    pub answer: String,
}

three_templates!(
    CorrectionAnswered,
    "mail/correction-answered.subject.txt",
    "mail/correction-answered.txt",
    "mail/correction-answered.html"
);
three_templates!(Returned, "mail/returned.subject.txt", "mail/returned.txt", "mail/returned.html");
three_templates!(
    QuestionTakenBack,
    "mail/question-taken-back.subject.txt",
    "mail/question-taken-back.txt",
    "mail/question-taken-back.html"
);
three_templates!(
    VerdictTakenBack,
    "mail/verdict-taken-back.subject.txt",
    "mail/verdict-taken-back.txt",
    "mail/verdict-taken-back.html"
);
three_templates!(Rejected, "mail/rejected.subject.txt", "mail/rejected.txt", "mail/rejected.html");
three_templates!(Approved, "mail/approved.subject.txt", "mail/approved.txt", "mail/approved.html");
three_templates!(Verdicts, "mail/verdicts.subject.txt", "mail/verdicts.txt", "mail/verdicts.html");
