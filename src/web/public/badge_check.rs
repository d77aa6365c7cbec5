//! Verifying a badge file that somebody brings: JSON, PNG or SVG.

use std::io::Read;

use actix_web::{HttpResponse, web};

use super::verify;
use crate::actions::badge_files::{Fault, check};
use crate::files::FilesError;
use crate::portal::Portal;
use crate::web::blocking::blocking;
use crate::web::error::WebError;
use crate::web::form::FieldErrors;
use crate::web::session::Visitor;
use crate::web::upload::CheckedMultipart;

/// Most bytes of a badge file: the picture and its text are a hundred thousand.
const LARGEST: u64 = 2 * 1024 * 1024;

/// POST /verify
///
/// # Errors
/// `WebError` when the portal itself fails; what is wrong with the file stands on the page.
pub async fn create(
    visitor: Visitor,
    portal: web::Data<Portal>,
    form: CheckedMultipart,
) -> Result<HttpResponse, WebError> {
    let CheckedMultipart { files, left_out, .. } = form;
    let file = files.into_iter().find(|file| file.field == "file");
    let problem = match (left_out.into_iter().next(), &file) {
        (Some((_, reason)), _) => Some(reason),
        (None, None) => Some("Choose the file of a badge: JSON, PNG or SVG.".to_owned()),
        (None, Some(file)) if file.incoming.size() > LARGEST => {
            Some("This file is too large for a badge. Badge files have less than 2 MB.".to_owned())
        }
        _ => None,
    };
    let Some(mut file) = file.filter(|_| problem.is_none()) else {
        let errors = FieldErrors::of("file", problem.unwrap_or_default());
        return Ok(verify::of_file(&visitor, &portal, errors, None));
    };
    let name = file.name.clone();
    let found = blocking(&portal, move |portal| {
        let mut bytes = Vec::new();
        let read = file.incoming.content()?.take(LARGEST).read_to_end(&mut bytes);
        read.map_err(FilesError::disk("reading a badge file"))?;
        check(portal, &bytes)
    })
    .await?;
    Ok(match found {
        Ok(genuine) => verify::of_file(&visitor, &portal, FieldErrors::new(), Some((name, genuine))),
        Err(fault) => {
            verify::of_file(&visitor, &portal, FieldErrors::of("file", words(fault, &portal)), None)
        }
    })
}

fn words(fault: Fault, portal: &Portal) -> String {
    let body = &portal.config.body;
    match fault {
        Fault::NoBadge => {
            "There is no badge in this file. Badges are JSON files, and PNG or SVG pictures that carry one. A picture that was \
             copied from a page or sent through a chat may have lost it."
                .to_owned()
        }
        Fault::Foreign => format!("This badge does not say that {body} issued it. Only whoever issued it can verify it."),
        Fault::Altered => format!("This badge says that {body} issued it, but its signature does not fit its words. Do not trust it."),
        Fault::Key => format!("This badge was not signed with a key that {body} uses. Do not trust it."),
        Fault::Unknown => "The signature is good, but the register has no such badge. Write to us, please.".to_owned(),
    }
}
