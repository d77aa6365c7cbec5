//! Importing holders and activities from a CSV file, with a rehearsal and a report for every refused row.

use std::io::{Cursor, Read};

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, web};
use askama::Template;
use flate2::read::GzDecoder;

use crate::actions::ActionError;
use crate::actions::imports::{ImportKind, keep_problems};
use crate::domain::day_order::DayOrder;
use crate::domain::roles::Administrator;
use crate::portal::Portal;
use crate::store::operations::import_problems::{self, ProblemFile};
use crate::transfer::activities::{self, import_activities};
use crate::transfer::holders::{self, import_holders};
use crate::transfer::problems::packed_problems;
use crate::transfer::{ImportChoices, ImportError, ImportReport};
use crate::web::forms::errors::{Choice, FieldErrors};
use crate::web::forms::fields::Fields;
use crate::web::forms::upload::{CheckedMultipart, Upload};
use crate::web::http::auth::{AsAdministrator, Person};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

/// Rows of a list on the page; the rest is told as a number.
const SHOWN: usize = 500;
/// Bytes of a download sent at a time.
const PIECE: u64 = 128 * 1024;

#[derive(Template)]
#[template(path = "admin/import.html")]
struct ImportPage {
    page: Layout,
    errors: FieldErrors,
    form: ImportForm,
    kinds: Vec<Choice>,
    orders: Vec<Choice>,
    holders: String,
    activities: String,
    done: Option<Done>,
}

/// What is chosen in the form.
#[derive(Clone, Default)]
struct ImportForm {
    kind: String,
    dates: String,
    rehearse: bool,
    accept_similar: bool,
    move_addresses: bool,
}

impl ImportForm {
    fn read(fields: &Fields) -> Self {
        ImportForm {
            kind: fields.one("kind").to_owned(),
            dates: fields.one("dates").to_owned(),
            rehearse: fields.has("rehearse"),
            accept_similar: fields.has("accept_similar"),
            move_addresses: fields.has("move_addresses"),
        }
    }

    fn problems(&self) -> FieldErrors {
        let mut errors = FieldErrors::new();
        if ImportKind::from_code(&self.kind).is_none() {
            errors.push("kind", "Choose what the file holds.");
        }
        if !self.dates.is_empty() && DayOrder::from_code(&self.dates).is_none() {
            errors.push("dates", "Choose how days are written.");
        }
        errors
    }

    fn choices(&self) -> ImportChoices {
        ImportChoices {
            dry_run: self.rehearse,
            dates: DayOrder::from_code(&self.dates),
            accept_similar: self.accept_similar,
            move_addresses: self.move_addresses,
        }
    }
}

/// What an import did.
struct Done {
    rehearsed: bool,
    file: String,
    report: ImportReport,
    /// Refused rows that are not shown.
    more: u64,
    /// Whether the file with its problems can be fetched.
    problems: bool,
}

impl Done {
    fn new(mut report: ImportReport, file: String, rehearsed: bool, problems: bool) -> Done {
        let more = report.all_refused().saturating_sub(u64::try_from(SHOWN).unwrap_or(u64::MAX));
        report.refused.truncate(SHOWN);
        report.refused.iter_mut().for_each(|refused| on_the_page(&mut refused.reason));
        report.days.iter_mut().for_each(on_the_page);
        Done { rehearsed, file, report, more, problems }
    }

    fn refused(&self) -> u64 {
        u64::try_from(self.report.refused.len()).unwrap_or(u64::MAX).saturating_add(self.more)
    }

    const fn refused_title(&self) -> &'static str {
        if self.rehearsed { "Some rows would be refused" } else { "Some rows were refused" }
    }
}

/// The words of a report as the page says them: the flags of the command have fields of their own here.
fn on_the_page(words: &mut String) {
    for flag in [" (--dates)", " (--move-addresses)", " (--accept-similar)"] {
        if words.contains(flag) {
            *words = words.replace(flag, "");
        }
    }
}

/// GET /admin/import
pub async fn new(staff: AsAdministrator) -> HttpResponse {
    let form =
        ImportForm { kind: ImportKind::Holders.code().to_owned(), rehearse: true, ..ImportForm::default() };
    page(&staff, form, FieldErrors::new(), None)
}

fn page(staff: &Person, form: ImportForm, errors: FieldErrors, done: Option<Done>) -> HttpResponse {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ImportPage {
        page: staff.layout("Import"),
        errors,
        form,
        kinds: vec![
            Choice::new(ImportKind::Holders.code(), "Holders and their certificates")
                .hint("Taken over in good standing today. Nobody gets an email before you invite them."),
            Choice::new(ImportKind::Activities.code(), "Activities")
                .hint("Reports of holders who are already in the portal."),
        ],
        orders: vec![
            Choice::new("", "As each column shows")
                .hint("A day such as 28/3/2026 settles it for its column; without one, days that can be two are refused."),
            Choice::new(DayOrder::Iso.code(), "Only with the year first or the month by its name")
                .hint("2026-04-03 or 3 April 2026."),
            Choice::new(DayOrder::DayFirst.code(), "The day first").hint("3/4/2026 is 3 April 2026."),
            Choice::new(DayOrder::MonthFirst.code(), "The month first").hint("3/4/2026 is 4 March 2026."),
        ],
        holders: holders::COLUMNS.join(", "),
        activities: activities::COLUMNS.join(", "),
        done,
    };
    render(status, &page)
}

/// POST /admin/import
///
/// # Errors
/// `WebError` when something else than the file fails.
pub async fn create(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    upload: CheckedMultipart,
) -> Result<HttpResponse, WebError> {
    let CheckedMultipart { fields, files, left_out } = upload;
    let form = ImportForm::read(&fields);
    let mut errors = form.problems();
    let file = files.into_iter().find(|file| file.field == "file");
    if let Some((_, reason)) = left_out.into_iter().next() {
        errors.push("file", reason);
    } else if file.is_none() {
        errors.push("file", "Choose a CSV file.");
    }
    let Some(file) = file.filter(|_| errors.is_empty()) else {
        return Ok(page(&staff, form, errors, None));
    };
    let (name, by, asked) = (file.name.clone(), staff.actor(), form.clone());
    match blocking(&portal, move |portal| imported(portal, by, &asked, file)).await? {
        Ok((report, problems)) => {
            let done = Done::new(report, name, form.rehearse, problems);
            Ok(page(&staff, form, FieldErrors::new(), Some(done)))
        }
        Err(ImportError::Unreadable(reason)) => {
            let errors = FieldErrors::of("file", format!("{reason} Nothing was changed."));
            Ok(page(&staff, form, errors, None))
        }
        Err(ImportError::Stopped { line, error }) => {
            tracing::error!(line, %error, "an import stopped");
            Err(WebError::Action(error))
        }
    }
}

/// Imports a file, and keeps it with what was wrong with its rows. Gives its report, and whether such a file is kept.
fn imported(
    portal: &Portal,
    by: Administrator,
    form: &ImportForm,
    mut file: Upload,
) -> Result<Result<(ImportReport, bool), ImportError>, ActionError> {
    let (content, choices) = (file.incoming.content()?, form.choices());
    let quiet = &mut |_| {};
    let imported = match ImportKind::from_code(&form.kind) {
        Some(ImportKind::Holders) => import_holders(portal, &mut *content, Some(by), &choices, quiet),
        // a form without a kind did not come so far
        Some(ImportKind::Activities) | None => {
            import_activities(portal, &mut *content, Some(by), &choices, quiet)
        }
    };
    Ok(imported.map(|report| {
        if report.refused.is_empty() {
            return (report, false);
        }
        let packed = packed_problems(content, &report, choices.dry_run).map_err(|error| error.to_string());
        let kept = packed.and_then(|content| {
            let problems = ProblemFile { file_name: file.name.clone(), content };
            keep_problems(portal, by, &problems).map_err(|error| error.to_string())
        });
        // the rows are told on the page all the same
        if let Err(error) = &kept {
            tracing::warn!(error, "the problems of an import could not be kept");
        }
        (report, kept.is_ok())
    }))
}

/// GET /admin/import/problems.csv: the file that this person imported or rehearsed last, with what was wrong with each row.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn problems(staff: AsAdministrator, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let by = staff.account.id;
    let read = move |portal: &Portal| Ok(portal.store.read(|conn| import_problems::find(conn, by))?);
    let Some(file) = blocking(&portal, read).await? else {
        let words = "Nothing is kept any more about the rows of your last import. Rehearse the file again.";
        return Ok(see_other_with("/admin/import", Flash::info(words)));
    };
    let unpacked = GzDecoder::new(Cursor::new(file.content));
    let pieces = futures_util::stream::unfold(unpacked, |mut unpacked| async {
        let read = web::block(move || {
            let mut piece = Vec::new();
            unpacked.by_ref().take(PIECE).read_to_end(&mut piece)?;
            Ok::<_, std::io::Error>((web::Bytes::from(piece), unpacked))
        })
        .await;
        match read {
            Ok(Ok((piece, unpacked))) if !piece.is_empty() => {
                Some((Ok::<_, std::io::Error>(piece), unpacked))
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "a file of problems broke off");
                None
            }
            _ => None,
        }
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"problems.csv\""))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .streaming(Box::pin(pieces)))
}
