//! Whose a bucket is: an object beside the proofs that names the database whose portal may clear them away. No proof is called like it,
//! and no list of proofs has it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use sha2::{Digest, Sha256};

use super::signature::{HASH_OF_NOTHING, Unsigned};
use super::{Bucket, Failure, FilesError, StoreWait, age_of, unreachable};

/// Its name below the portal's prefix. Names of shelves have hexadecimal digits only.
const OWNER: &str = "owner";
/// The longest name of an owner, in bytes.
const LONGEST_OWNER: usize = 60;
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
    fn keep(&self, found: Option<OwnerFacts>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), found));
    }

    fn lately(&self, older: Duration) -> Option<Option<OwnerFacts>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, found) = kept.as_ref().filter(|(at, _)| at.elapsed() <= older)?;
        let _ = at;
        Some(found.clone())
    }
}

impl Bucket {
    /// Whose the bucket is; `None` when nobody has said so.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`].
    pub fn owner(&self, wait: impl Into<StoreWait>) -> Result<Option<OwnerFacts>, FilesError> {
        let found = self.tried("asking whose the bucket is", wait, |until| {
            let path = self.path_to(OWNER);
            let request =
                Unsigned { method: "GET", path: &path, query: &[], headers: &[], body_hash: HASH_OF_NOTHING };
            let mut response = self.exchange(&request, (), until)?;
            match response.status().as_u16() {
                404 => match self.missing(response) {
                    Failure::Missing => Ok(None),
                    failure => Err(failure),
                },
                200 => {
                    let age = age_of(&response);
                    let limit = u64::try_from(LONGEST_OWNER).unwrap_or(u64::MAX);
                    let body = response.body_mut().with_config().limit(limit).read_to_vec();
                    let text = match body {
                        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                        Err(ureq::Error::BodyExceedsLimit(_)) => String::new(),
                        Err(error) => return Err(Failure::Passing(error.to_string())),
                    };
                    Ok(Some(OwnerFacts { name: plain(text.trim()), age }))
                }
                _ => Err(self.refusal(response)),
            }
        })?;
        self.owner.keep(found.clone());
        Ok(found)
    }

    /// The same, as it was found where that is not `older` than this.
    ///
    /// # Errors
    /// As [`Bucket::owner`].
    pub fn owner_lately(
        &self,
        older: Duration,
        wait: impl Into<StoreWait>,
    ) -> Result<Option<OwnerFacts>, FilesError> {
        match self.owner.lately(older) {
            Some(found) => Ok(found),
            None => self.owner(wait),
        }
    }

    /// Says that the bucket is the portal's of this name, whoever it belonged to.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`]; then it may be said or not.
    pub fn own(&self, name: &str, wait: impl Into<StoreWait>) -> Result<(), FilesError> {
        let body_hash = hex::encode(Sha256::digest(name.as_bytes()));
        let wait = wait.into();
        self.tried("saying whose the bucket is", wait, |until| {
            let path = self.path_to(OWNER);
            let headers = [("content-type", "text/plain")];
            let request =
                Unsigned { method: "PUT", path: &path, query: &[], headers: &headers, body_hash: &body_hash };
            let response = self.exchange(&request, name, until)?;
            self.accepted(response)
        })?;
        // what the store says that it did is not believed
        match self.owner(wait)? {
            Some(found) if found.name == name => Ok(()),
            _ => Err(unreachable(
                "saying whose the bucket is",
                "it took a name and does not have it".to_owned(),
            )),
        }
    }
}

/// A name that can stand in a log and on a page.
fn plain(name: &str) -> String {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let plain = !name.is_empty() && name.len() <= LONGEST_OWNER && name.bytes().all(good);
    if plain { name.to_owned() } else { NOBODY_WE_KNOW.to_owned() }
}
