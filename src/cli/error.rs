//! How a command ends.

use std::process::ExitCode;

/// Why a command did not do its work. The text is for the person at the terminal.
#[derive(Debug)]
pub(super) enum CliError {
    /// Wrong usage or configuration: nothing was done (exit code 2).
    Usage(String),
    /// It failed, or some rows or items did (exit code 1).
    Failed(String),
}

/// How a command ends.
pub(super) type CliResult = Result<ExitCode, CliError>;
