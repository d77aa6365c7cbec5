//! The commands: one file for each group, reading arguments and calling what does the work.

mod error;
#[macro_use]
mod output;
mod progress;
mod startup;

mod account;
mod backup;
mod badges;
mod bounce;
mod check;
mod database;
mod deadlines;
mod demo;
mod evidence;
mod export;
mod import;
mod live;
mod mail;
mod routes;
mod serve;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::error::CliError;
use crate::config::Settings;

/// The administrative portal of a body that certifies professionals.
#[derive(Parser)]
#[command(name = "cpe-portal", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Migrate, serve and run the timetable (the default command)
    Serve,
    /// Accounts of people who sign in
    #[command(subcommand)]
    Account(account::Command),
    /// Fill an empty data folder with a demonstration body, print its sign-ins, and serve
    Demo {
        /// How many holders; more than 60 are a crowd for measuring
        #[arg(long, default_value_t = 60, value_name = "N")]
        holders: usize,
    },
    /// Bring in holders or activities from a CSV file
    #[command(subcommand)]
    Import(import::Command),
    /// Write holders, certificates, activities or the history to a file
    Export(export::Export),
    /// Write a consistent copy of everything to one file, also while the portal serves
    Backup {
        /// The file to write
        file: PathBuf,
    },
    /// Put a backup back into an empty data folder
    Restore {
        /// The backup: of the command, or a nightly one with its evidence beside it
        file: PathBuf,
        /// The evidence of a nightly backup [default: the folder evidence beside the file]
        #[arg(long, value_name = "DIR")]
        evidence: Option<PathBuf>,
    },
    /// Verify the invariants of the whole data
    Check,
    /// Move the database between the data folder and a PostgreSQL server; a run that was cut off goes on where it ended
    Move(database::Move),
    /// Move proofs between the data folder and an S3-compatible store
    #[command(subcommand)]
    Evidence(evidence::Command),
    /// Send reminders, settle years, flag and lift, as the timetable does every hour
    Deadlines(deadlines::Deadlines),
    /// Deliver what is in the outbox, once
    Mail {
        /// Deliver nothing, and hold all email until an administrator says what becomes of it: for a database server that was set back to an
        /// earlier moment, or on which a standby took over that was behind
        #[arg(long)]
        hold: bool,
    },
    /// Read a delivery report about an email from standard input, as a mail server pipes it in
    Bounce {
        /// Read the mailbox of CPE_PORTAL_BOUNCES instead, as the timetable does every five minutes
        #[arg(long)]
        mailbox: bool,
    },
    /// Say whether emails to holders are sent; `live on` and `live off` change it
    Live {
        #[command(subcommand)]
        command: Option<live::Command>,
    },
    /// Keys that sign badges, and signing again
    #[command(subcommand)]
    Badges(badges::Command),
    /// List every route, its method and who may use it, one a line
    Routes,
}

/// Runs the command that the command line names. Exit codes: 0 done, 1 some rows or items failed, 2 wrong usage.
#[must_use]
pub fn main() -> ExitCode {
    let Cli { settings, command } = Cli::parse();
    let ending = match command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&settings),
        Command::Account(command) => account::run(&settings, command),
        Command::Demo { holders } => demo::run(&settings, holders),
        Command::Import(command) => import::run(&settings, &command),
        Command::Export(export) => export::run(&settings, &export),
        Command::Backup { file } => backup::write(&settings, &file),
        Command::Restore { file, evidence } => backup::put_back(&settings, &file, evidence.as_deref()),
        Command::Check => check::run(&settings),
        Command::Move(wanted) => database::run(&settings, &wanted),
        Command::Evidence(command) => evidence::run(&settings, &command),
        Command::Deadlines(arguments) => deadlines::run(&settings, &arguments),
        Command::Mail { hold: true } => mail::hold(&settings),
        Command::Mail { hold: false } => mail::run(&settings),
        Command::Bounce { mailbox: false } => bounce::run(&settings),
        Command::Bounce { mailbox: true } => bounce::read_once(&settings),
        Command::Live { command } => live::run(&settings, command),
        Command::Badges(command) => badges::run(&settings, &command),
        Command::Routes => routes::run(),
    };
    match ending {
        Ok(code) => code,
        Err(CliError::Usage(message)) => {
            remark!("{}", message.trim_end());
            ExitCode::from(2)
        }
        Err(CliError::Failed(message)) => {
            remark!("{}", message.trim_end());
            ExitCode::from(1)
        }
    }
}
