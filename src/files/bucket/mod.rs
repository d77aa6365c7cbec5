//! A bucket of a store that speaks S3: proofs under their hash, asked for one request at a time, each with an end. What the store says it
//! did is not believed: what was put is asked for again, and what is fetched is compared with its hash.

mod answers;
mod bounds;
mod listing;
mod owner;
mod signature;

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use ureq::http::{Request, Response};
use ureq::{Agent, AsSendBody, Body};

use super::bounds::LARGEST_FILE;
use super::error::FilesError;
use crate::clock::Clock;
use crate::config::BucketAddress;

use answers::{Failure, LONGEST_ANSWER, age_of, code_of, copied, header, ours, unreachable};
use bounds::Bounds;
pub use bounds::StoreWait;
pub use listing::StoredObject;
use listing::{Listing, keeps_versions, listing};
pub use owner::OwnerFacts;
use owner::{OWNER, OwnerMemory};
use signature::{HASH_OF_NOTHING, Unsigned};

/// Until a connection stands.
const CONNECTS_WITHIN: Duration = Duration::from_secs(3);
/// How long the store may say or take nothing.
const STANDS_STILL_AT_MOST: Duration = Duration::from_secs(5);
/// Requests for one thing, the first among them.
const MOST_TRIES: u32 = 3;
/// Before the second request; twice as long before the third.
const PAUSE: Duration = Duration::from_millis(250);
/// Keys of one page, as it is asked for; a longer one is none.
const KEYS_AT_ONCE: usize = 1000;
/// Pages of one list, so ten million keys at most: whoever lists more lists what nobody put there.
const MOST_PAGES: usize = 10_000;
/// Content that has been there for less than this is not put there again. What is older is: it gets a new time by that, and is not cleared
/// away by whoever clears what nobody wants and is older than a day. It also mends a damaged copy.
const YOUNG: TimeDelta = TimeDelta::hours(12);

/// A bucket, or the part of one that is the portal's.
#[derive(Debug)]
pub struct Bucket {
    address: BucketAddress,
    agent: Agent,
    bounds: Bounds,
    owner: OwnerMemory,
}

/// What the store says about something that it has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ObjectFacts {
    /// Its size in bytes.
    pub size: u64,
    /// How long ago it was put there, by the store's own clock; `None` when it does not say.
    pub age: Option<TimeDelta>,
}

impl Bucket {
    /// The bucket at this address. Nothing is asked yet.
    #[must_use]
    pub fn new(address: BucketAddress) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_resolve(Some(CONNECTS_WITHIN))
            .timeout_connect(Some(CONNECTS_WITHIN))
            .timeout_recv_response(Some(STANDS_STILL_AT_MOST))
            .timeout_per_read(Some(STANDS_STILL_AT_MOST))
            .timeout_per_write(Some(STANDS_STILL_AT_MOST))
            .build()
            .new_agent();
        Self { address, agent, bounds: Bounds::default(), owner: OwnerMemory::default() }
    }

    /// Where it is, in words for people who run the portal.
    #[must_use]
    pub fn name(&self) -> String {
        self.address.to_string()
    }

    /// Puts a file there under `sha256`, unless the same lies there already. When this returns, the store has said that it has as many bytes
    /// under that key, after it compared them with their hash.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`]; then nothing may be said to be there.
    pub fn put(
        &self,
        sha256: &str,
        file: &mut File,
        size: u64,
        wait: impl Into<StoreWait>,
    ) -> Result<(), FilesError> {
        self.tried("putting a proof into the store", wait, |until| {
            let there = self.look(sha256, until)?;
            // what has no age is put there again rather than believed to be new
            let young = |there: ObjectFacts| there.age.is_some_and(|age| age < YOUNG);
            if there.is_some_and(|there| there.size == size && young(there)) {
                return Ok(());
            }
            file.seek(SeekFrom::Start(0)).map_err(ours)?;
            let bytes = hex::decode(sha256).map_err(|_| Failure::Missing)?;
            let path = self.path_of(sha256);
            let checksum = STANDARD.encode(bytes);
            let headers =
                [("content-type", "application/octet-stream"), ("x-amz-checksum-sha256", checksum.as_str())];
            let request =
                Unsigned { method: "PUT", path: &path, query: &[], headers: &headers, body_hash: sha256 };
            let response = self.exchange(&request, &*file, until)?;
            self.accepted(response)?;
            match self.look(sha256, until)? {
                Some(there) if there.size == size => Ok(()),
                _ => Err(Failure::Passing("it took a proof and does not have it".to_owned())),
            }
        })
    }

    /// Writes what lies under `sha256` into `file`, from its beginning, and compares it with its hash. Gives its size in bytes.
    ///
    /// # Errors
    /// [`FilesError::Missing`], [`FilesError::Altered`], [`FilesError::Unreachable`], or the disk's; then `file` has anything in it.
    pub fn get(&self, sha256: &str, file: &mut File, wait: impl Into<StoreWait>) -> Result<u64, FilesError> {
        self.tried("fetching a proof from the store", wait, |until| {
            let path = self.path_of(sha256);
            let request =
                Unsigned { method: "GET", path: &path, query: &[], headers: &[], body_hash: HASH_OF_NOTHING };
            let mut response = self.exchange(&request, (), until)?;
            if response.status() == 404 {
                return Err(self.missing(response));
            }
            if response.status() != 200 {
                return Err(self.refusal(response));
            }
            file.set_len(0).map_err(ours)?;
            file.seek(SeekFrom::Start(0)).map_err(ours)?;
            let said = response.body().content_length();
            let mut body = response.body_mut().with_config().limit(u64::MAX).reader();
            let (size, hash) = copied(&mut body, file)?;
            match said {
                Some(said) if size < said && said <= LARGEST_FILE => {
                    Err(Failure::Passing("it broke off in the middle of a proof".to_owned()))
                }
                _ if hash != sha256 => Err(Failure::Altered),
                _ => Ok(size),
            }
        })
    }

    /// What the store says about what lies under `sha256`; `None` when nothing does.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`].
    pub fn held(&self, sha256: &str, wait: impl Into<StoreWait>) -> Result<Option<ObjectFacts>, FilesError> {
        self.tried("looking for a proof in the store", wait, |until| self.look(sha256, until))
    }

    /// Takes away what lies under `sha256`; where the bucket keeps versions, it can be brought back.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`]; then it may be there or gone.
    pub fn remove(&self, sha256: &str, wait: impl Into<StoreWait>) -> Result<(), FilesError> {
        self.tried("removing a proof from the store", wait, |until| {
            let path = self.path_of(sha256);
            let request = Unsigned {
                method: "DELETE",
                path: &path,
                query: &[],
                headers: &[],
                body_hash: HASH_OF_NOTHING,
            };
            let response = self.exchange(&request, (), until)?;
            if response.status() == 404 { Ok(()) } else { self.accepted(response) }
        })
    }

    /// Gives `each` what lies there under keys that begin with `starts`, page by page: the rest of each key is its hash, with a slash in it.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`], and what `each` gives.
    pub fn pages(
        &self,
        starts: &str,
        wait: impl Into<StoreWait>,
        each: &mut dyn FnMut(Vec<StoredObject>) -> Result<(), FilesError>,
    ) -> Result<(), FilesError> {
        let (wait, endless) =
            (wait.into(), |reason: &str| unreachable("listing the store", reason.to_owned()));
        let mut after = None;
        for _ in 0..MOST_PAGES {
            let page = self.tried("listing the store", wait, |until| {
                self.page(starts, KEYS_AT_ONCE, after.as_deref(), until)
            })?;
            each(page.stored)?;
            match page.goes_on_after {
                // a store that goes back would go on for ever
                Some(last) if after.as_ref().is_none_or(|before| *before < last) => after = Some(last),
                Some(_) => return Err(endless("its pages go round in a circle")),
                None => return Ok(()),
            }
        }
        Err(endless("its pages have no end"))
    }

    /// Whose the bucket is; `None` when nobody has said so.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`].
    pub fn owner(&self, wait: impl Into<StoreWait>) -> Result<Option<OwnerFacts>, FilesError> {
        let found = self.tried("asking whose the bucket is", wait, |until| {
            let path = self.path_to(OWNER);
            let request =
                Unsigned { method: "GET", path: &path, query: &[], headers: &[], body_hash: HASH_OF_NOTHING };
            let response = self.exchange(&request, (), until)?;
            match response.status().as_u16() {
                404 => match self.missing(response) {
                    Failure::Missing => Ok(None),
                    failure => Err(failure),
                },
                200 => owner::facts_of(response).map(Some),
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

    /// Whether the bucket keeps earlier versions of what is changed and removed.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`].
    pub fn keeps_versions(&self, wait: impl Into<StoreWait>) -> Result<bool, FilesError> {
        self.tried("asking whether the bucket keeps versions", wait, |until| {
            let text = self.text(&[("versioning", "")], until)?;
            keeps_versions(&text).ok_or_else(|| Failure::Passing("it does not say so".to_owned()))
        })
    }

    /// How the store fares: what it last said where that is not `older` than this, else what it says now. The error is what is wrong.
    ///
    /// # Errors
    /// What is wrong with it, in words for people who run the portal.
    pub fn condition(&self, older: Duration, wait: impl Into<StoreWait>) -> Result<(), String> {
        let last = self.bounds.last().filter(|last| last.age <= older);
        if let Some(last) = last {
            return last.problem.map_or(Ok(()), Err);
        }
        self.tried("asking the store", wait, |until| self.page("", 1, None, until)).map(|_| ()).map_err(
            |error| match error {
                FilesError::Unreachable { reason, .. } => reason,
                other => other.to_string(),
            },
        )
    }

    /// Tries until it is done, the store refuses, or the patience is at its end.
    fn tried<T>(
        &self,
        doing: &'static str,
        wait: impl Into<StoreWait>,
        mut attempt: impl FnMut(Instant) -> Result<T, Failure>,
    ) -> Result<T, FilesError> {
        let wait = wait.into();
        let until = Instant::now() + wait.longest();
        let Some(_place) = self.bounds.enter(wait.longest()) else {
            let reason = "it is left alone for a moment, because it does not answer or too many ask it";
            return Err(unreachable(doing, reason.to_owned()));
        };
        let mut tries = 0;
        loop {
            tries += 1;
            let problem = match attempt(until) {
                Ok(done) => {
                    self.bounds.answered();
                    return Ok(done);
                }
                Err(Failure::Missing) => {
                    self.bounds.answered();
                    return Err(FilesError::Missing);
                }
                Err(Failure::Ours(error)) => return Err(error),
                Err(Failure::Refused(reason)) => {
                    self.bounds.refused(&reason);
                    return Err(unreachable(doing, reason));
                }
                // once more: it may have been altered on its way
                Err(Failure::Altered) if tries > 1 => {
                    self.bounds.answered();
                    return Err(FilesError::Altered);
                }
                Err(Failure::Altered) => "what it gives is not what was stored".to_owned(),
                Err(Failure::Passing(reason)) => {
                    if !wait.ended_it(until) {
                        self.bounds.failed(&reason);
                    }
                    reason
                }
            };
            let pause = pause_after(tries);
            let left = until.saturating_duration_since(Instant::now());
            if tries >= MOST_TRIES || left <= pause {
                return Err(unreachable(doing, problem));
            }
            thread::sleep(pause);
        }
    }

    fn look(&self, sha256: &str, until: Instant) -> Result<Option<ObjectFacts>, Failure> {
        let path = self.path_of(sha256);
        let request =
            Unsigned { method: "HEAD", path: &path, query: &[], headers: &[], body_hash: HASH_OF_NOTHING };
        let response = self.exchange(&request, (), until)?;
        match response.status().as_u16() {
            404 => Ok(None),
            200 => {
                let size = header(&response, "content-length").and_then(|text| text.parse().ok());
                let size = size.ok_or_else(|| Failure::Passing("it tells no size of a proof".to_owned()))?;
                Ok(Some(ObjectFacts { size, age: age_of(&response) }))
            }
            _ => Err(self.refusal(response)),
        }
    }

    fn page(
        &self,
        starts: &str,
        most: usize,
        after: Option<&str>,
        until: Instant,
    ) -> Result<Listing, Failure> {
        let prefix = format!("{}{starts}", self.address.prefix);
        let most = most.to_string();
        let mut query = vec![("list-type", "2"), ("max-keys", most.as_str()), ("prefix", prefix.as_str())];
        query.extend(after.map(|after| ("start-after", after)));
        let text = self.text(&query, until)?;
        listing(&text, &self.address.prefix, starts, KEYS_AT_ONCE)
            .map_err(|wrong| Failure::Passing(wrong.to_owned()))
    }

    /// What the bucket itself answers.
    fn text(&self, query: &[(&str, &str)], until: Instant) -> Result<String, Failure> {
        let path = if self.address.in_path { format!("/{}", self.address.bucket) } else { "/".to_owned() };
        let request =
            Unsigned { method: "GET", path: &path, query, headers: &[], body_hash: HASH_OF_NOTHING };
        let mut response = self.exchange(&request, (), until)?;
        if response.status() != 200 {
            return Err(self.refusal(response));
        }
        let body = response.body_mut().with_config().limit(LONGEST_ANSWER).read_to_string();
        body.map_err(|error| Failure::Passing(error.to_string()))
    }

    /// Where a proof lies, as the folder of proofs has it, too.
    fn path_of(&self, sha256: &str) -> String {
        let (shelf, rest) = sha256.split_at_checked(2).unwrap_or((sha256, ""));
        self.path_to(&format!("{shelf}/{rest}"))
    }

    /// Where something lies that has this name below the portal's prefix.
    fn path_to(&self, name: &str) -> String {
        let prefix = &self.address.prefix;
        match self.address.in_path {
            true => format!("/{}/{prefix}{name}", self.address.bucket),
            false => format!("/{prefix}{name}"),
        }
    }

    fn exchange(
        &self,
        unsigned: &Unsigned<'_>,
        body: impl AsSendBody,
        until: Instant,
    ) -> Result<Response<Body>, Failure> {
        let query = unsigned.query_text();
        let mark = if query.is_empty() { "" } else { "?" };
        let uri = format!("{}{}{mark}{query}", self.address.origin, unsigned.path);
        let mut request = Request::builder().method(unsigned.method).uri(uri);
        let now = Clock::system(Tz::UTC).now();
        for (name, value) in unsigned.signed(&self.address, now) {
            request = request.header(name, value);
        }
        let left = Some(until.saturating_duration_since(Instant::now()));
        // what our own settings make is no request, and will not be one in a moment
        let request = request.body(body).map_err(|error| Failure::Refused(error.to_string()))?;
        let request = self.agent.configure_request(request).timeout_global(left).build();
        self.agent.run(request).map_err(|error| Failure::Passing(error.to_string()))
    }

    fn accepted(&self, response: Response<Body>) -> Result<(), Failure> {
        if matches!(response.status().as_u16(), 200 | 204) { Ok(()) } else { Err(self.refusal(response)) }
    }

    /// What an answer other than the expected one means.
    fn refusal(&self, mut response: Response<Body>) -> Failure {
        let status = response.status().as_u16();
        let words = match code_of(&mut response) {
            Some(code) => format!("it answers {status} {code}"),
            None => format!("it answers {status}"),
        };
        if matches!(status, 408 | 429 | 500..) { Failure::Passing(words) } else { Failure::Refused(words) }
    }

    /// A proof that is not there, or a bucket.
    fn missing(&self, mut response: Response<Body>) -> Failure {
        match code_of(&mut response).as_deref() {
            Some("NoSuchBucket") => Failure::Refused("there is no such bucket".to_owned()),
            _ => Failure::Missing,
        }
    }
}

/// Longer each time, and by chance up to half as long again: those that failed together do not come back together.
fn pause_after(tries: u32) -> Duration {
    let pause = PAUSE.saturating_mul(tries);
    let mut random = [0];
    // without a random number it is the pause alone
    let _ = getrandom::fill(&mut random);
    let [random] = random;
    pause + pause.saturating_mul(u32::from(random)) / 512
}
