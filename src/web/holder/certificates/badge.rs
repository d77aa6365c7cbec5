//! The holder's digital badge: what to do with it, and whether older backpacks get a copy.

use actix_web::{HttpResponse, web};
use chrono::{Datelike, NaiveDate};
use url::form_urlencoded;

use crate::actions::ActionError;
use crate::actions::badges::badge_sharing;
use crate::badges::credential;
use crate::domain::certification::certificate::Certificate;
use crate::domain::certification::standing::BadgeTerm;
use crate::domain::dates::long_date;
use crate::domain::ids::CertificateId;
use crate::portal::Portal;
use crate::store::Conn;
use crate::store::badges::Badge;
use crate::store::badges::signed_badges;
use crate::web::forms::plain::CheckedFields;
use crate::web::http::auth::AsHolder;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;
use crate::web::view::flash::see_other_with;
use crate::web::view::layout::Flash;

/// What the holder's page shows of a badge.
pub(in crate::web::holder) struct BadgeView {
    /// The path of its page; the files are below it.
    pub path: String,
    /// The whole address, to be passed on.
    pub address: String,
    /// Whether it is signed, so that there are files.
    pub signed: bool,
    /// Whether it was withdrawn.
    pub withdrawn: bool,
    /// What happened to it last, in a sentence.
    pub news: String,
    /// LinkedIn's page for adding it.
    pub linkedin: String,
    /// Whether older backpacks get a copy.
    pub shared: bool,
    /// The whole address of that copy.
    pub copy: String,
}

/// What is shown of the newest badge of a certificate.
pub(in crate::web::holder) fn view(
    conn: &mut Conn<'_>,
    portal: &Portal,
    certificate: &Certificate,
    badges: &[Badge],
) -> Result<Option<BadgeView>, ActionError> {
    let Some(badge) = badges.last() else { return Ok(None) };
    let signed = signed_badges::find(conn, &badge.id)?.is_some_and(|case| case.signed.is_some());
    let shared = badge_sharing::is_shared(conn, certificate.id)?;
    let path = credential::path(&badge.id);
    let address = portal.origin.at(&path);
    let news = match badge.revoked_on {
        Some(day) => format!(
            "It ended on {} with the certificate. Copies that you downloaded before do not verify any more.",
            long_date(day)
        ),
        None if badge.renewed_on > badge.issued_on => format!(
            "It was renewed on {}. Its address stays the same; files that you downloaded before still verify until their own last \
             day, so download them again where you have passed them on.",
            long_date(badge.renewed_on)
        ),
        None if badges.len() > 1 => format!(
            "This is a new badge, issued on {} when your certificate was reinstated. The old one stays withdrawn.",
            long_date(badge.issued_on)
        ),
        None => format!("It was issued on {}.", long_date(badge.issued_on)),
    };
    Ok(Some(BadgeView {
        linkedin: linkedin(portal, certificate, badge.valid_until, &address),
        copy: portal.origin.at(&format!("/ob2/assertions/{}", badge.id)),
        path,
        address,
        signed,
        withdrawn: badge.revoked_on.is_some(),
        news,
        shared,
    }))
}

fn linkedin(portal: &Portal, certificate: &Certificate, until: Option<NaiveDate>, address: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("startTask", "CERTIFICATION_NAME")
        .append_pair("name", &certificate.certification.title)
        .append_pair("organizationName", &portal.config.body)
        .append_pair("issueYear", &certificate.granted_on.year().to_string())
        .append_pair("issueMonth", &certificate.granted_on.month().to_string());
    // people read the deadline; that the badge itself runs longer is explained on its page
    if let Some(day) = until.map(|last| BadgeTerm::of(last).deadline) {
        query
            .append_pair("expirationYear", &day.year().to_string())
            .append_pair("expirationMonth", &day.month().to_string());
    }
    query.append_pair("certUrl", address).append_pair("certId", &certificate.number);
    format!("https://www.linkedin.com/profile/add?{}", query.finish())
}

/// POST /certificates/{id}/sharing
///
/// # Errors
/// `WebError::NotFound` for somebody else's certificate.
pub async fn share(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    form: CheckedFields,
) -> Result<HttpResponse, WebError> {
    let person = holder.actor();
    let id: CertificateId = id.parse().map_err(|_| WebError::NotFound)?;
    let wanted = form.0.has("open_badges_2");
    blocking(&portal, move |portal| badge_sharing::share(portal, person, id, wanted)).await?;
    let words = match wanted {
        true => "Older backpacks can read your badge now.",
        false => "The copy for older backpacks is gone.",
    };
    Ok(see_other_with(format!("/certificates/{}#badge", id.0), Flash::success(words)))
}
