//! What every command begins with: the checked configuration, the log, the open portal.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use tracing_subscriber::EnvFilter;

use super::error::CliError;
use crate::clock::Clock;
use crate::config::{Config, DatabasePlace, Settings};
use crate::domain::plural::counted;
use crate::files::permissions;
use crate::portal::{DATABASE_FILE, Portal, PortalOpening};
use crate::store::engine::sqlite::transfer;
use crate::store::{Opening, Patience};

/// Checks the settings and starts the log on standard error.
///
/// # Errors
/// `CliError::Usage` with every problem of the configuration.
pub(super) fn config(settings: &Settings) -> Result<Config, CliError> {
    let config = Config::check(settings).map_err(|problems| CliError::Usage(problems.to_string()))?;
    let filter = EnvFilter::try_new(&config.log).map_err(|error| CliError::Usage(error.to_string()))?;
    // A second start in one process (as in tests) keeps the first log.
    let log =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let _ = match config.log_json {
        true => log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
        false => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
    Ok(config)
}

/// Opens the portal. `as_of` is the day the command believes it is; none means today.
///
/// # Errors
/// `CliError::Usage` for a wrong configuration, `CliError::Failed` when the data folder cannot be used.
pub(super) fn portal(settings: &Settings, as_of: Option<NaiveDate>) -> Result<Portal, CliError> {
    open(config(settings)?, as_of, Opening::Making, false)
}

/// Opens the portal of a configuration that was checked.
///
/// # Errors
/// `CliError::Failed` when the data folder cannot be used.
pub(super) fn portal_of(config: Config) -> Result<Portal, CliError> {
    open(config, None, Opening::Making, false)
}

/// Opens the portal of a data folder that has one.
///
/// # Errors
/// `CliError::Usage` when there is none, and as [`portal`].
pub(super) fn existing_portal(settings: &Settings) -> Result<Portal, CliError> {
    open(existing(settings)?, None, Opening::Existing, false)
}

/// Opens the portal of a data folder that has one, for looking at it: nothing is made that is missing.
///
/// # Errors
/// As [`existing_portal`].
pub(super) fn portal_to_read(settings: &Settings, as_of: Option<NaiveDate>) -> Result<Portal, CliError> {
    open(existing(settings)?, as_of, Opening::Existing, true)
}

/// A portal for work that can be rehearsed. A rehearsal changes nothing: it has the portal of the data folder, for looking at it, or an
/// empty one of its own where there is none yet, which is gone afterwards.
pub(super) struct Stage {
    /// The portal.
    pub(super) portal: Portal,
    _empty: Option<EmptyFolder>,
}

impl Stage {
    /// Opens it.
    ///
    /// # Errors
    /// As [`portal`].
    pub(super) fn open(
        settings: &Settings,
        as_of: Option<NaiveDate>,
        rehearsal: bool,
    ) -> Result<Stage, CliError> {
        let mut config = config(settings)?;
        if !rehearsal || has_portal(&config) {
            let opening = if rehearsal { Opening::Existing } else { Opening::Making };
            return Ok(Stage { portal: open(config, as_of, opening, rehearsal)?, _empty: None });
        }
        let empty = EmptyFolder::new()?;
        config.data.clone_from(&empty.0);
        Ok(Stage { portal: open(config, as_of, Opening::Making, false)?, _empty: Some(empty) })
    }
}

/// A folder that is removed with everything in it when it is needed no more.
struct EmptyFolder(PathBuf);

impl EmptyFolder {
    fn new() -> Result<EmptyFolder, CliError> {
        let name = format!("cpe-portal-rehearsal-{}", uuid::Uuid::new_v4().simple());
        let folder = std::env::temp_dir().join(name);
        permissions::make_folder(&folder)
            .map_err(|error| CliError::Failed(format!("{} cannot be made: {error}", folder.display())))?;
        Ok(EmptyFolder(folder))
    }
}

impl Drop for EmptyFolder {
    fn drop(&mut self) {
        // it holds nothing about anybody but what the rehearsed file says
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn open(
    config: Config,
    as_of: Option<NaiveDate>,
    database: Opening,
    reads_only: bool,
) -> Result<Portal, CliError> {
    let clock = match as_of {
        Some(day) => Clock::on_day(config.time_zone, day),
        None => Clock::system(config.time_zone),
    };
    let patience = patience(&config);
    Portal::open_as(config, clock, PortalOpening { patience, database, reads_only })
        .map_err(|error| CliError::Failed(error.to_string()))
}

/// How long a command waits for a database that others are busy with.
pub(super) fn patience(config: &Config) -> Patience {
    Patience { longest: config.wait, tell: say_that_it_waits }
}

fn say_that_it_waits(longest: Duration) {
    remark!(
        "The database is busy; waiting for it, {} at most.",
        counted(longest.as_secs(), "second", "seconds")
    );
}

fn existing(settings: &Settings) -> Result<Config, CliError> {
    let config = Config::check(settings).map_err(|problems| CliError::Usage(problems.to_string()))?;
    if !has_portal(&config) {
        let message =
            format!("There is no portal in {}. Name its folder with --data.", config.data.display());
        return Err(CliError::Usage(message));
    }
    self::config(settings)
}

fn has_portal(config: &Config) -> bool {
    // whether there is one in a database on a server is seen when that is opened; a file that has left, or is not whole, is refused in words
    // of its own
    let file = config.data.join(DATABASE_FILE);
    let there =
        || file.is_file() || transfer::arriving(&file).is_file() || transfer::moved_note(&file).is_file();
    matches!(config.database, DatabasePlace::Server(_)) || there()
}
