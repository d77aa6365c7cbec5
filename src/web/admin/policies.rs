//! Policy versions: the figures in force, and new versions to come.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::actions::certification::policies::{GivenPolicy, add, take_back};
use crate::domain::activities::category::Category;
use crate::domain::activities::credits::Credits;
use crate::domain::certification::policy::{Policies, Policy};
use crate::domain::dates::{long_date, plus_days};
use crate::domain::ids::PolicyId;
use crate::domain::ledger::derivation::rate_in_words;
use crate::domain::plural::counted;
use crate::portal::Portal;
use crate::store::certification::policies;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedFields;
use crate::web::forms::receipt::once;
use crate::web::http::auth::{AsAdministrator, Person};
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "admin/policies/index.html")]
struct PoliciesPage {
    page: Layout,
    versions: Vec<VersionShown>,
}

struct VersionShown {
    id: i64,
    version: i64,
    from: String,
    state: &'static str,
    kind: &'static str,
    future: bool,
    figures: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "admin/policies/new.html")]
struct NewPolicyPage {
    page: Layout,
    errors: FieldErrors,
    form: GivenPolicy,
    earliest: String,
}

/// GET /admin/policies
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(staff: AsAdministrator, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let all = all(&portal).await?;
    let today = portal.clock.today();
    let current = all.in_force_on(today).id;
    let mut versions: Vec<VersionShown> = all.all().map(|policy| shown(policy, current, today)).collect();
    versions.reverse();
    Ok(render(StatusCode::OK, &PoliciesPage { page: staff.layout("Policies"), versions }))
}

async fn all(portal: &web::Data<Portal>) -> Result<Policies, WebError> {
    blocking(portal, |portal| Ok(portal.store.read(policies::all)?)).await
}

fn carried_in_words(most: Credits) -> String {
    if most == Credits::ZERO { "nothing".to_owned() } else { format!("at most {}", most.counted()) }
}

fn shown(policy: &Policy, current: PolicyId, today: chrono::NaiveDate) -> VersionShown {
    let future = policy.first_day > today;
    let (state, kind) = match (policy.id == current, future) {
        (true, _) => ("In force", "good"),
        (false, true) => ("Upcoming", "info"),
        (false, false) => ("Replaced", "off"),
    };
    let mut figures = vec![
        ("Practitioner", format!("at least {} a year", policy.minimums.practitioner.counted())),
        ("Expert", format!("at least {} a year", policy.minimums.expert.counted())),
        ("Certified Officer", format!("at least {} a year", policy.minimums.certified_officer.counted())),
    ];
    figures.extend(
        Category::ALL
            .iter()
            .map(|&category| (category.label(), rate_in_words(category, policy.rate(category)))),
    );
    // the word goes with the last number
    let last = policy.stages.last().map(|last| counted(*last, "day", "days"));
    let but_last = policy.stages.iter().rev().skip(1).rev().map(i64::to_string);
    let stages: Vec<String> = but_last.chain(last).collect();
    figures.extend([
        ("One publication", format!("at most {} over its whole life", policy.publication_cap.counted())),
        ("Reminders", format!("{} before a deadline", stages.join(", "))),
        ("Notice period after a flag", counted(policy.notice_days, "day", "days")),
        ("Carried into the next year", carried_in_words(policy.carry_over)),
    ]);
    VersionShown {
        id: policy.id.0,
        version: policy.version,
        from: if policy.version == 1 {
            "from the beginning".to_owned()
        } else {
            format!("from {}", long_date(policy.first_day))
        },
        state,
        kind,
        future,
        figures,
    }
}

/// GET /admin/policies/new: filled with the figures of the newest version.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn new(staff: AsAdministrator, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let form = GivenPolicy::like(all(&portal).await?.newest());
    form_page(&staff, &portal, form, None).await
}

async fn form_page(
    staff: &Person,
    portal: &web::Data<Portal>,
    form: GivenPolicy,
    errors: Option<FieldErrors>,
) -> Result<HttpResponse, WebError> {
    let after = all(portal).await?.newest().first_day.max(portal.clock.today());
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = NewPolicyPage {
        page: staff.layout("New version of the policy"),
        errors: errors.unwrap_or_default(),
        form,
        earliest: long_date(plus_days(after, 1)),
    };
    Ok(render(status, &page))
}

fn given(fields: &Fields) -> GivenPolicy {
    let one = |name: &str| fields.one(name).to_owned();
    GivenPolicy {
        first_day: one("first_day"),
        minimum_practitioner: one("minimum_practitioner"),
        minimum_expert: one("minimum_expert"),
        minimum_certified_officer: one("minimum_certified_officer"),
        rate_attending: one("rate_attending"),
        rate_reading: one("rate_reading"),
        rate_writing: one("rate_writing"),
        rate_teaching: one("rate_teaching"),
        rate_course_material: one("rate_course_material"),
        rate_unregistered: one("rate_unregistered"),
        publication_cap: one("publication_cap"),
        stages: one("stages"),
        notice_days: one("notice_days"),
        carry_over: one("carry_over"),
    }
}

/// POST /admin/policies
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn create(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (actor, form) = (staff.actor(), given(&fields));
    let wanted = form.clone();
    match once(&request, &portal, move |portal| add(portal, actor, &wanted)).await.or_corrections()? {
        Ok(_) => {
            let flash = Flash::success("The new version has been recorded. It applies from its first day.");
            Ok(see_other_with("/admin/policies", flash))
        }
        Err(errors) => form_page(&staff, &portal, form, Some(errors)).await,
    }
}

/// POST /admin/policies/{id}/removal: takes back a version that is not in force yet.
///
/// # Errors
/// `WebError`; 409 when it is in force by now.
pub async fn remove(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    id: web::Path<i64>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let (actor, id) = (staff.actor(), PolicyId(*id));
    blocking(&portal, move |portal| take_back(portal, actor, id)).await?;
    Ok(see_other_with(
        "/admin/policies",
        Flash::success("The version has been taken back. Nothing else changed."),
    ))
}
