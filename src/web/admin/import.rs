//! Importing holders and activities from a CSV file, with a rehearsal and a report for every refused row.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::portal::Portal;
use crate::transfer::activities::{self, import_activities};
use crate::transfer::holders::{self, import_holders};
use crate::transfer::{ImportError, ImportReport};
use crate::web::blocking::blocking;
use crate::web::error::WebError;
use crate::web::form::{Choice, FieldErrors};
use crate::web::layout::Layout;
use crate::web::page::render;
use crate::web::session::{AsAdministrator, Person};
use crate::web::upload::CheckedMultipart;

/// Refused rows on the page; the rest is told as a number.
const SHOWN: usize = 500;

#[derive(Template)]
#[template(path = "admin/import.html")]
struct ImportPage {
    page: Layout,
    errors: FieldErrors,
    kind: String,
    rehearse: bool,
    kinds: Vec<Choice>,
    holders: String,
    activities: String,
    done: Option<Done>,
}

/// What an import did.
struct Done {
    rehearsed: bool,
    file: String,
    report: ImportReport,
    more: usize,
}

/// GET /admin/import
pub async fn new(staff: AsAdministrator) -> HttpResponse {
    page(&staff, "holders", true, FieldErrors::new(), None)
}

fn page(staff: &Person, kind: &str, rehearse: bool, errors: FieldErrors, done: Option<Done>) -> HttpResponse {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = ImportPage {
        page: staff.layout("Import"),
        errors,
        kind: kind.to_owned(),
        rehearse,
        kinds: vec![
            Choice::new("holders", "Holders and their certificates")
                .hint("Taken over in good standing today. Nobody gets a mail."),
            Choice::new("activities", "Activities")
                .hint("Reports of holders that are in the portal already."),
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
    form: CheckedMultipart,
) -> Result<HttpResponse, WebError> {
    let CheckedMultipart { fields, files, left_out } = form;
    let (kind, rehearse) = (fields.one("kind").to_owned(), fields.has("rehearse"));
    let mut errors = FieldErrors::new();
    if !matches!(kind.as_str(), "holders" | "activities") {
        errors.push("kind", "Choose what the file holds.");
    }
    let file = files.into_iter().find(|file| file.field == "file");
    if let Some((_, reason)) = left_out.into_iter().next() {
        errors.push("file", reason);
    } else if file.is_none() {
        errors.push("file", "Choose a CSV file.");
    }
    let Some(mut file) = file.filter(|_| errors.is_empty()) else {
        return Ok(page(&staff, &kind, rehearse, errors, None));
    };
    let name = file.name.clone();
    let (by, of_holders) = (Some(staff.account.id), kind == "holders");
    let imported = blocking(&portal, move |portal| {
        let content = file.incoming.content()?;
        let quiet = &mut |_| {};
        Ok(if of_holders {
            import_holders(portal, content, by, rehearse, quiet)
        } else {
            import_activities(portal, content, by, rehearse, quiet)
        })
    })
    .await?;
    match imported {
        Ok(mut report) => {
            let more = report.refused.len().saturating_sub(SHOWN);
            report.refused.truncate(SHOWN);
            let done = Done { rehearsed: rehearse, file: name, report, more };
            Ok(page(&staff, &kind, rehearse, FieldErrors::new(), Some(done)))
        }
        Err(ImportError::Unreadable(reason)) => {
            let errors = FieldErrors::of("file", format!("{reason} Nothing was changed."));
            Ok(page(&staff, &kind, rehearse, errors, None))
        }
        Err(ImportError::Stopped { line, error }) => {
            tracing::error!(line, %error, "an import stopped");
            Err(WebError::Action(error))
        }
    }
}
