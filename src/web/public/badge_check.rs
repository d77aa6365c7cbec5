//! Verifying a badge file that somebody brings: JSON, PNG or SVG.

use actix_web::{HttpResponse, web};

use super::badge_form::{BadgeForm, LARGEST, UploadedBadge};
use super::badge_intake::DESK;
use super::verify;
use crate::actions::badges::files::{Fault, check};
use crate::portal::Portal;
use crate::web::forms::errors::FieldErrors;
use crate::web::http::auth::Visitor;
use crate::web::http::error::WebError;

/// POST /verify
///
/// # Errors
/// `WebError` when the portal itself fails or too many ask at once; what is wrong with the file stands on the page.
pub async fn create(
    visitor: Visitor,
    portal: web::Data<Portal>,
    form: BadgeForm,
) -> Result<HttpResponse, WebError> {
    let problem = |words: String| {
        let errors = FieldErrors::of("file", words);
        Ok(verify::of_file(&visitor, &portal, errors, None))
    };
    let UploadedBadge { name, tray } = match form {
        BadgeForm::File(file) => file,
        BadgeForm::Nothing => return problem("Choose the file of a badge: JSON, PNG or SVG.".to_owned()),
        BadgeForm::TooLarge => {
            let most = LARGEST / (1024 * 1024);
            return problem(format!(
                "This file is too large for a badge. Badge files have less than {most} MB."
            ));
        }
    };
    let checked = portal.clone();
    match DESK.look(move || check(&checked, tray.bytes())).await?? {
        Ok(genuine) => Ok(verify::of_file(&visitor, &portal, FieldErrors::new(), Some((name, genuine)))),
        Err(fault) => problem(words(fault, &portal)),
    }
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
        Fault::Altered => format!("This badge says that {body} issued it, but its signature does not match its contents. Do not trust it."),
        Fault::Key => format!("This badge was not signed with a key that {body} uses. Do not trust it."),
        Fault::Unknown => {
            "The register has no such badge, so nothing in this file is confirmed. Do not trust it. If you believe that it is genuine, \
             please write to us."
                .to_owned()
        }
    }
}
