//! How far a replica of the database is behind that Litestream keeps. Litestream is a program of its own; it notes what it has taken in a
//! folder beside the database, whose times are looked at here.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// How much later than the last thing that Litestream wrote down the database was last written; none when there is no Litestream beside it.
/// A portal in which nothing happens is not behind.
#[must_use]
pub fn behind(database: &Path) -> Option<Duration> {
    let name = database.file_name()?.to_string_lossy().into_owned();
    let changed = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
    // a new file in it for each thing that is taken; the folder alone is there before the first
    let notes = database.with_file_name(format!(".{name}-litestream"));
    let taken = changed(&notes.join("ltx").join("0")).or_else(|| changed(&notes))?;
    let log = changed(&database.with_file_name(format!("{name}-wal")));
    let written = changed(database).into_iter().chain(log).max()?;
    Some(written.duration_since(taken).unwrap_or_default())
}
