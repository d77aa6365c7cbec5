//! Friendly letters to holders whose credits are missing: how many would go out, how one reads, and sending them. Nobody sends words that
//! were not shown in the mail before.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::actions::mail::friendly_reminder::{
    LONGEST_WORDS, Letters, PAUSE, ReminderExample, Whom, checked_words, preview, send,
};
use crate::domain::ids::CertificateId;
use crate::domain::notices::delivery::HeldBy;
use crate::portal::Portal;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::fields::Fields;
use crate::web::forms::plain::CheckedFields;
use crate::web::forms::receipt::once;
use crate::web::http::auth::AsReviewer;
use crate::web::http::blocking::{OrCorrections, blocking};
use crate::web::http::error::WebError;
use crate::web::staff::certificates::figures::counted;
use crate::web::staff::overview::at_risk::{PAGE, show};
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

#[derive(Template)]
#[template(path = "staff/at_risk/letter.html")]
struct LetterPage {
    page: Layout,
    errors: FieldErrors,
    everybody: bool,
    keys: Vec<String>,
    letters: String,
    years: String,
    /// The names of everybody who gets one.
    people: Vec<String>,
    /// What is left out, in words.
    left_out: Vec<String>,
    example: Option<ReminderExample>,
    /// The person's own words as they were typed.
    words: String,
    /// Those that the mail below shows.
    shown: String,
    /// Whether the mail was shown again because of new words.
    again: bool,
    hint: String,
}

/// Who is meant, as a form says it: `everybody=1`, or `year=12:3` for each.
fn whom(fields: &Fields) -> Option<Whom> {
    if fields.has("everybody") {
        return Some(Whom::Everybody);
    }
    let year = |key: &str| {
        let (certificate, year) = key.split_once(':')?;
        Some((CertificateId(certificate.parse().ok()?), year.parse().ok()?))
    };
    let mut years: Vec<(CertificateId, i64)> = fields.all("year").filter_map(year).take(PAGE).collect();
    years.sort_unstable();
    years.dedup();
    (!years.is_empty()).then_some(Whom::Years(years))
}

fn nobody_ticked() -> FieldErrors {
    FieldErrors::of("years", "Tick at least one holder to write to.")
}

/// GET /staff/at-risk/letter: what would be sent, to how many.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn new(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    match whom(&query) {
        Some(whom) => page(&staff, &portal, whom, String::new(), FieldErrors::new()).await,
        None => show(&staff, &request, &portal, nobody_ticked()).await,
    }
}

async fn page(
    staff: &AsReviewer,
    portal: &web::Data<Portal>,
    whom: Whom,
    typed: String,
    errors: FieldErrors,
) -> Result<HttpResponse, WebError> {
    // words that cannot be sent are not in the mail either
    let shown = if errors.is_empty() { checked_words(&typed).unwrap_or_default() } else { String::new() };
    let (actor, wanted, words) = (staff.actor(), whom.clone(), shown.clone());
    let letters = blocking(portal, move |portal| preview(portal, actor, &wanted, &words)).await?;
    let keys = match &whom {
        Whom::Everybody => Vec::new(),
        Whom::Years(years) => {
            years.iter().map(|(certificate, year)| format!("{certificate}:{year}")).collect()
        }
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = LetterPage {
        page: staff.layout("A friendly email"),
        again: errors.is_empty() && !typed.trim().is_empty(),
        errors,
        everybody: whom == Whom::Everybody,
        keys,
        letters: counted(count(letters.holders), "person gets an email", "people get an email each"),
        years: counted(count(letters.years), "certification year", "certification years"),
        left_out: left_out(&letters),
        example: letters.example,
        people: letters.people,
        words: typed,
        shown,
        hint: format!(
            "A sentence or two, at most {LONGEST_WORDS} characters. Everybody who gets the email reads them, under your name."
        ),
    };
    Ok(render(status, &page))
}

fn left_out(letters: &Letters) -> Vec<String> {
    let mut words = Vec::new();
    if letters.told > 0 {
        words.push(format!(
            "{} left out, because somebody wrote about {} within the last {PAUSE} days.",
            counted(count(letters.told), "year is", "years are"),
            if letters.told == 1 { "it" } else { "them" },
        ));
    }
    if letters.fine > 0 {
        words.push(format!(
            "{} left out, because nothing is missing there any more.",
            counted(count(letters.fine), "year is", "years are")
        ));
    }
    if letters.more {
        words.push(
            "These are the ones with the nearest deadlines. Write to all once more to reach the others."
                .to_owned(),
        );
    }
    words
}

/// POST /staff/at-risk/letter: sends the mails, when they have been shown with the words that are in them; otherwise shows them.
///
/// # Errors
/// `WebError` when the database cannot do it.
pub async fn create(
    staff: AsReviewer,
    request: HttpRequest,
    portal: web::Data<Portal>,
    CheckedFields(fields): CheckedFields,
) -> Result<HttpResponse, WebError> {
    let Some(whom) = whom(&fields) else {
        return show(&staff, &request, &portal, nobody_ticked()).await;
    };
    let typed = fields.one("words").to_owned();
    let words = match checked_words(&typed).map_err(WebError::Action).or_corrections()? {
        Ok(words) => words,
        Err(errors) => return page(&staff, &portal, whom, typed, errors).await,
    };
    if fields.has("look") || words != checked_words(fields.one("shown")).unwrap_or_default() {
        return page(&staff, &portal, whom, typed, FieldErrors::new()).await;
    }
    let actor = staff.actor();
    let letters = once(&request, &portal, move |portal| send(portal, actor, &whom, &words)).await?;
    let mut words = match letters.holders {
        0 => "No email was written.".to_owned(),
        many => format!("{} in the outbox.", counted(count(many), "email is", "emails are")),
    };
    for more in held(&letters.held).into_iter().chain(left_out(&letters)) {
        words.push(' ');
        words.push_str(&more);
    }
    let flash = if letters.holders == 0 { Flash::info(words) } else { Flash::success(words) };
    Ok(see_other_with("/staff/at-risk", flash))
}

/// How many of the letters do not leave yet, by cause.
fn held(letters: &[HeldBy]) -> Vec<String> {
    let causes: BTreeSet<HeldBy> = letters.iter().copied().collect();
    let words = |by: HeldBy| {
        let many = count(letters.iter().filter(|one| **one == by).count());
        format!("{} held there: {}.", counted(many, "email is", "emails are"), by.cause())
    };
    causes.into_iter().map(words).collect()
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
