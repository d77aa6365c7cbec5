//! The report form: new, shown again, changed, sent, kept while it is typed, and the look ahead while it is being filled in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::derivation::OutlookView;
use super::eligibility;
use super::evidence::FileLine;
use super::form_page::{Again, FormPage, around, shown_again};
use super::withdrawal::SeenForm;
use crate::actions::ActionError;
use crate::actions::activities::autosave::{KeptDraft, keep_while_typing};
use crate::actions::activities::evidence::{Proofs, keep};
use crate::actions::activities::form::Typed;
use crate::actions::activities::once_more;
use crate::actions::activities::preview::look_ahead;
use crate::actions::activities::submission::{Form, FormOrigin, Sent, overtaken_by, send, throw_away};
use crate::actions::conversations::inquiry;
use crate::domain::activities::activity::ActivityStatus;
use crate::domain::activities::eligibility::may_report;
use crate::domain::activities::submission::Intent;
use crate::domain::ids::{ActivityId, ConversationId};
use crate::domain::roles::Holder;
use crate::portal::Portal;
use crate::store::StoreError;
use crate::store::records::holder_records;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::evidence::{Files, received};
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::forms::upload::CheckedMultipart;
use crate::web::holder::reference::activity_id;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::flash::{see_other, see_other_with};
use crate::web::view::layout::Flash;
use crate::web::view::page::render;

/// The look ahead alone, for the script.
#[derive(Template)]
#[template(path = "holder/activities/outlook.html")]
struct OutlookPart {
    outlook: OutlookView,
}

/// What the script shows after it has kept a draft.
#[derive(Template)]
#[template(path = "holder/activities/kept.html")]
struct KeptPart {
    /// The draft; 0 when nothing was kept.
    id: i64,
    time: String,
    /// What could not be read yet, in words.
    unread: Vec<&'static str>,
    /// Whether that was kept as it was typed.
    whole: bool,
    overtaken: bool,
}

/// Reads the fields of the form, exactly as they were typed.
pub(in crate::web::holder) fn typed(fields: &Fields) -> Typed {
    Typed {
        not_regular_job: matches!(fields.one("not_regular_job"), "1" | "on" | "true" | "yes"),
        question: fields.one("question").to_owned(),
        ..Typed::read(|name| fields.one(name))
    }
}

/// GET /activities/new `?question=ID`: prefilled from what the holder asked beforehand; `?again=ID`: from an earlier report.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn new(
    holder: AsHolder,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let begin = match (query.one("question"), query.one("again")) {
        ("", "") => Begin::Empty,
        ("", id) => Begin::OnceMore(activity_id(id)?),
        (id, _) => Begin::Asked(id.parse().map_err(|_| WebError::NotFound)?),
    };
    opened(&holder, &portal, None, begin).await
}

/// What the form begins with.
#[derive(Clone, Copy, Debug)]
enum Begin {
    /// Nothing, or the activity that is changed.
    Empty,
    /// What was asked beforehand.
    Asked(ConversationId),
    /// What was reported before.
    OnceMore(ActivityId),
}

/// The form as it is opened, with the files of one that was kept, or with what was asked beforehand. Whoever can report nothing is told so
/// instead.
async fn opened(
    person: &AsHolder,
    portal: &web::Data<Portal>,
    id: Option<ActivityId>,
    begin: Begin,
) -> Result<HttpResponse, WebError> {
    let (holder, today) = (person.holder(), portal.clock.today());
    let files = person.recovered_evidence();
    let read = blocking(portal, move |portal| {
        let (around, typed) = portal.store.read(|conn| {
            let (around, typed) = around(conn, portal, holder, id)?;
            may_report(&holder_records::of_holder(conn, holder, today)?, today)?;
            let typed = match begin {
                Begin::Asked(asked) => inquiry::as_report(conn, holder, asked, today)?,
                Begin::OnceMore(report) => once_more(conn, holder, report)?,
                Begin::Empty => typed,
            };
            Ok::<_, ActionError>((around, typed))
        })?;
        Ok((around, typed, keep(portal, holder, &Proofs { kept: &files, ..Proofs::default() })?))
    });
    let (around, typed, kept) = match read.await {
        Err(WebError::Action(ActionError::NothingToReport(why))) => {
            return Ok(eligibility::told(person, why, id));
        }
        read => read?,
    };
    let kept = kept.into_iter().map(FileLine::from).collect();
    Ok(render(StatusCode::OK, &FormPage::new(person, around, typed).with_files(kept)))
}

/// GET /activities/{id}/edit
///
/// # Errors
/// `WebError::NotFound` for somebody else's; a conflict when it is decided.
pub async fn edit(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let id = activity_id(&id)?;
    opened(&holder, &portal, Some(id), Begin::Empty).await
}

/// POST /activities
///
/// # Errors
/// `WebError` when the database or the disk cannot take it.
pub async fn create(
    holder: AsHolder,
    portal: web::Data<Portal>,
    form: CheckedMultipart,
) -> Result<HttpResponse, WebError> {
    sent(&holder, &portal, form, None).await
}

/// POST /activities/{id}
///
/// # Errors
/// `WebError::NotFound` for somebody else's; a conflict when it changed since it was shown, or is decided.
pub async fn update(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    form: CheckedMultipart,
) -> Result<HttpResponse, WebError> {
    let id = activity_id(&id)?;
    sent(&holder, &portal, form, Some(id)).await
}

/// A form that was sent, with all that came with it.
struct Received {
    typed: Typed,
    files: Files,
    id: Option<ActivityId>,
    version: i64,
    key: String,
    hints_seen: Vec<String>,
    explanation: String,
}

impl Received {
    /// Gives the form to the rules.
    fn send(&self, portal: &Portal, holder: Holder, intent: Intent) -> Result<Sent, ActionError> {
        let proofs = self.files.proofs();
        let origin = FormOrigin {
            key: &self.key,
            id: self.id,
            version: self.version,
            hints_seen: &self.hints_seen,
            explanation: &self.explanation,
            answers: false,
        };
        send(portal, holder, &origin, &Form { typed: &self.typed, proofs: &proofs, intent })
    }

    fn again(self) -> Again {
        Again {
            typed: self.typed,
            files: self.files,
            id: self.id,
            version: self.version,
            key: self.key,
            hints: self.hints_seen,
            explanation: self.explanation,
            ..Again::default()
        }
    }
}

async fn sent(
    person: &AsHolder,
    portal: &web::Data<Portal>,
    form: CheckedMultipart,
    id: Option<ActivityId>,
) -> Result<HttpResponse, WebError> {
    let fields = form.fields.clone();
    let received = Received {
        typed: typed(&fields),
        files: received(portal, person.holder(), form).await?,
        id,
        version: SeenForm { version: fields.one("version").to_owned() }.number(),
        key: fields.one("form_key").to_owned(),
        hints_seen: fields.all("hint_seen").map(str::to_owned).collect(),
        explanation: fields.one("explanation").to_owned(),
    };
    match fields.one("intent") {
        "preview" => {
            let again = Again { looked_ahead: true, ..received.again() };
            shown_again(person, portal, again).await
        }
        "discard" => thrown_away(person, portal, received.key).await,
        "draft" => handed_on(person, portal, received, Intent::Draft).await,
        _ => handed_on(person, portal, received, Intent::Submit).await,
    }
}

/// Throws away the draft that the form has become while it was asked about.
async fn thrown_away(
    person: &AsHolder,
    portal: &web::Data<Portal>,
    key: String,
) -> Result<HttpResponse, WebError> {
    let holder = person.actor();
    let origin =
        move |portal: &Portal| throw_away(portal, holder, &FormOrigin { key: &key, ..FormOrigin::default() });
    blocking(portal, origin).await?;
    let words = "It has been thrown away. Nothing was sent.";
    Ok(see_other_with("/activities", Flash::success(words)))
}

/// Gives the form to the rules, and shows what came of it.
async fn handed_on(
    person: &AsHolder,
    portal: &web::Data<Portal>,
    form: Received,
    intent: Intent,
) -> Result<HttpResponse, WebError> {
    let holder = person.actor();
    let done = blocking(portal, move |portal| Ok((form.send(portal, holder, intent), form)));
    let (done, form) = done.await?;
    if matches!(done, Err(ActionError::Store(StoreError::Changed))) {
        return overtaken(person, portal, form).await;
    }
    let again = match done.map_err(WebError::Action).or_corrections()? {
        Ok(Sent::Done(id, before)) => {
            return Ok(thanks(id, intent, before));
        }
        Ok(Sent::Unsure(hints, None)) => Again { hints, ..form.again() },
        Ok(Sent::Unsure(hints, Some((id, version)))) => {
            // its files are the draft's by now
            Again { hints, id: Some(id), version, files: Files::default(), ..form.again() }
        }
        Ok(Sent::Already(_, title)) => {
            let message = format!(
                "You have already sent this form, as “{title}”. If this is another activity, send it once more."
            );
            Again { errors: FieldErrors::of("", message), key: String::new(), ..form.again() }
        }
        Err(errors) => Again { errors, ..form.again() },
    };
    shown_again(person, portal, again).await
}

/// Shows a form again whose report was changed elsewhere meanwhile, as a change of what stands now.
async fn overtaken(
    person: &AsHolder,
    portal: &web::Data<Portal>,
    form: Received,
) -> Result<HttpResponse, WebError> {
    let (holder, key, id) = (person.holder(), form.key.clone(), form.id);
    let now = blocking(portal, move |portal| overtaken_by(portal, holder, &key, id)).await?;
    let Some(now) = now else { return Err(WebError::from(StoreError::Changed)) };
    let message = "This report was changed elsewhere after you opened it here, perhaps in another window. What you typed is below: check it, and send it again if it is to stand.";
    let errors = FieldErrors::of("", message);
    let (id, version, key) = (Some(now.id), now.version, String::new());
    shown_again(person, portal, Again { errors, id, version, key, overtaken: true, ..form.again() }).await
}

/// `before`: where the report stood, if there was one.
fn thanks(id: ActivityId, intent: Intent, before: Option<ActivityStatus>) -> HttpResponse {
    let text = match (intent, before) {
        (Intent::Draft, _) => "It is saved. Send it when it is complete.",
        (Intent::Submit, None | Some(ActivityStatus::Draft)) => {
            return see_other(format!("/activities/{id}/receipt"));
        }
        (Intent::Submit, Some(ActivityStatus::Submitted)) => {
            "Your changes are saved. The report is still waiting for review."
        }
        (Intent::Submit, _) => "Your report has been sent again. It is our turn.",
    };
    see_other_with(format!("/activities/{id}"), Flash::success(text))
}

/// POST /activities/preview: the look ahead alone.
///
/// # Errors
/// `WebError::NotFound` when the form is about somebody else's activity.
pub async fn preview(
    holder: AsHolder,
    portal: web::Data<Portal>,
    form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let text = typed(&form.0);
    let id = Some(form.0.one("activity")).filter(|id| !matches!(*id, "" | "0"));
    let id = id.map(activity_id).transpose()?;
    let (reading, outlook) = blocking(&portal, move |portal| look_ahead(portal, person, &text, id)).await?;
    let outlook = OutlookView::new(outlook, &reading.facts);
    Ok(render(StatusCode::OK, &OutlookPart { outlook }))
}

/// POST /activities/{id}/submission: reports a draft as it stands, or shows what it still needs.
///
/// # Errors
/// `WebError::NotFound` for somebody else's; a conflict when it changed since it was shown.
pub async fn submit(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    form: CheckedForm<SeenForm>,
) -> Result<HttpResponse, WebError> {
    let (person, id, version) = (holder.holder(), activity_id(&id)?, form.0.number());
    let read =
        blocking(&portal, move |portal| portal.store.read(|conn| around(conn, portal, person, Some(id))));
    let (around, typed) = read.await?;
    let form = Received {
        typed,
        files: Files::default(),
        id: Some(id),
        version,
        // the button of a draft asks what the form asks
        key: uuid::Uuid::new_v4().simple().to_string(),
        hints_seen: Vec::new(),
        explanation: around.explanation,
    };
    if around.changing.is_some_and(|(_, now, ..)| now != version) {
        return Err(WebError::from(StoreError::Changed));
    }
    handed_on(&holder, &portal, form, Intent::Submit).await
}

/// A form that the script speaks of while it is being typed.
pub(super) struct FormSoFar {
    pub(super) typed: Typed,
    id: Option<ActivityId>,
    version: i64,
    key: String,
}

impl FormSoFar {
    pub(super) fn read(fields: &Fields) -> Result<Self, WebError> {
        let id = Some(fields.one("activity")).filter(|id| !matches!(*id, "" | "0"));
        Ok(Self {
            typed: typed(fields),
            id: id.map(activity_id).transpose()?,
            version: SeenForm { version: fields.one("version").to_owned() }.number(),
            key: fields.one("form_key").to_owned(),
        })
    }

    pub(super) fn origin(&self) -> FormOrigin<'_> {
        FormOrigin { key: &self.key, id: self.id, version: self.version, ..FormOrigin::default() }
    }
}

/// POST /activities/drafts: keeps what is being typed, for the script.
///
/// # Errors
/// `WebError` when the database cannot take it.
pub async fn keep_draft(
    holder: AsHolder,
    portal: web::Data<Portal>,
    form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (person, form) = (holder.actor(), FormSoFar::read(&form.0)?);
    let done =
        blocking(&portal, move |portal| keep_while_typing(portal, person, &form.origin(), &form.typed));
    let now = portal.clock.to_local(portal.clock.now());
    let time = now.format("%H:%M").to_string();
    let part = match done.await {
        Ok(Some(KeptDraft { id, unread, whole })) => {
            let unread = unread.into_iter().map(label).collect();
            KeptPart { id: id.0, time, unread, whole, overtaken: false }
        }
        Ok(None) => KeptPart { id: 0, time, unread: Vec::new(), whole: true, overtaken: false },
        Err(WebError::Action(ActionError::Store(StoreError::Changed))) => {
            KeptPart { id: 0, time, unread: Vec::new(), whole: true, overtaken: true }
        }
        Err(error) => return Err(error),
    };
    Ok(render(StatusCode::OK, &part))
}

/// What the form calls a field.
fn label(field: &str) -> &'static str {
    match field {
        "category" => "the kind of activity",
        "title" => "the title",
        "organiser" => "the organiser",
        "field" => "the field",
        "started_on" => "the first day",
        "completed_on" => "the day completed",
        "hours" => "the hours",
        "minutes" => "the minutes",
        "pages" => "the pages",
        "publication" => "the publication",
        "relevance" => "why it is relevant",
        _ => "an answer",
    }
}

/// What an upload gives to the actions.
impl Files {
    pub(in crate::web::holder) fn proofs(&self) -> Proofs<'_> {
        Proofs { uploads: &self.uploads, kept: &self.kept, removed: &self.removed, refused: &self.refused }
    }
}
