//! Clearing evidence that nobody waits for or wants any more.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::NaiveDateTime;

use super::{EvidenceFiles, FilesError, is_hash, names_in, sync_folder};

/// Uploads that never finished are cleared when they are older than this many hours: longer than any upload takes.
const ABANDONED_AFTER_HOURS: i64 = 24;

impl EvidenceFiles {
    /// Removes uploads that began more than a day before `now` (UTC) and never finished, as after a power cut. Gives
    /// their number.
    ///
    /// # Errors
    /// [`FilesError::Disk`] when the folder cannot be read.
    pub fn clear_abandoned(&self, now: NaiveDateTime) -> Result<usize, FilesError> {
        let limit = now - chrono::TimeDelta::hours(ABANDONED_AFTER_HOURS);
        let mut removed = 0;
        for name in names_in(&self.incoming_folder())? {
            let path = self.incoming_folder().join(name);
            // A file that is gone meanwhile was finished or dropped: nothing to clear.
            let Ok(changed) = fs::metadata(&path).and_then(|metadata| metadata.modified()) else { continue };
            if chrono::DateTime::<chrono::Utc>::from(changed).naive_utc() < limit
                && fs::remove_file(&path).is_ok()
            {
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Removes what is stored on the shelves that begin with `digit`, was written more than a day before `now` (UTC), and is not
    /// `wanted` by anybody. Gives their number. What arrives anew at the same moment stays: it was written just now. From a bucket nothing
    /// is removed that could not be brought back (one that keeps no versions keeps everything), and nothing unless it has been `owner`'s for
    /// a day: others may keep there what this portal's database does not name.
    ///
    /// # Errors
    /// [`FilesError::Disk`] when a folder cannot be read or a file cannot be moved, [`FilesError::Unreachable`] when a bucket does not
    /// answer: the first such thing, after the others were removed all the same.
    pub fn clear_unwanted(
        &self,
        digit: char,
        wanted: &BTreeSet<String>,
        owner: &str,
        now: NaiveDateTime,
    ) -> Result<usize, FilesError> {
        if let Some(bucket) = &self.bucket {
            return self.clear_unwanted_in(bucket, digit, wanted, owner);
        }
        let limit = now - chrono::TimeDelta::hours(ABANDONED_AFTER_HOURS);
        let old = |path: &Path| {
            let changed = fs::metadata(path).and_then(|metadata| metadata.modified());
            changed.is_ok_and(|at| chrono::DateTime::<chrono::Utc>::from(at).naive_utc() < limit)
        };
        let (mut removed, mut failed) = (0, Ok(()));
        for shelf in self.shelves(digit)? {
            let folder = self.folder.join(&shelf);
            let names = match names_in(&folder) {
                Ok(names) => names,
                Err(error) => {
                    failed = failed.and(Err(error));
                    continue;
                }
            };
            for rest in names {
                let (name, place) = (format!("{shelf}{rest}"), folder.join(&rest));
                if !is_hash(&name) || wanted.contains(&name) || !old(&place) {
                    continue;
                }
                match self.clear_one(&name, &place, &old) {
                    Ok(gone) => removed += usize::from(gone),
                    Err(error) => failed = failed.and(Err(error)),
                }
            }
        }
        failed.map(|()| removed)
    }

    /// Removes one file unless it was written anew just now. Gives whether it did.
    fn clear_one(&self, name: &str, place: &Path, old: &dyn Fn(&Path) -> bool) -> Result<bool, FilesError> {
        // Out of sight first, then looked at again: the same content may have been stored between the two looks.
        let aside = self.incoming_folder().join(name);
        fs::rename(place, &aside).map_err(FilesError::disk("clearing evidence"))?;
        if old(&aside) {
            fs::remove_file(&aside).map_err(FilesError::disk("clearing evidence"))?;
            return Ok(true);
        }
        fs::rename(&aside, place).map_err(FilesError::disk("clearing evidence"))?;
        if let Some(shelf) = place.parent() {
            sync_folder(shelf)?;
        }
        Ok(false)
    }
}
