//! What the checks of the whole data found.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::actions::ActionError;
use crate::domain::job::JobName;
use crate::jobs::TIMETABLE;
use crate::jobs::manual_run::run_now;
use crate::portal::Portal;
use crate::store::operations::invariant_results::{self, DataCheck};
use crate::upkeep::check::names;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::AsAdministrator;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::dates::instant;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

/// Checks on the page.
const CHECKS: i64 = 30;

#[derive(Template)]
#[template(path = "admin/check.html")]
struct CheckPage {
    page: Layout,
    last: Option<CheckShown>,
    /// What the last check found, by invariant.
    findings: Vec<(String, Vec<String>)>,
    earlier: Vec<CheckShown>,
    /// What is checked, in one sentence each.
    looks_at: Vec<&'static str>,
}

/// A check in a list.
struct CheckShown {
    at: String,
    seconds: i64,
    invariants: i64,
    broken: i64,
}

/// GET /admin/check
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(staff: AsAdministrator, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let (checks, found) = blocking(&portal, |portal| {
        portal.store.read(|conn| {
            let checks = invariant_results::latest(conn, CHECKS)?;
            let found = match checks.first() {
                Some(last) => invariant_results::findings_of(conn, last.id)?,
                None => Vec::new(),
            };
            Ok::<_, ActionError>((checks, found))
        })
    })
    .await?;
    let mut findings: Vec<(String, Vec<String>)> = Vec::new();
    for finding in found {
        match findings.last_mut() {
            Some((invariant, lines)) if *invariant == finding.invariant => lines.push(finding.found),
            _ => findings.push((finding.invariant, vec![finding.found])),
        }
    }
    let mut checks = checks.into_iter().map(|check: DataCheck| CheckShown {
        at: instant(&portal.clock, check.finished_at),
        seconds: (check.finished_at - check.started_at).num_seconds(),
        invariants: check.invariants,
        broken: check.broken,
    });
    let last = checks.next();
    let page = staff.layout("Check of the data");
    let looks_at = names().collect();
    Ok(render(StatusCode::OK, &CheckPage { page, last, findings, earlier: checks.collect(), looks_at }))
}

/// POST /admin/check: checks now.
///
/// # Errors
/// `WebError`; 503 while a check is under way.
pub async fn run(
    _staff: AsAdministrator,
    portal: web::Data<Portal>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let Some(job) = TIMETABLE.iter().find(|job| job.name == JobName::Check) else {
        return Err(WebError::NotFound);
    };
    let (report, sound) = blocking(&portal, |portal| {
        let report = run_now(portal, job)?;
        let last = portal.store.read(invariant_results::last)?;
        Ok::<_, ActionError>((report, last.is_some_and(|last| last.ok())))
    })
    .await?;
    let flash = if report.complete && sound {
        Flash::success(report.summary)
    } else {
        Flash::warning(report.summary)
    };
    Ok(see_other_with("/admin/check", flash))
}
