//! A form that makes something makes one, however often it is sent: a second press, a page sent again, a line that broke before the answer.
//!
//! What makes a form this one is its path, its token (which is written anew on every page) and everything that was typed or chosen: the same
//! page sent again with other words is another form.

use std::time::Duration;

use actix_web::http::header::{CONTENT_LOCATION, LOCATION};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};

use crate::actions::ActionError;
use crate::actions::accounts::form_receipts::note_address;
use crate::portal::Portal;
use crate::secrets::fingerprint;
use crate::store::StoreError;
use crate::store::accounts::form_receipts::SentForm;
use crate::web::forms::fields::Fields;
use crate::web::forms::upload::Upload;
use crate::web::http::auth::already_known;
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;

/// How often, and after which pauses, a second press asks where the first one led while that is still under way.
const ASKED: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

/// What was sent, as one text.
#[derive(Clone)]
struct Key(String);

/// Notes what makes the form of this request this one.
pub(in crate::web) fn note(request: &HttpRequest, fields: &Fields, files: &[Upload]) {
    let mut sent = format!("{}\n", request.path());
    let mut part = |text: &str| {
        sent.push_str(&text.len().to_string());
        sent.push(':');
        sent.push_str(text);
    };
    for (name, value) in fields.clone().into_pairs() {
        part(&name);
        part(&value);
    }
    for file in files {
        part(&file.field);
        part(&file.name);
        part(&file.incoming.size().to_string());
    }
    request.extensions_mut().insert(Key(fingerprint(&sent)));
}

/// Does what a form asks for, unless the same form has been sent before: then the browser is led to where the first one led.
///
/// # Errors
/// As [`blocking`]; `WebError::Elsewhere` when it has been sent before.
pub(in crate::web) async fn once<T: Send + 'static>(
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    work: impl FnOnce(&Portal) -> Result<T, ActionError> + Send + 'static,
) -> Result<T, WebError> {
    let Some(form) = form(request, portal) else { return blocking(portal, work).await };
    let mine = form.clone();
    let done = blocking(portal, move |portal| {
        let mut portal = portal.clone();
        portal.store = portal.store.for_form(mine);
        work(&portal)
    })
    .await;
    match done {
        Err(WebError::Action(ActionError::Store(StoreError::SentBefore))) => {
            Err(WebError::Elsewhere(where_it_led(request, portal, form).await?))
        }
        other => {
            request.extensions_mut().insert(form);
            other
        }
    }
}

fn form(request: &HttpRequest, portal: &Portal) -> Option<SentForm> {
    let key = request.extensions().get::<Key>().cloned()?;
    let session = already_known(request)?;
    Some(SentForm::new(session.account.id, &key.0, portal.clock.now()))
}

/// Where the first press led. When nobody can say (the portal was stopped in between), the page above.
async fn where_it_led(
    request: &HttpRequest,
    portal: &web::Data<Portal>,
    form: SentForm,
) -> Result<String, WebError> {
    for _ in 0..ASKED {
        let asked = form.clone();
        let known =
            blocking(portal, move |portal| Ok(portal.store.ask(|conn| asked.leads_to(conn))?)).await?;
        if let Some(address) = known {
            return Ok(address);
        }
        tokio::time::sleep(PAUSE).await;
    }
    let above = request.path().rsplit_once('/').map_or("/", |(above, _)| above);
    Ok(if above.is_empty() { request.path() } else { above }.to_owned())
}

/// Notes where a form that made something led.
pub(in crate::web) async fn see_through(
    request: &HttpRequest,
    response: HttpResponse,
    portal: &web::Data<Portal>,
) -> HttpResponse {
    let sent = request.extensions_mut().remove::<SentForm>().filter(SentForm::has_written);
    // what is shown at once and only once names the page on which it stands
    let address = response.headers().get(LOCATION).or_else(|| response.headers().get(CONTENT_LOCATION));
    let address = address.and_then(|value| value.to_str().ok()).map(str::to_owned);
    if let Some(form) = sent {
        let noted = blocking(portal, move |portal| note_address(portal, &form, address.as_deref())).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "where a form led is not noted");
        }
    }
    response
}
