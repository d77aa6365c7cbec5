//! The timetable: what the portal does by itself, when it last did, what a run would do now, and flags that it holds back.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::actions::ActionError;
use crate::actions::deadlines::{
    ReminderLine, RunLine, RunOptions, RunReport, confirm_held, run, to_the_end,
};
use crate::domain::certification::deadlines::StageOutcome;
use crate::domain::dates::long_date;
use crate::domain::ids::CertificateId;
use crate::domain::job::{JobName, RunOutcome};
use crate::domain::plural::counted;
use crate::jobs::TIMETABLE;
use crate::portal::Portal;
use crate::store::certification::held_flags::{self, HeldFlag};
use crate::store::operations::job_runs::{self, JobRun};
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::AsAdministrator;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::dates::instant;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;
use crate::web::view::tags::Tag;

/// Runs on the page.
const RUNS: i64 = 50;
/// What runs so often that it would fill the list; it has its own page.
const OFTEN: JobName = JobName::Mail;
/// Held flags on one page.
const HELD: i64 = 100;
/// Lines of each list of a dry run on the page; the rest is told as a number.
const LINES: usize = 200;

#[derive(Template)]
#[template(path = "admin/jobs/index.html")]
struct JobsPage {
    page: Layout,
    jobs: Vec<JobShown>,
    runs: Vec<RunShown>,
    held: i64,
}

struct JobShown {
    name: &'static str,
    when: String,
    purpose: &'static str,
    last: Option<RunShown>,
}

/// A run in a list.
pub(super) struct RunShown {
    pub(super) job: String,
    pub(super) at: String,
    /// Empty while it runs.
    pub(super) ended: String,
    pub(super) tag: Tag,
    pub(super) report: String,
}

#[derive(Template)]
#[template(path = "admin/jobs/deadlines.html")]
struct DryRunPage {
    page: Layout,
    today: String,
    lists: Vec<DryList>,
}

struct DryList {
    title: &'static str,
    explanation: &'static str,
    lines: Vec<String>,
    more: usize,
}

#[derive(Template)]
#[template(path = "admin/jobs/held_flags.html")]
struct HeldFlagsPage {
    page: Layout,
    rows: Vec<(HeldFlag, String, String)>,
    waiting: i64,
    next: Option<String>,
}

/// GET /admin/jobs
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(staff: AsAdministrator, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let (last, runs, held) = blocking(&portal, |portal| {
        portal.store.read(|conn| {
            let mut last = Vec::new();
            for job in &TIMETABLE {
                last.push(job_runs::last(conn, job.name)?);
            }
            Ok::<_, ActionError>((
                last,
                job_runs::latest_of_others(conn, OFTEN, RUNS)?,
                held_flags::waiting(conn)?,
            ))
        })
    })
    .await?;
    let shown = |run: JobRun| run_shown(run, &portal);
    let jobs = TIMETABLE
        .iter()
        .zip(last)
        .map(|(job, last)| JobShown {
            name: job.name.code(),
            when: job.schedule.words(),
            purpose: job.purpose,
            last: last.map(shown),
        })
        .collect();
    let runs = runs.into_iter().map(shown).collect();
    Ok(render(StatusCode::OK, &JobsPage { page: staff.layout("Timetable"), jobs, runs, held }))
}

pub(super) fn run_shown(run: JobRun, portal: &Portal) -> RunShown {
    RunShown {
        at: instant(&portal.clock, run.started_at),
        ended: run.finished_at.map(|at| instant(&portal.clock, at)).unwrap_or_default(),
        tag: match run.outcome {
            RunOutcome::Done => Tag { kind: "good", label: "Done" },
            RunOutcome::Running => Tag { kind: "wait", label: "Running" },
            RunOutcome::Failed => Tag { kind: "bad", label: "Not finished" },
        },
        job: run.job.code().to_owned(),
        report: run.report,
    }
}

/// GET /admin/jobs/deadlines/rehearsal: what a run would do now. Changes nothing.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn rehearse(staff: AsAdministrator, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let report = blocking(&portal, |portal| {
        let options = RunOptions { dry_run: true, ..RunOptions::today(portal) };
        run(portal, options, &mut to_the_end)
    })
    .await?;
    let page = DryRunPage {
        page: staff.layout("What a run would do now"),
        today: long_date(report.as_of),
        lists: lists(&report),
    };
    Ok(render(StatusCode::OK, &page))
}

fn lists(report: &RunReport) -> Vec<DryList> {
    let (sent, silent): (Vec<_>, Vec<_>) = report.reminders.iter().partition(|line| line.sent);
    let lists = [
        DryList::new(
            "Reminders to send",
            "A stage is due and credits are missing.",
            sent.into_iter().map(reminder_words),
        ),
        DryList::new(
            "Stages without an email",
            "Superseded by a later one, met, or covered by waiting reports.",
            silent.into_iter().map(silence_words),
        ),
        DryList::new(
            "Years to recertify",
            "The deadline has passed and the minimum is met.",
            report.recertified.iter().map(year_words),
        ),
        DryList::new(
            "Flags to lift",
            "Flagged years that now meet the minimum.",
            report.lifted.iter().map(year_words),
        ),
        DryList::new(
            "Years to flag",
            "The deadline has passed, and reports waiting for review cannot meet the minimum.",
            report.flagged.iter().map(year_words),
        ),
        DryList::new(
            "Flags held back",
            "Unusually many for one run: an administrator has to confirm them.",
            report.held.iter().map(year_words),
        ),
        DryList::new(
            "Years that await review",
            "Nothing is held against these holders.",
            report.awaiting_review.iter().map(year_words),
        ),
    ];
    lists.into_iter().filter(|list| !list.lines.is_empty()).collect()
}

impl DryList {
    fn new(
        title: &'static str,
        explanation: &'static str,
        lines: impl ExactSizeIterator<Item = String>,
    ) -> DryList {
        let more = lines.len().saturating_sub(LINES);
        DryList { title, explanation, lines: lines.take(LINES).collect(), more }
    }
}

fn year_words(line: &RunLine) -> String {
    format!(
        "{} of {}: deadline {}, {} approved, {} waiting, {} needed",
        line.certificate,
        line.holder,
        long_date(line.deadline),
        line.approved,
        line.pending,
        line.required
    )
}

fn reminder_words(line: &ReminderLine) -> String {
    format!(
        "{} of {}: {} before {}, {} of {} approved, {} waiting",
        line.certificate,
        line.holder,
        counted(line.stage, "day", "days"),
        long_date(line.deadline),
        line.approved,
        line.required,
        line.pending
    )
}

fn silence_words(line: &ReminderLine) -> String {
    let reason = line.reason.map_or("", StageOutcome::code);
    format!("{} of {}: stage {}, {}", line.certificate, line.holder, line.stage, reason)
}

/// GET /admin/held-flags
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn held(
    staff: AsAdministrator,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let after = query
        .one("after")
        .split_once('.')
        .and_then(|(certificate, year)| Some((CertificateId(certificate.parse().ok()?), year.parse().ok()?)));
    let (rows, waiting) = blocking(&portal, move |portal| {
        portal.store.read(|conn| {
            Ok::<_, ActionError>((held_flags::list(conn, after, HELD)?, held_flags::waiting(conn)?))
        })
    })
    .await?;
    let full = i64::try_from(rows.len()).unwrap_or(0) >= HELD;
    let next = rows.last().filter(|_| full);
    let next = next.map(|last| format!("/admin/held-flags?after={}.{}", last.certificate, last.year));
    let rows = rows
        .into_iter()
        .map(|flag| {
            let (deadline, held_on) = (long_date(flag.deadline), long_date(flag.held_on));
            (flag, deadline, held_on)
        })
        .collect();
    Ok(render(StatusCode::OK, &HeldFlagsPage { page: staff.layout("Flags held back"), rows, waiting, next }))
}

/// POST /admin/held-flags/confirmation: the next run flags these years.
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn confirm(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    _form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let actor = staff.actor();
    let confirmed = blocking(&portal, move |portal| confirm_held(portal, actor)).await?;
    let flash = match confirmed {
        0 => Flash::info("There was nothing left to confirm."),
        1 => Flash::success("1 flag has been confirmed. The next run flags this year."),
        many => Flash::success(format!("{many} flags have been confirmed. The next run flags these years.")),
    };
    Ok(see_other_with("/admin/jobs", flash))
}
