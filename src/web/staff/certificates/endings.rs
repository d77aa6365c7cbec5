//! The end of a certificate otherwise than for missing credits: a page that says what will happen, and the decision itself.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use serde::Deserialize;

use super::CertificateCase;
use super::decisions::{consequences, done, words};
use crate::actions::ActionError;
use crate::actions::certification::decisions::command::{Deciding, SeenVersion};
use crate::actions::certification::decisions::{decide, reason_problem};
use crate::domain::certification::certificate::Certificate;
use crate::domain::certification::decision::{DecisionKind, DecisionRefusal, check_ending, replaces};
use crate::domain::certification::ending::EndingKind;
use crate::domain::ids::CertificateId;
use crate::portal::Portal;
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::plain::CheckedForm;
use crate::web::http::auth::{AsAdministrator, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::staff::review::verdict::seen;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "staff/certificates/ending.html")]
struct EndingPage {
    page: Layout,
    errors: FieldErrors,
    form: EndingForm,
    id: i64,
    number: String,
    certification: String,
    holder_name: String,
    consequences: Vec<String>,
    /// Why it cannot be decided now; then there is no form.
    refused: Option<String>,
    endings: Vec<Choice>,
    /// Certificates that could take its place.
    higher: Vec<Choice>,
    verb: &'static str,
}

/// An ending as it was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct EndingForm {
    ending: String,
    replaced_by: String,
    reason: String,
    version: String,
    /// That exactly this certificate is meant.
    confirmed: String,
}

/// GET /staff/certificates/{id}/ending
///
/// # Errors
/// `WebError::NotFound`.
pub async fn new(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
) -> Result<HttpResponse, WebError> {
    page(&staff, &portal, CertificateId(*id), EndingForm::default(), None).await
}

/// POST /staff/certificates/{id}/ending
///
/// # Errors
/// `WebError`; 409 when somebody was first.
pub async fn create(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    CheckedForm(form): CheckedForm<EndingForm>,
) -> Result<HttpResponse, WebError> {
    let (id, actor, given) = (CertificateId(*id), staff.actor(), form.clone());
    let decided = blocking(&portal, move |portal| {
        let deciding = read(&given)?;
        let looked_at = SeenVersion { version: seen(&given.version), answers: None };
        decide(portal, actor, id, looked_at, deciding, &given.reason)
    })
    .await
    .or_corrections()?;
    match decided {
        Ok(()) => {
            let flash = Flash::success(done(DecisionKind::Ending));
            Ok(see_other_with(format!("/staff/certificates/{id}"), flash))
        }
        Err(errors) => page(&staff, &portal, id, form, Some(errors)).await,
    }
}

/// What was chosen, with everything that is missing at once.
fn read(form: &EndingForm) -> Result<Deciding, ActionError> {
    let kind = EndingKind::from_code(form.ending.trim()).filter(|kind| EndingKind::CHOSEN.contains(kind));
    let replaced_by = form.replaced_by.trim().parse().ok().map(CertificateId);
    let mut problems = Vec::new();
    if kind.is_none() {
        problems.push(("ending", "Choose why the certificate ends.".to_owned()));
    }
    if kind == Some(EndingKind::Replaced) && replaced_by.is_none() {
        problems.push(("replaced_by", DecisionRefusal::NotHigher.to_string()));
    }
    problems.extend(reason_problem(&form.reason));
    if form.confirmed.is_empty() {
        problems
            .push(("confirmed", "Tick this when it is the certificate and the holder you mean.".to_owned()));
    }
    match kind {
        Some(kind) if problems.is_empty() => Ok(Deciding::End { kind, replaced_by }),
        _ => Err(ActionError::Invalid(problems)),
    }
}

/// The ways to end, as an administrator chooses from them: what each is, and what is said of it.
fn choices() -> Vec<Choice> {
    EndingKind::CHOSEN
        .into_iter()
        .map(|kind| {
            let (label, hint) = match kind {
                EndingKind::Wish => (
                    "Its holder wants it to end",
                    "Everybody reads “no longer held”. The holder gets an email that confirms it.",
                ),
                EndingKind::Replaced => (
                    "A higher certificate takes its place",
                    "Everybody reads “no longer held”. The holder gets an email that names the other one.",
                ),
                EndingKind::Death => (
                    "Its holder has died",
                    "Everybody reads “no longer held”. No email is sent. The account is closed, and other certificates end with it. A death that was recorded by mistake can be undone.",
                ),
                EndingKind::Mistake => (
                    "It was granted by mistake",
                    "Everybody reads “withdrawn”. The holder gets an email and can appeal.",
                ),
                EndingKind::Misconduct | EndingKind::Credits => (
                    "Misconduct",
                    "Everybody reads “withdrawn”. The holder gets an email with the reason and can appeal.",
                ),
            };
            Choice::new(kind.code(), label).hint(hint)
        })
        .collect()
}

async fn page(
    staff: &Person,
    portal: &web::Data<Portal>,
    id: CertificateId,
    mut form: EndingForm,
    errors: Option<FieldErrors>,
) -> Result<HttpResponse, WebError> {
    let case = blocking(portal, move |portal| {
        portal.store.read(|conn| CertificateCase::find(conn, id, portal.clock.today()))
    });
    let case = case.await?;
    if form.version.trim().is_empty() {
        form.version = case.version.to_string();
    }
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(render(status, &EndingPage::new(staff, &case, form, errors.unwrap_or_default())?))
}

impl EndingPage {
    fn new(
        staff: &Person,
        case: &CertificateCase,
        form: EndingForm,
        errors: FieldErrors,
    ) -> Result<EndingPage, WebError> {
        let holds = &case.certificate()?.certificate;
        let others = case.file.certificates.iter().map(|own| &own.certificate);
        let choice = |other: &Certificate| {
            Choice::new(other.id.to_string(), format!("{}, {}", other.certification.title, other.number))
        };
        let higher: Vec<Choice> = others.filter(|other| replaces(other, holds)).map(choice).collect();
        let refused = check_ending(staff.actor(), holds, EndingKind::Wish, None, "a reason").err();
        let (title, verb) = words(DecisionKind::Ending);
        let mut endings = choices();
        if higher.is_empty() {
            endings.retain(|choice| choice.value != EndingKind::Replaced.code());
        }
        Ok(EndingPage {
            page: staff.layout(title),
            errors,
            form,
            id: holds.id.0,
            number: holds.number.clone(),
            certification: holds.certification.title.clone(),
            holder_name: case.holder.name.clone(),
            consequences: consequences(DecisionKind::Ending, &case.holder.name, case.reach),
            refused: case.partial(staff.actor()).or(refused.map(|refusal| refusal.to_string())),
            endings,
            higher,
            verb,
        })
    }
}
