//! Evidence files: downloading them, and taking them away.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
};
use actix_web::{HttpResponse, web};
use askama::Template;

use super::withdrawal::SeenForm;
use crate::actions::ActionError;
use crate::actions::activities::evidence::{find, open, remove as remove_file};
use crate::domain::ids::EvidenceId;
use crate::files::FilesError;
use crate::files::file_name::for_download;
use crate::files::media_type::MediaType;
use crate::portal::Portal;
use crate::store::activities::evidence::Evidence;
use crate::web::forms::plain::CheckedForm;
use crate::web::http::auth::{AsAnyone, AsHolder};
use crate::web::http::blocking::blocking;
use crate::web::http::download::Place;
use crate::web::http::error::WebError;
use crate::web::view::flash::{see_other, see_other_with};
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::page::render;

/// A file in a list.
#[derive(Clone, Debug)]
pub struct FileLine {
    /// Its identity.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: &'static str,
    /// How large it is, in words.
    pub size: String,
}

impl From<Evidence> for FileLine {
    fn from(file: Evidence) -> Self {
        FileLine {
            id: file.id.0,
            kind: MediaType::from_mime(&file.media_type).map_or("File", MediaType::label),
            size: size_in_words(file.bytes),
            name: file.name,
        }
    }
}

/// "340 kB", "2.4 MB": whole kilobytes, tenths of a megabyte, rounded up.
fn size_in_words(bytes: i64) -> String {
    if bytes < 1_000_000 {
        return format!("{} kB", bytes.saturating_add(999) / 1000);
    }
    let tenths = bytes.saturating_sub(1) / 100_000 + 1;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// Stands when a file that should be there is not, is not what was stored, or cannot be asked for.
#[derive(Template)]
#[template(path = "holder/evidence_unavailable.html")]
struct UnavailablePage {
    page: Layout,
    /// Whether the place where it is kept does not answer, so that nothing is known to be wrong with it.
    later: bool,
}

/// A file that somebody may take, and a place for it. There is room before it is fetched: what comes out of a bucket lies on our disk from
/// then on.
async fn found(
    person: &AsAnyone,
    portal: &web::Data<Portal>,
    id: EvidenceId,
) -> Result<(Place, Evidence), WebError> {
    let (viewer, place) = (person.actor(), Place::take(portal, person.account.id).await?);
    let evidence = blocking(portal, move |portal| find(portal, viewer, id)).await?;
    Ok((place.with_room(evidence.bytes.unsigned_abs())?, evidence))
}

/// GET /evidence/{id}: for its owner and for staff, always as a download.
///
/// # Errors
/// `WebError::NotFound` for anybody else.
pub async fn show(
    person: AsAnyone,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let id = evidence_id(&id)?;
    let (place, evidence) = found(&person, &portal, id).await?;
    let opened = blocking(&portal, move |portal| open(portal, evidence)).await;
    let opened = match opened {
        Ok(opened) => opened,
        Err(WebError::Action(ActionError::Files(
            error @ (FilesError::Missing | FilesError::Altered | FilesError::Unreachable { .. }),
        ))) => {
            tracing::error!(evidence = id.0, %error, "evidence cannot be given out");
            let page = UnavailablePage {
                page: person.layout("This file cannot be opened at the moment"),
                later: matches!(error, FilesError::Unreachable { .. }),
            };
            return Ok(render(StatusCode::SERVICE_UNAVAILABLE, &page));
        }
        Err(error) => return Err(error),
    };
    let body = place.body(opened.file, opened.bytes);
    let stored = &opened.evidence.media_type;
    let (name, kind) = match MediaType::from_mime(stored) {
        Some(kind) => (for_download(&opened.evidence.name, kind), kind.mime()),
        None => (opened.evidence.name.clone(), "application/octet-stream"),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header(attachment(&name))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .insert_header((header::CACHE_CONTROL, NOT_KEPT))
        .body(body))
}

/// GET /evidence/{id}/view: the same file shown in place, for kinds that browsers draw themselves; others are downloads.
///
/// The answer's own policy puts it into a sandbox without scripts, forms or an origin, and lets only pages of ours frame it. (The
/// attribute `sandbox` of a frame would do the same for pictures, but Chromium then refuses to show any PDF.)
///
/// # Errors
/// As [`show`].
pub async fn view(
    person: AsAnyone,
    portal: web::Data<Portal>,
    id: web::Path<String>,
) -> Result<HttpResponse, WebError> {
    let (viewer, id) = (person.actor(), evidence_id(&id)?);
    let (place, evidence) = found(&person, &portal, id).await?;
    let kind = MediaType::from_mime(&evidence.media_type).filter(|kind| kind.may_show_inline());
    let Some(kind) = kind else { return Ok(see_other(format!("/evidence/{id}"))) };
    let opened = blocking(&portal, move |portal| open(portal, evidence)).await?;
    let body = place.body(opened.file, opened.bytes);
    let name = for_download(&opened.evidence.name, kind);
    let kept = if opened.evidence.holder == viewer.id { NOT_KEPT } else { KEPT_AHEAD };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind.mime()))
        .insert_header(disposition(DispositionType::Inline, &name))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::X_FRAME_OPTIONS, "SAMEORIGIN"))
        .insert_header((header::CONTENT_SECURITY_POLICY, SHOWN_POLICY))
        .insert_header((header::CACHE_CONTROL, kept))
        // whoever signs in after them on the same machine is shown nothing of it
        .insert_header((header::VARY, "Cookie"))
        .body(body))
}

/// No browser keeps a file.
const NOT_KEPT: &str = "private, no-store";
/// A reviewer's browser keeps what is shown in place for as long as a report takes: what is fetched ahead for the next report is there
/// when that one is read.
const KEPT_AHEAD: &str = "private, max-age=120";

/// What a file that is shown in place may do: nothing, in a frame of ours.
const SHOWN_POLICY: &str =
    "sandbox; default-src 'none'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'";

/// A header that makes browsers save the answer under `name`, with a plain name for old ones.
#[must_use]
pub fn attachment(name: &str) -> ContentDisposition {
    disposition(DispositionType::Attachment, name)
}

fn disposition(disposition: DispositionType, name: &str) -> ContentDisposition {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ') { c } else { '_' })
        .collect();
    ContentDisposition {
        disposition,
        parameters: vec![
            DispositionParam::Filename(plain),
            DispositionParam::FilenameExt(ExtendedValue {
                charset: Charset::Ext("UTF-8".to_owned()),
                language_tag: None,
                value: name.as_bytes().to_vec(),
            }),
        ],
    }
}

/// POST /evidence/{id}/removal
///
/// # Errors
/// `WebError::NotFound` for somebody else's; a conflict when the report is decided.
pub async fn remove(
    holder: AsHolder,
    portal: web::Data<Portal>,
    id: web::Path<String>,
    _form: CheckedForm<SeenForm>,
) -> Result<HttpResponse, WebError> {
    let (person, id) = (holder.actor(), evidence_id(&id)?);
    let activity = blocking(&portal, move |portal| remove_file(portal, person, id)).await?;
    let path = activity.map_or_else(|| "/activities".to_owned(), |id| format!("/activities/{id}"));
    Ok(see_other_with(path, Flash::success("The file has been removed.")))
}

fn evidence_id(text: &str) -> Result<EvidenceId, WebError> {
    text.parse().map_err(|_| WebError::NotFound)
}
