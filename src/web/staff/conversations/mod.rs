//! One conversation, as staff see it: reading, answering, handing over, closing, and the outcome of an appeal.

pub mod canned_answers;
mod forms;
pub mod inbox;
pub mod inquiry;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use self::forms::{InquiryForm, StepForm, none_chosen, put_in};
use super::mail::reach::told;
use super::review::verdict::seen;
use crate::actions::ActionError;
use crate::actions::conversations::appeal::{GivenOutcome, decide_appeal};
use crate::actions::conversations::close::{close, reopen};
use crate::actions::conversations::{colleagues, hand_over, reply_as_staff};
use crate::actions::staff_notes::NoteAbout;
use crate::domain::conversations::conversation::{AppealOutcome, ConversationKind, check_outcome};
use crate::domain::conversations::precedent::InquiryVerdict;
use crate::domain::dates::long_date;
use crate::domain::ids::{AccountId, ConversationId};
use crate::domain::ledger::derivation::Reader;
use crate::domain::roles::Actor;
use crate::portal::Portal;
use crate::store::accounts::acquaintances;
use crate::store::activities::evidence::{self, Evidence};
use crate::store::conversations::appeals::{self, AppealResult, Appealed};
use crate::store::conversations::canned_answers::CannedAnswer;
use crate::store::conversations::messages::{self, Message};
use crate::store::conversations::{self, Conversation};
use crate::store::records::staff_notes::{self, StaffNote};
use crate::store::{Conn, StoreError};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedForm;
use crate::web::forms::receipt::once;
use crate::web::http::auth::{AsAdministrator, AsReviewer, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::conversation::{Matter, MessageShown, age_of, matters, messages_shown, turn_tag};
use crate::web::view::flash::see_other_with;
use crate::web::view::inquiry_view;
use crate::web::view::inquiry_view::QuestionShown;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;
use crate::web::view::staff_notes::{NotesPlace, NotesShown, READ, notes_before};
use crate::web::view::tags::Tag;

#[derive(Template)]
#[template(path = "staff/advice/show.html")]
struct ConversationPage {
    page: Layout,
    errors: FieldErrors,
    form: StepForm,
    id: i64,
    kind: ConversationKind,
    tag: Tag,
    age: String,
    begun: String,
    holder: i64,
    holder_name: String,
    /// Whether it is the reader's own.
    own: bool,
    /// Whether the reader knows the holder, and so decides nothing here.
    known: bool,
    /// Notes that only staff read.
    notes: Option<NotesShown>,
    closed: bool,
    owner: String,
    /// Whether the reader looks after it.
    mine: bool,
    colleagues: Vec<Choice>,
    answers: Vec<Choice>,
    matters: Vec<Matter>,
    messages: Vec<MessageShown>,
    appeal: Option<AppealShown>,
    question: Option<QuestionShown>,
    verdicts: Vec<Choice>,
    answer: InquiryForm,
}

struct AppealShown {
    certificate: i64,
    against: String,
    /// Why the reader cannot record the outcome; empty when they can.
    refused: String,
    /// Whether the reader took the decision, and nobody else can look at it.
    alone: bool,
    outcome: Option<(&'static str, String)>,
    choices: Vec<Choice>,
}

/// What the page needs, read together.
struct ConversationPageData {
    conversation: Conversation,
    messages: Vec<Message>,
    matters: Vec<Matter>,
    /// The files of its messages, each with its message.
    files: Vec<(i64, Evidence)>,
    /// Prepared answers.
    answers: Vec<CannedAnswer>,
    /// Who could look after it.
    colleagues: Vec<(AccountId, String)>,
    notes: Vec<StaffNote>,
    /// The note before which they were asked for.
    notes_before: Option<i64>,
    /// Who knows the holder.
    known_by: Vec<AccountId>,
    appeal: Option<Appeal>,
    question: Option<QuestionShown>,
}

/// What an appeal is against.
struct Appeal {
    appealed: Appealed,
    /// Whether another administrator than who decided can look at it.
    others: bool,
    outcome: Option<AppealResult>,
}

impl ConversationPageData {
    fn load(
        conn: &mut Conn<'_>,
        portal: &Portal,
        id: ConversationId,
        notes_before: Option<i64>,
    ) -> Result<Self, ActionError> {
        let conversation = conversations::find(conn, id)?.ok_or(ActionError::NotFound)?;
        let appeal = match conversation.decision {
            Some(decision) => {
                let appealed = appeals::decision(conn, decision)?.ok_or(ActionError::NotFound)?;
                let (since, holder) = (portal.clock.start_of(appealed.decided_on), conversation.holder);
                let others = appeals::other_administrators(conn, appealed.decided_by, holder, since)?;
                Some(Appeal { appealed, others, outcome: appeals::outcome(conn, id)? })
            }
            None => None,
        };
        Ok(Self {
            messages: messages::of_conversation(conn, id)?,
            files: evidence::of_conversation(conn, id)?,
            matters: matters(conn, conversation.about, Reader::Staff)?,
            answers: conversations::canned_answers::all(conn)?,
            question: inquiry_view::shown(conn, portal, id)?,
            colleagues: colleagues(conn, &conversation)?,
            notes: staff_notes::about_conversation(conn, id, notes_before, READ)?,
            notes_before,
            known_by: acquaintances::known_by(conn, conversation.holder)?,
            appeal,
            conversation,
        })
    }
}

/// GET /staff/advice/{id}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn show(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    let typed = (StepForm::default(), InquiryForm::default());
    let notes = notes_before(&Fields::parse(request.query_string().as_bytes()));
    let asked = (ConversationId(*id), notes);
    page_from(&staff, &portal, asked, StatusCode::OK, typed, FieldErrors::new()).await
}

pub(super) async fn page(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: ConversationId,
    status: StatusCode,
    typed: (StepForm, InquiryForm),
    errors: FieldErrors,
) -> Result<HttpResponse, WebError> {
    page_from(staff, portal, (id, None), status, typed, errors).await
}

/// The page, with the notes that are older than one of them.
async fn page_from(
    staff: &Person,
    portal: &web::Data<Portal>,
    (id, notes): (ConversationId, Option<i64>),
    status: StatusCode,
    (mut form, mut answer): (StepForm, InquiryForm),
    errors: FieldErrors,
) -> Result<HttpResponse, WebError> {
    let read = blocking(portal, move |portal| {
        portal.store.read(|conn| ConversationPageData::load(conn, portal, id, notes))
    });
    let data = read.await?;
    form.version = data.conversation.version.to_string();
    if form.owner.is_empty() {
        form.owner = data.conversation.owner.map(|id| id.to_string()).unwrap_or_default();
    }
    if let Some(question) = &data.question
        && errors.is_empty()
        && answer.public_title.is_empty()
    {
        answer.public_title.clone_from(&question.title);
    }
    let page = ConversationPage { errors, form, answer, ..ConversationPage::new(staff, portal, data) };
    Ok(render(status, &page))
}

/// The page with a note that cannot be kept, and what is wrong with it.
pub(super) async fn with_note(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: ConversationId,
    note: String,
    errors: FieldErrors,
) -> Result<HttpResponse, WebError> {
    let typed = (StepForm { note, ..StepForm::default() }, InquiryForm::default());
    page(staff, portal, id, StatusCode::UNPROCESSABLE_ENTITY, typed, errors).await
}

impl ConversationPage {
    /// The page before anything is typed.
    fn new(staff: &Person, portal: &Portal, data: ConversationPageData) -> ConversationPage {
        let conversation = &data.conversation;
        let colleagues = data.colleagues.iter();
        let answers = data.answers.iter();
        let verdicts = InquiryVerdict::ALL.into_iter();
        let own = conversation.holder == staff.account.id;
        let known = data.known_by.contains(&staff.account.id) && conversation.kind.decides();
        let here = format!("/staff/advice/{}", conversation.id);
        let about = NoteAbout::Conversation(conversation.id);
        let notes = NotesPlace { about, suffix: "", here: &here, before: data.notes_before };
        ConversationPage {
            page: staff.layout(conversation.subject.clone()),
            errors: FieldErrors::new(),
            form: StepForm::default(),
            answer: InquiryForm::default(),
            id: conversation.id.0,
            kind: conversation.kind,
            tag: turn_tag(conversation, Reader::Staff),
            age: age_of(portal, conversation),
            begun: long_date(portal.clock.day_of(conversation.begun_at)),
            holder: conversation.holder.0,
            holder_name: conversation.holder_name.clone(),
            own,
            known,
            notes: NotesShown::of(data.notes, &notes, own, staff, portal),
            closed: conversation.closed_at.is_some(),
            owner: conversation.owner_name.clone().unwrap_or_default(),
            mine: conversation.owner == Some(staff.account.id),
            colleagues: colleagues.map(|(id, name)| Choice::new(id.to_string(), name.clone())).collect(),
            answers: answers.map(|one| Choice::new(one.id.to_string(), one.title.clone())).collect(),
            messages: messages_shown(&data.messages, &data.files, Reader::Staff, portal),
            appeal: data.appeal.map(|appeal| AppealShown::new(staff.actor(), &data.conversation, &appeal)),
            matters: data.matters,
            question: data.question,
            verdicts: verdicts.map(|verdict| Choice::new(verdict.code(), verdict.label())).collect(),
        }
    }
}

impl AppealShown {
    fn new(actor: Actor, conversation: &Conversation, appeal: &Appeal) -> AppealShown {
        let Appeal { appealed, others, outcome } = appeal;
        let judge = check_outcome(actor, conversation.holder, appealed.decided_by, *others, true);
        let day = long_date(appealed.decided_on);
        AppealShown {
            alone: judge == Ok(true),
            certificate: conversation.about.certificate.map(|id| id.0).unwrap_or_default(),
            against: match appealed.year {
                Some(year) => format!("Year {year}, decided on {day}"),
                None => format!("Withdrawal of the certificate, decided on {day}"),
            },
            refused: judge.err().map(|refusal| refusal.to_string()).unwrap_or_default(),
            outcome: outcome.as_ref().map(|outcome| {
                let who = format!("{}, by {}", long_date(outcome.decided_on), outcome.decided_by_name);
                (outcome.outcome.label(), who)
            }),
            choices: outcomes(),
        }
    }
}

fn outcomes() -> Vec<Choice> {
    let hint = |outcome| match outcome {
        AppealOutcome::Upheld => "The certificate stays withdrawn.",
        AppealOutcome::Reinstated => {
            "It is in force again from today, with a new badge, unless that was decided already."
        }
        AppealOutcome::Withdrawn => "The holder has taken it back.",
    };
    AppealOutcome::ALL
        .into_iter()
        .map(|outcome| Choice::new(outcome.code(), outcome.label()).hint(hint(outcome)))
        .collect()
}

/// After a step: on to the conversation with what was done, or the page again with what is wrong. When a colleague or the holder was
/// first, nothing that was typed is lost.
async fn after(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: ConversationId,
    form: StepForm,
    done: Result<StepDone, WebError>,
) -> Result<HttpResponse, WebError> {
    after_step(staff, portal, id, (form, InquiryForm::default()), done).await
}

/// What was done, and what its holder is told by email, if anything.
pub(super) type StepDone = (&'static str, Option<&'static str>);

/// What an answer's email says.
pub(super) const READ_THERE: &str = "The holder gets an email that says where to read it.";

/// The notice of a step.
async fn notice_of(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: ConversationId,
    (words, told_by_mail): StepDone,
) -> Result<Flash, WebError> {
    let Some(by_mail) = told_by_mail else { return Ok(Flash::success(words)) };
    let found = blocking(portal, move |portal| {
        let found = portal.store.read(|conn| conversations::find(conn, id))?;
        found.ok_or(ActionError::NotFound)
    });
    told(staff, portal, found.await?.holder, (words, by_mail)).await
}

async fn after_step(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: ConversationId,
    typed: (StepForm, InquiryForm),
    done: Result<StepDone, WebError>,
) -> Result<HttpResponse, WebError> {
    let done = match done {
        Err(WebError::Action(ActionError::Store(StoreError::Changed))) => {
            let words = "Somebody wrote or changed something here while you were reading. Look at it, then send yours again.";
            let errors = FieldErrors::of("", words);
            return page(staff, portal, id, StatusCode::CONFLICT, typed, errors).await;
        }
        other => other.or_corrections()?,
    };
    match done {
        Ok(done) => {
            Ok(see_other_with(format!("/staff/advice/{id}"), notice_of(staff, portal, id, done).await?))
        }
        Err(errors) => page(staff, portal, id, StatusCode::UNPROCESSABLE_ENTITY, typed, errors).await,
    }
}

/// After an answer to "Would this count?".
pub(super) async fn after_answer(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: ConversationId,
    form: InquiryForm,
    done: Result<StepDone, WebError>,
) -> Result<HttpResponse, WebError> {
    after_step(staff, portal, id, (StepForm::default(), form), done).await
}

/// POST /staff/advice/{id}/messages: sends an answer, or puts the words of a canned one into the form.
pub async fn reply(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(mut form): CheckedForm<StepForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (ConversationId(*id), staff.actor(), form.clone());
    if form.intent == "insert" {
        let (status, errors) = match put_in(&portal, &form.answer, &form.words).await? {
            Some(words) => {
                form.words = words;
                (StatusCode::OK, FieldErrors::new())
            }
            None => (StatusCode::UNPROCESSABLE_ENTITY, none_chosen("answer", ("words", &form.words))),
        };
        let typed = (form, InquiryForm::default());
        return page(&staff, &portal, id, status, typed, errors).await;
    }
    let sent = once(&request, &portal, move |portal| {
        reply_as_staff(portal, actor, id, seen(&given.version), &given.words, !given.needs_answer.is_empty())
    })
    .await;
    after(&staff, &portal, id, form, sent.map(|()| ("Sent.", Some(READ_THERE)))).await
}

/// POST /staff/advice/{id}/owner: takes it, or hands it over; empty means nobody.
pub async fn own(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<StepForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (ConversationId(*id), staff.actor(), form.clone());
    let done = blocking(&portal, move |portal| {
        let typed = given.owner.trim();
        let owner = if typed.is_empty() { None } else { Some(AccountId(typed.parse().unwrap_or(0))) };
        hand_over(portal, actor, id, seen(&given.version), owner)
    })
    .await;
    let words = match form.owner.trim() {
        "" => "Nobody looks after it now. Whoever answers first does.",
        owner if owner == staff.account.id.to_string() => "You are looking after it now.",
        _ => "Handed over. Your colleague gets an email.",
    };
    after(&staff, &portal, id, form, done.map(|()| (words, None))).await
}

/// POST /staff/advice/{id}/closing
pub async fn closing(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<StepForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, version) = (ConversationId(*id), staff.actor(), seen(&form.version));
    let done = blocking(&portal, move |portal| close(portal, actor, id, version)).await;
    after(&staff, &portal, id, form, done.map(|()| ("Closed. It opens again when the holder writes.", None)))
        .await
}

/// POST /staff/advice/{id}/reopening
pub async fn reopening(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<StepForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, version) = (ConversationId(*id), staff.actor(), seen(&form.version));
    let done = blocking(&portal, move |portal| reopen(portal, actor, id, version)).await;
    after(&staff, &portal, id, form, done.map(|()| ("Open again.", None))).await
}

/// POST /staff/advice/{id}/outcome: how an appeal ends.
pub async fn outcome(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<StepForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (ConversationId(*id), staff.actor(), form.clone());
    let done = blocking(&portal, move |portal| {
        let outcome =
            GivenOutcome { outcome: &given.outcome, reason: &given.reason, alone: !given.alone.is_empty() };
        decide_appeal(portal, actor, id, seen(&given.version), outcome)
    })
    .await;
    let words = ("The outcome has been recorded and the appeal closed.", Some("The holder is told."));
    after(&staff, &portal, id, form, done.map(|_| words)).await
}
