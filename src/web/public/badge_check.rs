//! Verifying a badge file that somebody brings: JSON, PNG or SVG.

use actix_web::{HttpResponse, web};

use super::badge_form::{BadgeForm, LARGEST, UploadedBadge};
use super::badge_intake::DESK;
use super::verify::{self, Forged};
use crate::actions::badges::badge_files::{Fault, check};
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
        Ok(verify::of_file(&visitor, &portal, errors, None, None))
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
        Ok(genuine) => {
            Ok(verify::of_file(&visitor, &portal, FieldErrors::new(), None, Some((name, genuine))))
        }
        Err(fault) => match judged(fault, &portal.config.body) {
            Ok(forged) => Ok(verify::of_file(&visitor, &portal, FieldErrors::new(), Some(forged), None)),
            Err(words) => problem(words),
        },
    }
}

/// What says that it is ours and is not, is forged; of anything else there is nothing to be said, or to be done here.
fn judged(fault: Fault, body: &str) -> Result<Forged, String> {
    let (why, text) = match fault {
        Fault::NoBadge => {
            return Err("There is no badge in this file. Badges are JSON files, and PNG or SVG pictures that carry one. A picture \
                        that was copied from a page or sent through a chat may have lost it. A certificate as a PDF carries none: type the number that is printed on it."
                .to_owned());
        }
        Fault::Foreign => {
            return Err(format!(
                "This badge does not say that {body} issued it. Only whoever issued it can verify it."
            ));
        }
        Fault::Altered => (
            "it was changed",
            format!("This badge says that {body} issued it, but its signature does not match its contents. Do not trust it."),
        ),
        Fault::Key => (
            "the signature is not ours",
            format!("This badge was not signed with a key that {body} uses. Do not trust it."),
        ),
        Fault::Unknown => (
            "the register has no such badge",
            "Nothing in this file is confirmed. Do not trust it. If you believe that it is genuine, please write to us."
                .to_owned(),
        ),
    };
    Ok(Forged { why, text })
}
