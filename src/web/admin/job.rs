//! One job of the timetable: what it is for, what its last runs did, and running it now.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::jobs::{RunShown, run_shown};
use crate::domain::job::JobName;
use crate::jobs::health::{Condition, vitals};
use crate::jobs::manual_run::run_now;
use crate::jobs::{Job, TIMETABLE};
use crate::portal::Portal;
use crate::store::operations::job_runs;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::AsAdministrator;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;
use crate::web::view::tags::Tag;

/// Runs on the page.
const RUNS: i64 = 50;
/// How long a person waits for a run before the page comes back without its result.
const PATIENCE: Duration = Duration::from_secs(8);

#[derive(Template)]
#[template(path = "admin/jobs/job.html")]
struct JobPage {
    page: Layout,
    name: &'static str,
    when: String,
    purpose: &'static str,
    /// How it fares, for a job of certain hours.
    fares: Option<(Tag, String)>,
    /// Where a run can be rehearsed; empty where that says nothing.
    rehearsal: &'static str,
    runs: Vec<RunShown>,
}

fn job(name: &str) -> Result<&'static Job, WebError> {
    let name = JobName::from_code(name).ok_or(WebError::NotFound)?;
    TIMETABLE.iter().find(|job| job.name == name).ok_or(WebError::NotFound)
}

/// GET /admin/jobs/{name}
///
/// # Errors
/// `WebError::NotFound` for what is no job.
pub async fn show(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    name: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let job = job(&name)?;
    let (runs, vital) = blocking(&portal, |portal| {
        let runs = portal.store.read(|conn| job_runs::of_job(conn, job.name, RUNS))?;
        Ok((runs, vitals(portal).into_iter().find(|vital| vital.name == job.name.code())))
    })
    .await?;
    let fares = vital.map(|vital| {
        let tag = match vital.condition {
            Condition::Good => Tag { kind: "good", label: "As it should be" },
            Condition::Attention => Tag { kind: "wait", label: "Worth a look" },
            Condition::Bad => Tag { kind: "bad", label: "Needs fixing" },
        };
        (tag, vital.words)
    });
    let page = JobPage {
        page: staff.layout(format!("Job: {}", job.name.code())),
        name: job.name.code(),
        when: job.schedule.words(),
        purpose: job.purpose,
        fares,
        rehearsal: if job.name == JobName::Deadlines { "/admin/jobs/deadlines/rehearsal" } else { "" },
        runs: runs.into_iter().map(|run| run_shown(run, &portal)).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}

/// POST /admin/jobs/{name}: runs it now. One that takes long goes on by itself.
///
/// # Errors
/// `WebError::NotFound` for what is no job; 503 while another run is under way.
pub async fn run(
    _staff: AsAdministrator,
    portal: web::Data<Portal>,
    name: web::Path<String>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let job = job(&name)?;
    let running = blocking(&portal, |portal| run_now(portal, job));
    let flash = match actix_web::rt::time::timeout(PATIENCE, running).await {
        Err(_) => Flash::success(
            "The run has begun and will take a while. Look at this page again in a few minutes.",
        ),
        Ok(report) => {
            let report = report?;
            match (report.complete, report.summary.is_empty()) {
                (true, true) => Flash::success("Done. There was nothing to do."),
                (true, false) => Flash::success(report.summary),
                (false, _) => Flash::warning(report.summary),
            }
        }
    };
    Ok(see_other_with(format!("/admin/jobs/{}", job.name.code()), flash))
}
