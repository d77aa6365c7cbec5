//! Forms with files: each file streams into a temporary place, and only after the form's token was found right.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;

use crate::domain::ids::AccountId;
use crate::files::{FilesError, Incoming, LARGEST_FILE, MOST_FILES};
use crate::portal::Portal;
use crate::web::checked::{Expected, Fields, LARGEST_FORM, accepted, is_plain_form, read_fields};
use crate::web::error::WebError;
use crate::web::once;
use crate::web::parking;
use crate::web::session::{already_known, portal};

/// An upload has to arrive within this time: 150 MB over a slow line.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Most bytes of a whole form: all files at their largest, one more that is refused by name, and the fields.
const LARGEST_UPLOAD: u64 = LARGEST_FILE * 12;
/// Bytes gathered before they go to the disk.
const PIECE: usize = 256 * 1024;

/// A file that has arrived in a temporary place. It is gone again when this is dropped.
#[derive(Debug)]
pub struct Upload {
    /// Name of the form field.
    pub field: String,
    /// Name that the file had with the person who sent it; anything may stand here.
    pub name: String,
    /// The bytes: to be recognised and finished.
    pub incoming: Incoming,
}

/// A form with files whose token was right. A form without files that was sent the plain way is taken, too.
pub struct CheckedMultipart {
    /// The fields.
    pub fields: Fields,
    /// The files, in order, without empty ones.
    pub files: Vec<Upload>,
    /// Files that were left out: form field, and a sentence that names the file and the reason.
    pub left_out: Vec<(String, String)>,
}

impl FromRequest for CheckedMultipart {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let expected = Expected::of(&request).await?;
            read_form(&request, payload, expected).await
        })
    }
}

/// Reads a form of either kind. One that carries the token of a session that has ended is kept for its owner, with its files.
pub(in crate::web) async fn read_form(
    request: &HttpRequest,
    payload: Payload,
    expected: Expected,
) -> Result<CheckedMultipart, WebError> {
    if is_plain_form(request) {
        let fields = read_fields(request, payload).await?;
        let fields = accepted(request, &expected, fields).await?;
        return Ok(CheckedMultipart { fields, files: Vec::new(), left_out: Vec::new() });
    }
    let portal = portal(request)?;
    let mut parts = Parts::new(Multipart::new(request.headers(), payload), expected);
    let read = tokio::time::timeout(PATIENCE, parts.read(request, &portal)).await;
    match (read.unwrap_or(Err(WebError::TooSlow)), parts.owner) {
        (Ok(()), None) => {
            parking::note(request, &parts.form.fields);
            once::note(request, &parts.form.fields, &parts.form.files);
            Ok(parts.form)
        }
        (Ok(()), Some(owner)) => Err(parking::park_upload(request, owner, parts.form).await?),
        (Err(error), _) => {
            // A browser that is still sending would not see the answer otherwise.
            if already_known(request).is_some() {
                let _ = tokio::time::timeout(PATIENCE, parts.drain()).await;
            }
            Err(error)
        }
    }
}

struct Parts {
    multipart: Multipart,
    expected: Expected,
    checked: bool,
    /// Whose form it is, when its session has ended.
    owner: Option<AccountId>,
    bytes: u64,
    text_bytes: usize,
    form: CheckedMultipart,
}

impl Parts {
    fn new(multipart: Multipart, expected: Expected) -> Self {
        let form = CheckedMultipart { fields: Fields::default(), files: Vec::new(), left_out: Vec::new() };
        Self { multipart, expected, checked: false, owner: None, bytes: 0, text_bytes: 0, form }
    }

    async fn read(&mut self, request: &HttpRequest, portal: &web::Data<Portal>) -> Result<(), WebError> {
        while let Some(field) = self.multipart.next().await {
            let field = field.map_err(unreadable)?;
            let name = field.name().unwrap_or_default().to_owned();
            let file_name =
                field.content_disposition().and_then(|said| said.get_filename()).map(str::to_owned);
            match file_name {
                None => self.read_text(request, name, field).await?,
                Some(file_name) if self.checked => self.read_file(portal, name, file_name, field).await?,
                Some(_) => return Err(WebError::Forged("a file came before the token")),
            }
        }
        if self.checked { Ok(()) } else { Err(WebError::Forged("the token is missing")) }
    }

    async fn read_text(
        &mut self,
        request: &HttpRequest,
        name: String,
        mut field: Field,
    ) -> Result<(), WebError> {
        let mut value = Vec::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(unreadable)?;
            self.text_bytes = self.text_bytes.saturating_add(chunk.len());
            if self.text_bytes > LARGEST_FORM {
                return Err(WebError::TooLarge);
            }
            value.extend_from_slice(&chunk);
        }
        let value = String::from_utf8_lossy(&value).into_owned();
        if name == "csrf_token" {
            if let Err(error) = self.expected.check(&value) {
                self.owner = parking::owner(request, &value).await?;
                if self.owner.is_none() {
                    return Err(error);
                }
            }
            self.checked = true;
        }
        self.form.fields.push(name, value);
        Ok(())
    }

    async fn read_file(
        &mut self,
        portal: &web::Data<Portal>,
        field_name: String,
        name: String,
        mut field: Field,
    ) -> Result<(), WebError> {
        let mut incoming = None;
        let mut too_large = false;
        let mut piece = Vec::new();
        let mut arrived = false;
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(unreadable)?;
            arrived = arrived || !chunk.is_empty();
            self.bytes = self.bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if self.bytes > LARGEST_UPLOAD {
                return Err(WebError::TooLarge);
            }
            if too_large || self.form.files.len() >= MOST_FILES {
                continue;
            }
            piece.extend_from_slice(&chunk);
            if piece.len() >= PIECE {
                incoming = write(portal, incoming, std::mem::take(&mut piece)).await?;
                too_large = incoming.is_none();
            }
        }
        if !arrived && name.is_empty() {
            // the field of a form to which no file was added
            return Ok(());
        }
        if self.form.files.len() >= MOST_FILES {
            let message = format!("“{name}” was left out: a report can have up to {MOST_FILES} files.");
            self.form.left_out.push((field_name, message));
            return Ok(());
        }
        if !too_large {
            incoming = write(portal, incoming, piece).await?;
        }
        match incoming {
            Some(incoming) => self.form.files.push(Upload { field: field_name, name, incoming }),
            None => {
                let most = LARGEST_FILE / (1024 * 1024);
                let message = format!("“{name}” is larger than {most} MB. Send a smaller version of it.");
                self.form.left_out.push((field_name, message));
            }
        }
        Ok(())
    }

    /// Takes in what is still being sent, up to the limit, and keeps nothing.
    async fn drain(&mut self) {
        while let Some(Ok(mut field)) = self.multipart.next().await {
            while let Some(Ok(chunk)) = field.next().await {
                self.bytes = self.bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
                if self.bytes > LARGEST_UPLOAD {
                    return;
                }
            }
        }
    }
}

/// Writes a piece to the disk, beginning the file when it is the first. `None` when the file is too large.
async fn write(
    portal: &web::Data<Portal>,
    incoming: Option<Incoming>,
    piece: Vec<u8>,
) -> Result<Option<Incoming>, WebError> {
    let files = portal.files.clone();
    let written = web::block(move || {
        let mut incoming = match incoming {
            Some(incoming) => incoming,
            None => files.incoming()?,
        };
        match incoming.write_chunk(&piece) {
            Ok(()) => Ok(Some(incoming)),
            Err(FilesError::TooLarge) => Ok(None),
            Err(error) => Err(error),
        }
    });
    Ok(written.await.map_err(|_| WebError::Interrupted)??)
}

fn unreadable<E>(_: E) -> WebError {
    WebError::Unreadable("the parts of the form")
}
