//! Asking for a correction of a report that is decided.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::field_choices::FieldChoices;
use super::form::typed;
use super::withdrawal::SeenForm;
use crate::actions::ActionError;
use crate::actions::activities::correction::{ask, closed, is_decided};
use crate::actions::activities::form::Typed;
use crate::domain::activities::category::Category;
use crate::domain::activities::correction::CorrectionState;
use crate::domain::ids::ActivityId;
use crate::portal::Portal;
use crate::store::activities::corrections;
use crate::store::records::holder_records;
use crate::store::{StoreError, activities};
use crate::web::forms::errors::{Choice, ChoiceGroup, FieldErrors};
use crate::web::forms::plain::CheckedFields;
use crate::web::forms::receipt::once;
use crate::web::holder::reference::{activity_id, title_or_nameless};
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "holder/activities/correction.html")]
struct CorrectionPage {
    page: Layout,
    id: i64,
    version: i64,
    form: Typed,
    reason: String,
    errors: FieldErrors,
    categories: Vec<Choice>,
    fields: Vec<ChoiceGroup>,
    /// When words about the relevance are needed.
    relevance_note: &'static str,
    /// Why nothing can be corrected any more; empty when it can.
    closed: &'static str,
}

struct Read {
    title: String,
    typed: Typed,
    version: i64,
    fields: FieldChoices,
    closed: Option<&'static str>,
}

async fn read(person: &AsHolder, portal: &web::Data<Portal>, id: ActivityId) -> Result<Read, WebError> {
    let (holder, today) = (person.holder(), portal.clock.today());
    blocking(portal, move |portal| {
        portal.store.read(|conn| {
            let activity = activities::find_of_holder(conn, holder, id)?.ok_or(ActionError::NotFound)?;
            let asked = corrections::of_activity(conn, id)?;
            if !is_decided(activity.status) || asked.iter().any(|one| one.state == CorrectionState::Asked) {
                return Err(ActionError::from(StoreError::Changed));
            }
            let fields = FieldChoices::load(conn, holder, today)?;
            let file = holder_records::of_holder(conn, holder, today)?;
            Ok(Read {
                typed: Typed::of(&activity.facts, fields.fields()),
                version: activity.version,
                closed: closed(&file, id),
                title: activity.facts.title,
                fields,
            })
        })
    })
    .await
}

fn page(person: &AsHolder, id: ActivityId, read: Read) -> CorrectionPage {
    CorrectionPage {
        page: person.layout(format!("Ask for a correction of “{}”", title_or_nameless(read.title))),
        id: id.0,
        version: read.version,
        relevance_note: read.fields.note(&read.typed.field),
        form: read.typed,
        reason: String::new(),
        errors: FieldErrors::new(),
        categories: Category::ALL.into_iter().map(|kind| Choice::new(kind.code(), kind.label())).collect(),
        fields: read.fields.groups(),
        closed: read.closed.unwrap_or_default(),
    }
}

/// GET /activities/{id}/correction
///
/// # Errors
/// `WebError::NotFound` for somebody else's; a conflict when it is not decided or a correction is asked for already.
pub async fn new(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let id = activity_id(&id)?;
    let read = read(&holder, &portal, id).await?;
    Ok(render(StatusCode::OK, &page(&holder, id, read)))
}

/// POST /activities/{id}/correction
///
/// # Errors
/// As [`new`].
pub async fn create(
    holder: AsHolder,
    request: HttpRequest,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (person, id) = (holder.actor(), activity_id(&id)?);
    let (text, reason) = (typed(&form.0), form.0.one("reason").to_owned());
    let version = SeenForm { version: form.0.one("version").to_owned() }.number();
    let (sent, why) = (text.clone(), reason.clone());
    let done = once(&request, &portal, move |portal| ask(portal, person, id, version, &sent, &why)).await;
    match done.or_corrections()? {
        Ok(()) => {
            let words = "We have your request. A colleague will look at it, and you will get an email with the answer.";
            Ok(see_other_with(format!("/activities/{id}"), Flash::success(words)))
        }
        Err(errors) => {
            let read = read(&holder, &portal, id).await?;
            let relevance_note = read.fields.note(&text.field);
            let page = page(&holder, id, read);
            let page = CorrectionPage { form: text, relevance_note, reason, errors, version, ..page };
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
    }
}
