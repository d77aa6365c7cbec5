//! Deciding about a report, and what is shown when a colleague was first.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::claims::view_of;
use super::derivation::fell_short;
use super::form::ReviewForm;
use super::page::page;
use super::parts::{ReviewShown, shown};
use super::queue::{self, within};
use super::queue_address::QueueAddress;
use crate::actions::ActionError;
use crate::actions::reviews::queue::Onwards;
use crate::actions::reviews::reversal::{Undone, take_question_back, take_verdict_back, undo};
use crate::actions::reviews::review_case;
use crate::actions::reviews::{Reviewed, review};
use crate::domain::activities::activity::ActivityStatus;
use crate::domain::activities::review::{ReasonCode, ReviewDecision, Verdict};
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::notices::delivery::Reach;
use crate::domain::roles::Reviewer;
use crate::portal::Portal;
use crate::store::activities::reviews::ReviewRange;
use crate::store::mail::reach;
use crate::store::{StoreError, activities};
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::staff::certificates::figures::counted;
use crate::web::staff::mail::reach::{notice, with_cure};
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;
use crate::web::view::tags::{Tag, staff_tag};

#[derive(Template)]
#[template(path = "staff/activities/conflict.html")]
struct ConflictPage {
    page: Layout,
    id: i64,
    title: String,
    holder_name: String,
    tag: Tag,
    /// What a colleague decided meanwhile; nothing when the holder changed the report.
    decided: Option<ReviewShown>,
    /// Whether it can still be decided.
    open: bool,
    form: ReviewForm,
    /// The verdict that was meant, in words.
    meant: String,
    /// The list, and the report, as the reviewer reads them.
    list: String,
    report: String,
    queue: String,
}

/// POST /staff/activities/{id}/review, and on to the next report in the queue.
///
/// # Errors
/// `WebError`; somebody who was second gets a page that says who was first, with status 409.
pub async fn decide(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<ReviewForm>,
) -> Result<HttpResponse, WebError> {
    let form = form.spelled_out();
    let (id, actor, given) = (ActivityId(*id), staff.actor(), form.clone());
    let address = QueueAddress::of(&request);
    let (view, sorting) = (view_of(&staff, &portal, &address.filter), address.filter.sorting());
    let decided = blocking(&portal, move |portal| {
        let onwards = portal.store.read(|conn| Onwards::of(conn, &view, sorting, id))?;
        let reviewed = review(portal, actor, id, seen(&given.version), &given.verdict())?;
        let (next, reach) = portal.store.read(|conn| {
            Ok::<_, StoreError>((onwards.next(conn, &view)?, reach::of_one(conn, reviewed.holder)?))
        })?;
        Ok((reviewed, next, reach))
    })
    .await;
    if let Err(WebError::Action(ActionError::Store(StoreError::Changed))) = decided {
        return conflict(&staff, &request, &portal, id, form).await;
    }
    let (reviewed, next, reach) = match decided.or_corrections()? {
        Ok(decided) => decided,
        Err(errors) => return mend(&staff, &request, &portal, id, (form, errors)).await,
    };
    let done = done(&reviewed, reach, &portal);
    let (path, then) = match next {
        Some(next) => (address.report(next), "This is the next report in the queue."),
        None => (address.list(), "Nothing else is waiting for you."),
    };
    let told = Flash::success(format!("{done} {then}")).with_link(address.report(id), "Look at it again");
    let told = with_cure(told, &staff, reviewed.holder, reach)
        .with_undo(address.undo(&portal, Some(reviewed.range)));
    Ok(see_other_with(path, told))
}

/// The report again with what was typed: where it was judged, beside the list or on a page of its own.
pub(in crate::web::staff) async fn mend(
    staff: &AsReviewer,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    id: ActivityId,
    typed: (ReviewForm, FieldErrors),
) -> Result<HttpResponse, WebError> {
    if QueueAddress::of(request).is_beside() {
        return queue::mend(staff, request, portal, id, typed).await;
    }
    page(staff, request, portal, id, Some(typed)).await
}

/// Characters of a title in a message.
const TITLE: usize = 80;

/// A title between quotation marks of ours: it needs none of its own.
fn in_brief(title: &str) -> String {
    let title = title.trim_matches(['“', '”', '"']);
    let begins: String = title.chars().take(TITLE).collect();
    if begins.len() < title.len() { format!("{}…", begins.trim_end()) } else { begins }
}

/// What a verdict has done, in words, and what its holder hears of it.
fn done(reviewed: &Reviewed, reach: Reach, portal: &Portal) -> String {
    let title = in_brief(&reviewed.title);
    let credits = reviewed.credits.unwrap_or_default().counted();
    let (done, what) = match reviewed.verdict {
        Verdict::Approve { awarded: Some(quantity), .. } => {
            (format!("Approved “{title}” with {quantity}, not as reported: {credits}."), " why")
        }
        Verdict::Approve { .. } => (format!("Approved “{title}”, {credits}."), ""),
        Verdict::Return { .. } => (format!("Returned “{title}”."), " what is asked"),
        Verdict::Reject { .. } => (format!("Rejected “{title}”."), " why"),
    };
    let told = match within(portal.config.undo).trim_start() {
        "" => format!("The holder is told{what}."),
        later => format!("The holder is told{what} {later}."),
    };
    let short = fell_short(&reviewed.fallen, portal.clock.today());
    format!("{done} {}{short}", reach.sentence(&told))
}

/// What is true of a verdict that was undone: pages show it at once, and only the email waits.
const UNHEARD: &str = "No email was sent; whoever looked at the page in that minute may have seen it.";

/// POST /staff/review/verdicts/{range}/removal: undoes verdicts that one press gave, while nobody has heard of them.
///
/// # Errors
/// `WebError::NotFound` for an address that is none; `WebError` when the database cannot do it.
pub async fn undo_given(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    range: web::Path<String>,
    _: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let range: ReviewRange = range.parse().map_err(|_| WebError::NotFound)?;
    let (actor, address) = (staff.actor(), QueueAddress::of(&request));
    let (result, late_status) = blocking(&portal, move |portal| undone(portal, actor, range)).await?;
    let (page, queue) = (|id: &ActivityId| address.report(*id), address.list());
    let many = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
    let (undone, late) = (many(result.undone.len()), many(result.late.len()));
    Ok(match (result.undone.as_slice(), result.late.as_slice()) {
        ([], []) => see_other_with(queue, Flash::info("There is nothing to undo.")),
        ([one], []) => see_other_with(
            page(one),
            Flash::success(format!("Undone. The report is waiting for review again. {UNHEARD}")),
        ),
        ([], [one]) => see_other_with(page(one), too_late(*one, late_status)),
        (_, []) => {
            let waiting = counted(undone, "report is", "reports are");
            let words = format!("Undone. {waiting} waiting for review again. {UNHEARD}");
            see_other_with(queue, Flash::success(words))
        }
        (_, [first, ..]) => see_other_with(
            queue,
            Flash::warning(format!(
                "{undone} undone. For {late} it is too late: the email has left, or the report has changed."
            ))
            .with_link(page(first), "Look at the first of them"),
        ),
    })
}

/// Undoes them; with it how the first one stands that it was too late for.
fn undone(
    portal: &Portal,
    actor: Reviewer,
    range: ReviewRange,
) -> Result<(Undone, Option<ActivityStatus>), ActionError> {
    let result = undo(portal, actor, range)?;
    let first = match result.late.first() {
        Some(id) => portal.store.read(|conn| activities::find(conn, *id))?,
        None => None,
    };
    Ok((result, first.map(|report| report.status)))
}

/// That a verdict cannot be undone any more, and what can be done instead of it.
fn too_late(id: ActivityId, status: Option<ActivityStatus>) -> Flash {
    let late = "It is too late to undo this: its email has left, or the report has changed.";
    let (what, label) = match status {
        Some(ActivityStatus::Approved | ActivityStatus::Rejected) => ("verdict", "Take the verdict back"),
        Some(ActivityStatus::Returned) => ("question", "Take the question back"),
        _ => return Flash::warning(late),
    };
    Flash::warning(format!("{late} You can still take the {what} back on the report’s own page."))
        .with_link(format!("/staff/activities/{id}#verdict"), label)
}

/// The version that a form was made from; what is no version is one that nothing has, so that it is refused.
pub fn seen(version: &str) -> Option<i64> {
    let version = version.trim();
    if version.is_empty() { None } else { Some(version.parse().unwrap_or(-1)) }
}

async fn conflict(
    staff: &Person,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    id: ActivityId,
    form: ReviewForm,
) -> Result<HttpResponse, WebError> {
    let today = portal.clock.today();
    let case =
        blocking(portal, move |portal| portal.store.read(|conn| review_case::find(conn, id, today))).await?;
    let read = seen(&form.version).unwrap_or(0);
    let since = case.reviews.iter().rev().find(|review| review.activity_version >= read);
    let decided = since.map(|review| shown(review, &case, portal));
    let address = QueueAddress::of(request);
    let page = ConflictPage {
        page: staff.layout(match &decided {
            Some(_) => "A colleague was first",
            None => "The holder changed this report in the meantime",
        }),
        id: id.0,
        title: case.activity.facts.title.clone(),
        holder_name: case.holder.name.clone(),
        tag: staff_tag(case.activity.status),
        open: case.activity.status == ActivityStatus::Submitted,
        meant: meant(&form),
        decided,
        form,
        list: address.list(),
        report: address.report(id),
        queue: address.suffix(),
    };
    Ok(render(StatusCode::CONFLICT, &page))
}

fn meant(form: &ReviewForm) -> String {
    let reason = ReasonCode::from_code(&form.reason_code).map(ReasonCode::label);
    match (ReviewDecision::from_code(&form.decision), reason) {
        (Some(ReviewDecision::Approve), _) if form.quantity.trim().is_empty() => {
            "Approve, as reported".to_owned()
        }
        (Some(ReviewDecision::Approve), _) => format!("Approve {}", form.quantity.trim()),
        (Some(ReviewDecision::Return), Some(reason)) => format!("Return: {reason}"),
        (Some(ReviewDecision::Return), None) => "Return".to_owned(),
        (Some(ReviewDecision::Reject), Some(reason)) => format!("Reject: {reason}"),
        (Some(ReviewDecision::Reject), None) => "Reject".to_owned(),
        (None, _) => "Nothing was chosen".to_owned(),
    }
}

/// POST /staff/activities/{id}/return/removal: takes back the question that a returned report waits with.
///
/// # Errors
/// `WebError`; a conflict when the holder or a colleague was first.
pub async fn take_back(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<ReviewForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor) = (ActivityId(*id), staff.actor());
    let done = blocking(&portal, move |portal| {
        let told = take_question_back(portal, actor, id, seen(&form.version))?;
        Ok((told, holder_and_reach(portal, id)?))
    });
    let (told, reached) = done.await?;
    let done = taken_back(&staff, "question", told, reached);
    Ok(see_other_with(QueueAddress::of(&request).report(id), done))
}

/// POST /staff/activities/{id}/review/removal: takes a verdict back, with a reason that the holder reads.
///
/// # Errors
/// `WebError`; a conflict when somebody was first.
pub async fn look_again(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<ReviewForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (ActivityId(*id), staff.actor(), form.clone());
    let done = blocking(&portal, move |portal| {
        let told = take_verdict_back(portal, actor, id, seen(&given.version), &given.reason)?;
        Ok((told, holder_and_reach(portal, id)?))
    });
    let (told, reached) = match done.await.or_corrections()? {
        Ok(told) => told,
        Err(errors) => return mend(&staff, &request, &portal, id, (form, errors)).await,
    };
    let done = taken_back(&staff, "verdict", told, reached);
    Ok(see_other_with(QueueAddress::of(&request).report(id), done))
}

/// Whose report it is, and whether an email reaches them.
fn holder_and_reach(portal: &Portal, id: ActivityId) -> Result<(HolderId, Reach), ActionError> {
    portal.store.read(|conn| {
        let holder = activities::find(conn, id)?.ok_or(ActionError::NotFound)?.holder;
        Ok((holder, reach::of_one(conn, holder)?))
    })
}

/// `told`: whether an email says so; otherwise the one that it takes back had not left.
fn taken_back(staff: &Person, what: &str, told: bool, (holder, reach): (HolderId, Reach)) -> Flash {
    let done = format!("The {what} has been taken back. The report is waiting for review again.");
    if told {
        return notice(staff, holder, reach, (&done, "The holder is told."));
    }
    Flash::success(format!("{done} Its email had not left, so none is sent."))
}
