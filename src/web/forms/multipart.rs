//! Forms with files: each file streams into a temporary place, and only after the form's token was found right.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt;

use super::fields::Fields;
use super::plain::read_fields;
use super::token::{Expected, FORM_PATIENCE, is_plain_form};
use super::upload::{CheckedMultipart, Upload};
use crate::domain::ids::AccountId;
use crate::files::file_name::clean;
use crate::files::{FilesError, Incoming};
use crate::portal::Portal;
use crate::web::forms::receipt;
use crate::web::forms::recovery;
use crate::web::forms::upload_quota::Arriving;
use crate::web::http::access::Unrestricted;
use crate::web::http::auth::{already_known, portal};
use crate::web::http::bounds::{Bounds, LARGEST_VALUE, LONGEST_NAME, Tap};
use crate::web::http::error::WebError;
use crate::web::http::route;

/// An upload has to arrive within this time: 150 MB over a slow line.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Bytes gathered before they go to the disk.
const PIECE: usize = 256 * 1024;

impl Unrestricted for CheckedMultipart {}

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
        let fields = read_fields(request, payload, &expected).await?;
        return Ok(CheckedMultipart { fields, files: Vec::new(), left_out: Vec::new() });
    }
    let bounds = route::bounds_of(request);
    if bounds.files == 0 || !has_parts(request) {
        return Err(WebError::NotAForm);
    }
    let portal = portal(request)?;
    let mut parts = Parts::new(request, payload, bounds);
    match parts.read(request, &portal, &expected).await {
        Ok(None) => {
            recovery::note(request, &parts.form.fields);
            receipt::note(request, &parts.form.fields, &parts.form.files);
            Ok(parts.form)
        }
        Ok(Some(owner)) => Err(recovery::park_upload(request, owner, parts.form).await?),
        Err(error) => {
            // A browser that is still sending would not see the answer otherwise.
            if already_known(request).is_some() {
                let _ = tokio::time::timeout(PATIENCE, parts.tap.drain()).await;
            }
            Err(error)
        }
    }
}

/// Whether the request says that its body is a form in parts.
fn has_parts(request: &HttpRequest) -> bool {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
}

struct Parts {
    /// Reads the parts. After its first error it must not be asked again.
    multipart: Multipart,
    /// The body below it.
    tap: Tap,
    bounds: Bounds,
    parts: usize,
    text_bytes: usize,
    form: CheckedMultipart,
    /// Whose form it is; nobody's when it comes without a session.
    account: AccountId,
}

impl Parts {
    fn new(request: &HttpRequest, payload: Payload, bounds: Bounds) -> Self {
        let tap = Tap::new(payload, bounds);
        let form = CheckedMultipart { fields: Fields::default(), files: Vec::new(), left_out: Vec::new() };
        let multipart = Multipart::new(request.headers(), tap.clone());
        let account = already_known(request).map_or(AccountId(0), |session| session.account.id);
        Self { multipart, tap, bounds, parts: 0, text_bytes: 0, form, account }
    }

    /// Reads the whole form. Gives whose it is, when its session has ended.
    async fn read(
        &mut self,
        request: &HttpRequest,
        portal: &web::Data<Portal>,
        expected: &Expected,
    ) -> Result<Option<AccountId>, WebError> {
        let token = tokio::time::timeout(FORM_PATIENCE, self.read_to_token())
            .await
            .unwrap_or(Err(WebError::TooSlow))?;
        let owner = expected.judge(request, &token).await?;
        self.tap.open();
        self.account = owner.unwrap_or(self.account);
        tokio::time::timeout(PATIENCE, self.read_rest(portal)).await.unwrap_or(Err(WebError::TooSlow))?;
        Ok(owner)
    }

    async fn read_to_token(&mut self) -> Result<String, WebError> {
        while let Some(field) = self.next().await? {
            if file_name(&field).is_some() {
                return Err(WebError::Forged("a file came before the token"));
            }
            if self.read_text(field).await? == "csrf_token" {
                return Ok(self.form.fields.one("csrf_token").to_owned());
            }
        }
        Err(WebError::Forged("the token is missing"))
    }

    async fn read_rest(&mut self, portal: &web::Data<Portal>) -> Result<(), WebError> {
        while let Some(field) = self.next().await? {
            match file_name(&field) {
                None => {
                    self.read_text(field).await?;
                }
                Some(name) => self.read_file(portal, name, field).await?,
            }
        }
        Ok(())
    }

    /// The next part, counted.
    async fn next(&mut self) -> Result<Option<Field>, WebError> {
        let Some(field) = self.multipart.next().await else { return Ok(None) };
        let field = field.map_err(|_| self.tap.fault())?;
        self.parts = self.parts.saturating_add(1);
        let name = field.name().map_or(0, str::len);
        if self.parts > self.bounds.parts() || name > LONGEST_NAME {
            return Err(WebError::TooLarge);
        }
        self.count_text(name.saturating_add(file_name(&field).map_or(0, |name| name.len())))?;
        Ok(Some(field))
    }

    fn count_text(&mut self, bytes: usize) -> Result<(), WebError> {
        self.text_bytes = self.text_bytes.saturating_add(bytes);
        if self.text_bytes > self.bounds.text { Err(WebError::TooMuchText) } else { Ok(()) }
    }

    /// Takes in a field, and gives its name.
    async fn read_text(&mut self, mut field: Field) -> Result<String, WebError> {
        let name = field.name().unwrap_or_default().to_owned();
        if self.form.fields.count() >= self.bounds.fields {
            return Err(WebError::TooLarge);
        }
        let mut value = Vec::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(|_| self.tap.fault())?;
            let kept = chunk.get(..LARGEST_VALUE.saturating_sub(value.len())).unwrap_or(&chunk);
            self.count_text(kept.len())?;
            value.extend_from_slice(kept);
        }
        let value = String::from_utf8_lossy(&value).into_owned();
        self.form.fields.push(name.clone(), value);
        Ok(name)
    }

    async fn read_file(
        &mut self,
        portal: &web::Data<Portal>,
        name: String,
        mut field: Field,
    ) -> Result<(), WebError> {
        let field_name = field.name().unwrap_or_default().to_owned();
        let one_too_many = self.form.files.len() >= self.bounds.files;
        let mut file = Incomplete::of(self.account, self.bounds.file);
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(|_| self.tap.fault())?;
            file.count(&chunk);
            if one_too_many || file.refused() {
                file.forget();
                continue;
            }
            file.add(portal, &chunk).await?;
        }
        if file.arrived == 0 && name.is_empty() {
            // the field of a form to which no file was added
            return Ok(());
        }
        let shown = clean(&name);
        if one_too_many {
            let most = self.bounds.files;
            let most = if most == 1 { "one file".to_owned() } else { format!("up to {most} files") };
            let message = format!("“{shown}” was left out: {most} can be sent at once.");
            self.form.left_out.push((field_name, message));
            return Ok(());
        }
        match file.finish(portal, &shown).await? {
            Ok((incoming, arriving)) => {
                self.form.files.push(Upload { field: field_name, name, incoming, arriving });
            }
            Err(message) => self.form.left_out.push((field_name, message)),
        }
        Ok(())
    }
}

/// A file of which more may come.
struct Incomplete {
    /// What is on the disk; none before the first piece.
    incoming: Option<Incoming>,
    /// What came since.
    piece: Vec<u8>,
    /// Bytes that came in all.
    arrived: u64,
    /// Most bytes of a file.
    most: u64,
    arriving: Arriving,
    /// Whether more of this person's files are arriving than may at once.
    too_many: bool,
    /// Whether the disk has only its reserve left.
    no_room: bool,
}

impl Incomplete {
    fn of(account: AccountId, most: u64) -> Self {
        let arriving = Arriving::of(account);
        Self {
            incoming: None,
            piece: Vec::new(),
            arrived: 0,
            most,
            arriving,
            too_many: false,
            no_room: false,
        }
    }

    fn count(&mut self, chunk: &[u8]) {
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        self.arrived = self.arrived.saturating_add(length);
        self.too_many = self.too_many || !self.arriving.add(length);
    }

    fn refused(&self) -> bool {
        self.too_many || self.no_room || self.arrived > self.most
    }

    fn forget(&mut self) {
        (self.incoming, self.piece) = (None, Vec::new());
    }

    async fn add(&mut self, portal: &web::Data<Portal>, chunk: &[u8]) -> Result<(), WebError> {
        self.piece.extend_from_slice(chunk);
        if self.piece.len() >= PIECE {
            let piece = std::mem::take(&mut self.piece);
            self.incoming = written(portal, self.incoming.take(), piece).await?;
            self.no_room = self.incoming.is_none();
        }
        Ok(())
    }

    /// Writes the rest. Gives the file, or why it was left out; `shown` is its name in that sentence.
    async fn finish(
        self,
        portal: &web::Data<Portal>,
        shown: &str,
    ) -> Result<Result<(Incoming, Arriving), String>, WebError> {
        if self.too_many {
            return Ok(Err(format!(
                "“{shown}” was left out: other files of yours are still arriving. Wait until they are here, then send it again."
            )));
        }
        if self.arrived > self.most {
            let most = self.most / (1024 * 1024);
            return Ok(Err(format!("“{shown}” is larger than {most} MB. Send a smaller version of it.")));
        }
        let incoming = if self.no_room { None } else { written(portal, self.incoming, self.piece).await? };
        Ok(incoming.map(|incoming| (incoming, self.arriving)).ok_or_else(|| no_room_for(shown)))
    }
}

/// The name that a file had with the person who sent it; `None` for a field that is no file.
fn file_name(field: &Field) -> Option<String> {
    field.content_disposition().and_then(|said| said.get_filename()).map(str::to_owned)
}

fn no_room_for(name: &str) -> String {
    format!(
        "“{name}” could not be kept: the portal has no room for files at the moment. The people who run it can see this, too. Send \
         the form without it, or try again later."
    )
}

/// Writes a piece to the disk, beginning the file when it is the first. `None` when the disk has only its reserve left.
async fn written(
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
        incoming.write_chunk(&piece)?;
        Ok::<_, FilesError>(incoming)
    });
    match written.await.map_err(|_| WebError::Interrupted)? {
        Ok(incoming) => Ok(Some(incoming)),
        Err(FilesError::Reserve) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
