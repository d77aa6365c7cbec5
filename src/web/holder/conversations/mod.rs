//! A conversation of the holder's: beginning it, reading it, answering.

pub mod inbox;
pub mod inquiry;
pub mod turns;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::activities::eligibility::no_report;
use super::activities::evidence::FileLine;
use crate::actions::ActionError;
use crate::actions::activities::evidence::keep;
use crate::actions::conversations::close::close_as_holder;
use crate::actions::conversations::{ConversationOpening, ask_with, reply_as_holder};
use crate::domain::conversations::conversation::{
    About, AppealOutcome, ConversationKind, LONGEST_SUBJECT, Turn,
};
use crate::domain::dates::long_date;
use crate::domain::ids::{ActivityId, CertificateId, ConversationId, HolderId};
use crate::domain::ledger::derivation::Reader;
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::activities::evidence::Evidence;
use crate::store::activities::{self, evidence};
use crate::store::conversations::Conversation;
use crate::store::conversations::appeals::AppealResult;
use crate::store::conversations::messages::Message;
use crate::store::conversations::{self, appeals, messages};
use crate::store::records::holder_records;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::evidence::{Files, received};
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedFields;
use crate::web::forms::receipt::once;
use crate::web::forms::upload::CheckedMultipart;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::public::precedents::nearest;
use crate::web::view::conversation::{Matter, MessageShown, age_of, matters, messages_shown, turn_tag};
use crate::web::view::flash::{see_other, see_other_with};
use crate::web::view::inquiry_view;
use crate::web::view::inquiry_view::{PrecedentShown, QuestionShown};
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;
use crate::web::view::tags::Tag;

/// Who reads a message.
const HINT: &str = "Only you and our staff can read it.";

/// The form that begins a conversation.
#[derive(Template)]
#[template(path = "holder/advice/new.html")]
struct NewPage {
    page: Layout,
    errors: FieldErrors,
    form: BeginForm,
    kind: ConversationKind,
    matters: Vec<Matter>,
    hint: &'static str,
    /// Files that came with an earlier try.
    kept: Vec<FileLine>,
    /// What was answered before about something like it.
    nearest: Vec<PrecedentShown>,
}

/// The start of a conversation, as it was typed. The first four say what it is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct BeginForm {
    kind: String,
    activity: String,
    certificate: String,
    year: String,
    subject: String,
    words: String,
}

impl BeginForm {
    /// What it is about. A year may name its certificate: "12-3" is year 3 of certificate 12.
    fn about(&self) -> Result<About, WebError> {
        fn number(text: &str) -> Result<Option<i64>, WebError> {
            let text = text.trim();
            if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| WebError::NotFound) }
        }
        let (mut certificate, mut year) = (self.certificate.as_str(), self.year.as_str());
        if let Some((named, number)) = self.year.split_once('-') {
            (certificate, year) = (named, number);
        }
        let about = About {
            activity: number(&self.activity)?.map(ActivityId),
            certificate: number(certificate)?.map(CertificateId),
            year: number(year)?,
        };
        if about.year.is_some() && about.certificate.is_none() { Err(WebError::NotFound) } else { Ok(about) }
    }
}

/// Which kind of conversation it would be, and what one would call it.
fn matter_of(
    conn: &mut Conn<'_>,
    holder: HolderId,
    about: About,
    asked: Option<ConversationKind>,
    today: chrono::NaiveDate,
) -> Result<(ConversationKind, String), ActionError> {
    let mut kind = ConversationKind::Question;
    let mut subject = String::new();
    if let Some(id) = about.activity {
        let activity = activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?;
        subject = activity.facts.title.chars().take(LONGEST_SUBJECT).collect();
    }
    if let Some(id) = about.certificate {
        let file = holder_records::of_holder(conn, holder, today)?;
        let own = file.certificates.iter().find(|own| own.certificate.id == id);
        let own = own.ok_or(ActionError::NotFound)?;
        let number = &own.certificate.number;
        subject.clone_from(number);
        let withdrawn = own.certificate.ending().is_some_and(|ending| ending.kind.appealable());
        if asked == Some(ConversationKind::Appeal) && withdrawn {
            kind = ConversationKind::Appeal;
            subject = format!("Appeal for {number}");
        } else if let Some(wanted) = about.year {
            let index = own.index_of(wanted).ok_or(ActionError::NotFound)?;
            let year = own.years.get(index).ok_or(ActionError::NotFound)?;
            subject = format!("{number}, the year that ends on {}", long_date(year.ends_on));
            if year.flagged_on.is_some() {
                kind = ConversationKind::FlagAnswer;
            }
        }
    }
    Ok((kind, subject))
}

/// GET /advice/new `?activity=ID`, `?certificate=ID`, `?year=CERTIFICATE-NUMBER` (or `?certificate=ID&year=NUMBER`),
/// `?kind=appeal&certificate=ID`
///
/// # Errors
/// `WebError::NotFound` when it would be about somebody else's.
pub async fn new(
    holder: AsHolder,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let form: BeginForm = Fields::parse(request.query_string().as_bytes()).read()?;
    let (person, about) = (holder.holder(), form.about()?);
    if let Some((certificate, year)) = about.certificate.zip(about.year) {
        let answers = blocking(&portal, move |portal| {
            Ok(portal.store.read(|conn| conversations::open_flag_answers(conn, certificate, year))?)
        });
        // what was written about this flag goes on where it began
        if let Some(answer) = answers.await?.into_iter().rev().find(|answer| answer.holder == person) {
            return Ok(see_other(format!("/advice/{}", answer.id)));
        }
    }
    let kept = holder.recovered_evidence();
    new_page(&holder, &portal, form, Files { kept, ..Files::default() }, None).await
}

/// The files that came with a form that is shown again.
async fn kept_files(
    portal: &web::Data<Portal>,
    holder: HolderId,
    files: Files,
) -> Result<Vec<FileLine>, WebError> {
    let kept = blocking(portal, move |portal| keep(portal, holder, &files.proofs()));
    Ok(kept.await?.into_iter().map(FileLine::from).collect())
}

/// What the page is called on which a conversation begins.
const fn title(kind: ConversationKind) -> &'static str {
    match kind {
        ConversationKind::Appeal => "Appeal against a withdrawal",
        ConversationKind::FlagAnswer => "Answer the flag",
        ConversationKind::Question | ConversationKind::WouldCount => "Ask for advice",
    }
}

async fn new_page(
    holder: &AsHolder,
    portal: &web::Data<Portal>,
    mut form: BeginForm,
    files: Files,
    errors: Option<FieldErrors>,
) -> Result<HttpResponse, WebError> {
    let (person, about, today) = (holder.holder(), form.about()?, portal.clock.today());
    let kept = kept_files(portal, person, files).await?;
    let asked = ConversationKind::from_code(&form.kind);
    let typed = form.subject.clone();
    let (kind, subject, matters, nearest) = blocking(portal, move |portal| {
        portal.store.read(|conn| {
            let (kind, subject) = matter_of(conn, person, about, asked, today)?;
            let nearest = nearest(conn, portal, &typed)?;
            Ok((kind, subject, matters(conn, about, Reader::Holder)?, nearest))
        })
    })
    .await?;
    if errors.is_none() {
        form.subject = subject;
    }
    form.certificate = about.certificate.map(|id| id.to_string()).unwrap_or_default();
    form.year = about.year.map(|year| year.to_string()).unwrap_or_default();
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = NewPage {
        page: holder.layout(title(kind)),
        errors: errors.unwrap_or_default(),
        form,
        kind,
        matters,
        hint: HINT,
        kept,
        nearest,
    };
    Ok(render(status, &page))
}

/// POST /advice
///
/// # Errors
/// `WebError::NotFound` when it is about somebody else's.
pub async fn create(
    holder: AsHolder,
    request: HttpRequest,
    portal: web::Data<Portal>,
    sent: CheckedMultipart,
) -> Result<HttpResponse, WebError> {
    let form: BeginForm = sent.fields.read()?;
    let files = received(&portal, holder.holder(), sent).await?;
    let (person, about, given, proofs) = (holder.actor(), form.about()?, form.clone(), files.clone());
    let asked = ConversationKind::from_code(&form.kind);
    let begun = once(&request, &portal, move |portal| {
        let today = portal.clock.today();
        let (kind, _) = portal.store.read(|conn| matter_of(conn, person.id, about, asked, today))?;
        let opening = ConversationOpening { kind, about, subject: &given.subject, words: &given.words };
        ask_with(portal, person, &opening, &proofs.proofs())
    })
    .await
    .or_corrections()?;
    match begun {
        Ok(id) => Ok(see_other_with(
            format!("/advice/{id}"),
            Flash::success("Your message is with us. You will get an email when we have answered."),
        )),
        Err(errors) => new_page(&holder, &portal, form, files, Some(errors)).await,
    }
}

/// A conversation.
#[derive(Template)]
#[template(path = "holder/advice/show.html")]
struct ShowPage {
    page: Layout,
    errors: FieldErrors,
    words: String,
    id: i64,
    kind: ConversationKind,
    tag: Tag,
    age: String,
    owner: String,
    closed: bool,
    /// Whether nothing can be written any more.
    over: bool,
    /// Whether the holder can say that the answer is enough.
    may_close: bool,
    hint: &'static str,
    /// Files that came with an earlier try.
    kept: Vec<FileLine>,
    matters: Vec<Matter>,
    messages: Vec<MessageShown>,
    outcome: Option<OutcomeShown>,
    question: Option<QuestionShown>,
    /// Why nothing can be reported today; empty when something can.
    no_report: String,
}

struct OutcomeShown {
    label: &'static str,
    day: String,
    reinstated: bool,
}

/// GET /advice/{id}
///
/// # Errors
/// `WebError::NotFound` for somebody else's.
pub async fn show(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let id = id.parse().map_err(|_| WebError::NotFound)?;
    let kept = holder.recovered_evidence();
    show_page(&holder, &portal, id, Files { kept, ..Files::default() }, None).await
}

async fn show_page(
    holder: &AsHolder,
    portal: &web::Data<Portal>,
    id: ConversationId,
    files: Files,
    typed: Option<(String, FieldErrors)>,
) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let read = blocking(portal, move |portal| {
        portal.store.read(|conn| ShowPageData::load(conn, portal, person, id))
    });
    let data = read.await?;
    let kept = kept_files(portal, person, files).await?;
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (words, errors) = typed.unwrap_or_default();
    Ok(render(status, &ShowPage { errors, words, kept, ..ShowPage::new(holder, portal, data) }))
}

/// What the page of a conversation needs, read together.
struct ShowPageData {
    conversation: Conversation,
    messages: Vec<Message>,
    /// The files of the messages, each with its message.
    files: Vec<(i64, Evidence)>,
    matters: Vec<Matter>,
    outcome: Option<AppealResult>,
    question: Option<QuestionShown>,
    /// As on the page; looked up only where an answer could be reported.
    no_report: String,
}

impl ShowPageData {
    fn load(
        conn: &mut Conn<'_>,
        portal: &Portal,
        holder: HolderId,
        id: ConversationId,
    ) -> Result<Self, ActionError> {
        let conversation = conversations::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?;
        let question = inquiry_view::shown(conn, portal, id)?;
        let answer = question.as_ref().and_then(|question| question.answer.as_ref());
        let today = portal.clock.today();
        Ok(Self {
            no_report: match answer.is_some_and(|answer| answer.counts) {
                true => no_report(&holder_records::of_holder(conn, holder, today)?, today),
                false => String::new(),
            },
            messages: messages::of_conversation(conn, id)?,
            files: evidence::of_conversation(conn, id)?,
            matters: matters(conn, conversation.about, Reader::Holder)?,
            outcome: appeals::outcome(conn, id)?,
            question,
            conversation,
        })
    }
}

impl ShowPage {
    /// The page as it is opened, before anything is typed.
    fn new(person: &AsHolder, portal: &Portal, data: ShowPageData) -> ShowPage {
        let conversation = data.conversation;
        let closed = conversation.closed_at.is_some();
        ShowPage {
            page: person.layout(conversation.subject.clone()),
            errors: FieldErrors::new(),
            words: String::new(),
            id: conversation.id.0,
            kind: conversation.kind,
            tag: turn_tag(&conversation, Reader::Holder),
            age: age_of(portal, &conversation),
            owner: conversation.owner_name.clone().unwrap_or_default(),
            closed,
            over: closed && conversation.kind == ConversationKind::Appeal,
            // what asks for nothing need not be ended
            may_close: conversation.turn == Turn::Holder && conversation.holder_may_close(),
            hint: HINT,
            kept: Vec::new(),
            matters: data.matters,
            question: data.question,
            no_report: data.no_report,
            messages: messages_shown(&data.messages, &data.files, Reader::Holder, portal),
            outcome: data.outcome.map(|outcome| OutcomeShown {
                label: outcome.outcome.label(),
                day: long_date(outcome.decided_on),
                reinstated: outcome.outcome == AppealOutcome::Reinstated,
            }),
        }
    }
}

/// What was written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct MessageForm {
    words: String,
}

/// POST /advice/{id}/messages
///
/// # Errors
/// `WebError::NotFound` for somebody else's.
pub async fn reply(
    holder: AsHolder,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    sent: CheckedMultipart,
) -> Result<HttpResponse, WebError> {
    let id: ConversationId = id.parse().map_err(|_| WebError::NotFound)?;
    let form: MessageForm = sent.fields.read()?;
    let files = received(&portal, holder.holder(), sent).await?;
    let (person, words, proofs) = (holder.actor(), form.words.clone(), files.clone());
    let sent =
        once(&request, &portal, move |portal| reply_as_holder(portal, person, id, &words, &proofs.proofs()))
            .await;
    match sent.or_corrections()? {
        Ok(()) => Ok(see_other_with(
            format!("/advice/{id}"),
            Flash::success("Your message is with us. You will get an email when we have answered."),
        )),
        Err(errors) => show_page(&holder, &portal, id, files, Some((form.words, errors))).await,
    }
}

/// POST /advice/{id}/closing: the answer is enough.
///
/// # Errors
/// `WebError::NotFound` for somebody else's; a refusal for what waits for us.
pub async fn close(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    _: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let id: ConversationId = id.parse().map_err(|_| WebError::NotFound)?;
    let person = holder.actor();
    blocking(&portal, move |portal| close_as_holder(portal, person, id)).await?;
    let said = Flash::success("Thank you: it is closed. Write again whenever you like.");
    Ok(see_other_with(format!("/advice/{id}"), said))
}
