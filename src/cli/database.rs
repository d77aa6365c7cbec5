//! `move`: the database between the data folder and a server.

use std::ops::ControlFlow;
use std::process::ExitCode;

use clap::Args;

use super::error::{CliError, CliResult};
use super::{progress, startup};
use crate::clock::Clock;
use crate::config::{Config, DatabasePlace, DatabaseUrl, EvidencePlace, Settings};
use crate::domain::plural::counted;
use crate::portal::DATABASE_FILE;
use crate::store::engine::sqlite::transfer::moved_note;
use crate::store::engine::transfer::TransferBeginning;
use crate::store::engine::transfer::error::DatabaseTransferError;
use crate::upkeep::database_transfer::DatabaseMove;

/// Where the database is to be.
#[derive(Args)]
pub(super) struct Move {
    /// A server, such as postgres://user:password@host:5432/name, or file: into the data folder. Others of this machine may see the
    /// command line; the environment they do not
    #[arg(long, value_name = "PLACE", env = "CPE_PORTAL_MOVE_TO", hide_env_values = true)]
    to: DatabaseUrl,
}

/// Moves the database that the settings name.
pub(super) fn run(settings: &Settings, wanted: &Move) -> CliResult {
    let config = startup::config(settings)?;
    let to = place(&wanted.to)?;
    let mut moved = DatabaseMove::begin(&config, &to, startup::patience(&config)).map_err(failed)?;
    match moved.beginning() {
        TransferBeginning::New => {}
        TransferBeginning::Resumed(there) => remark!("Going on: {} there already.", rows(there)),
        TransferBeginning::Anew => remark!(
            "The database has changed since it was copied last, or what arrived was not as it was sent: everything is copied once more."
        ),
        TransferBeginning::Whole => remark!("Everything is there already and was compared."),
    }
    if moved.beginning() != TransferBeginning::Whole {
        watched(|progress| moved.copy(progress))?;
        watched(|progress| moved.compare(progress))?;
    }
    let (all, tables) = (rows(moved.rows()), number(moved.tables(), "table", "tables"));
    let now = Clock::system(config.time_zone).now();
    moved.finish(now).map_err(unfinished)?;
    let (from, at) = (shown(&config, &config.database), shown(&config, &to));
    say!("{at} holds the portal: {all} in {tables}, each compared with {from}");
    say!("Mail is held: an administrator says on the page Mail what becomes of the waiting emails.");
    say_what_follows(&config, &to);
    Ok(ExitCode::SUCCESS)
}

/// What whoever runs the portal does next.
fn say_what_follows(config: &Config, to: &DatabasePlace) {
    let (file, data) = (config.data.join(DATABASE_FILE), config.data.display());
    match (to, &config.database) {
        (DatabasePlace::Server(address), _) => {
            say!("Start the portal with CPE_PORTAL_DATABASE naming {address}.");
            say!(
                "{} is as it was, and no portal begins on it any more: {} says so.",
                file.display(),
                moved_note(&file).display()
            );
        }
        (DatabasePlace::File, DatabasePlace::Server(address)) => {
            say!("Start the portal without CPE_PORTAL_DATABASE.");
            say!("{address} is as it was, and no portal begins on it any more. Its owner may remove it.");
        }
        (DatabasePlace::File, DatabasePlace::File) => {}
    }
    say!("The data folder {data} is still needed: the badge keys and the proofs are where they were.");
    if matches!(config.evidence, EvidencePlace::Bucket(_)) {
        say!(
            "Once mail is let go, cpe-portal evidence claim makes the bucket of proofs this database's own again."
        );
    }
}

/// Where the database is to be.
fn place(named: &DatabaseUrl) -> Result<DatabasePlace, CliError> {
    if named.is_file() {
        return Ok(DatabasePlace::File);
    }
    match named.place() {
        Ok(DatabasePlace::File) => Err("it names no place".to_owned()),
        found => found,
    }
    .map_err(|problem| CliError::Usage(format!("--to: {problem}, or file")))
}

fn shown(config: &Config, place: &DatabasePlace) -> String {
    match place {
        DatabasePlace::File => config.data.join(DATABASE_FILE).display().to_string(),
        DatabasePlace::Server(address) => address.to_string(),
    }
}

/// Runs something with a bar.
fn watched(
    run: impl FnOnce(&mut dyn FnMut(usize, usize) -> ControlFlow<()>) -> Result<(), DatabaseTransferError>,
) -> Result<(), CliError> {
    let bar = progress::items(0);
    let done = run(&mut |done, all| {
        progress::show(&bar, done, all);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    done.map_err(unfinished)
}

fn failed(error: DatabaseTransferError) -> CliError {
    match error {
        DatabaseTransferError::Refused(words) => CliError::Usage(words),
        error => CliError::Failed(format!("The database was not moved: {error}.")),
    }
}

fn unfinished(error: DatabaseTransferError) -> CliError {
    match error {
        DatabaseTransferError::Different(row) => CliError::Failed(format!(
            "The database was not moved: {row} arrived as something else. The old place is as it was; the same command copies everything once \
             more."
        )),
        DatabaseTransferError::Refused(words) => CliError::Failed(words),
        error => CliError::Failed(format!(
            "{error}. What has arrived stays there; the same command goes on with the rest. Nothing was lost."
        )),
    }
}

fn rows(amount: usize) -> String {
    number(amount, "row", "rows")
}

fn number(amount: usize, one: &str, many: &str) -> String {
    counted(i64::try_from(amount).unwrap_or(i64::MAX), one, many)
}
