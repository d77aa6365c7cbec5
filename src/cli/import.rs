//! `import holders` and `import activities`

use std::fs::File;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::{Ending, Trouble, long_run, start};
use crate::config::Settings;
use crate::transfer::activities::import_activities;
use crate::transfer::holders::import_holders;
use crate::transfer::{ImportError, ImportReport};

/// What can be imported.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Holders and their certificates: email,name,certification,certificate_number,granted_on
    Holders(Import),
    /// Activities: email,category,title,organiser,field,started_on,completed_on,quantity,publication,status
    Activities(Import),
}

#[derive(Args)]
pub(super) struct Import {
    /// A CSV file in UTF-8; the first line names the columns, in any order
    file: PathBuf,
    /// The day the command believes it is, such as 2027-03-14 [default: today]
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// Say what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command.
pub(super) fn run(settings: &Settings, command: &Command) -> Ending {
    let (Command::Holders(import) | Command::Activities(import)) = command;
    let shown = import.file.display();
    let file = File::open(&import.file)
        .map_err(|error| Trouble::Usage(format!("{shown} cannot be opened: {error}")))?;
    let bytes = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    let portal = start::portal(settings, import.as_of)?;
    let bar = long_run::bytes(bytes);
    let progress = &mut |done| bar.set_position(done);
    let report = match command {
        Command::Holders(_) => import_holders(&portal, file, None, import.dry_run, progress),
        Command::Activities(_) => import_activities(&portal, file, None, import.dry_run, progress),
    };
    bar.finish_and_clear();
    let report = report.map_err(|error| match error {
        ImportError::Unreadable(_) => Trouble::Usage(format!("{shown}: {error} Nothing was changed.")),
        ImportError::Stopped { .. } => Trouble::Failed(format!("{shown}: {error}.")),
    })?;
    print(&report);
    if import.dry_run {
        remark!("This was a dry run: nothing was changed.");
    }
    Ok(if report.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn print(report: &ImportReport) {
    for refused in &report.refused {
        say!("line {}: {}", refused.line, refused.reason);
    }
    for renamed in &report.renamed {
        remark!("line {}: {} is named {} from now on.", renamed.line, renamed.from, renamed.to);
    }
    let ImportReport { added, changed, unchanged, refused, .. } = report;
    say!("{added} added, {changed} changed, {unchanged} unchanged, {} refused", refused.len());
}
