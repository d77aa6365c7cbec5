//! Progress of long runs: a bar on standard error where a person watches, nothing elsewhere.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over the bytes of a file.
pub(super) fn bytes(all: u64) -> ProgressBar {
    styled(ProgressBar::new(all), "{bar:40} {bytes} of {total_bytes}, {eta} left")
}

/// A count of rows whose end is not known.
pub(super) fn rows() -> ProgressBar {
    styled(ProgressBar::no_length(), "{spinner} {human_pos} rows, {per_sec}")
}

/// A bar over things that are counted.
pub(super) fn items(all: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(all).unwrap_or(u64::MAX));
    styled(bar, "{bar:40} {human_pos} of {human_len}, {eta} left")
}

/// Shows how far a run over counted things is.
pub(super) fn show(bar: &ProgressBar, done: usize, all: usize) {
    bar.set_length(u64::try_from(all).unwrap_or(u64::MAX));
    bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    // a wrong template would only make the bar plain
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
