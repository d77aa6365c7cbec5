//! One activity of the holder's: what was told, what was said about it, how it counts.

use std::cmp::Reverse;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDateTime;

use super::derivation::{Amounts, Counting, amounts, countings};
use super::eligibility::no_report;
use super::evidence::FileLine;
use crate::actions::ActionError;
use crate::actions::activities::evidence::{Proofs, keep};
use crate::domain::activities::activity::{Activity, ActivityStatus, Facts};
use crate::domain::activities::category::Category;
use crate::domain::activities::review::{ReasonCode, ReviewDecision};
use crate::domain::certification::catalogue::Field;
use crate::domain::certification::policy::Policies;
use crate::domain::dates::{days_between, days_in_words, long_date};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{ActivityId, HolderId};
use crate::domain::ledger::HolderFile;
use crate::domain::ledger::derivation::Reader;
use crate::domain::ledger::holder_ledger::HolderLedger;
use crate::domain::plural::counted;
use crate::portal::Portal;
use crate::store::activities::evidence::Evidence;
use crate::store::activities::reviews::{self, Review, Waits};
use crate::store::activities::submission_notes::{self, Remarks};
use crate::store::activities::{self, evidence};
use crate::store::certification::{catalogue, policies};
use crate::store::conversations::Conversation;
use crate::store::records::history::{self, HistoryFilter, HistoryRow};
use crate::store::records::holder_records;
use crate::store::{Conn, conversations};
use crate::web::forms::errors::FieldErrors;
use crate::web::holder::dashboard::usual;
use crate::web::holder::reference::{activity_id, title_or_nameless};
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::conversation::ConversationLine;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;
use crate::web::view::tags::{Tag, activity_tag};

/// One activity.
#[derive(Template)]
#[template(path = "holder/activities/show.html")]
struct ShowPage {
    page: Layout,
    id: i64,
    version: i64,
    tag: Tag,
    status: ActivityStatus,
    facts: FactsView,
    files: Vec<FileLine>,
    /// The reviewer's last word on it, when it is the holder's turn or the end.
    verdict: Option<Told>,
    amounts: Option<Amounts>,
    countings: Vec<Counting>,
    timeline: Vec<Happened>,
    /// The holder's other reports that the same publication's limit went to, when it cut this one: number, title, credits.
    shares_limit: Vec<(i64, String, String)>,
    /// Why nothing can be reported today; empty when something can.
    no_report: String,
    /// Whether a draft has every answer that a report needs.
    whole: bool,
    /// What the holder said to the reviewer, version by version.
    said: Vec<Remarks>,
    conversations: Vec<ConversationLine>,
    /// Whose turn it is, since when, and how long it usually takes; empty when nobody has to do anything.
    turn: String,
    errors: FieldErrors,
    /// The answer to a reviewer's question, as it was typed.
    words: String,
    /// Files that came with an earlier try of it.
    kept: Vec<FileLine>,
}

/// An answer to a reviewer's question that needs another look.
pub(super) struct Answering {
    pub(super) words: String,
    /// Files that came with it.
    pub(super) kept: Vec<FileLine>,
    pub(super) errors: FieldErrors,
    pub(super) status: StatusCode,
}

struct FactsView {
    kind: &'static str,
    organiser: String,
    field: String,
    days: String,
    quantity: String,
    awarded: String,
    publication: String,
    relevance: String,
    reported: String,
    writing: bool,
}

struct Told {
    title: &'static str,
    kind: &'static str,
    /// Whether it ends the report for now: then the rule is named, and what can be done.
    rejected: bool,
    rule: &'static str,
    remedy: &'static str,
    code: &'static str,
    words: String,
}

struct Happened {
    at: NaiveDateTime,
    time: String,
    title: String,
    kind: &'static str,
    code: &'static str,
    words: String,
}

/// GET /activities/{id}
///
/// # Errors
/// `WebError::NotFound` for somebody else's.
pub async fn show(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let (person, id) = (holder.holder(), activity_id(&id)?);
    let files = holder.recovered_evidence();
    let kept =
        blocking(&portal, move |portal| keep(portal, person, &Proofs { kept: &files, ..Proofs::default() }));
    let kept = kept.await?.into_iter().map(FileLine::from).collect();
    let nothing =
        Answering { words: String::new(), kept, errors: FieldErrors::new(), status: StatusCode::OK };
    page(&holder, &portal, id, nothing).await
}

/// The page, with the answer as it was typed.
pub(super) async fn page(
    holder: &AsHolder,
    portal: &web::Data<Portal>,
    id: ActivityId,
    answering: Answering,
) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let read = blocking(portal, move |portal| {
        portal.store.read(|conn| ShowPageData::load(conn, portal, person, id))
    });
    let Answering { words, kept, errors, status } = answering;
    let page = ShowPage::new(holder, portal, read.await?);
    Ok(render(status, &ShowPage { words, kept, errors, ..page }))
}

/// What the page needs, read together.
struct ShowPageData {
    activity: Activity,
    file: HolderFile,
    /// All activities of its holder.
    all: Vec<Activity>,
    policies: Policies,
    fields: Vec<Field>,
    evidence: Vec<Evidence>,
    reviews: Vec<Review>,
    events: Vec<HistoryRow>,
    conversations: Vec<Conversation>,
    recent_waits: Waits,
    remarks: Vec<Remarks>,
}

impl ShowPageData {
    fn load(
        conn: &mut Conn<'_>,
        portal: &Portal,
        holder: HolderId,
        id: ActivityId,
    ) -> Result<Self, ActionError> {
        let activity = activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?;
        let (file, all) = holder_records::with_activities(conn, holder, portal.clock.today())?;
        let about = HistoryFilter { activity: Some(id), ..HistoryFilter::default() };
        Ok(Self {
            activity,
            file,
            all,
            policies: policies::all(conn)?,
            fields: catalogue::fields(conn)?,
            evidence: evidence::of_activity(conn, id)?,
            reviews: reviews::of_activity(conn, id)?,
            events: history::list(conn, about, 200)?,
            conversations: conversations::about_activity(conn, id)?,
            recent_waits: portal.recent_waits.get(conn)?,
            remarks: submission_notes::of_activity(conn, id)?,
        })
    }
}

impl ShowPage {
    /// Whether a question of a reviewer can be answered here.
    fn answers(&self) -> bool {
        self.status == ActivityStatus::Returned && self.no_report.is_empty()
    }

    fn new(person: &AsHolder, portal: &Portal, data: ShowPageData) -> ShowPage {
        let (activity, today) = (&data.activity, portal.clock.today());
        let id = activity.id;
        let ledger = HolderLedger::new(&data.file, &data.policies, today);
        let since = portal.clock.day_of(activity.waiting.since.unwrap_or(activity.updated_at));
        let lines = data.conversations.iter();
        ShowPage {
            page: person.layout(title_or_nameless(activity.facts.title.clone())),
            id: id.0,
            version: activity.version,
            tag: activity_tag(activity.status),
            status: activity.status,
            facts: facts(activity, &data.fields, portal),
            verdict: data.reviews.last().and_then(|review| told(review, activity.status)),
            amounts: amounts(&ledger, id),
            countings: countings(&ledger, id),
            shares_limit: shares_limit(&ledger, &data.all, id),
            whole: whole(&activity.facts),
            no_report: match activity.status.editable() {
                true => no_report(&data.file, today),
                false => String::new(),
            },
            conversations: lines.map(|row| ConversationLine::new(row, Reader::Holder, portal)).collect(),
            turn: turn(
                activity,
                &usual(&data.recent_waits, &portal.clock, since, today),
                &answer_by(&ledger, id),
                portal,
            ),
            timeline: timeline(activity, &data.reviews, data.events, portal),
            files: data.evidence.into_iter().map(FileLine::from).collect(),
            said: data.remarks.into_iter().filter(|said| !said.explanation.is_empty()).collect(),
            errors: FieldErrors::new(),
            words: String::new(),
            kept: Vec::new(),
        }
    }
}

/// What happened to it, the latest first.
fn timeline(
    activity: &Activity,
    reviews: &[Review],
    events: Vec<HistoryRow>,
    portal: &Portal,
) -> Vec<Happened> {
    let time = |at| {
        let local = portal.clock.to_local(at);
        format!("{}, {}", long_date(local.date()), local.format("%H:%M"))
    };
    // within one second the history alone knows the order, so each verdict stands where its event stands
    let mut reviews = reviews.iter().rev();
    let verdict = |review: &Review| reviewed(review, activity, time(review.reviewed_at));
    let mut timeline: Vec<Happened> = Vec::new();
    for row in events {
        let happened = match row.event.known() {
            Some(
                HistoryEvent::ActivityApproved
                | HistoryEvent::ActivityReturned
                | HistoryEvent::ActivityRejected,
            ) => reviews.next().map(verdict),
            _ => own_event(row, &time),
        };
        timeline.extend(happened);
    }
    timeline.extend(reviews.map(verdict));
    timeline.sort_by_key(|happened| Reverse(happened.at));
    timeline
}

/// An event as its holder reads it; none for what is not told.
fn own_event(row: HistoryRow, time: &impl Fn(NaiveDateTime) -> String) -> Option<Happened> {
    Some(Happened {
        at: row.at,
        time: time(row.at),
        title: row.event.for_holder()?.to_owned(),
        // the title stands on top already
        words: match row.event.known() {
            Some(
                HistoryEvent::ActivityDrafted
                | HistoryEvent::ActivitySubmitted
                | HistoryEvent::ActivityImported,
            ) => String::new(),
            _ => row.detail,
        },
        kind: "",
        code: "",
    })
}

fn turn(activity: &Activity, usual: &str, answer_by: &str, portal: &Portal) -> String {
    let began = match activity.status {
        ActivityStatus::Returned => activity.waiting.returned_at,
        _ => activity.waiting.began(),
    };
    let since = long_date(portal.clock.day_of(began.unwrap_or(activity.updated_at)));
    match activity.status {
        ActivityStatus::Submitted => {
            let ours = if activity.waiting.holders_turn.is_zero() {
                format!("We have had it since {since}.")
            } else {
                let today = portal.clock.today();
                let waited =
                    activity.waiting.since.map_or(0, |at| days_between(portal.clock.day_of(at), today));
                format!(
                    "You reported it on {since}, and we have it again. It has waited for us {}, not counting your own turn.",
                    counted(waited, "day", "days"),
                )
            };
            let turn = format!("{ours} While it waits, its credits do not count as missing. {usual}");
            turn.trim_end().to_owned()
        }
        ActivityStatus::Returned => {
            let turn = format!(
                "It has been your turn since {since}. Until you have answered, its credits do not count as missing. {answer_by}"
            );
            turn.trim_end().to_owned()
        }
        ActivityStatus::Draft => "Only you can see it. It is not reported yet.".to_owned(),
        ActivityStatus::Approved | ActivityStatus::Rejected | ActivityStatus::Withdrawn => String::new(),
    }
}

/// Until when an answer is needed: the first deadline of the years that the report would count for and that are short without it.
fn answer_by(ledger: &HolderLedger<'_>, id: ActivityId) -> String {
    let needing = ledger.unmet().filter(|year| year.line(id).is_some());
    match needing.map(|year| year.year.deadline).filter(|deadline| *deadline >= ledger.today()).min() {
        Some(deadline) => {
            format!("Answer by {}, the deadline of the year that it counts for.", long_date(deadline))
        }
        None => String::new(),
    }
}

/// Whether a report could be sent as it stands, as far as answers are missing.
fn whole(facts: &Facts) -> bool {
    let answered = facts.category.is_some()
        && facts.completed_on.is_some()
        && facts.quantity.is_some()
        && facts.field.is_some();
    answered && facts.not_regular_job && !facts.title.is_empty()
}

/// The other reports that took what the publication of this one can earn (G4); none when nothing was cut.
fn shares_limit(ledger: &HolderLedger<'_>, all: &[Activity], id: ActivityId) -> Vec<(i64, String, String)> {
    let cut = ledger.line(id).filter(|line| line.share.credits < line.share.raw);
    let Some(publication) = cut.and_then(|line| line.report.publication.as_ref()) else {
        return Vec::new();
    };
    let others = ledger.lines().filter(|line| {
        line.report.id != id
            && line.report.publication.as_ref() == Some(publication)
            && !line.share.credits.is_zero()
    });
    let titled = others.filter_map(|line| {
        let title = &all.iter().find(|activity| activity.id == line.report.id)?.facts.title;
        Some((line.report.id.0, title.clone(), line.share.credits.counted()))
    });
    titled.collect()
}

fn facts(activity: &Activity, fields: &[Field], portal: &Portal) -> FactsView {
    let facts = &activity.facts;
    let field = facts.field.and_then(|id| fields.iter().find(|field| field.id == id));
    FactsView {
        kind: facts.category.map_or("", Category::label),
        organiser: facts.organiser.clone(),
        field: field.map(|field| field.title.clone()).unwrap_or_default(),
        days: days_in_words(facts.started_on, facts.completed_on),
        quantity: facts.quantity.map(|quantity| quantity.to_string()).unwrap_or_default(),
        awarded: activity.awarded.map(|quantity| quantity.to_string()).unwrap_or_default(),
        publication: facts.publication.clone(),
        relevance: facts.relevance.clone(),
        reported: activity.reported_at.map(|at| long_date(portal.clock.day_of(at))).unwrap_or_default(),
        writing: facts.category == Some(Category::Writing),
    }
}

fn reviewed(review: &Review, activity: &Activity, time: String) -> Happened {
    let (verb, kind) = match review.decision {
        ReviewDecision::Approve => ("Approved", "good"),
        ReviewDecision::Return => ("Returned to you", "action"),
        ReviewDecision::Reject => ("Rejected", "bad"),
    };
    let title = match &review.reviewer_name {
        Some(name) => format!("{verb} by {name}"),
        None => verb.to_owned(),
    };
    let awarded = activity.awarded.filter(|awarded| Some(awarded.amount()) == review.quantity);
    let mut words = review.reason.clone();
    if let Some(awarded) = awarded {
        words = format!("{awarded} awarded. {words}");
    }
    Happened {
        at: review.reviewed_at,
        time,
        title,
        kind,
        code: review.code.map_or("", |code| code.label()),
        words,
    }
}

fn told(review: &Review, status: ActivityStatus) -> Option<Told> {
    let (title, kind) = match (review.decision, status) {
        (ReviewDecision::Return, ActivityStatus::Returned) => {
            ("We have a question about this report", "warning")
        }
        (ReviewDecision::Reject, ActivityStatus::Rejected) => ("This report does not count", "danger"),
        (ReviewDecision::Approve, ActivityStatus::Approved) if !review.reason.is_empty() => {
            ("A note from the reviewer", "info")
        }
        _ => return None,
    };
    Some(Told {
        title,
        kind,
        rejected: review.decision == ReviewDecision::Reject,
        rule: review.code.map_or("", ReasonCode::rule),
        remedy: review.code.map_or("", ReasonCode::remedy),
        code: review.code.map_or("", |code| code.label()),
        words: review.reason.clone(),
    })
}
