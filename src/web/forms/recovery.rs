//! Nothing typed is lost: a form that arrives after its session has ended is kept for the account of that session, and comes
//! back filled in once that person has signed in again.
//!
//! The form says itself whose it is: it carries the token of the session in which its page was shown. Passwords are never kept.

use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;

use crate::actions::accounts::form_recovery;
use crate::domain::ids::AccountId;
use crate::portal::Portal;
use crate::secrets::Token;
use crate::store::accounts::saved_forms::ParkedForm;
use crate::web::forms::fields::Fields;
use crate::web::forms::saved_form::{EVIDENCE, FILE_LOST, Recovery};
use crate::web::forms::upload::CheckedMultipart;
use crate::web::http::auth::{already_known, frame_of, portal, recovered};
use crate::web::http::blocking::blocking;
use crate::web::http::csrf;
use crate::web::http::error::WebError;
use crate::web::http::route;
use crate::web::view::flash::local_path;
use crate::web::view::layout::Layout;
use crate::web::view::page::render;

/// Fields that are filled in by pages and not by people.
const NOT_TYPED: [&str; 8] =
    ["csrf_token", "version", "parked", "activity", "form_key", "id", "intent", "certificate"];

/// The form of this request came back from being kept; it is forgotten when it is done.
struct CameBack(i64);

/// Notes that a form which is being read has been kept before.
pub(in crate::web) fn note(request: &HttpRequest, fields: &Fields) {
    if let Ok(id) = fields.one("parked").parse() {
        request.extensions_mut().insert(CameBack(id));
    }
}

/// Whose form carries this token, when the present session does not.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub(in crate::web) async fn owner(request: &HttpRequest, sent: &str) -> Result<Option<AccountId>, WebError> {
    // the script asks again by itself; nobody waits for the page
    let public = route::find("POST", request.path()).is_none_or(route::Route::is_public);
    if public || request.headers().contains_key("x-requested-with") {
        return Ok(None);
    }
    let Some(token) = Token::unmasked(csrf::parted(sent).0) else { return Ok(None) };
    let person = already_known(request).map(|session| session.account.id);
    blocking(&portal(request)?, move |portal| form_recovery::owner_of_form(portal, &token, person)).await
}

/// Keeps a form for its owner, and says where to go on.
///
/// # Errors
/// `WebError` when the database cannot take it.
pub(in crate::web) async fn park(
    request: &HttpRequest,
    owner: AccountId,
    fields: Fields,
    lost_files: Vec<String>,
) -> Result<WebError, WebError> {
    let page = page_of(request, fields.one("csrf_token"));
    let person = already_known(request).map(|session| session.account.id);
    let mut fields = fields.into_pairs();
    if fields.iter().any(|(name, _)| name.contains("password")) {
        return Ok(signed_out());
    }
    fields.retain(|(name, _)| !matches!(name.as_str(), "csrf_token" | "parked"));
    fields.extend(lost_files.into_iter().map(|name| (FILE_LOST.to_owned(), name)));
    let typed =
        fields.iter().any(|(name, value)| !NOT_TYPED.contains(&name.as_str()) && !value.trim().is_empty());
    let next = if typed {
        let form = ParkedForm { page: page.clone(), path: request.path().to_owned(), fields };
        let id = blocking(&portal(request)?, move |portal| form_recovery::park(portal, owner, &form)).await?;
        form_recovery::address(&page, id)
    } else {
        page
    };
    Ok(match person {
        Some(person) if person == owner && typed => WebError::Elsewhere(next),
        Some(person) if person == owner => WebError::Forged("the token is of another session"),
        Some(_) => WebError::Forged("the form was opened by somebody else"),
        None => {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.append_pair(if typed { "kept" } else { "ended" }, "1").append_pair("next", &next);
            WebError::SignIn(format!("/sign-in?{}", query.finish()))
        }
    })
}

/// Where somebody goes on whose session has ended.
pub(super) fn signed_out() -> WebError {
    WebError::SignIn("/sign-in?ended=1".to_owned())
}

/// The page on which the form of this request stands: as its token says, else as the browser says, else as its address lets us think.
fn page_of(request: &HttpRequest, token: &str) -> String {
    let path = request.path().trim_end_matches('/');
    let bare = |page: &str| page.split('?').next().unwrap_or_default().to_owned();
    let shows = |page: &str| route::find("GET", page).is_some();
    let said = said_by(token).or_else(|| came_from(request));
    let came_from = said.filter(|page| shows(&bare(page)));
    // a form that was opened as a new one and has become a draft meanwhile stands where that is changed
    let edit = format!("{path}/edit");
    let opened_as_new =
        |page: &String| bare(page).strip_suffix("new").is_some_and(|folder| path.starts_with(folder));
    if came_from.as_ref().is_some_and(opened_as_new) && shows(&edit) {
        return edit;
    }
    if let Some(page) = came_from.as_ref().filter(|page| bare(page) != path) {
        return page.clone();
    }
    // a form that was shown again stands at the address it was sent to
    for end in ["/new", "/edit"] {
        let page = format!("{path}{end}");
        if shows(&page) && route::find("GET", &page).is_some_and(|route| route.path.ends_with(end)) {
            return page;
        }
    }
    if let Some(page) = came_from {
        return page;
    }
    let mut page = path;
    while !shows(page) {
        match page.rsplit_once('/') {
            Some((parent, _)) if !parent.is_empty() => page = parent,
            _ => return "/".to_owned(),
        }
    }
    page.to_owned()
}

/// The page of ours that a form's own token names.
fn said_by(token: &str) -> Option<String> {
    let (_, address) = csrf::parted(token);
    page_at(&url::Url::parse("http://portal.invalid").ok()?.join(local_path(&address?)?).ok()?)
}

/// The page of ours that the browser says it comes from.
fn came_from(request: &HttpRequest) -> Option<String> {
    let said = request.headers().get(header::REFERER)?.to_str().ok()?;
    let said = url::Url::parse(said).ok()?;
    let host = request.headers().get(header::HOST)?.to_str().ok()?;
    if said.authority() != host {
        return None;
    }
    page_at(&said)
}

/// The page at an address, without what an earlier return added.
fn page_at(address: &url::Url) -> Option<String> {
    let query: Vec<&str> = address
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("parked="))
        .collect();
    let page = match query.is_empty() {
        true => address.path().to_owned(),
        false => format!("{}?{}", address.path(), query.join("&")),
    };
    local_path(&page).map(str::to_owned)
}

/// The page for a form that no longer stands where it was opened: what was typed, to be copied.
#[derive(Template)]
#[template(path = "recovered.html")]
struct UnplacedFormPage {
    page: Layout,
    typed: Vec<(String, String)>,
    /// The page on which the form stood.
    address: String,
}

/// Forgets a form that has been sent, and shows what was typed where no form of the page has taken it.
pub(in crate::web) async fn see_through(
    request: &HttpRequest,
    response: HttpResponse,
    portal: &web::Data<Portal>,
) -> HttpResponse {
    let Some(session) = already_known(request) else { return response };
    let sent = request.extensions_mut().remove::<CameBack>();
    if let Some(CameBack(id)) = sent.filter(|_| response.status().is_redirection()) {
        let owner = session.account.actor();
        let done = blocking(portal, move |portal| form_recovery::forget(portal, owner, id)).await;
        if let Err(error) = done {
            tracing::warn!(%error, "a form that has been sent is still kept");
        }
        return response;
    }
    let content = response.headers().get(header::CONTENT_TYPE);
    let html = content.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    match recovered(request).filter(|form| !form.placed()) {
        Some(form) if html && !response.status().is_server_error() => {
            let mut page = frame_of(request, portal);
            "You were signed out before your form was sent".clone_into(&mut page.title);
            page.recovery = Recovery::default();
            let shown = UnplacedFormPage { page, typed: form.words(), address: form.page().to_owned() };
            render(response.status(), &shown)
        }
        _ => response,
    }
}

/// Keeps a form with files for its owner. Files are kept where reports are made of them; others have to be chosen again.
///
/// # Errors
/// `WebError` when the database or the disk cannot take it.
pub(in crate::web) async fn park_upload(
    request: &HttpRequest,
    owner: AccountId,
    mut form: CheckedMultipart,
) -> Result<WebError, WebError> {
    use crate::actions::activities::evidence::{Proofs, keep};
    use crate::web::forms::evidence::received;
    use crate::web::http::access::Who;

    let holders = route::find("POST", request.path()).is_some_and(|route| route.who.contains(&Who::Holder));
    let mut fields = std::mem::take(&mut form.fields);
    let mut lost = Vec::new();
    if holders {
        let portal = portal(request)?;
        let files = received(&portal, owner, form).await?;
        lost.extend(files.refused);
        let uploads = files.uploads;
        let kept = blocking(&portal, move |portal| {
            keep(portal, owner, &Proofs { uploads: &uploads, ..Proofs::default() })
        });
        for file in kept.await? {
            fields.push(EVIDENCE.to_owned(), file.id.to_string());
        }
    } else {
        lost.extend(form.files.iter().map(|file| file.name.clone()));
    }
    park(request, owner, fields, lost).await
}
