//! Whose a bucket is: an object beside the proofs that names the database whose portal may clear them away. No proof is called like it,
//! and no list of proofs has it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use ureq::Body;
use ureq::http::Response;

use super::answers::{Failure, age_of};

/// Its name below the portal's prefix. Names of shelves have hexadecimal digits only.
pub(super) const OWNER: &str = "owner";
/// The longest name of an owner, in bytes.
const LONGEST_OWNER: u64 = 60;
/// What a longer one, or one of other letters, is called.
const NOBODY_WE_KNOW: &str = "unreadable";

/// What lies in a bucket about whose it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OwnerFacts {
    /// The owner's name: plain letters, digits and dashes.
    pub name: String,
    /// How long ago it was put there, by the store's own clock; `None` when it does not say.
    pub age: Option<TimeDelta>,
}

/// What was last read about the owner, and when.
#[derive(Debug, Default)]
pub(super) struct OwnerMemory(Mutex<Option<(Instant, Option<OwnerFacts>)>>);

impl OwnerMemory {
    pub(super) fn keep(&self, found: Option<OwnerFacts>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), found));
    }

    /// What was read, where that is not `older` than this.
    pub(super) fn lately(&self, older: Duration) -> Option<Option<OwnerFacts>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().filter(|(at, _)| at.elapsed() <= older).map(|(_, found)| found.clone())
    }
}

/// What an answer says about whose the bucket is.
pub(super) fn facts_of(mut response: Response<Body>) -> Result<OwnerFacts, Failure> {
    let age = age_of(&response);
    let text = match response.body_mut().with_config().limit(LONGEST_OWNER).read_to_vec() {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(ureq::Error::BodyExceedsLimit(_)) => String::new(),
        Err(error) => return Err(Failure::Passing(error.to_string())),
    };
    Ok(OwnerFacts { name: plain(text.trim()), age })
}

/// A name that can stand in a log and on a page.
fn plain(name: &str) -> String {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let plain = !name.is_empty() && name.bytes().all(good);
    if plain { name.to_owned() } else { NOBODY_WE_KNOW.to_owned() }
}
