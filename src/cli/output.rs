//! Printing results and remarks. Whoever reads them may have gone already (`| head`), which is no reason to panic, nor to leave undone
//! what the command was asked for.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};

/// A result, as a line on standard output.
pub(super) fn result(line: Arguments<'_>) {
    match writeln!(io::stdout().lock(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            remark(format_args!("The output could not be written: {error}"));
        }
        _ => {}
    }
}

/// A remark, as a line on standard error.
pub(super) fn remark(line: Arguments<'_>) {
    // there is nobody left to tell when this fails
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Prints a result.
macro_rules! say {
    ($($words:tt)*) => { $crate::cli::output::result(format_args!($($words)*)) };
}

/// Prints a remark.
macro_rules! remark {
    ($($words:tt)*) => { $crate::cli::output::remark(format_args!($($words)*)) };
}
