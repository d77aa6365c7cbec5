//! Evidence that is kept in a bucket. It is taken in as everywhere: into a file of the data folder, where it is hashed and recognised; then
//! it goes into the bucket, and only after that a row speaks of it.
//!
//! What is given out is fetched whole into a file without a name and compared with its hash before the first byte leaves: nobody gets a
//! byte that was not stored, a slow reader keeps no connection to the store, and a process that dies leaves no file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Seek, SeekFrom};
use std::time::Duration;

use chrono::TimeDelta;

use super::bucket::{Bucket, OwnerFacts, StoreWait};
use super::error::FilesError;
use super::{EvidenceFiles, is_hash, permissions};

/// What nobody wants is cleared away when it is older than this, by the store's own clock.
const OLD: TimeDelta = TimeDelta::hours(24);
/// What the store last said counts for so long when somebody asks how it fares.
const SAID_LATELY: Duration = Duration::from_secs(30);
/// A store that failed for so many one after another is away.
const AWAY_AFTER: usize = 10;
/// How long the store is asked how it fares.
const OF_A_PROBE: StoreWait = StoreWait::short(Duration::from_secs(3));
/// Whose the bucket is was read lately, when somebody asks how it fares.
const OWNER_LATELY: Duration = Duration::from_secs(60);

/// Whose a bucket is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BucketOwner {
    /// The owner's name: plain letters, digits and dashes.
    pub name: String,
    /// Whether it has stood there for a day, by the store's own clock: long enough for whoever keeps proofs there, too, to have noticed.
    pub settled: bool,
}

impl From<OwnerFacts> for BucketOwner {
    fn from(facts: OwnerFacts) -> Self {
        Self { name: facts.name, settled: is_old(facts.age) }
    }
}

impl EvidenceFiles {
    /// Where evidence is kept, in words, when that is a bucket.
    #[must_use]
    pub fn bucket_name(&self) -> Option<String> {
        self.bucket.as_ref().map(|bucket| bucket.name())
    }

    /// How the bucket fares; `None` where evidence is kept in the folder. It is waited for a few seconds at most.
    ///
    /// # Errors
    /// What is wrong with it, in words for people who run the portal.
    #[must_use]
    pub fn bucket_condition(&self) -> Option<Result<(), String>> {
        Some(self.bucket.as_ref()?.condition(SAID_LATELY, OF_A_PROBE))
    }

    /// Whether the place of evidence answers at all, whatever is wrong with a single file. A folder does.
    #[must_use]
    pub fn answers(&self) -> bool {
        self.bucket.as_ref().is_none_or(|bucket| bucket.condition(Duration::ZERO, self.patience).is_ok())
    }

    /// Whose the bucket is; `None` when nobody has said so, and where evidence is kept in the folder.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`].
    pub fn owner(&self) -> Result<Option<BucketOwner>, FilesError> {
        let Some(bucket) = &self.bucket else { return Ok(None) };
        Ok(bucket.owner(self.patience)?.map(BucketOwner::from))
    }

    /// The same for whoever asks how the bucket fares: as it was a minute ago at most, and waiting a few seconds.
    ///
    /// # Errors
    /// As [`EvidenceFiles::owner`].
    pub fn owner_lately(&self) -> Result<Option<BucketOwner>, FilesError> {
        let Some(bucket) = &self.bucket else { return Ok(None) };
        Ok(bucket.owner_lately(OWNER_LATELY, OF_A_PROBE)?.map(BucketOwner::from))
    }

    /// Says that the bucket is the portal's of this name, whoever it belonged to. Nothing is done where evidence is kept in the folder.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`]; then it may be said or not.
    pub fn own(&self, name: &str) -> Result<(), FilesError> {
        self.bucket.as_ref().map_or(Ok(()), |bucket| bucket.own(name, self.patience))
    }

    /// Opens stored evidence that is at hand, for what can be left out of a page. What lies in a bucket is not: it would have to be fetched
    /// whole first.
    #[must_use]
    pub fn at_hand(&self, sha256: &str) -> Option<File> {
        if self.bucket.is_some() { None } else { self.open(sha256).ok() }
    }

    /// Whether exactly so much is stored under a hash, without reading it.
    ///
    /// # Errors
    /// [`FilesError::Unreachable`] when a bucket cannot tell.
    pub fn has(&self, sha256: &str, size: u64) -> Result<bool, FilesError> {
        match (&self.bucket, self.place(sha256)) {
            (Some(bucket), Some(_)) => {
                Ok(bucket.held(sha256, self.patience)?.is_some_and(|held| held.size == size))
            }
            (None, Some(place)) => {
                Ok(fs::metadata(place).is_ok_and(|found| found.is_file() && found.len() == size))
            }
            (_, None) => Ok(false),
        }
    }

    /// Takes away what is stored under a hash. For moving everything to another place, after it was found there.
    ///
    /// # Errors
    /// [`FilesError`]; then it may still be there.
    pub fn remove(&self, sha256: &str) -> Result<(), FilesError> {
        let place = self.place(sha256).ok_or(FilesError::Missing)?;
        match &self.bucket {
            Some(bucket) => bucket.remove(sha256, self.patience),
            None => fs::remove_file(place).map_err(FilesError::disk("removing evidence")),
        }
    }

    /// Fetches evidence out of a bucket, every byte as it was stored, to be read from its beginning.
    pub(super) fn fetch(&self, bucket: &Bucket, sha256: &str) -> Result<File, FilesError> {
        if !is_hash(sha256) {
            return Err(FilesError::Missing);
        }
        // a portal that is only looked at may have no such folder yet
        permissions::make_folder(&self.incoming_folder())
            .map_err(FilesError::disk("making the evidence folder"))?;
        let (path, mut file) = self.begin_file()?;
        // it has no name from now on, and is gone with whoever reads it
        fs::remove_file(path).map_err(FilesError::disk("fetching evidence"))?;
        bucket.get(sha256, &mut file, self.patience)?;
        file.seek(SeekFrom::Start(0)).map_err(FilesError::disk("reading evidence"))?;
        Ok(file)
    }

    /// Puts a file into a bucket. Meanwhile nobody clears that away as unwanted.
    pub(super) fn put_into(
        &self,
        bucket: &Bucket,
        sha256: &str,
        file: &mut File,
        size: u64,
    ) -> Result<(), FilesError> {
        let incoming = self.incoming_to_lock()?;
        incoming.lock_shared().map_err(FilesError::disk("keeping evidence from being cleared away"))?;
        bucket.put(sha256, file, size, self.patience)
    }

    /// What lies in a bucket under hashes that begin with `digit`.
    pub(super) fn sizes_in(&self, bucket: &Bucket, digit: char) -> Result<BTreeMap<String, u64>, FilesError> {
        let mut sizes = BTreeMap::new();
        bucket.pages(&digit.to_string(), self.patience, &mut |page| {
            sizes.extend(page.into_iter().filter_map(|stored| Some((hash_in(&stored.key)?, stored.size))));
            Ok(())
        })?;
        Ok(sizes)
    }

    /// Removes from a bucket what nobody wants and is old, when `owner` is whose it is and has been for a day. There is no moving aside in a bucket, as in the folder: whoever puts the same
    /// content there once more holds a lock meanwhile and gives it a new time, and both are looked at here before anything is removed.
    pub(super) fn clear_unwanted_in(
        &self,
        bucket: &Bucket,
        digit: char,
        wanted: &BTreeSet<String>,
        owner: &str,
    ) -> Result<usize, FilesError> {
        // somebody else's names are not in our database
        if self.owner()?.is_none_or(|found| found.name != owner || !found.settled) {
            return Ok(0);
        }
        let mut unwanted = Vec::new();
        bucket.pages(&digit.to_string(), self.patience, &mut |page| {
            let hashes = page.into_iter().filter_map(|stored| hash_in(&stored.key));
            unwanted.extend(hashes.filter(|sha256| !wanted.contains(sha256)));
            Ok(())
        })?;
        if unwanted.is_empty() || !bucket.keeps_versions(self.patience)? {
            return Ok(0);
        }
        let incoming = self.incoming_to_lock()?;
        let (mut removed, mut silent, mut failed) = (0, 0, Ok(()));
        for sha256 in unwanted {
            // somebody is putting something there: another night will do. Who wants to put something waits for us a few seconds at most.
            if incoming.try_lock().is_err() {
                continue;
            }
            match remove_old(bucket, &sha256) {
                Ok(gone) => (removed, silent) = (removed + usize::from(gone), 0),
                // one that the store does not let go hides no other, but a store that is away is not asked for each of them
                Err(error) => (silent, failed) = (silent + 1, failed.and(Err(error))),
            }
            incoming.unlock().map_err(FilesError::disk("clearing evidence"))?;
            if silent == AWAY_AFTER {
                break;
            }
        }
        failed.map(|()| removed)
    }

    /// The folder of what is on its way, whose lock tells those who put from those who clear.
    fn incoming_to_lock(&self) -> Result<File, FilesError> {
        File::open(self.incoming_folder()).map_err(FilesError::disk("opening the evidence folder"))
    }
}

/// Removes one from a bucket when it is old. Gives whether it did.
fn remove_old(bucket: &Bucket, sha256: &str) -> Result<bool, FilesError> {
    let old = bucket.held(sha256, OF_A_PROBE)?.is_some_and(|held| is_old(held.age));
    if old {
        bucket.remove(sha256, OF_A_PROBE)?;
    }
    Ok(old)
}

/// What has no age is not known to be old.
fn is_old(age: Option<TimeDelta>) -> bool {
    age.is_some_and(|age| age > OLD)
}

/// The hash of what lies under a key, without the portal's prefix; `None` for what the portal did not put there.
fn hash_in(key: &str) -> Option<String> {
    let (shelf, rest) = key.split_once('/')?;
    let sha256 = format!("{shelf}{rest}");
    (shelf.len() == 2 && is_hash(&sha256)).then_some(sha256)
}
