//! The words that the review form offers for each reason of a return and of a rejection: reading and changing them.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use crate::actions::reviews::prepared_words::{change, field};
use crate::domain::activities::review::{ReasonCode, Refused};
use crate::portal::Portal;
use crate::store::activities::prepared_words::{self, Prepared};
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::staff::certificates::figures::counted;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "staff/review/words.html")]
struct WordsPage {
    page: Layout,
    errors: FieldErrors,
    reasons: Vec<ReasonShown>,
}

struct ReasonShown {
    label: &'static str,
    /// The field and the words of a return.
    returned: (&'static str, String),
    /// The field and the words of a rejection.
    rejected: (&'static str, String),
}

/// GET /staff/prepared-words
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn index(staff: AsReviewer, portal: web::Data<Portal>) -> Result<HttpResponse, WebError> {
    let words = blocking(&portal, |portal| Ok(portal.store.read(prepared_words::list)?)).await?;
    Ok(show(&staff, &words, None))
}

fn show(staff: &AsReviewer, words: &[Prepared], errors: Option<FieldErrors>) -> HttpResponse {
    let status = if errors.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let words = |refused, code| {
        let found = words.iter().find(|prepared| (prepared.refused, prepared.code) == (refused, code));
        (field(refused, code), found.map(|found| found.words.clone()).unwrap_or_default())
    };
    let page = WordsPage {
        page: staff.layout("Prepared words"),
        errors: errors.unwrap_or_default(),
        reasons: ReasonCode::ALL
            .into_iter()
            .map(|code| ReasonShown {
                label: code.label(),
                returned: words(Refused::Returned, code),
                rejected: words(Refused::Rejected, code),
            })
            .collect(),
    };
    render(status, &page)
}

/// POST /staff/prepared-words
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn update(
    staff: AsReviewer,
    portal: web::Data<Portal>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let both = ReasonCode::ALL.into_iter().flat_map(|code| Refused::ALL.map(|refused| (refused, code)));
    let given: Vec<Prepared> = both
        .filter(|(refused, code)| fields.has(field(*refused, *code)))
        .map(|(refused, code)| Prepared { refused, code, words: fields.one(field(refused, code)).to_owned() })
        .collect();
    let (actor, wanted) = (staff.actor(), given.clone());
    let changed = blocking(&portal, move |portal| change(portal, actor, &wanted)).await.or_corrections()?;
    match changed {
        Ok(0) => Ok(see_other_with("/staff/prepared-words", Flash::info("Nothing was different."))),
        Ok(many) => {
            let many = i64::try_from(many).unwrap_or(i64::MAX);
            let words = format!("{} changed.", counted(many, "text is", "texts are"));
            Ok(see_other_with("/staff/prepared-words", Flash::success(words)))
        }
        Err(errors) => Ok(show(&staff, &given, Some(errors))),
    }
}
