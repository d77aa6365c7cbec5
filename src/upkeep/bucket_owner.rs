//! Whose the bucket of proofs is: the portal whose database it names. Only that one clears away what no report names, because another one
//! that keeps proofs in the same place (a copy that was restored from a backup, or somebody's by mistake) has names of its own.

use crate::files::{BucketOwner, EvidenceFiles, FilesError};
use crate::store::mail::mail_holds;
use crate::store::operations::bucket_owner;
use crate::store::{Store, StoreError};

/// Whose a bucket is, as one portal sees it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BucketClaim {
    /// This portal's, for a day at least.
    Ours,
    /// This portal's, for less than a day: whoever keeps proofs there, too, may not have noticed yet.
    OursLately,
    /// Nobody's: no portal has said anything.
    Nobodys,
    /// Another portal's, with the name of that.
    Foreign(String),
}

impl BucketClaim {
    /// The other portal whose the bucket is.
    #[must_use]
    pub fn other(&self) -> Option<&str> {
        match self {
            BucketClaim::Foreign(name) => Some(name),
            BucketClaim::Ours | BucketClaim::OursLately | BucketClaim::Nobodys => None,
        }
    }
}

/// A portal, as far as it may own a bucket.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Claimant {
    /// The name by which it owns one.
    pub name: String,
    /// Whether its mail is held after a restore or a takeover: until an administrator ends that, nobody knows which portal is the live one.
    pub held: bool,
}

impl Claimant {
    /// The portal of this database.
    ///
    /// # Errors
    /// The store's.
    pub fn of(store: &Store) -> Result<Claimant, StoreError> {
        store.read(|conn| {
            let (name, hold) = (bucket_owner::name(conn)?, mail_holds::in_force(conn)?);
            Ok(Claimant { name, held: hold.is_some() })
        })
    }

    /// Looks whose the bucket is; `None` where proofs are kept in the folder.
    ///
    /// # Errors
    /// `FilesError::Unreachable`.
    pub fn look(&self, files: &EvidenceFiles) -> Result<Option<BucketClaim>, FilesError> {
        if files.bucket_name().is_none() {
            return Ok(None);
        }
        Ok(Some(self.claim_of(files.owner()?)))
    }

    /// The same for whoever asks how everything fares: as it was a minute ago at most.
    ///
    /// # Errors
    /// As [`Claimant::look`].
    pub fn look_lately(&self, files: &EvidenceFiles) -> Result<Option<BucketClaim>, FilesError> {
        if files.bucket_name().is_none() {
            return Ok(None);
        }
        Ok(Some(self.claim_of(files.owner_lately()?)))
    }

    /// Looks whose the bucket is, and takes one that is nobody's, unless mail is held.
    ///
    /// # Errors
    /// As [`Claimant::look`].
    pub fn settle(&self, files: &EvidenceFiles) -> Result<Option<BucketClaim>, FilesError> {
        match self.look(files)? {
            Some(BucketClaim::Nobodys) if !self.held => {
                files.own(&self.name)?;
                Ok(Some(BucketClaim::OursLately))
            }
            found => Ok(found),
        }
    }

    /// Whether what no report names may be cleared away from a place that is whose it was found to be.
    #[must_use]
    pub fn may_clear(&self, found: Option<&BucketClaim>) -> bool {
        !self.held && found.is_none_or(|claim| *claim == BucketClaim::Ours)
    }

    fn claim_of(&self, owner: Option<BucketOwner>) -> BucketClaim {
        match owner {
            None => BucketClaim::Nobodys,
            Some(owner) if owner.name != self.name => BucketClaim::Foreign(owner.name),
            Some(owner) if owner.settled => BucketClaim::Ours,
            Some(_) => BucketClaim::OursLately,
        }
    }
}
