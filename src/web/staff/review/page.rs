//! One report, as staff review it: what was told, what shows it, what it counts for, and the verdict.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::NaiveDateTime;

use super::claims::filter_of;
use super::derivation::{CountShown, OutcomeShown, counts, outcomes, stakes};
use super::evidence::{Viewer, Way, viewer};
use super::form::ReviewForm;
use super::parts::{FactsShown, OthersShown, ReviewShown, facts, hints, hours, others, shown, turn};
use crate::actions::ActionError;
use crate::actions::activities::correction::is_decided;
use crate::actions::reviews::case as review_cases;
use crate::actions::reviews::case::ReviewCase;
use crate::actions::reviews::claims::{Reading, claim};
use crate::actions::reviews::reversal::no_year_can_use;
use crate::actions::reviews::same_event;
use crate::domain::activities::activity::ActivityStatus;
use crate::domain::activities::review::{ReasonCode, Refused, ReviewDecision};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{ActivityId, EvidenceId};
use crate::domain::ledger::derivation::Reader;
use crate::domain::roles::Reviewer;
use crate::portal::Portal;
use crate::store::activities::prepared_words::{self, Prepared};
use crate::store::activities::submission_notes::Remarks;
use crate::store::conversations::{self, Conversation};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::fields::Fields;
use crate::web::http::auth::{AsReviewer, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::http::middleware::POLICY_WITH_VIEWER;
use crate::web::staff::certificates::figures::counted;
use crate::web::view::conversation::ConversationLine;
use crate::web::view::dates::instant;
use crate::web::view::inquiry::{self, Beside};
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::tags::{Tag, staff_tag};

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
    turn: String,
    /// Why there is no form, when there is none.
    closed: Option<&'static str>,
    /// The colleague who reads it, and since when.
    read_by: Option<(String, String)>,
    facts: FactsShown,
    /// Something that deserves a second look.
    hints: Vec<String>,
    /// What the holder was asked before sending, and said to it.
    remarks: Vec<Remarks>,
    viewer: Viewer,
    counts: Vec<CountShown>,
    /// What an approval would do for each certificate; empty when nothing is to be decided.
    outcomes: Vec<OutcomeShown>,
    /// Years that need this report to reach their minimum.
    stakes: Vec<String>,
    reviews: Vec<ReviewShown>,
    others: OthersShown,
    /// What was answered before about something like it.
    beside: Beside,
    /// "7 others report the same event", when there are any.
    same_event: Option<String>,
    decisions: Vec<Choice>,
    reasons: Vec<Choice>,
    /// Words for each reason.
    prepared: Vec<PreparedShown>,
    /// What holder and staff write to each other about it.
    conversations: Vec<ConversationLine>,
    /// Whether it is with its holder.
    returned: bool,
    /// Whether a verdict stands that only a correction can change.
    decided: bool,
    /// Whether its certification year is settled, so that the verdict stands.
    settled: bool,
    /// The words for a file that cannot be opened.
    cannot_open: String,
    unit: &'static str,
    quantity_hint: String,
    /// The part of the queue that is worked on, as an address says it.
    queue: String,
}

/// Words that can be put into the form.
struct PreparedShown {
    /// The verdict they are for, as the form says it.
    decision: &'static str,
    /// The reason they are for, as the form says it.
    code: &'static str,
    /// What the link says that puts them in.
    link: &'static str,
    /// The reason, as the holder reads it.
    label: &'static str,
    words: String,
}

/// GET /staff/activities/{id}
///
/// # Errors
/// `WebError::NotFound` for drafts and what is not there.
pub async fn show(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    page(&staff, &request, &portal, ActivityId(*id), None).await
}

/// The page of a report, with what was typed when there is something to mend.
///
/// # Errors
/// As [`show`].
pub(in crate::web::staff) async fn page(
    staff: &AsReviewer,
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    id: ActivityId,
    typed: Option<(ReviewForm, FieldErrors)>,
) -> Result<HttpResponse, WebError> {
    let actor = staff.actor();
    let query = Fields::parse(request.query_string().as_bytes());
    let file: Option<EvidenceId> = query.one("file").parse().ok();
    let data = blocking(portal, move |portal| ActivityPageData::load(portal, actor, id, file)).await?;
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (mut form, errors) = typed.unwrap_or_else(|| (asked_for(&query, &data.words), FieldErrors::new()));
    form.version = data.case.activity.version.to_string();
    let queue = filter_of(request).suffix();
    let page = ActivityPage { form, errors, queue, ..ActivityPage::new(staff, portal, data) };
    let mut response = render(status, &page);
    let policy = HeaderValue::from_static(POLICY_WITH_VIEWER);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// What the page needs. Reading it claims the report, unless a colleague reads it.
struct ActivityPageData {
    reading: Reading,
    case: ReviewCase,
    /// How many others report the same event.
    alike: usize,
    beside: Beside,
    conversations: Vec<Conversation>,
    /// Prepared words.
    words: Vec<Prepared>,
    viewer: Viewer,
}

impl ActivityPageData {
    fn load(
        portal: &Portal,
        actor: Reviewer,
        id: ActivityId,
        file: Option<EvidenceId>,
    ) -> Result<Self, ActionError> {
        let today = portal.clock.today();
        let reading = claim(portal, actor, id, false)?;
        portal.store.read(|conn| {
            let case = review_cases::find(conn, id, today)?;
            Ok(Self {
                reading,
                alike: same_event::others(conn, actor, &case.activity)?.len(),
                beside: inquiry::beside(conn, portal, &case.activity)?,
                conversations: conversations::about_activity(conn, id)?,
                words: prepared_words::list(conn)?,
                viewer: viewer(portal, &case.evidence, file),
                case,
            })
        })
    }
}

impl ActivityPage {
    /// The page before anything is typed.
    fn new(staff: &Person, portal: &Portal, data: ActivityPageData) -> ActivityPage {
        let (case, today) = (&data.case, portal.clock.today());
        let activity = &case.activity;
        let own = activity.holder == staff.account.id;
        let closed = closed(activity.status, own);
        let lines = data.conversations.iter();
        ActivityPage {
            page: staff.layout(activity.facts.title.clone()),
            errors: FieldErrors::new(),
            form: ReviewForm::default(),
            queue: String::new(),
            id: activity.id.0,
            holder: case.holder.id.0,
            holder_name: case.holder.name.clone(),
            tag: staff_tag(activity.status),
            turn: turn(case, portal, today),
            closed,
            read_by: read_by(data.reading, portal),
            facts: facts(case, portal),
            // what the holder was asked already says it better
            hints: if case.remarks.is_empty() { hints(case) } else { Vec::new() },
            remarks: case.remarks.clone(),
            viewer: data.viewer,
            counts: counts(case, today),
            outcomes: if closed.is_none() { outcomes(case, today) } else { Vec::new() },
            stakes: if closed.is_none() { stakes(case, today) } else { Vec::new() },
            reviews: verdicts_shown(case, portal),
            others: others(case),
            beside: data.beside,
            same_event: (data.alike > 0).then(|| {
                let many = i64::try_from(data.alike).unwrap_or(i64::MAX);
                counted(many, "other person reports", "other people report")
            }),
            decisions: decisions(),
            reasons: ReasonCode::ALL.iter().map(|code| Choice::new(code.code(), code.label())).collect(),
            conversations: lines.map(|row| ConversationLine::new(row, Reader::Staff, portal)).collect(),
            returned: activity.status == ActivityStatus::Returned && !own,
            settled: no_year_can_use(&case.file, activity, today),
            decided: is_decided(activity.status) && !own,
            cannot_open: words_for(Refused::Returned, ReasonCode::CannotOpen, &data.words).to_owned(),
            unit: if hours(case) { "hours" } else { "pages" },
            quantity_hint: quantity_hint(case),
            prepared: prepared_shown(data.words),
        }
    }
}

/// Why there is nothing to decide; nothing when there is.
fn closed(status: ActivityStatus, own: bool) -> Option<&'static str> {
    match status {
        _ if own => Some("This is your own report. A colleague has to review it."),
        ActivityStatus::Submitted => None,
        _ => Some("This report is not waiting for review, so there is nothing to decide now."),
    }
}

fn read_by(reading: Reading, portal: &Portal) -> Option<(String, String)> {
    match reading {
        Reading::Colleague(claim) => {
            Some((claim.name, portal.clock.to_local(claim.claimed_at).format("%H:%M").to_string()))
        }
        Reading::Yours | Reading::Nobody => None,
    }
}

fn quantity_hint(case: &ReviewCase) -> String {
    format!(
        "Empty: {}, as reported. If only part counts: {}, and say why below.",
        case.activity.facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        if hours(case) { "hours such as 2.5 or 2:30" } else { "pages" },
    )
}

/// The form as a link to prepared words asks for it.
fn asked_for(query: &Fields, words: &[Prepared]) -> ReviewForm {
    let Some(code) = ReasonCode::from_code(query.one("reason_code")) else { return ReviewForm::default() };
    let refused =
        ReviewDecision::from_code(query.one("decision")).and_then(Refused::of).unwrap_or(Refused::Returned);
    ReviewForm {
        decision: refused.decision().code().to_owned(),
        reason_code: code.code().to_owned(),
        reason: words_for(refused, code, words).to_owned(),
        ..ReviewForm::default()
    }
}

fn words_for(refused: Refused, code: ReasonCode, words: &[Prepared]) -> &str {
    let found = words.iter().find(|each| (each.refused, each.code) == (refused, code));
    found.map_or("", |found| found.words.as_str())
}

/// The prepared words that there are; a reason may have none.
fn prepared_shown(words: Vec<Prepared>) -> Vec<PreparedShown> {
    let shown = |prepared: Prepared| PreparedShown {
        decision: prepared.refused.decision().code(),
        code: prepared.code.code(),
        link: match prepared.refused {
            Refused::Returned => "Return with these words",
            Refused::Rejected => "Reject with these words",
        },
        label: prepared.code.label(),
        words: prepared.words,
    };
    words.into_iter().filter(|each| !each.words.is_empty()).map(shown).collect()
}

/// Every verdict and what was taken back, from the first; for a report that was brought in approved, that it was.
fn verdicts_shown(case: &ReviewCase, portal: &Portal) -> Vec<ReviewShown> {
    let activity = &case.activity;
    if case.reviews.is_empty() && activity.status == ActivityStatus::Approved {
        return vec![ReviewShown {
            title: "Approved elsewhere, and brought in by an import".to_owned(),
            kind: "good",
            at: instant(&portal.clock, activity.decided_at.unwrap_or(activity.updated_at)),
            words: String::new(),
        }];
    }
    // within one second the history alone knows the order, so each verdict stands where its event stands
    let mut verdicts = case.reviews.iter().rev();
    let mut all: Vec<(NaiveDateTime, ReviewShown)> = Vec::new();
    for row in &case.verdict_events {
        let what = match row.event.known() {
            Some(HistoryEvent::VerdictTakenBack) => "Verdict",
            Some(HistoryEvent::QuestionTakenBack) => "Question",
            _ => {
                all.extend(verdicts.next().map(|review| (review.reviewed_at, shown(review, case, portal))));
                continue;
            }
        };
        let by = row.actor_name.as_deref().unwrap_or_default();
        let title = format!("{what} taken back by {by}");
        let words = row.detail.clone();
        all.push((row.at, ReviewShown { title, kind: "", at: instant(&portal.clock, row.at), words }));
    }
    all.extend(verdicts.map(|review| (review.reviewed_at, shown(review, case, portal))));
    all.reverse();
    all.sort_by_key(|(at, _)| *at);
    all.into_iter().map(|(_, shown)| shown).collect()
}

fn decisions() -> Vec<Choice> {
    vec![
        Choice::new(ReviewDecision::Approve.code(), "Approve"),
        Choice::new(ReviewDecision::Return.code(), "Return"),
        Choice::new(ReviewDecision::Reject.code(), "Reject"),
    ]
}
