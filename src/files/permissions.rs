//! What only the portal's own user may read: everything in the data folder. It is made so, and a start closes what it finds open.

use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

/// What others may do, in the mode of a file or folder.
const OTHERS: u32 = 0o077;
/// Folders within folders: deeper than anything that the portal makes.
const DEEPEST: usize = 8;
/// Left as it is: the badge keys. Others may have read them already, and a start says so instead of hiding it (see `badges/keys.rs`).
const KEYS: &str = "badges.json";

/// Makes a folder, and those above it where they are missing; only the folder itself is closed to others.
///
/// # Errors
/// The operating system's.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
        fs::create_dir_all(above)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made,
    }
}

/// Takes away what others may do with a data folder and everything in it. Gives how many files and folders were open.
///
/// A folder is closed after everything in it, so one that is closed already was gone through before, and is not gone through again:
/// nobody reaches what lies in it, and a start does not read through a large store of evidence.
///
/// # Errors
/// The operating system's, such as for a file that belongs to somebody else; then something is open still.
pub fn close(data: &Path) -> io::Result<usize> {
    let mut closed = 0;
    for entry in fs::read_dir(data)? {
        closed += close_entry(&entry?, DEEPEST)?;
    }
    let mode = fs::metadata(data)?.permissions().mode();
    Ok(closed + close_one(data, mode)?)
}

fn close_entry(entry: &fs::DirEntry, deeper: usize) -> io::Result<usize> {
    let found = match entry.metadata() {
        // gone meanwhile, as logs and unfinished files go
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        found => found?,
    };
    let (path, mode) = (entry.path(), found.permissions().mode());
    if found.is_file() {
        return if entry.file_name() == KEYS { Ok(0) } else { close_one(&path, mode) };
    }
    // a link leads out of the folder, and what it leads to is not ours
    if !found.is_dir() || mode & OTHERS == 0 || deeper == 0 {
        return Ok(0);
    }
    let mut closed = 0;
    for inner in fs::read_dir(&path)? {
        closed += close_entry(&inner?, deeper - 1)?;
    }
    Ok(closed + close_one(&path, mode)?)
}

fn close_one(path: &Path, mode: u32) -> io::Result<usize> {
    if mode & OTHERS == 0 {
        return Ok(0);
    }
    match fs::set_permissions(path, Permissions::from_mode(mode & 0o700)) {
        Ok(()) => Ok(1),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}
