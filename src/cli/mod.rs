//! cli

use std::process::ExitCode;

/// Runs the command that the command line names. Exit codes: 0 done, 1 some rows or items failed, 2 wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    eprintln!("cpe-portal has no commands yet");
    ExitCode::from(2)
}
