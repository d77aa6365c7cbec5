//! `import holders` and `import activities`

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Subcommand};

use super::error::{CliError, CliResult};
use super::{progress, startup};
use crate::config::Settings;
use crate::domain::day_order::DayOrder;
use crate::domain::plural::counted;
use crate::transfer::activities::import_activities;
use crate::transfer::holders::import_holders;
use crate::transfer::problems::write_problems;
use crate::transfer::{ImportChoices, ImportError, ImportReport};

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
    /// How days written as numbers with the year last are read [default: as each column shows]
    #[arg(long, value_name = "ORDER", value_parser = DayOrder::ALL.map(DayOrder::code))]
    dates: Option<String>,
    /// Bring in approved activities that look like others of the same holder
    #[arg(long)]
    accept_similar: bool,
    /// Another address for a known certificate becomes its holder's; both addresses are told by email
    #[arg(long)]
    move_addresses: bool,
    /// Write the file again, with a column that says what is wrong with each row: all rows in a dry run, else the refused ones
    #[arg(long, value_name = "FILE")]
    problems: Option<PathBuf>,
}

impl Import {
    fn choices(&self) -> ImportChoices {
        ImportChoices {
            dry_run: self.dry_run,
            dates: self.dates.as_deref().and_then(DayOrder::from_code),
            accept_similar: self.accept_similar,
            move_addresses: self.move_addresses,
        }
    }
}

/// Runs the command.
pub(super) fn run(settings: &Settings, command: &Command) -> CliResult {
    let (Command::Holders(import) | Command::Activities(import)) = command;
    let shown = import.file.display();
    let mut file = File::open(&import.file)
        .map_err(|error| CliError::Usage(format!("{shown} cannot be opened: {error}")))?;
    let problems = import.problems.as_deref().map(problems_file).transpose()?;
    let bytes = file.metadata().map(|metadata| metadata.len()).unwrap_or_default();
    let stage = startup::Stage::open(settings, import.as_of, import.dry_run)?;
    let portal = &stage.portal;
    let bar = progress::bytes(bytes);
    let progress = &mut |done| bar.set_position(done);
    let report = match command {
        Command::Holders(_) => import_holders(portal, &mut file, None, &import.choices(), progress),
        Command::Activities(_) => import_activities(portal, &mut file, None, &import.choices(), progress),
    };
    bar.finish_and_clear();
    let report = report.map_err(|error| match error {
        ImportError::Unreadable(_) => CliError::Usage(format!("{shown}: {error} Nothing was changed.")),
        ImportError::Stopped { .. } => CliError::Failed(format!("{shown}: {error}.")),
    })?;
    print(&report);
    if let Some((path, out)) = problems {
        write_problems(&mut file, &report, import.dry_run, out)
            .map_err(|error| CliError::Failed(format!("{} could not be written: {error}", path.display())))?;
        remark!("What is wrong with each row is in {}.", path.display());
    }
    if import.dry_run {
        remark!("This was a dry run: nothing was changed.");
    }
    Ok(if report.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Opens the file for the problems before anything is imported: one that is there already is never written over.
fn problems_file(path: &Path) -> Result<(&Path, File), CliError> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options
        .open(path)
        .map_err(|error| CliError::Usage(format!("{} cannot be written: {error}", path.display())))?;
    Ok((path, file))
}

fn print(report: &ImportReport) {
    for refused in &report.refused {
        let holder = if refused.holder.is_empty() { String::new() } else { format!(" ({})", refused.holder) };
        say!("line {}: {}{holder}", refused.line, refused.reason);
    }
    for words in &report.days {
        remark!("{words}");
    }
    for doubt in &report.doubts {
        remark!("line {}: {}: {}", doubt.line, doubt.holder, doubt.words);
    }
    for renamed in &report.renamed {
        remark!("line {}: {} is named {} from now on.", renamed.line, renamed.from, renamed.to);
    }
    for moved in &report.moved {
        remark!(
            "line {}: the address of {} is {} from now on, no longer {}.",
            moved.line,
            moved.holder,
            moved.to,
            moved.from
        );
    }
    if report.more_refused > 0 {
        say!("and {} refused", counted(report.more_refused, "more line was", "more lines were"));
    }
    let ImportReport { added, changed, unchanged, .. } = report;
    say!("{added} added, {changed} changed, {unchanged} unchanged, {} refused", report.all_refused());
}
