//! The catalogue: fields with their neighbours, and certifications.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use crate::actions::ActionError;
use crate::actions::certification::catalogue::{
    add_certification, add_field, edit_field, retitle_certification,
};
use crate::domain::certification::catalogue::{Certification, Field, Level, Neighbours};
use crate::domain::ids::{CertificationId, FieldId};
use crate::portal::Portal;
use crate::store::certification::catalogue;
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::plain::{CheckedFields, CheckedForm};
use crate::web::forms::receipt::once;
use crate::web::http::auth::{AsAdministrator, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

const LIST: &str = "/admin/certifications";

#[derive(Template)]
#[template(path = "admin/certifications/index.html")]
struct CataloguePage {
    page: Layout,
    fields: Vec<FieldShown>,
}

struct FieldShown {
    id: i64,
    code: String,
    title: String,
    neighbours: String,
    certifications: Vec<Certification>,
}

#[derive(Template)]
#[template(path = "admin/certifications/form.html")]
struct CertificationPage {
    page: Layout,
    errors: FieldErrors,
    form: CertificationForm,
    /// The address the form is sent to; an existing certification keeps its code, field and level.
    action: String,
    existing: bool,
    fields: Vec<Choice>,
    levels: Vec<Choice>,
}

/// A certification as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CertificationForm {
    code: String,
    title: String,
    field: String,
    level: String,
}

#[derive(Template)]
#[template(path = "admin/certifications/field.html")]
struct FieldPage {
    page: Layout,
    errors: FieldErrors,
    code: String,
    title: String,
    action: String,
    existing: bool,
    others: Vec<Choice>,
    chosen: Vec<String>,
}

type Catalogue = (Vec<Field>, Neighbours, Vec<Certification>);

async fn read(portal: &web::Data<Portal>) -> Result<Catalogue, WebError> {
    blocking(portal, |portal| {
        portal.store.read(|conn| {
            Ok::<_, ActionError>((
                catalogue::fields(conn)?,
                catalogue::neighbours(conn)?,
                catalogue::certifications(conn)?,
            ))
        })
    })
    .await
}

/// GET /admin/certifications
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(staff: AsAdministrator, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let (fields, neighbours, certifications) = read(&portal).await?;
    let shown = fields
        .iter()
        .map(|field| {
            let near = fields.iter().filter(|other| neighbours.adjoin(field.id, other.id));
            FieldShown {
                id: field.id.0,
                code: field.code.clone(),
                title: field.title.clone(),
                neighbours: near.map(|other| other.title.as_str()).collect::<Vec<_>>().join(", "),
                certifications: certifications.iter().filter(|c| c.field == field.id).cloned().collect(),
            }
        })
        .collect();
    Ok(render(StatusCode::OK, &CataloguePage { page: staff.layout("Certifications"), fields: shown }))
}

/// GET /admin/certifications/new
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn new(staff: AsAdministrator, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    certification_page(&staff, &portal, None, CertificationForm::default(), None).await
}

/// POST /admin/certifications
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn create(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    CheckedForm(form): CheckedForm<CertificationForm>,
) -> Result<HttpResponse, WebError> {
    let (actor, given) = (staff.actor(), form.clone());
    let added = once(&request, &portal, move |portal| {
        let field = given.field.parse().ok();
        add_certification(portal, actor, &given.code, &given.title, field, Level::from_code(&given.level))
    })
    .await
    .or_corrections()?;
    match added {
        Ok(_) => Ok(see_other_with(LIST, Flash::success("The certification has been added."))),
        Err(errors) => certification_page(&staff, &portal, None, form, Some(errors)).await,
    }
}

/// GET /admin/certifications/{id}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn edit(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    let id = CertificationId(*id);
    let (_, _, certifications) = read(&portal).await?;
    let found = certifications.into_iter().find(|c| c.id == id).ok_or(WebError::NotFound)?;
    let form = CertificationForm { title: found.title, code: found.code, ..CertificationForm::default() };
    certification_page(&staff, &portal, Some(id), form, None).await
}

/// POST /admin/certifications/{id}
pub async fn update(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<CertificationForm>,
) -> Result<HttpResponse, WebError> {
    let (actor, id, title) = (staff.actor(), CertificationId(*id), form.title.clone());
    let changed = blocking(&portal, move |portal| retitle_certification(portal, actor, id, &title)).await;
    match changed.or_corrections()? {
        Ok(()) => Ok(see_other_with(LIST, Flash::success("Saved."))),
        Err(errors) => certification_page(&staff, &portal, Some(id), form, Some(errors)).await,
    }
}

async fn certification_page(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: Option<CertificationId>,
    form: CertificationForm,
    errors: Option<FieldErrors>,
) -> Result<HttpResponse, WebError> {
    let (fields, _, _) = read(portal).await?;
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = CertificationPage {
        page: staff.layout(if id.is_some() { "Change a certification" } else { "Add a certification" }),
        errors: errors.unwrap_or_default(),
        form,
        action: id.map_or_else(|| LIST.to_owned(), |id| format!("{LIST}/{id}")),
        existing: id.is_some(),
        fields: fields.into_iter().map(|field| Choice::new(field.id.to_string(), field.title)).collect(),
        levels: Level::ALL.iter().map(|level| Choice::new(level.code(), level.label())).collect(),
    };
    Ok(render(status, &page))
}

/// GET /admin/fields/new
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn new_field(staff: AsAdministrator) -> Result<HttpResponse, WebError> {
    Ok(render(StatusCode::OK, &new_field_page(&staff, String::new(), String::new(), FieldErrors::new())))
}

fn new_field_page(staff: &Person, code: String, title: String, errors: FieldErrors) -> FieldPage {
    FieldPage {
        page: staff.layout("Add a field"),
        errors,
        code,
        title,
        action: "/admin/fields".to_owned(),
        existing: false,
        others: Vec::new(),
        chosen: Vec::new(),
    }
}

/// POST /admin/fields, and on to its neighbours.
pub async fn create_field(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (code, title) = (fields.one("code").to_owned(), fields.one("title").to_owned());
    let (actor, given) = (staff.actor(), (code.clone(), title.clone()));
    let added = once(&request, &portal, move |portal| add_field(portal, actor, &given.0, &given.1)).await;
    Ok(match added.or_corrections()? {
        Ok(id) => {
            let flash = Flash::success("The field has been added. Say which fields are its neighbours.");
            see_other_with(format!("/admin/fields/{id}"), flash)
        }
        Err(errors) => render(StatusCode::UNPROCESSABLE_ENTITY, &new_field_page(&staff, code, title, errors)),
    })
}

/// GET /admin/fields/{id}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn show_field(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    field_page(&staff, &portal, FieldId(*id), None).await
}

/// POST /admin/fields/{id}
pub async fn update_field(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (actor, id, title) = (staff.actor(), FieldId(*id), fields.one("title").to_owned());
    let chosen: Vec<String> = fields.all("neighbours").map(str::to_owned).collect();
    let neighbours: Vec<FieldId> = chosen.iter().filter_map(|id| id.parse().ok()).collect();
    let wanted = title.clone();
    let changed = blocking(&portal, move |portal| edit_field(portal, actor, id, &wanted, &neighbours)).await;
    match changed.or_corrections()? {
        Ok(()) => Ok(see_other_with(LIST, Flash::success("Saved."))),
        Err(errors) => field_page(&staff, &portal, id, Some((title, chosen, errors))).await,
    }
}

async fn field_page(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: FieldId,
    typed: Option<(String, Vec<String>, FieldErrors)>,
) -> Result<HttpResponse, WebError> {
    let (fields, neighbours, _) = read(portal).await?;
    let field = fields.iter().find(|field| field.id == id).ok_or(WebError::NotFound)?;
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let others = || fields.iter().filter(|other| other.id != id);
    let (title, chosen, errors) = typed.unwrap_or_else(|| {
        let near = others().filter(|other| neighbours.adjoin(id, other.id));
        (field.title.clone(), near.map(|other| other.id.to_string()).collect(), FieldErrors::new())
    });
    let page = FieldPage {
        page: staff.layout("Change a field"),
        errors,
        code: field.code.clone(),
        title,
        action: format!("/admin/fields/{id}"),
        existing: true,
        others: others().map(|other| Choice::new(other.id.to_string(), other.title.clone())).collect(),
        chosen,
    };
    Ok(render(status, &page))
}
