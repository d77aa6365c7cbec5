//! Files that are uploaded as soon as they are chosen, for the script: into the draft that a report form is, or to wait for a form that makes
//! no draft. Without the script they come with their form.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::evidence::FileLine;
use super::form::FormSoFar;
use crate::actions::activities::autosave::keep_files;
use crate::actions::activities::evidence::keep;
use crate::portal::Portal;
use crate::store::activities::evidence::Evidence;
use crate::web::forms::evidence::received;
use crate::web::forms::upload::CheckedMultipart;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::view::page::render;

/// What the script shows after an upload.
#[derive(Default, Template)]
#[template(path = "holder/activities/uploaded.html")]
struct UploadedPart {
    /// The draft; 0 where there is none.
    draft: i64,
    /// All files that are there now; `None` when nothing was changed.
    files: Option<Vec<FileLine>>,
    /// Why files were not taken, each message naming its file.
    refused: Vec<String>,
}

impl UploadedPart {
    fn with_files(self, files: Vec<Evidence>) -> Self {
        Self { files: Some(files.into_iter().map(FileLine::from).collect()), ..self }
    }

    fn answer(&self) -> HttpResponse {
        let refused = !self.refused.is_empty();
        render(if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, self)
    }
}

/// POST /activities/drafts/evidence: adds files to the draft that a report form is, and takes others away from it.
///
/// # Errors
/// `WebError::NotFound` for somebody else's; a conflict when it is no draft any more; `WebError` when the disk cannot take them.
pub async fn to_draft(
    holder: AsHolder,
    portal: web::Data<Portal>,
    form: CheckedMultipart,
) -> Result<HttpResponse, WebError> {
    let (person, typing) = (holder.actor(), FormSoFar::read(&form.fields)?);
    let files = received(&portal, holder.holder(), form).await?;
    let mut part = UploadedPart { refused: files.refused.clone(), ..UploadedPart::default() };
    let done = blocking(&portal, move |portal| {
        keep_files(portal, person, &typing.origin(), &typing.typed, &files.proofs())
    });
    match done.await.or_corrections()? {
        Ok(Some(kept)) => part = UploadedPart { draft: kept.id.0, ..part }.with_files(kept.files),
        Ok(None) => {}
        Err(errors) => part.refused.extend(errors.iter().map(|error| error.message.clone())),
    }
    Ok(part.answer())
}

/// POST /evidence: keeps files until the form is sent on which they were chosen.
///
/// # Errors
/// `WebError` when the database or the disk cannot take them.
pub async fn to_wait(
    holder: AsHolder,
    portal: web::Data<Portal>,
    form: CheckedMultipart,
) -> Result<HttpResponse, WebError> {
    let person = holder.holder();
    let files = received(&portal, person, form).await?;
    let part = UploadedPart { refused: files.refused.clone(), ..UploadedPart::default() };
    let kept = blocking(&portal, move |portal| keep(portal, person, &files.proofs())).await?;
    Ok(part.with_files(kept).answer())
}
