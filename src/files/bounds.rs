//! How much evidence there may be at once.

/// Largest evidence file, in bytes: 15 MB.
pub const LARGEST_FILE: u64 = 15 * 1024 * 1024;
/// Most evidence files of one report.
pub const MOST_FILES: usize = 10;

/// Most bytes of a disk that uploads leave free, so that the database can still be written: 256 MB, and of a small disk a twentieth.
#[must_use]
pub fn reserve_of(disk: u64) -> u64 {
    (disk / 20).min(256 * 1024 * 1024)
}
