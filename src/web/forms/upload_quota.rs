//! Bytes of files that no row counts yet, by person: those that are arriving, and those that have arrived and wait to be recorded. Without
//! this a person could fill the disk with forms that never end, or with many that end at the same moment.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::ids::AccountId;

/// Most bytes of one person that are on their way at once: two whole forms.
pub const MOST_ARRIVING: u64 = 320 * 1024 * 1024;

static ARRIVING: Mutex<BTreeMap<AccountId, u64>> = Mutex::new(BTreeMap::new());

/// Bytes of one file of somebody. They count until this is dropped.
#[derive(Debug)]
pub struct Arriving {
    account: AccountId,
    bytes: u64,
}

impl Arriving {
    /// A file of somebody of which nothing has arrived yet.
    #[must_use]
    pub const fn of(account: AccountId) -> Self {
        Self { account, bytes: 0 }
    }

    /// Counts bytes that arrived. `false`, and nothing is counted, when that is more than one person may have on the way.
    pub fn add(&mut self, bytes: u64) -> bool {
        let mut all = ARRIVING.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = all.get(&self.account).copied().unwrap_or(0).saturating_add(bytes);
        if theirs > MOST_ARRIVING {
            return false;
        }
        all.insert(self.account, theirs);
        self.bytes = self.bytes.saturating_add(bytes);
        true
    }

    /// How many bytes have arrived.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let mut all = ARRIVING.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.get(&self.account).copied().unwrap_or(0).saturating_sub(self.bytes);
        if left == 0 {
            all.remove(&self.account);
        } else {
            all.insert(self.account, left);
        }
    }
}

/// Bytes of all files of somebody that no row counts yet.
#[must_use]
pub fn bytes_of(account: AccountId) -> u64 {
    ARRIVING.lock().unwrap_or_else(PoisonError::into_inner).get(&account).copied().unwrap_or(0)
}
