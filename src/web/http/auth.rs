//! Who is asking. A handler says whom it serves by one of these in its signature; nobody else gets through.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::Deserialize;
use tokio::sync::OnceCell;

use crate::actions::accounts::{form_recovery, sessions};
use crate::config::Config;
use crate::domain::ids::{EvidenceId, HolderId};
use crate::domain::roles::{Actor, Administrator, Holder, Reviewer};
use crate::portal::Portal;
use crate::secrets::Token;
use crate::store::accounts::Account;
use crate::store::accounts::list_density::ListDensity;
use crate::store::accounts::sessions::Session;
use crate::web::forms::saved_form::{RecoveredForm, Recovery};
use crate::web::http::access::{Access, Unrestricted, Who, admits};
use crate::web::http::blocking::blocking;
use crate::web::http::cookie::Jar;
use crate::web::http::csrf;
use crate::web::http::error::WebError;
use crate::web::http::route;
use crate::web::http::route::Route;
use crate::web::view::layout::{Flash, Layout};
use crate::web::view::navigation;

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, WebError>>>>;

/// The portal of a request.
///
/// # Errors
/// `WebError::Fault` when the server was built without one.
pub fn portal(request: &HttpRequest) -> Result<web::Data<Portal>, WebError> {
    request
        .app_data::<web::Data<Portal>>()
        .cloned()
        .ok_or_else(|| WebError::Fault("the server has no portal".to_owned()))
}

/// The session of a request, looked up once however many extractors ask.
#[derive(Clone, Default)]
struct Cell(Rc<OnceCell<Option<Session>>>);

/// Whoever is signed in.
///
/// # Errors
/// `WebError` when the database cannot tell.
pub async fn current(request: &HttpRequest) -> Result<Option<Session>, WebError> {
    let cell = {
        let mut extensions = request.extensions_mut();
        match extensions.get::<Cell>() {
            Some(cell) => cell.clone(),
            None => {
                let cell = Cell::default();
                extensions.insert(cell.clone());
                cell
            }
        }
    };
    let session = cell
        .0
        .get_or_try_init(|| async {
            let portal = portal(request)?;
            let cookie = Jar::Session.read(&portal.config, request);
            match cookie.as_deref().and_then(Token::parse) {
                Some(token) => blocking(&portal, move |portal| sessions::current(portal, &token)).await,
                None => Ok::<_, WebError>(None),
            }
        })
        .await?;
    Ok(session.clone())
}

/// The session that this request was found to have, if anything asked.
#[must_use]
pub fn already_known(request: &HttpRequest) -> Option<Session> {
    request.extensions().get::<Cell>().and_then(|cell| cell.0.get().cloned()).flatten()
}

/// Where somebody who is not signed in has to go. A form cannot be sent again after signing in, a page can be shown.
fn sign_in(request: &HttpRequest) -> WebError {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if request.method() == "POST" {
        query.append_pair("ended", "1");
    } else if let Some(path) = request.uri().path_and_query() {
        query.append_pair("next", path.as_str());
    }
    WebError::SignIn(format!("/sign-in?{}", query.finish()))
}

/// The session, if it may use the route that the request came in by.
///
/// # Errors
/// `WebError::SignIn` without a session, `WebError::NotFound` with one that is not admitted.
pub async fn admitted(request: &HttpRequest) -> Result<Session, WebError> {
    admitted_to(request, route::of_request(request)).await
}

/// The session, if it may use this route.
///
/// # Errors
/// As [`admitted`].
pub async fn admitted_to(request: &HttpRequest, line: Option<&Route>) -> Result<Session, WebError> {
    let session = current(request).await?.ok_or_else(|| sign_in(request))?;
    match line {
        Some(line) if line.admits(&session) => Ok(session),
        _ => Err(WebError::NotFound),
    }
}

/// What the address of a page says when a form comes back on it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Returning {
    /// The form that is kept.
    parked: String,
}

/// The form that comes back on the page of this request.
pub(in crate::web) fn recovered(request: &HttpRequest) -> Option<Arc<RecoveredForm>> {
    request.extensions().get::<Arc<RecoveredForm>>().cloned()
}

/// Brings back the form that the address of a page names, if it is this person's. A page is shown without it rather than not at all.
async fn bring_back(request: &HttpRequest, portal: &web::Data<Portal>, session: &Session) {
    if request.method() != "GET" || recovered(request).is_some() {
        return;
    }
    let query = web::Query::<Returning>::from_query(request.query_string()).ok();
    let Some(id) = query.and_then(|query| query.parked.parse::<i64>().ok()) else { return };
    let owner = session.account.actor();
    match blocking(portal, move |portal| form_recovery::bring_back(portal, owner, id)).await {
        Ok(Some(form)) => {
            request.extensions_mut().insert(Arc::new(RecoveredForm::new(id, form)));
        }
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "a form that is kept could not be brought back"),
    }
}

/// What a page needs to know of the request around it.
#[derive(Clone, Debug)]
struct Frame {
    config: Arc<Config>,
    path: String,
    flash: Option<Flash>,
    recovered: Option<Arc<RecoveredForm>>,
}

impl Frame {
    fn of(request: &HttpRequest, portal: &Portal) -> Self {
        let flash = Jar::Flash.read(&portal.config, request).and_then(|cookie| Flash::decoded(&cookie));
        Self {
            config: portal.config.clone(),
            path: request.path().to_owned(),
            flash,
            recovered: recovered(request),
        }
    }

    fn layout(&self, title: String) -> Layout {
        Layout {
            body: self.config.body.clone(),
            contact: self.config.contact.clone(),
            title,
            flash: self.flash.clone(),
            recovery: Recovery::of(self.recovered.clone()),
            ..Layout::default()
        }
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub account: Account,
    /// The session's identity.
    pub session_id: i64,
    /// Whether this person holds certificates, whatever the role.
    pub has_certificates: bool,
    /// The token for the forms of this page.
    pub csrf_token: String,
    session: Session,
    frame: Frame,
}

impl Person {
    fn new(request: &HttpRequest, portal: &Portal, session: Session) -> Result<Self, WebError> {
        let token = Token::parse(&session.csrf_token)
            .ok_or_else(|| WebError::Fault("a session has no form token".to_owned()))?;
        Ok(Self {
            account: session.account.clone(),
            session_id: session.id,
            has_certificates: session.has_certificates,
            csrf_token: csrf::with_address(&token.masked()?, request),
            session,
            frame: Frame::of(request, portal),
        })
    }

    /// Reads who it is, and what comes back to this person on this page.
    async fn of(request: &HttpRequest, session: Session) -> Result<Self, WebError> {
        let portal = portal(request)?;
        bring_back(request, &portal, &session).await;
        Self::new(request, &portal, session)
    }

    /// The evidence of the form that comes back on this page.
    #[must_use]
    pub fn recovered_evidence(&self) -> Vec<EvidenceId> {
        self.frame.recovered.as_ref().map(|form| form.evidence()).unwrap_or_default()
    }

    /// This person as the rules see it.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.account.actor()
    }

    /// Whether this person reviews reports (administrators do, too).
    #[must_use]
    pub const fn reviews(&self) -> bool {
        self.account.role.reviews()
    }

    /// Whether this person administers the portal.
    #[must_use]
    pub const fn administers(&self) -> bool {
        self.account.role.administers()
    }

    /// How close rows of lists stand for this person.
    #[must_use]
    pub const fn density(&self) -> ListDensity {
        self.session.density
    }

    /// Where this person begins.
    #[must_use]
    pub fn first_page(&self) -> &'static str {
        navigation::first_page(&self.session)
    }

    /// The frame of a page with this title.
    pub fn layout(&self, title: impl Into<String>) -> Layout {
        let path = self.frame.path.as_str();
        let mut layout = self.frame.layout(title.into());
        layout.person = Some(self.account.name.clone());
        layout.at_account = path == "/account" || path.starts_with("/account/");
        layout.csrf_token.clone_from(&self.csrf_token);
        layout.finds = self.reviews();
        layout.comfortable = self.session.density == ListDensity::Comfortable;
        layout.mail_held = self.reviews() && self.session.mail_held;
        layout.nav = navigation::pages(&self.session, path);
        layout.mark_current(&navigation::place_of(path));
        layout.sections = navigation::sections(&self.session);
        let section = navigation::section_of(&self.session, path);
        for item in &mut layout.sections {
            item.current = item.href == section;
        }
        layout
    }
}

/// Somebody who may not be signed in.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who it is, if signed in.
    pub person: Option<Person>,
    frame: Frame,
    csrf: Arc<VisitorToken>,
}

/// The token of a visitor's forms. Its cookie is set only when a page really shows it.
#[derive(Debug)]
pub(in crate::web) struct VisitorToken {
    token: Token,
    masked: String,
    fresh: bool,
    shown: AtomicBool,
}

impl VisitorToken {
    /// The value of the cookie that has to be set now, if any.
    pub(in crate::web) fn to_set(&self) -> Option<String> {
        (self.fresh && self.shown.load(Ordering::Relaxed)).then(|| self.token.expose().to_owned())
    }
}

impl Visitor {
    /// The token for the forms of this page.
    #[must_use]
    pub fn csrf_token(&self) -> String {
        if let Some(person) = &self.person {
            return person.csrf_token.clone();
        }
        self.csrf.shown.store(true, Ordering::Relaxed);
        self.csrf.masked.clone()
    }

    /// The frame of a page with this title.
    pub fn layout(&self, title: impl Into<String>) -> Layout {
        match &self.person {
            Some(person) => person.layout(title),
            None => self.frame.layout(title.into()),
        }
    }

    /// The frame of a page with a form on it.
    pub fn form_layout(&self, title: impl Into<String>) -> Layout {
        Layout { csrf_token: self.csrf_token(), ..self.layout(title) }
    }
}

/// A frame for pages that stand outside any handler: error pages.
pub(in crate::web) fn frame_of(request: &HttpRequest, portal: &Portal) -> Layout {
    match already_known(request).map(|session| Person::new(request, portal, session)) {
        Some(Ok(person)) => person.layout(""),
        _ => Frame::of(request, portal).layout(String::new()),
    }
}

macro_rules! extractor {
    ($(#[$doc:meta])* $name:ident for $who:expr, acting as $acting:ident: $made:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            person: Person,
            acting: $acting,
        }

        impl $name {
            /// This person as actions take them: with the right that the signature of the handler asks for.
            #[must_use]
            pub const fn actor(&self) -> $acting {
                self.acting
            }
        }

        impl Deref for $name {
            type Target = Person;
            fn deref(&self) -> &Person {
                &self.person
            }
        }

        impl Access for $name {
            const WHO: &'static [Who] = &$who;
        }

        impl FromRequest for $name {
            type Error = WebError;
            type Future = Extraction<Self>;
            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move {
                    let session = current(&request).await?.ok_or_else(|| sign_in(&request))?;
                    let made: fn(&Session) -> Option<$acting> = $made;
                    let acting = made(&session).filter(|_| admits(Self::WHO, &session));
                    let acting = acting.ok_or(WebError::NotFound)?;
                    Ok(Self { person: Person::of(&request, session).await?, acting })
                })
            }
        }
    };
}

extractor!(
    /// Anybody who is signed in.
    AsAnyone for [Who::Holder, Who::Reviewer],
    acting as Actor: |session| Some(session.account.actor())
);
extractor!(
    /// A person with the role holder, or with certificates. Others find no page here.
    AsHolder for [Who::Holder],
    acting as Holder: |session| Holder::of(session.account.actor(), session.has_certificates)
);
extractor!(
    /// A reviewer or an administrator. Others find no page here.
    AsReviewer for [Who::Reviewer],
    acting as Reviewer: |session| Reviewer::of(session.account.actor())
);
extractor!(
    /// An administrator. Others find no page here.
    AsAdministrator for [Who::Administrator],
    acting as Administrator: |session| Administrator::of(session.account.actor())
);

impl AsHolder {
    /// Whose records these are: what is looked up with it belongs to nobody else.
    #[must_use]
    pub const fn holder(&self) -> HolderId {
        self.person.account.id
    }
}

impl Unrestricted for Visitor {}

impl FromRequest for Visitor {
    type Error = WebError;
    type Future = Extraction<Self>;
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let session = current(&request).await?;
            let portal = portal(&request)?;
            let person = match session {
                Some(session) => Some(Person::of(&request, session).await?),
                None => None,
            };
            let kept = Jar::Csrf.read(&portal.config, &request).as_deref().and_then(Token::parse);
            let fresh = kept.is_none();
            let token = match kept {
                Some(token) => token,
                None => Token::random()?,
            };
            let masked = token.masked()?;
            let csrf = Arc::new(VisitorToken { token, masked, fresh, shown: AtomicBool::new(false) });
            request.extensions_mut().insert(csrf.clone());
            Ok(Self { person, frame: Frame::of(&request, &portal), csrf })
        })
    }
}
