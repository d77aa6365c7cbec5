//! The parts of a review case as the page shows them: what was told, hints, other reports, verdicts so far.

use chrono::NaiveDate;

use crate::actions::reviews::review_case::ReviewCase;
use crate::domain::activities::activity::{Activity, ActivityStatus};
use crate::domain::activities::category::Unit;
use crate::domain::activities::publication::fold_title;
use crate::domain::activities::quantity::Quantity;
use crate::domain::activities::relevance::Relevance;
use crate::domain::activities::review::ReviewDecision;
use crate::domain::dates::{days_between, days_in_words, long_date};
use crate::domain::ids::AccountId;
use crate::portal::Portal;
use crate::store::activities::assignments::Assignment;
use crate::store::activities::reviews::Review;
use crate::web::staff::certificates::figures::{counted, distance};
use crate::web::view::dates::instant;
use crate::web::view::tags::{Tag, staff_tag};

/// What the holder told.
pub struct FactsShown {
    /// The kind, in words.
    pub category: &'static str,
    /// Who held it.
    pub organiser: String,
    /// The field it belongs to.
    pub field: String,
    /// The kind of the tag about relevance (G8).
    pub relevance_kind: &'static str,
    /// What that tag says.
    pub relevance: &'static str,
    /// The holder's explanation.
    pub relevance_words: String,
    /// When it was.
    pub days: String,
    /// How much, in words.
    pub quantity: String,
    /// What was awarded instead; empty when as reported.
    pub awarded: String,
    /// Which publication (G4).
    pub publication: String,
    /// When it was reported.
    pub reported: String,
    /// Whether the holder said that it was not part of the regular job (G9).
    pub confirmed: bool,
}

/// A verdict that was given.
pub struct ReviewShown {
    /// What a person reads first.
    pub title: String,
    /// The kind, as for tags.
    pub kind: &'static str,
    /// When.
    pub at: String,
    /// The words.
    pub words: String,
}

/// Another report of the same holder.
pub struct OtherShown {
    /// Its identity.
    pub id: i64,
    /// What a person reads first.
    pub title: String,
    /// The day it was completed.
    pub completed: String,
    /// How much, in words.
    pub quantity: String,
    /// Its state.
    pub tag: Tag,
}

/// The holder's other reports: those that look like this one, and the rest of the same certification year.
pub struct OthersShown {
    /// Those with the same title or publication, or on the same days.
    pub alike: Vec<OtherShown>,
    /// Others of the same certification year.
    pub rest: Vec<OtherShown>,
}

/// Whether the report is told in hours.
pub fn hours(case: &ReviewCase) -> bool {
    case.activity.facts.quantity.is_some_and(|quantity| quantity.unit() == Unit::Minutes)
}

/// Whose turn a report is that waits for review, for one of the staff who looks at it.
pub enum ReviewTurn {
    /// It is their own report.
    Own,
    /// They know its holder.
    Known,
    /// A colleague has it, by name.
    With(String),
    /// Theirs, as anybody's.
    Yours,
}

impl ReviewTurn {
    /// Whose it is for `me`, who may be the holder (`own`) or know them.
    pub fn of((own, known): (bool, bool), given: Option<&Assignment>, me: AccountId) -> ReviewTurn {
        match given.filter(|given| given.assignee != me) {
            _ if own => ReviewTurn::Own,
            _ if known => ReviewTurn::Known,
            Some(given) => ReviewTurn::With(given.assignee_name.clone()),
            None => ReviewTurn::Yours,
        }
    }

    /// Begins a sentence that goes on with "since 3 November".
    fn words(&self) -> String {
        match self {
            ReviewTurn::Own => "Yours: somebody else reviews it. Waiting".to_owned(),
            ReviewTurn::Known => "You know this holder: a colleague’s turn,".to_owned(),
            ReviewTurn::With(name) => format!("With {name}, waiting"),
            ReviewTurn::Yours => "Your turn,".to_owned(),
        }
    }
}

/// Whose turn it is, and since when. Staff's turn goes on from the first submission; what was the holder's turn in between is told and left out.
pub fn turn(case: &ReviewCase, turn: &ReviewTurn, portal: &Portal, today: NaiveDate) -> String {
    let waiting = &case.activity.waiting;
    let (who, began) = match case.activity.status {
        ActivityStatus::Submitted => (turn.words(), waiting.began()),
        ActivityStatus::Returned => ("The holder's turn,".to_owned(), waiting.returned_at),
        ActivityStatus::Draft
        | ActivityStatus::Approved
        | ActivityStatus::Rejected
        | ActivityStatus::Withdrawn => return String::new(),
    };
    let Some(began) = began.map(|at| portal.clock.day_of(at)) else { return String::new() };
    let days = waiting.since.map_or(0, |since| days_between(portal.clock.day_of(since), today));
    let holders = days_between(began, today) - days;
    match days_between(began, today) {
        ..=0 => format!("{who} since today."),
        _ if case.activity.status == ActivityStatus::Submitted && holders > 0 => format!(
            "{who} since {}: {}, not counting the {} when it was the holder's turn.",
            long_date(began),
            counted(days, "day", "days"),
            counted(holders, "day", "days"),
        ),
        _ => format!("{who} since {} ({}).", long_date(began), distance(today, began)),
    }
}

/// What the holder told.
pub fn facts(case: &ReviewCase, portal: &Portal) -> FactsShown {
    let facts = &case.activity.facts;
    let (relevance_kind, relevance) = match case.relevance {
        Some(Relevance::OwnField) => ("good", "The holder's own field"),
        Some(Relevance::NeighbouringField) => ("good", "A neighbouring field"),
        Some(Relevance::NeedsExplanation) => ("action", "Neither own nor neighbouring: you decide"),
        None => ("off", "Not told"),
    };
    FactsShown {
        category: facts.category.map_or("", |category| category.label()),
        organiser: facts.organiser.clone(),
        field: case.field.as_ref().map(|field| field.title.clone()).unwrap_or_default(),
        relevance_kind,
        relevance,
        relevance_words: facts.relevance.clone(),
        days: days_in_words(facts.started_on, facts.completed_on),
        quantity: facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        awarded: case.activity.awarded.map(|quantity| quantity.to_string()).unwrap_or_default(),
        publication: facts.publication.clone(),
        confirmed: case.confirmed,
        reported: case.activity.reported_at.map(|at| instant(&portal.clock, at)).unwrap_or_default(),
    }
}

/// What deserves a second look.
pub fn hints(case: &ReviewCase) -> Vec<String> {
    let facts = &case.activity.facts;
    let mut hints = Vec::new();
    let alike = case.others.iter().filter(|other| same_title(other, case) && may_count(other)).count();
    if alike == 1 {
        hints.push("The holder has another report with the same title; it is listed below.".to_owned());
    } else if alike > 1 {
        hints.push(format!("The holder has {alike} other reports with the same title; see below."));
    }
    if let (Some(from), Some(to), Some(quantity)) = (facts.started_on, facts.completed_on, facts.quantity) {
        let days = days_between(from, to) + 1;
        if hours(case) && quantity.amount() > days.saturating_mul(12 * 60) {
            let span = counted(days, "day", "days");
            hints.push(format!("{quantity} in {span} is more than 12 hours a day."));
        }
    }
    hints
}

/// A verdict that was given.
pub fn shown(review: &Review, case: &ReviewCase, portal: &Portal) -> ReviewShown {
    let (verb, kind) = match review.decision {
        ReviewDecision::Approve => ("Approved", "good"),
        ReviewDecision::Return => ("Returned", "action"),
        ReviewDecision::Reject => ("Rejected", "bad"),
    };
    let by = review.reviewer_name.as_deref().unwrap_or("an import");
    let mut words = review.reason.clone();
    if let Some(code) = review.code {
        words = format!("{}: {words}", code.label());
    }
    let unit = case.activity.facts.category.map(|category| category.unit());
    if let Some(awarded) =
        review.quantity.zip(unit).and_then(|(amount, unit)| Quantity::new(amount, unit).ok())
    {
        words = format!("{awarded} awarded: {words}");
    }
    ReviewShown {
        title: format!("{verb} by {by}"),
        kind,
        at: instant(&portal.clock, review.reviewed_at),
        words,
    }
}

/// The holder's other reports that help to decide about this one.
pub fn others(case: &ReviewCase) -> OthersShown {
    let (mut alike, mut rest) = (Vec::new(), Vec::new());
    for report in &case.others {
        if is_alike(report, case) {
            alike.push(other(report));
        } else if same_year(report, case) {
            rest.push(other(report));
        }
    }
    OthersShown { alike, rest }
}

fn may_count(other: &Activity) -> bool {
    !matches!(other.status, ActivityStatus::Rejected | ActivityStatus::Withdrawn)
}

fn same_title(other: &Activity, case: &ReviewCase) -> bool {
    fold_title(&other.facts.title) == fold_title(&case.activity.facts.title)
}

/// The same title, the same publication, or days in common.
fn is_alike(other: &Activity, case: &ReviewCase) -> bool {
    let (facts, others) = (&case.activity.facts, &other.facts);
    let same_publication =
        !others.publication.is_empty() && fold_title(&others.publication) == fold_title(&facts.publication);
    let days = facts.started_on.zip(facts.completed_on).zip(others.started_on.zip(others.completed_on));
    let overlap =
        days.is_some_and(|((from, to), (other_from, other_to))| from <= other_to && other_from <= to);
    same_title(other, case) || same_publication || overlap
}

/// Whether another report falls into a year that this one counts for.
fn same_year(other: &Activity, case: &ReviewCase) -> bool {
    let (Some(day), Some(other_day)) = (case.activity.facts.completed_on, other.facts.completed_on) else {
        return false;
    };
    case.file.certificates.iter().any(|certificate| {
        certificate.year_for(day).is_some_and(|index| certificate.year_for(other_day) == Some(index))
    })
}

fn other(activity: &Activity) -> OtherShown {
    let facts = &activity.facts;
    OtherShown {
        id: activity.id.0,
        title: facts.title.clone(),
        completed: facts.completed_on.map(long_date).unwrap_or_default(),
        quantity: activity.awarded.or(facts.quantity).map(|q| q.to_string()).unwrap_or_default(),
        tag: staff_tag(activity.status),
    }
}

/// Who has a report.
pub struct AssignmentShown {
    /// "This report is yours", "Mara Jong has this report".
    pub title: String,
    /// Who gave it, and when.
    pub given: String,
    /// What was said with it.
    pub words: String,
    /// What the button says that makes it everybody's again.
    pub button: &'static str,
}

/// Who has a report, as somebody reads it.
pub fn assignment_shown(given: Assignment, me: AccountId, portal: &Portal) -> AssignmentShown {
    let at = instant(&portal.clock, given.at);
    let mine = given.assignee == me;
    AssignmentShown {
        title: if mine {
            "This report is yours".to_owned()
        } else {
            format!("{} has this report", given.assignee_name)
        },
        given: match (given.by == given.assignee, given.by == me) {
            (true, _) => format!("Taken on {at}."),
            (false, true) => format!("You gave it on {at}."),
            (false, false) => format!("{} gave it on {at}.", given.by_name),
        },
        words: given.words,
        button: if mine { "Hand it back" } else { "Take it back" },
    }
}
