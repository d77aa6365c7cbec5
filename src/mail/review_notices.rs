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
    /// What it counts while it waits; none when nobody can say.
    pub credits: Option<Credits>,
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
    /// What it counts while it waits; none when nobody can say.
    pub credits: Option<Credits>,
}

/// A verdict was a mistake, and the report is looked at again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerdictTakenBack {
    /// The report.
    pub activity: ActivityId,
    /// Its title.
    pub title: String,
    /// What it counts while it waits; none when nobody can say.
    pub credits: Option<Credits>,
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

impl Approved {
    fn credits(&self) -> Credits {
        self.activities.iter().map(|activity| activity.credits).sum()
    }
}

/// A report that counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApprovedActivity {
    /// The report.
    pub activity: ActivityId,
    /// Its title.
    pub title: String,
    /// The day it was completed.
    pub completed_on: NaiveDate,
    /// What it earns.
    pub credits: Credits,
    /// When the reviewer awarded another quantity than was reported.
    pub award: Option<Award>,
    /// When the limit of one publication takes a part of it.
    pub cap: Option<CapTaken>,
}

/// What the limit of one publication takes of a report (G4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CapTaken {
    /// What does not count.
    pub over: Credits,
    /// The most that one publication earns.
    pub cap: Credits,
    /// What other reports had taken of it.
    pub taken_before: Credits,
}

impl CapTaken {
    /// "7 credits are over the limit of one publication and do not count: it earns at most 5 over its whole life."
    fn words(&self) -> String {
        let over = self.over.counted();
        let (are, do_not) = if over == "1 credit" { ("is", "does not") } else { ("are", "do not") };
        let others = match self.taken_before.is_zero() {
            true => String::new(),
            false => format!(", and other reports had taken {}", self.taken_before.plain()),
        };
        format!(
            "{over} {are} over the limit of one publication and {do_not} count: it earns at most {} over its whole life{others}.",
            self.cap.counted()
        )
    }
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

    /// The first report that waits for an answer.
    fn question(&self) -> Option<&Returned> {
        self.others.iter().find_map(|other| match other {
            OtherVerdict::Returned(report) => Some(report),
            _ => None,
        })
    }

    /// What was decided, for a subject: "12.50 credits approved, 1 question, 1 not approved"; empty when everything was taken back.
    fn summary(&self) -> String {
        let questions = self.others.iter().filter(|other| matches!(other, OtherVerdict::Returned(_))).count();
        let rejected = self.others.iter().filter(|other| matches!(other, OtherVerdict::Rejected(_))).count();
        let approved: Credits = self.approved.iter().map(|activity| activity.credits).sum();
        let mut parts = Vec::new();
        if !self.approved.is_empty() {
            parts.push(format!("{} approved", approved.counted()));
        }
        match questions {
            0 => {}
            1 => parts.push("1 question".to_owned()),
            several => parts.push(format!("{several} questions")),
        }
        if rejected > 0 {
            parts.push(format!("{rejected} not approved"));
        }
        parts.join(", ")
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
