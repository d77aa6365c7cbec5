//! What comes of one request to a store, and what its answer says.

use std::fs::File;
use std::io::{Read, Write};

use chrono::{DateTime, NaiveDateTime, TimeDelta};
use sha2::{Digest, Sha256};
use ureq::Body;
use ureq::http::Response;

use super::listing::refusal_code;
use crate::files::bounds::LARGEST_FILE;
use crate::files::error::FilesError;

/// Longest page of keys, and longest refusal, in bytes.
pub(super) const LONGEST_ANSWER: u64 = 4 << 20;
/// Bytes read at a time.
const PIECE: usize = 64 * 1024;

/// Why one request did not do what it was to.
pub(super) enum Failure {
    /// It may go better a moment later.
    Passing(String),
    /// The store refuses.
    Refused(String),
    /// What came is not what was stored.
    Altered,
    /// Nothing is stored under this key.
    Missing,
    /// Our own disk.
    Ours(FilesError),
}

/// A header, where it is plain text.
pub(super) fn header<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    response.headers().get(name)?.to_str().ok()
}

/// How long ago something was put there, by the store's own clock.
pub(super) fn age_of(response: &Response<Body>) -> Option<TimeDelta> {
    let at = |name| header(response, name).and_then(instant);
    Some(at("date")? - at("last-modified")?)
}

/// The code of a refusal.
pub(super) fn code_of(response: &mut Response<Body>) -> Option<String> {
    let text = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string().ok()?;
    refusal_code(&text)
}

/// Copies what comes, and gives its size in bytes and its SHA-256. More than the largest file is not read.
pub(super) fn copied(from: &mut dyn Read, to: &mut File) -> Result<(u64, String), Failure> {
    let (mut size, mut hash) = (0_u64, Sha256::new());
    let mut piece = vec![0; PIECE];
    loop {
        let read = from.read(&mut piece).map_err(|error| Failure::Passing(error.to_string()))?;
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok((size, hex::encode(hash.finalize())));
        }
        size = size.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if size > LARGEST_FILE {
            return Err(Failure::Altered);
        }
        hash.update(bytes);
        to.write_all(bytes).map_err(ours)?;
    }
}

/// Our own disk failed.
pub(super) fn ours(error: std::io::Error) -> Failure {
    Failure::Ours(FilesError::disk("keeping a proof on its way")(error))
}

/// The store did not do what it was asked.
pub(super) fn unreachable(doing: &'static str, reason: String) -> FilesError {
    FilesError::Unreachable { doing, reason }
}

/// An instant (UTC) as headers write it.
fn instant(text: &str) -> Option<NaiveDateTime> {
    DateTime::parse_from_rfc2822(text).ok().map(|at| at.naive_utc())
}
