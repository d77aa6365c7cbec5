//! Exports: everything about a subject in one file.

use std::fs::File;
use std::path::PathBuf;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::actions::ActionError;
use crate::actions::exports::note_export;
use crate::domain::ids::AccountId;
use crate::files::FilesError;
use crate::portal::Portal;
use crate::transfer::export::{ExportError, Subject, export_file};
use crate::transfer::sheet::{Format, SheetError};
use crate::web::http::auth::AsAdministrator;
use crate::web::http::blocking::blocking;
use crate::web::http::download::Place;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "admin/export.html")]
struct ExportPage {
    page: Layout,
    subjects: [(&'static str, &'static str, &'static str); 5],
}

/// GET /admin/export
pub async fn index(staff: AsAdministrator) -> HttpResponse {
    let subjects = [
        (
            "holders",
            "Holders",
            "A row for each certificate. Another portal can take over those that are in force, without their past years and decisions.",
        ),
        (
            "certificates",
            "Certificates",
            "Each with the year that matters most now, its credits and its badge.",
        ),
        (
            "activities",
            "Activities",
            "Everything that was ever reported, with its credits. Another portal can take over what is submitted or approved and falls in a year that is open there.",
        ),
        ("history", "History", "Who did what to which thing, when."),
        (
            "notes",
            "Notes for staff",
            "What staff noted about holders, their reports and conversations. No holder sees it in the portal, and it belongs to the answer when a holder asks what is kept about them.",
        ),
    ];
    render(StatusCode::OK, &ExportPage { page: staff.layout("Export"), subjects })
}

/// GET /admin/export/{file}, such as holders.csv: the file, made at this moment. It is a copy of personal data, so the history notes it.
///
/// # Errors
/// `WebError::NotFound` for a file that is none of ours.
pub async fn download(
    staff: AsAdministrator,
    portal: web::Data<Portal>,
    name: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let wanted = name
        .split_once('.')
        .and_then(|(subject, format)| Some((Subject::from_code(subject)?, Format::from_code(format)?)));
    let (subject, format) = wanted.ok_or(WebError::NotFound)?;
    let place = Place::take(&portal, staff.account.id).await?;
    let (by, what) = (staff.actor(), name.clone());
    let (file, bytes) = blocking(&portal, move |portal| {
        let made = made(portal, (subject, format), by.id)?;
        note_export(portal, by, &what)?;
        Ok(made)
    })
    .await?;
    let kind = match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    };
    let disposition = format!("attachment; filename=\"{}-{name}\"", portal.clock.today());
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .body(place.body(file, bytes)))
}

/// Makes a file for a reader, and gives its length in bytes with it.
fn made(portal: &Portal, what: (Subject, Format), reader: AccountId) -> Result<(File, u64), ActionError> {
    let part = Part::new(portal);
    let writing = || FilesError::disk("writing an export");
    export_file(portal, what, Some(reader), &part.0, &mut |_| {}).map_err(|error| match error {
        ExportError::Store(error) => ActionError::Store(error),
        ExportError::Sheet(SheetError::Disk(error)) => ActionError::Files(writing()(error)),
        other => ActionError::Files(writing()(std::io::Error::other(other))),
    })?;
    let file = File::open(&part.0).map_err(FilesError::disk("reading an export"))?;
    let bytes = file.metadata().map_err(FilesError::disk("reading an export"))?.len();
    Ok((file, bytes))
}

/// The file of an export on the disk, gone again when this is dropped; what is open can still be read then.
struct Part(PathBuf);

impl Part {
    fn new(portal: &Portal) -> Part {
        Part(portal.config.data.join(format!("export-{}.part", uuid::Uuid::new_v4().simple())))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // nothing more can be done about a file that the disk keeps
        let _ = std::fs::remove_file(&self.0);
    }
}
