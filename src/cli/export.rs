//! `export`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::error::{CliError, CliResult};
use super::{progress, startup};
use crate::config::Settings;
use crate::transfer::export::{Subject, export_file};
use crate::transfer::sheet::Format;

/// What to export, how and where.
#[derive(Args)]
pub(super) struct Export {
    /// What to export
    #[arg(value_enum)]
    subject: SubjectWord,
    /// The kind of file
    #[arg(long, value_enum, default_value = "csv")]
    format: FormatWord,
    /// The file to write; one that is there is replaced when the new one is whole
    file: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum SubjectWord {
    Holders,
    Certificates,
    Activities,
    History,
    Notes,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatWord {
    Csv,
    Xlsx,
}

/// Runs the command.
pub(super) fn run(settings: &Settings, export: &Export) -> CliResult {
    let subject = match export.subject {
        SubjectWord::Holders => Subject::Holders,
        SubjectWord::Certificates => Subject::Certificates,
        SubjectWord::Activities => Subject::Activities,
        SubjectWord::History => Subject::History,
        SubjectWord::Notes => Subject::Notes,
    };
    let format = match export.format {
        FormatWord::Csv => Format::Csv,
        FormatWord::Xlsx => Format::Xlsx,
    };
    let portal = startup::portal_to_read(settings, None)?;
    let bar = progress::rows();
    let rows =
        export_file(&portal, (subject, format), None, &export.file, &mut |rows| bar.set_position(rows));
    bar.finish_and_clear();
    let rows = rows.map_err(|error| CliError::Failed(format!("{}: {error}", export.file.display())))?;
    remark!("{rows} {} written to {}", if rows == 1 { "row" } else { "rows" }, export.file.display());
    Ok(ExitCode::SUCCESS)
}
