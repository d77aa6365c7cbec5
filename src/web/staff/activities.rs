//! One report, as staff review it: what was told, what shows it, what it counts for, and the verdict.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::counting::{CountShown, counts};
use super::figures::counted;
use crate::actions::review_cases::{self, ReviewCase};
use crate::actions::reviews::{GivenVerdict, review};
use crate::domain::activity::{Activity, ActivityStatus};
use crate::domain::calendar::{days_between, long_date};
use crate::domain::category::Unit;
use crate::domain::ids::ActivityId;
use crate::domain::publication::fold_title;
use crate::domain::quantity::Quantity;
use crate::domain::relevance::Relevance;
use crate::domain::review::{ReasonCode, Verdict};
use crate::portal::Portal;
use crate::store::evidence::Evidence;
use crate::store::review_queue;
use crate::store::reviews::Review;
use crate::web::blocking::{OrCorrections, blocking};
use crate::web::checked::CheckedForm;
use crate::web::error::WebError;
use crate::web::flash::see_other_with;
use crate::web::form::{Choice, FieldErrors};
use crate::web::instant::instant;
use crate::web::layout::{Flash, Layout};
use crate::web::page::render;
use crate::web::session::{AsReviewer, Person};
use crate::web::state::Tag;

#[derive(Template)]
#[template(path = "staff/activities/show.html")]
struct ActivityPage {
    page: Layout,
    errors: FieldErrors,
    form: ReviewForm,
    id: i64,
    holder: i64,
    holder_name: String,
    tag: Tag,
    /// Why there is no form, when there is none.
    closed: Option<&'static str>,
    facts: FactsShown,
    /// Something that deserves a second look.
    hints: Vec<String>,
    evidence: Vec<FileShown>,
    counts: Vec<CountShown>,
    reviews: Vec<ReviewShown>,
    others: Vec<OtherShown>,
    decisions: Vec<Choice>,
    reasons: Vec<Choice>,
    unit: &'static str,
    quantity_hint: String,
}

struct FactsShown {
    category: &'static str,
    organiser: String,
    field: String,
    relevance_kind: &'static str,
    relevance: &'static str,
    relevance_words: String,
    days: String,
    quantity: String,
    awarded: String,
    publication: String,
    reported: String,
}

struct FileShown {
    id: i64,
    name: String,
    size: String,
}

struct ReviewShown {
    title: String,
    kind: &'static str,
    at: String,
    words: String,
}

struct OtherShown {
    id: i64,
    title: String,
    completed: String,
    quantity: String,
    tag: Tag,
}

/// The verdict as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReviewForm {
    decision: String,
    quantity: String,
    reason_code: String,
    reason: String,
    version: String,
}

/// GET /staff/activities/{id}
///
/// # Errors
/// `WebError::NotFound` for drafts and what is not there.
pub async fn show(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    page(&staff, &portal, ActivityId(*id), None).await
}

async fn page(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: ActivityId,
    typed: Option<(ReviewForm, FieldErrors)>,
) -> Result<HttpResponse, WebError> {
    let today = portal.clock.today();
    let case =
        blocking(portal, move |portal| portal.store.read(|conn| review_cases::find(conn, id, today))).await?;
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (mut form, errors) = typed.unwrap_or_default();
    form.version = case.activity.version.to_string();
    let closed = if case.activity.holder == staff.account.id {
        Some("This is your own report. A colleague has to review it.")
    } else if case.activity.status == ActivityStatus::Submitted {
        None
    } else {
        Some("This report is not waiting for review, so there is nothing to decide now.")
    };
    let others: Vec<OtherShown> = case.others.iter().filter(|other| near(other, &case)).map(other).collect();
    let page = ActivityPage {
        page: staff.layout(case.activity.facts.title.clone()),
        errors,
        form,
        id: id.0,
        holder: case.holder.id.0,
        holder_name: case.holder.name.clone(),
        tag: staff_tag(case.activity.status),
        closed,
        facts: facts(&case, portal),
        hints: hints(&case),
        evidence: evidence(&case),
        counts: counts(&case, today),
        reviews: case.reviews.iter().map(|review| shown(review, &case, portal)).collect(),
        others,
        decisions: decisions(),
        reasons: ReasonCode::ALL.iter().map(|code| Choice::new(code.code(), code.label())).collect(),
        unit: if hours(&case) { "hours" } else { "pages" },
        quantity_hint: format!(
            "Leave empty to approve {} as reported. Otherwise {}, and say why below.",
            case.activity.facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
            if hours(&case) { "enter hours such as 2.5 or 2:30" } else { "enter the pages" },
        ),
    };
    Ok(render(status, &page))
}

/// POST /staff/activities/{id}/review, and on to the next report in the queue.
///
/// # Errors
/// `WebError`; 409 when somebody was first.
pub async fn decide(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<ReviewForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (ActivityId(*id), staff.actor(), form.clone());
    let decided = blocking(&portal, move |portal| {
        let place = portal.store.read(|conn| review_queue::key_of(conn, id))?;
        let verdict = GivenVerdict {
            decision: &given.decision,
            quantity: &given.quantity,
            reason_code: &given.reason_code,
            reason: &given.reason,
        };
        let verdict = review(portal, actor, id, seen(&given.version), &verdict)?;
        let next = portal.store.read(|conn| review_queue::next(conn, actor.id, place.as_deref()))?;
        Ok((verdict, next))
    })
    .await
    .or_corrections()?;
    let (verdict, next) = match decided {
        Ok(decided) => decided,
        Err(errors) => return page(&staff, &portal, id, Some((form, errors))).await,
    };
    let done = match verdict {
        Verdict::Approve { .. } => "Approved. The holder is told.",
        Verdict::Return { .. } => "Returned. The holder is told what is asked.",
        Verdict::Reject { .. } => "Rejected. The holder is told why.",
    };
    Ok(match next {
        Some(next) => see_other_with(
            format!("/staff/activities/{next}"),
            Flash::success(format!("{done} This is the next report in the queue.")),
        ),
        None => {
            see_other_with("/staff/review", Flash::success(format!("{done} Nothing else waits for you.")))
        }
    })
}

/// The version that a form was made from; what is no version is one that nothing has, so that it is refused.
pub fn seen(version: &str) -> Option<i64> {
    let version = version.trim();
    if version.is_empty() { None } else { Some(version.parse().unwrap_or(-1)) }
}

fn hours(case: &ReviewCase) -> bool {
    case.activity.facts.quantity.is_some_and(|quantity| quantity.unit() == Unit::Minutes)
}

fn decisions() -> Vec<Choice> {
    vec![
        Choice::new("approve", "Approve").hint("It counts, as reported or with another quantity."),
        Choice::new("return", "Return with a question").hint("It stays undecided until the holder answers."),
        Choice::new("reject", "Reject").hint("It does not count."),
    ]
}

/// The tag of a report, as staff read it.
pub fn staff_tag(status: ActivityStatus) -> Tag {
    let kind = match status {
        ActivityStatus::Draft => "info",
        ActivityStatus::Submitted => "wait",
        ActivityStatus::Returned => "action",
        ActivityStatus::Approved => "good",
        ActivityStatus::Rejected => "bad",
        ActivityStatus::Withdrawn => "off",
    };
    Tag { kind, label: status.label() }
}

fn facts(case: &ReviewCase, portal: &Portal) -> FactsShown {
    let facts = &case.activity.facts;
    let (relevance_kind, relevance) = match case.relevance {
        Some(Relevance::OwnField) => ("good", "The holder's own field"),
        Some(Relevance::NeighbouringField) => ("good", "A neighbouring field"),
        Some(Relevance::NeedsExplanation) => ("action", "Neither own nor neighbouring: you decide"),
        None => ("off", "Not told"),
    };
    let days = match (facts.started_on, facts.completed_on) {
        (Some(from), Some(to)) if from != to => format!("{} to {}", long_date(from), long_date(to)),
        (_, to) => to.map(long_date).unwrap_or_default(),
    };
    FactsShown {
        category: facts.category.map_or("", |category| category.label()),
        organiser: facts.organiser.clone(),
        field: case.field.as_ref().map(|field| field.title.clone()).unwrap_or_default(),
        relevance_kind,
        relevance,
        relevance_words: facts.relevance.clone(),
        days,
        quantity: facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        awarded: case.activity.awarded.map(|quantity| quantity.to_string()).unwrap_or_default(),
        publication: facts.publication.clone(),
        reported: case.activity.reported_at.map(|at| instant(&portal.clock, at)).unwrap_or_default(),
    }
}

fn hints(case: &ReviewCase) -> Vec<String> {
    let facts = &case.activity.facts;
    let mut hints = Vec::new();
    let alike = case.others.iter().filter(|other| {
        fold_title(&other.facts.title) == fold_title(&facts.title)
            && !matches!(other.status, ActivityStatus::Rejected | ActivityStatus::Withdrawn)
    });
    let alike = alike.count();
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

fn evidence(case: &ReviewCase) -> Vec<FileShown> {
    let size = |bytes: i64| match bytes {
        bytes if bytes < 1_000_000 => format!("{} kB", (bytes / 1000).max(1)),
        bytes => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    };
    let shown =
        |file: &Evidence| FileShown { id: file.id.0, name: file.name.clone(), size: size(file.bytes) };
    case.evidence.iter().map(shown).collect()
}

fn shown(review: &Review, case: &ReviewCase, portal: &Portal) -> ReviewShown {
    let (verb, kind) = match review.decision.as_str() {
        "approve" => ("Approved", "good"),
        "return" => ("Returned", "action"),
        _ => ("Rejected", "bad"),
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

/// Whether another report falls into a year that this one counts for.
fn near(other: &Activity, case: &ReviewCase) -> bool {
    let (Some(day), Some(other_day)) = (case.activity.facts.completed_on, other.facts.completed_on) else {
        return false;
    };
    let same_publication = !other.facts.publication.is_empty()
        && fold_title(&other.facts.publication) == fold_title(&case.activity.facts.publication);
    let same_title = fold_title(&other.facts.title) == fold_title(&case.activity.facts.title);
    let same_year = case.file.certificates.iter().any(|certificate| {
        certificate.year_for(day).is_some_and(|index| certificate.year_for(other_day) == Some(index))
    });
    same_publication || same_title || same_year
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
