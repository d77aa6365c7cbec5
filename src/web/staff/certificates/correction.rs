//! Correcting what a certificate says: a page that says what will happen, and the decision itself.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use chrono::NaiveDate;
use serde::Deserialize;

use super::CertificateCase;
use super::decisions::{consequences, done, words};
use crate::actions::ActionError;
use crate::actions::certification::decisions::command::SeenVersion;
use crate::actions::certification::decisions::correction::{GivenCorrection, correct};
use crate::actions::certification::grant::TWIN;
use crate::domain::certification::catalogue::Certification;
use crate::domain::certification::decision::{DecisionKind, check_correction};
use crate::domain::dates::long_date;
use crate::domain::ids::CertificateId;
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::certification::catalogue;
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::plain::CheckedForm;
use crate::web::http::auth::{AsAdministrator, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::staff::holders::choices;
use crate::web::staff::mail::reach::notice;
use crate::web::staff::review::verdict::seen;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "staff/certificates/correction.html")]
struct CorrectionPage {
    page: Layout,
    errors: FieldErrors,
    form: CorrectionForm,
    id: i64,
    number: String,
    certification: String,
    granted: String,
    holder_name: String,
    consequences: Vec<String>,
    /// Why it cannot be decided now; then there is no form.
    refused: Option<String>,
    certifications: Vec<Choice>,
    /// Whether a second certificate of one certification has to be said to be meant.
    asks_twin: bool,
    verb: &'static str,
}

/// A correction as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct CorrectionForm {
    number: String,
    certification: String,
    granted_on: String,
    twin: String,
    reason: String,
    version: String,
}

/// GET /staff/certificates/{id}/correction
///
/// # Errors
/// `WebError::NotFound`.
pub async fn new(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    page(&staff, &portal, CertificateId(*id), None, None).await
}

/// POST /staff/certificates/{id}/correction
///
/// # Errors
/// `WebError`; 409 when somebody was first.
pub async fn create(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<CorrectionForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (CertificateId(*id), staff.actor(), form.clone());
    let decided = blocking(&portal, move |portal| {
        let correction = GivenCorrection {
            number: &given.number,
            certification: &given.certification,
            granted_on: &given.granted_on,
            twin: !given.twin.is_empty(),
            reason: &given.reason,
        };
        let looked_at = SeenVersion { version: seen(&given.version), answers: None };
        correct(portal, actor, id, looked_at, &correction)?;
        let case = portal.store.read(|conn| CertificateCase::find(conn, id, portal.clock.today()))?;
        Ok((case.holder.id, case.reach))
    })
    .await
    .or_corrections()?;
    match decided {
        Ok((holder, reach)) => {
            let words = (done(DecisionKind::Correction), "The holder is told.");
            let flash = notice(&staff, holder, reach, words);
            Ok(see_other_with(format!("/staff/certificates/{id}"), flash))
        }
        Err(errors) => page(&staff, &portal, id, Some(form), Some(errors)).await,
    }
}

async fn page(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: CertificateId,
    form: Option<CorrectionForm>,
    errors: Option<FieldErrors>,
) -> Result<HttpResponse, WebError> {
    let read = blocking(portal, move |portal| {
        portal.store.read(|conn| CorrectionPageData::load(conn, id, portal.clock.today()))
    });
    let data = read.await?;
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = CorrectionPage::new(staff, &data, form, errors.unwrap_or_default())?;
    Ok(render(status, &page))
}

/// What the page needs, read together.
struct CorrectionPageData {
    case: CertificateCase,
    certifications: Vec<Certification>,
}

impl CorrectionPageData {
    fn load(conn: &mut Conn<'_>, id: CertificateId, today: NaiveDate) -> Result<Self, ActionError> {
        let case = CertificateCase::find(conn, id, today)?;
        Ok(Self { case, certifications: catalogue::certifications(conn)? })
    }
}

impl CorrectionPage {
    fn new(
        staff: &Person,
        data: &CorrectionPageData,
        form: Option<CorrectionForm>,
        errors: FieldErrors,
    ) -> Result<CorrectionPage, WebError> {
        let case = &data.case;
        let holds = &case.certificate()?.certificate;
        let mut form = form.unwrap_or_else(|| CorrectionForm {
            number: holds.number.clone(),
            certification: holds.certification.id.to_string(),
            granted_on: long_date(holds.granted_on),
            ..CorrectionForm::default()
        });
        if form.version.trim().is_empty() {
            form.version = case.version.to_string();
        }
        let refused = check_correction(staff.actor(), holds, "a reason").err();
        let (title, verb) = words(DecisionKind::Correction);
        Ok(CorrectionPage {
            page: staff.layout(title),
            asks_twin: errors.has(TWIN) || !form.twin.is_empty(),
            errors,
            form,
            id: holds.id.0,
            number: holds.number.clone(),
            certification: holds.certification.title.clone(),
            granted: long_date(holds.granted_on),
            holder_name: case.holder.name.clone(),
            consequences: consequences(DecisionKind::Correction, &case.holder.name, case.reach),
            refused: case.partial(staff.actor()).or(refused.map(|refusal| refusal.to_string())),
            certifications: choices(&data.certifications),
            verb,
        })
    }
}
