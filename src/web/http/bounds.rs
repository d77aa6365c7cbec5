//! How much the form of a route may bring. Every number is counted while the bytes arrive, and nothing but the first few kilobytes is
//! read before the form has shown its token.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};

use crate::domain::text::MOST_READ;
use crate::files::{LARGEST_FILE, MOST_FILES};
use crate::web::http::error::WebError;

/// Most bytes of the names and values of a form.
const LARGEST_TEXT: usize = 256 * 1024;
/// Most bytes of a form without files as it arrives; what is beyond the largest text is not gathered.
pub(in crate::web) const LARGEST_PLAIN: usize = 8 * 1024 * 1024;
/// Bytes of a value from which on nothing more of it is gathered: every letter of four bytes, and one more than is read.
pub(in crate::web) const LARGEST_VALUE: usize = 4 * (MOST_READ + 1);
/// Longest name of a field, in bytes; ours have a third of it.
pub(in crate::web) const LONGEST_NAME: usize = 100;
/// Bytes of a body that are read before the token has been seen and found right. It stands first in every form.
pub(in crate::web) const BEFORE_TOKEN: usize = 8 * 1024;
/// Bytes handed to the reader of parts at a time before the token was found right: it must not run far ahead.
const STEP: usize = 512;
/// Fields of files that are told by name as left out, beyond those that are taken.
const LEFT_OUT: usize = 20;
/// Bytes of a boundary and of the head of a part, beyond its names.
const PART_HEAD: u64 = 1024;

/// What the form of a route may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Fields that are no files.
    pub fields: usize,
    /// Bytes of all names and values, and of the names of files.
    pub text: usize,
    /// Files that are kept; further ones are left out by name.
    pub files: usize,
    /// Bytes of one file; a larger one is left out by name.
    pub file: u64,
}

impl Bounds {
    /// A form without files.
    pub const PLAIN: Self = Self { fields: 1_000, text: LARGEST_TEXT, files: 0, file: 0 };
    /// A form with the files of a report or a message.
    pub const PROOFS: Self = Self { fields: 300, text: LARGEST_TEXT, files: MOST_FILES, file: LARGEST_FILE };
    /// A form with one table to import.
    pub const TABLE: Self = Self { fields: 50, text: 16 * 1024, files: 1, file: LARGEST_FILE };

    /// Parts of the whole form: fields, files, and files that are left out.
    #[must_use]
    pub const fn parts(self) -> usize {
        self.fields.saturating_add(self.files).saturating_add(LEFT_OUT)
    }

    /// Bytes of the whole body: all files at their largest, two more that are left out by name, and the fields.
    #[must_use]
    pub fn whole(self) -> u64 {
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let files = count(self.files.saturating_add(2)).saturating_mul(self.file);
        let heads = count(self.parts()).saturating_mul(PART_HEAD);
        files.saturating_add(heads).saturating_add(count(self.text))
    }
}

/// A body as it arrives, counted. Whoever reads its parts and whoever throws the rest away share it.
#[derive(Clone)]
pub(in crate::web) struct Tap(Rc<RefCell<Flow>>);

struct Flow {
    payload: Payload,
    held: Bytes,
    /// Bytes that may still come.
    left: u64,
    /// Bytes that may still be read before the token; `None` once it was found right.
    before_token: Option<usize>,
    /// Before the token: whether the reader was handed something that it may not have looked at yet.
    handed: bool,
    /// Whether the body had more bytes than it may have.
    too_large: bool,
}

impl Tap {
    pub(in crate::web) fn new(payload: Payload, bounds: Bounds) -> Self {
        Self(Rc::new(RefCell::new(Flow {
            payload,
            held: Bytes::new(),
            left: bounds.whole(),
            before_token: Some(BEFORE_TOKEN),
            handed: false,
            too_large: false,
        })))
    }

    /// The token was found right: the whole body may come.
    pub(in crate::web) fn open(&self) {
        self.0.borrow_mut().before_token = None;
    }

    /// Why the reader of parts could not go on.
    pub(in crate::web) fn fault(&self) -> WebError {
        let flow = self.0.borrow();
        match flow.before_token {
            _ if flow.too_large => WebError::TooLarge,
            Some(0) => WebError::Forged("the token did not come first"),
            _ => WebError::Unreadable("the parts of the form"),
        }
    }

    /// Takes in what is still being sent, as far as the route takes it, and keeps nothing.
    pub(in crate::web) async fn drain(mut self) {
        self.open();
        while let Some(Ok(_)) = self.next().await {}
    }
}

impl Stream for Tap {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.borrow_mut().next(context)
    }
}

impl Flow {
    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, PayloadError>>> {
        if self.before_token.is_some() && std::mem::take(&mut self.handed) {
            // the reader looks at what it has before it gets more
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.held.is_empty() {
            match self.payload.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(chunk))) => self.held = chunk,
                other => return other,
            }
        }
        let Some(before_token) = self.before_token.as_mut() else {
            let chunk = std::mem::take(&mut self.held);
            return Poll::Ready(Some(self.counted(chunk)));
        };
        let step = self.held.len().min(STEP).min(*before_token);
        if step == 0 && !self.held.is_empty() {
            return Poll::Ready(Some(Err(PayloadError::Overflow)));
        }
        *before_token = before_token.saturating_sub(step);
        self.handed = true;
        let chunk = self.held.split_to(step);
        Poll::Ready(Some(self.counted(chunk)))
    }

    fn counted(&mut self, chunk: Bytes) -> Result<Bytes, PayloadError> {
        let length = u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        match self.left.checked_sub(length) {
            Some(left) => {
                self.left = left;
                Ok(chunk)
            }
            None => {
                self.left = 0;
                self.too_large = true;
                Err(PayloadError::Overflow)
            }
        }
    }
}
