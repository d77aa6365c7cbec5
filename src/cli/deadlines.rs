//! `deadlines`

use std::io::{self, BufWriter, IsTerminal, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::error::{CliError, CliResult};
use super::startup::Stage;
use crate::actions::ActionError;
use crate::actions::deadlines;
use crate::actions::deadlines::{ReminderLine, RunLine, RunOptions, RunReport};
use crate::config::Settings;
use crate::domain::certification::deadlines::StageOutcome;
use crate::domain::dates::long_date;
use crate::domain::plural::counted;
use crate::portal::Portal;
use crate::store::StoreError;

/// How often a run that finds another one under way asks again, and how long in all.
const ASK_AGAIN: Duration = Duration::from_millis(500);
const MOST_ASKS: usize = 240;

#[derive(Args)]
pub(super) struct Deadlines {
    /// The day the run believes it is, such as 2027-03-14 [default: today in the body's time zone]
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// Announce who would get what and why; change nothing
    #[arg(long)]
    dry_run: bool,
    /// How to print the report
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Let the guard against mass flags pass
    #[arg(long)]
    confirm_mass_flag: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// Runs the deadlines once. Exit code 1 when flags are held, or something could not be recorded.
pub(super) fn run(settings: &Settings, arguments: &Deadlines) -> CliResult {
    let stage = Stage::open(settings, arguments.as_of, arguments.dry_run)?;
    let portal = &stage.portal;
    let report = wait_and_run(portal, arguments)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let printed = match arguments.format {
        Format::Json => serde_json::to_writer_pretty(&mut out, &report)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out)),
        Format::Table => print_table(&mut out, &report),
    };
    printed
        .and_then(|()| out.flush())
        .map_err(|error| CliError::Failed(format!("The report cannot be printed: {error}")))?;
    if !arguments.dry_run {
        // how long others had to wait at most; measured by the benchmarks
        remark!("The longest write {} ms.", portal.store.longest_write().as_millis());
    }
    if report.counts.failed > 0 {
        let people = counted(report.counts.failed, "person", "people");
        remark!("For {people} nothing could be recorded; the next run tries again.");
    }
    if !report.held.is_empty() {
        remark!(
            "The guard holds {}: an administrator confirms them on the portal, or here with --confirm-mass-flag.",
            counted(report.held.len(), "flag", "flags")
        );
    }
    let complete = report.held.is_empty() && report.counts.failed == 0 && !report.counts.stopped;
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn wait_and_run(portal: &Portal, arguments: &Deadlines) -> Result<RunReport, CliError> {
    let options = RunOptions {
        dry_run: arguments.dry_run,
        confirm_mass_flag: arguments.confirm_mass_flag,
        ..RunOptions::today(portal)
    };
    let bar = progress_bar();
    let mut asked = 0;
    let ran = loop {
        let ran = deadlines::run(portal, options, &mut |done, total| {
            bar.set_length(u64::try_from(total).unwrap_or(0));
            bar.set_position(u64::try_from(done).unwrap_or(0));
            ControlFlow::Continue(())
        });
        match ran {
            Err(ActionError::Store(StoreError::UnderWay)) if asked < MOST_ASKS => {
                if asked == 0 {
                    remark!("Another run is under way; waiting for it.");
                }
                asked += 1;
                thread::sleep(ASK_AGAIN);
            }
            ran => break ran,
        }
    };
    bar.finish_and_clear();
    ran.map_err(|error| CliError::Failed(format!("The deadline run failed: {error}")))
}

/// Where a person watches, a bar on standard error.
fn progress_bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template("{bar:40} {pos} of {len} holders") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn print_table(out: &mut impl Write, report: &RunReport) -> io::Result<()> {
    let dry = if report.dry_run { ", dry run: nothing was changed" } else { "" };
    writeln!(out, "Deadlines as of {}{dry}", long_date(report.as_of))?;
    print_reminders(out, report)?;
    for (title, lines) in year_lists(report).into_iter().filter(|(_, lines)| !lines.is_empty()) {
        writeln!(out, "\n{title}")?;
        let mut rows = vec![heading(&[])];
        rows.extend(lines.iter().map(|line| {
            cells(
                &line.certificate,
                &line.holder,
                line.deadline,
                [&line.approved, &line.pending, &line.required].map(ToString::to_string),
            )
        }));
        print_rows(out, &rows)?;
    }
    let counts = &report.counts;
    writeln!(
        out,
        "\nHolders looked at: {}. Emails {}: {}. Badges {}: {}.",
        counts.looked_at,
        done_or_announced(report, "written", "to be written"),
        counts.mails,
        done_or_announced(report, "signed again", "to be signed again"),
        counts.badges_renewed,
    )
}

/// The words for what a run has done, or for what a dry run announces.
fn done_or_announced(report: &RunReport, done: &'static str, announced: &'static str) -> &'static str {
    if report.dry_run { announced } else { done }
}

fn print_reminders(out: &mut impl Write, report: &RunReport) -> io::Result<()> {
    if report.reminders.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nReminders")?;
    let mut rows = vec![heading(&["stage", "what and why"])];
    rows.extend(report.reminders.iter().map(|line| {
        let mut row = cells(
            &line.certificate,
            &line.holder,
            line.deadline,
            [&line.approved, &line.pending, &line.required].map(ToString::to_string),
        );
        row.push(format!("{} before", counted(line.stage, "day", "days")));
        row.push(why(line, report.dry_run).to_owned());
        row
    }));
    print_rows(out, &rows)
}

/// The lists of years, each with its title.
fn year_lists(report: &RunReport) -> [(&'static str, &[RunLine]); 5] {
    [
        (
            done_or_announced(
                report,
                "Recertified: the minimum is met, an email confirms it",
                "Would be recertified, with an email",
            ),
            &report.recertified,
        ),
        (
            done_or_announced(
                report,
                "Flag lifted: the minimum is met now, an email says so",
                "Flag would be lifted, with an email",
            ),
            &report.lifted,
        ),
        (
            done_or_announced(
                report,
                "Flagged: the deadline has passed and credits are missing, an email asks for an answer",
                "Would be flagged, with an email",
            ),
            &report.flagged,
        ),
        (
            "Held by the guard: too many flags at once, nobody is told before an administrator confirms",
            &report.held,
        ),
        (
            "Awaiting review: reports waiting for review could meet the minimum, nothing is held against the holder",
            &report.awaiting_review,
        ),
    ]
}

fn heading(more: &[&str]) -> Vec<String> {
    ["certificate", "holder", "deadline", "approved", "pending", "required"]
        .iter()
        .chain(more)
        .map(|&word| word.to_owned())
        .collect()
}

fn cells(certificate: &str, holder: &str, deadline: NaiveDate, sums: [String; 3]) -> Vec<String> {
    let mut cells = vec![certificate.to_owned(), holder.to_owned(), deadline.to_string()];
    cells.extend(sums);
    cells
}

fn why(line: &ReminderLine, dry_run: bool) -> &'static str {
    match (line.reason, dry_run) {
        (Some(StageOutcome::Met), _) => "no email: the minimum is met",
        (Some(StageOutcome::Covered), _) => "no email: reports waiting for review cover the minimum",
        (Some(StageOutcome::Superseded), _) => "no email: a later stage is due as well",
        (Some(StageOutcome::Sent) | None, true) => "would get a reminder: credits are missing",
        (Some(StageOutcome::Sent) | None, false) => "gets a reminder: credits are missing",
    }
}

/// Columns as wide as their widest cell.
fn print_rows(out: &mut impl Write, rows: &[Vec<String>]) -> io::Result<()> {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let padded: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        writeln!(out, "  {}", padded.join("  ").trim_end())?;
    }
    Ok(())
}
