//! Verifying a certificate: by its number, or by its badge. The answer is always fresh.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::actions::badges::files::Genuine;
use crate::actions::badges::verification::{BadgeState, Verified, by_badge, by_number};
use crate::badges::credential::achievement_path;
use crate::domain::dates::long_date;
use crate::portal::Portal;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::fields::Fields;
use crate::web::http::auth::Visitor;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// Longest number that is looked up, in characters.
const LONGEST_NUMBER: usize = 100;

#[derive(Template)]
#[template(path = "public/verify.html")]
struct VerifyPage {
    page: Layout,
    errors: FieldErrors,
    number: String,
    /// Whether something was looked for and not found.
    unknown: bool,
    found: Option<BadgeShown>,
    /// What was said about a file; empty when none was brought.
    file: String,
    /// What somebody should know about the copy.
    remark: &'static str,
}

#[derive(Template)]
#[template(path = "public/badge.html")]
struct BadgePage {
    page: Layout,
    badge: BadgeShown,
}

/// What everybody may know.
struct BadgeShown {
    id: String,
    /// valid, expired or withdrawn.
    state: &'static str,
    title: &'static str,
    text: String,
    holder: String,
    certification: String,
    number: String,
    granted: String,
    recertified: String,
    valid_until: String,
    replaced: bool,
    /// Whether the signed badge can be downloaded.
    signed: bool,
    /// Whether its picture is shown.
    pictured: bool,
    /// What it means, for somebody who never heard of the certificate.
    meaning: String,
    /// The page about the certification.
    achievement: String,
    /// The picture for previews in other sites; the whole address.
    preview: String,
}

/// GET /verify `?number=`
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn show(
    visitor: Visitor,
    request: HttpRequest,
    portal: web::Data<Portal>,
) -> Result<HttpResponse, WebError> {
    let query = Fields::parse(request.query_string().as_bytes());
    let number: String = query.one("number").trim().chars().take(LONGEST_NUMBER).collect();
    let wanted = number.clone();
    let found = if wanted.is_empty() {
        None
    } else {
        blocking(&portal, move |portal| by_number(portal, &wanted)).await?
    };
    let mut errors = FieldErrors::new();
    if number.is_empty() && query.has("number") {
        errors.push("number", "Enter the number on the certificate.");
    }
    let page = VerifyPage {
        page: visitor.form_layout("Verify a certificate"),
        errors,
        unknown: !number.is_empty() && found.is_none(),
        number,
        found: found.map(|found| shown(&portal, found)),
        file: String::new(),
        remark: "",
    };
    Ok(fresh(render(StatusCode::OK, &page)))
}

/// The page after somebody brought a badge file.
pub(super) fn of_file(
    visitor: &Visitor,
    portal: &Portal,
    errors: FieldErrors,
    found: Option<(String, Genuine)>,
) -> HttpResponse {
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let remark = match &found {
        Some((_, genuine)) if genuine.older && genuine.lapsed => {
            "The file is an older copy whose time has passed; the badge has been renewed or changed since."
        }
        Some((_, genuine)) if genuine.older => {
            "The file is an older copy; the badge has been renewed or changed since."
        }
        _ => "",
    };
    let (file, found) = found.map(|(name, genuine)| (name, shown(portal, genuine.verified))).unzip();
    let page = VerifyPage {
        page: visitor.form_layout("Verify a certificate"),
        errors,
        unknown: false,
        number: String::new(),
        found,
        file: file.unwrap_or_default(),
        remark,
    };
    fresh(render(status, &page))
}

/// GET /badges/{id}
///
/// # Errors
/// `WebError::NotFound`.
pub async fn badge(
    visitor: Visitor,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let id = id.into_inner();
    let found = blocking(&portal, move |portal| by_badge(portal, &id)).await?;
    let badge = shown(&portal, found);
    let page = BadgePage { page: visitor.layout(format!("Badge of {}", badge.holder)), badge };
    Ok(fresh(render(StatusCode::OK, &page)))
}

/// A withdrawal has to be seen at once, so nobody may keep the answer.
fn fresh(mut response: HttpResponse) -> HttpResponse {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// For an employer: what the certificate is, what it takes, what to do about the answer.
fn meaning(state: BadgeState, replaced: bool, body: &str, title: &str, expires: bool) -> String {
    let keeps = if !replaced && matches!(state, BadgeState::Withdrawn(_) | BadgeState::NoLongerHeld(_)) {
        // what is said of those who hold one may never have been true of this holder
        "Those who hold it have passed an examination."
    } else if expires {
        "The holder passed an examination and keeps learning: each year a minimum of professional education is reported and reviewed."
    } else {
        "The holder passed an examination; at this level the certificate does not expire."
    };
    let now = match state {
        _ if replaced => {
            "The certificate is in force today; ask the holder for the newer badge or verify the number."
        }
        BadgeState::Valid => {
            "Today the certificate is in force; this page changes at once when that changes."
        }
        BadgeState::Expired => {
            "This copy has run out, so ask the holder for a newer one or verify the number."
        }
        BadgeState::Withdrawn(_) => {
            "It is no longer in force, so the title may not be used on the strength of this badge."
        }
        BadgeState::NoLongerHeld(_) => {
            "The holder does not hold it any more, so the title may not be used on the strength of this badge."
        }
    };
    format!("{title} is a certificate of {body}. {keeps} {now}")
}

fn shown(portal: &Portal, verified: Verified) -> BadgeShown {
    let holds = &verified.certificate;
    let (state, title) = match verified.state {
        _ if verified.replaced => ("expired", "Replaced by a newer badge"),
        BadgeState::Valid => ("valid", "Valid"),
        BadgeState::Expired => ("expired", "Expired"),
        BadgeState::Withdrawn(_) => ("withdrawn", "Withdrawn"),
        BadgeState::NoLongerHeld(_) => ("withdrawn", "No longer held"),
    };
    let (holder, certification) = (&verified.holder_name, &holds.certification.title);
    let text = match verified.state {
        BadgeState::Valid => format!("{holder} holds this certificate: {certification}."),
        BadgeState::Expired => {
            format!(
                "This badge has passed its last day. Whether {holder} still holds the certificate is not confirmed."
            )
        }
        BadgeState::Withdrawn(day) | BadgeState::NoLongerHeld(day) if verified.replaced => {
            format!(
                "{holder} holds this certificate: {certification}. This badge was withdrawn on {}, and the certificate has a newer badge.",
                long_date(day)
            )
        }
        BadgeState::NoLongerHeld(day) => format!(
            "{holder} held this certificate until {}. Its title may not be used any more.",
            long_date(day)
        ),
        BadgeState::Withdrawn(day) => {
            format!("This certificate was withdrawn on {}. Its title may not be used.", long_date(day))
        }
    };
    BadgeShown {
        id: verified.badge.id.clone(),
        state,
        title,
        text,
        holder: holder.clone(),
        certification: format!("{} ({})", certification, holds.certification.code),
        number: holds.number.clone(),
        granted: long_date(holds.granted_on),
        recertified: verified.recertified_on.map(long_date).unwrap_or_default(),
        valid_until: match (verified.state, verified.badge.valid_until) {
            (BadgeState::Withdrawn(_) | BadgeState::NoLongerHeld(_), _) => String::new(),
            (_, Some(day)) => long_date(day),
            (_, None) => "It does not expire".to_owned(),
        },
        replaced: verified.replaced,
        signed: verified.signed,
        pictured: verified.signed
            && !matches!(verified.state, BadgeState::Withdrawn(_) | BadgeState::NoLongerHeld(_)),
        meaning: meaning(
            verified.state,
            verified.replaced,
            &portal.config.body,
            &holds.certification.title,
            holds.needs_cpe(),
        ),
        achievement: achievement_path(&holds.certification.code),
        preview: portal.origin.at(&format!("{}/image.png", achievement_path(&holds.certification.code))),
    }
}
