//! Verifying a certificate: by its number, or by its badge. The answer is always fresh.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use crate::actions::badges::badge_files::Genuine;
use crate::actions::badges::verification::{BadgeState, Reference, Verified, by_badge, by_reference};
use crate::badges::credential::achievement_path;
use crate::domain::certification::standing::BadgeTerm;
use crate::domain::dates::long_date;
use crate::portal::Portal;
use crate::web::forms::errors::FieldErrors;
use crate::web::forms::fields::Fields;
use crate::web::http::auth::Visitor;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// Longest number or address that is looked up, in characters.
const LONGEST_REFERENCE: usize = 300;

#[derive(Template)]
#[template(path = "public/verify.html")]
struct VerifyPage {
    page: Layout,
    errors: FieldErrors,
    /// What was typed: a number or an address.
    number: String,
    /// Why what was typed names nothing of ours.
    unknown: Option<Unknown>,
    found: Option<BadgeShown>,
    /// Why a file is not genuine.
    forged: Option<Forged>,
    /// When it was checked.
    checked: String,
    /// What was said about a file; empty when none was brought.
    file: String,
    /// What somebody should know about the copy.
    remark: &'static str,
}

/// What was typed and names nothing.
struct Unknown {
    title: String,
    advice: &'static str,
}

/// A file that says it is a badge of ours and is none.
pub(super) struct Forged {
    /// What is not so, after "Not genuine: ".
    pub why: &'static str,
    /// What it means.
    pub text: String,
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
    /// Its deadline.
    valid_until: String,
    /// Why the badge runs longer than that.
    why_longer: String,
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
    let number: String = query.one("number").trim().chars().take(LONGEST_REFERENCE).collect();
    let mut page = VerifyPage::new(&visitor, &portal);
    if !number.is_empty() {
        let reference = Reference::read(&portal, &number);
        let wanted = reference.clone();
        match blocking(&portal, move |portal| by_reference(portal, &wanted)).await? {
            Some(found) => page.found = Some(shown(&portal, found)),
            None => page.unknown = Some(Unknown::of(&reference)),
        }
    } else if query.has("number") {
        page.errors.push("number", "Enter the number on the certificate, or the address of its badge.");
    }
    page.number = number;
    Ok(fresh(render(StatusCode::OK, &page)))
}

impl VerifyPage {
    /// The page before anything was found.
    fn new(visitor: &Visitor, portal: &Portal) -> VerifyPage {
        VerifyPage {
            page: visitor.form_layout("Verify a certificate"),
            errors: FieldErrors::new(),
            number: String::new(),
            unknown: None,
            found: None,
            forged: None,
            checked: moment(portal),
            file: String::new(),
            remark: "",
        }
    }
}

impl Unknown {
    fn of(reference: &Reference) -> Unknown {
        match reference {
            Reference::Number(number) => Unknown {
                title: format!("No certificate has the number “{number}”"),
                advice: "Check it against the certificate; capitals, spaces and dashes make no difference.",
            },
            Reference::Badge(_) => Unknown {
                title: "No badge of ours has this address".to_owned(),
                advice: "Check it against the badge, or enter the number on the certificate.",
            },
            Reference::Elsewhere(_) => Unknown {
                title: "This is not the address of a badge of ours".to_owned(),
                advice: "Whoever runs that address can say what it shows. Here you can enter the number on the certificate.",
            },
        }
    }
}

/// The page after somebody brought a badge file.
pub(super) fn of_file(
    visitor: &Visitor,
    portal: &Portal,
    errors: FieldErrors,
    forged: Option<Forged>,
    found: Option<(String, Genuine)>,
) -> HttpResponse {
    // a status of success is only for what is genuine
    let good = errors.is_empty() && forged.is_none();
    let status = if good { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
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
    let file = file.unwrap_or_default();
    let page = VerifyPage { errors, forged, found, file, remark, ..VerifyPage::new(visitor, portal) };
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

/// Today's day and time, as a proof says when it was made.
fn moment(portal: &Portal) -> String {
    let now = portal.clock.to_local(portal.clock.now());
    format!("{} at {}", long_date(now.date()), now.format("%H:%M"))
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
            (_, Some(day)) => long_date(BadgeTerm::of(day).deadline),
            (_, None) => "It does not expire".to_owned(),
        },
        why_longer: match (verified.state, verified.badge.valid_until) {
            (BadgeState::Withdrawn(_) | BadgeState::NoLongerHeld(_), _) | (_, None) => String::new(),
            (_, Some(day)) => BadgeTerm::of(day).why_longer(portal.clock.today()),
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
