//! The report form: new, shown again, changed, sent, and the look ahead while it is being filled in.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::counting::OutlookView;
use super::evidence::FileLine;
use super::uploads::{Files, received};
use super::withdrawal::Seen;
use super::{activity_id, title_or_nameless};
use crate::actions::ActionError;
use crate::actions::activities::{self as reporting, Form, Intent};
use crate::actions::evidence::{Proofs, keep};
use crate::actions::preview::look_ahead;
use crate::actions::report_form::Typed;
use crate::domain::activity::ActivityStatus;
use crate::domain::catalogue::Field;
use crate::domain::category::Category;
use crate::domain::ids::{ActivityId, HolderId};
use crate::portal::Portal;
use crate::store::{StoreError, activities, catalogue, evidence, reviews};
use crate::web::blocking::{OrCorrections, blocking};
use crate::web::checked::{CheckedFields, CheckedForm, Fields};
use crate::web::error::WebError;
use crate::web::flash::see_other_with;
use crate::web::form::{Choice, FieldErrors};
use crate::web::layout::{Flash, Layout};
use crate::web::page::render;
use crate::web::session::{AsHolder, Person};
use crate::web::upload::CheckedMultipart;

/// The form.
#[derive(Template)]
#[template(path = "holder/activities/form.html")]
struct FormPage {
    page: Layout,
    /// Where it is sent.
    action: String,
    /// Where "Cancel" leads.
    cancel: String,
    form: Typed,
    errors: FieldErrors,
    categories: Vec<Choice>,
    fields: Vec<Choice>,
    /// The activity that is changed; 0 for a new one.
    id: i64,
    version: i64,
    /// What the main button says.
    send: &'static str,
    /// Whether it can be kept as a draft.
    may_stay_draft: bool,
    /// The reviewer's question.
    question: String,
    /// Files that the activity has.
    existing: Vec<FileLine>,
    /// Those of them that are to go.
    removed: Vec<i64>,
    /// Files that came with an earlier try.
    kept: Vec<FileLine>,
    outlook: Option<OutlookView>,
    /// Whether the look ahead was asked for.
    looked_ahead: bool,
}

/// The look ahead alone, for the script.
#[derive(Template)]
#[template(path = "holder/activities/outlook.html")]
struct OutlookPart {
    outlook: OutlookView,
}

/// What the form needs to know beside what was typed.
#[derive(Default)]
struct Around {
    fields: Vec<Field>,
    /// The activity that is changed: id, version, status, title.
    changing: Option<(ActivityId, i64, ActivityStatus, String)>,
    question: String,
    existing: Vec<FileLine>,
}

fn around(portal: &Portal, holder: HolderId, id: Option<ActivityId>) -> Result<(Around, Typed), ActionError> {
    portal.store.read(|conn| {
        let fields = catalogue::fields(conn)?;
        let Some(id) = id else { return Ok((Around { fields, ..Around::default() }, Typed::default())) };
        let activity = activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?;
        if !activity.status.editable() {
            return Err(StoreError::Changed.into());
        }
        let typed = Typed::of(&activity.facts, &fields);
        let question = match activity.status {
            ActivityStatus::Returned => {
                reviews::of_activity(conn, id)?.pop().map(|review| review.reason).unwrap_or_default()
            }
            _ => String::new(),
        };
        let existing = evidence::of_activity(conn, id)?.into_iter().map(FileLine::from).collect();
        let changing = Some((id, activity.version, activity.status, activity.facts.title));
        Ok((Around { fields, changing, question, existing }, typed))
    })
}

impl FormPage {
    /// Files that are there already are listed above the field.
    fn evidence_label(&self) -> &'static str {
        if self.existing.is_empty() && self.kept.is_empty() { "Evidence" } else { "More evidence" }
    }

    fn new(person: &Person, around: Around, form: Typed) -> FormPage {
        let (title, action, cancel, send) = match &around.changing {
            None => (
                "Report an activity".to_owned(),
                "/activities".to_owned(),
                "/activities".to_owned(),
                "Submit for review",
            ),
            Some((id, _, status, title)) => {
                let send = match status {
                    ActivityStatus::Draft => "Submit for review",
                    ActivityStatus::Returned => "Send it again",
                    _ => "Save the changes",
                };
                let path = format!("/activities/{id}");
                (format!("Change “{}”", title_or_nameless(title.clone())), path.clone(), path, send)
            }
        };
        let changing = around.changing.as_ref();
        FormPage {
            page: person.layout(title),
            action,
            cancel,
            form,
            errors: FieldErrors::new(),
            categories: Category::ALL
                .into_iter()
                .map(|category| Choice::new(category.code(), category.label()).hint(category.explanation()))
                .collect(),
            fields: around.fields.into_iter().map(|field| Choice::new(field.code, field.title)).collect(),
            id: changing.map_or(0, |(id, ..)| id.0),
            version: changing.map_or(0, |(_, version, ..)| *version),
            send,
            may_stay_draft: changing.is_none_or(|(_, _, status, _)| *status == ActivityStatus::Draft),
            question: around.question,
            existing: around.existing,
            removed: Vec::new(),
            kept: Vec::new(),
            outlook: None,
            looked_ahead: false,
        }
    }
}

/// Reads the fields of the form, exactly as they were typed.
fn typed(fields: &Fields) -> Typed {
    let one = |name: &str| fields.one(name).to_owned();
    Typed {
        category: one("category"),
        title: one("title"),
        organiser: one("organiser"),
        field: one("field"),
        started_on: one("started_on"),
        completed_on: one("completed_on"),
        hours: one("hours"),
        minutes: one("minutes"),
        pages: one("pages"),
        publication: one("publication"),
        relevance: one("relevance"),
        not_regular_job: matches!(fields.one("not_regular_job"), "1" | "on" | "true" | "yes"),
    }
}

/// GET /activities/new
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn new(holder: AsHolder, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let (around, typed) = blocking(&portal, move |portal| around(portal, person, None)).await?;
    Ok(render(StatusCode::OK, &FormPage::new(&holder, around, typed)))
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
    let (person, id) = (holder.holder(), activity_id(&id)?);
    let (around, typed) = blocking(&portal, move |portal| around(portal, person, Some(id))).await?;
    Ok(render(StatusCode::OK, &FormPage::new(&holder, around, typed)))
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

async fn sent(
    person: &Person,
    portal: &web::Data<Portal>,
    form: CheckedMultipart,
    id: Option<ActivityId>,
) -> Result<HttpResponse, WebError> {
    let holder = person.holder();
    let typed = typed(&form.fields);
    let version = Seen { version: form.fields.one("version").to_owned() }.number();
    let intent = form.fields.one("intent").to_owned();
    let files = received(portal, form).await?;
    if intent == "preview" {
        let again = Again { typed, files, errors: FieldErrors::new(), id, version, looked_ahead: true };
        return shown_again(person, portal, again).await;
    }
    let intent = if intent == "draft" { Intent::Draft } else { Intent::Submit };
    let (sent_typed, sent_files) = (typed.clone(), files.clone());
    let done = blocking(portal, move |portal| {
        let proofs = sent_files.proofs();
        let form = Form { typed: &sent_typed, proofs: &proofs, intent };
        match id {
            None => reporting::report(portal, holder, &form),
            Some(id) => reporting::edit(portal, holder, id, version, &form).map(|()| id),
        }
    });
    match done.await.or_corrections()? {
        Ok(id) => Ok(thanks(id, intent)),
        Err(errors) => {
            let again = Again { typed, files, errors, id, version, looked_ahead: false };
            shown_again(person, portal, again).await
        }
    }
}

fn thanks(id: ActivityId, intent: Intent) -> HttpResponse {
    let text = match intent {
        Intent::Draft => "It is saved. Submit it when it is complete.",
        Intent::Submit => {
            "Your report is sent. You hear from us when it is reviewed, and nothing is held against you until then."
        }
    };
    see_other_with(format!("/activities/{id}"), Flash::success(text))
}

/// A form that is shown again.
struct Again {
    typed: Typed,
    files: Files,
    errors: FieldErrors,
    id: Option<ActivityId>,
    /// The version that the person began to change, not the newest one: a change in between must still be noticed.
    version: i64,
    looked_ahead: bool,
}

/// The form again, with everything that was typed and every file that could be taken.
async fn shown_again(
    person: &Person,
    portal: &web::Data<Portal>,
    again: Again,
) -> Result<HttpResponse, WebError> {
    let holder = person.holder();
    let Again { typed, files, mut errors, id, version, looked_ahead } = again;
    let (text, proofs) = (typed.clone(), files.clone());
    let read = blocking(portal, move |portal| {
        let (around, _) = around(portal, holder, id)?;
        let kept = keep(portal, holder, &proofs.proofs())?;
        Ok((around, kept, look_ahead(portal, holder, &text, id)?))
    });
    let (around, kept, (reading, outlook)) = read.await?;
    if looked_ahead {
        for (field, message) in reading.errors {
            errors.push(field, message);
        }
        for message in &files.refused {
            errors.push("evidence", message.clone());
        }
    }
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = FormPage::new(person, around, typed);
    page.errors = errors;
    if id.is_some() {
        page.version = version;
    }
    page.kept = kept.into_iter().map(FileLine::from).collect();
    page.removed = files.removed.iter().map(|id| id.0).collect();
    page.outlook = Some(OutlookView::new(outlook, reading.facts.completed_on));
    page.looked_ahead = looked_ahead;
    Ok(render(status, &page))
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
    let outlook = OutlookView::new(outlook, reading.facts.completed_on);
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
    form: CheckedForm<Seen>,
) -> Result<HttpResponse, WebError> {
    let (person, id, version) = (holder.holder(), activity_id(&id)?, form.0.number());
    let done = blocking(&portal, move |portal| reporting::submit(portal, person, id, version)).await;
    match done.or_corrections()? {
        Ok(()) => Ok(thanks(id, Intent::Submit)),
        Err(errors) => {
            let (_, typed) = blocking(&portal, move |portal| around(portal, person, Some(id))).await?;
            let files = Files::default();
            let again = Again { typed, files, errors, id: Some(id), version, looked_ahead: false };
            shown_again(&holder, &portal, again).await
        }
    }
}

/// What an upload gives to the actions.
impl Files {
    fn proofs(&self) -> Proofs<'_> {
        Proofs { uploads: &self.uploads, kept: &self.kept, removed: &self.removed, refused: &self.refused }
    }
}
