//! The whole of the data at once: backups, putting them back, checking every invariant.

pub mod bucket_owner;
pub mod database_transfer;
pub mod evidence_transfer;
pub mod nightly_backup;
pub mod nightly_copies;
pub mod replica;

use std::path::{Path, PathBuf};

mod archive;
pub mod backup;
pub mod check;
pub mod evidence_copies;
pub mod restore;
pub mod rotation;

pub use archive::BackupError;

/// Hears how far a long run is, as (steps done, steps in all). `Break` ends the run; nothing is changed by it then.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize) -> std::ops::ControlFlow<()>;

/// Where a file is written until it is whole: beside its place, so that it can be moved there.
#[must_use]
pub fn unfinished(target: &Path) -> PathBuf {
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(UNFINISHED);
    target.with_file_name(name)
}

const UNFINISHED: &str = ".unfinished";

/// Removes a file or folder of our own when it goes out of scope.
struct Scrap(PathBuf);

impl Drop for Scrap {
    fn drop(&mut self) {
        // what the disk keeps now is overwritten or refused by the next try
        let _ = std::fs::remove_file(&self.0).or_else(|_| std::fs::remove_dir_all(&self.0));
    }
}

/// Makes a name in a folder survive a power cut.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}
