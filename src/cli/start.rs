//! What every command begins with: the checked configuration, the log, the open portal.

use std::io::IsTerminal;

use chrono::NaiveDate;
use tracing_subscriber::EnvFilter;

use super::Trouble;
use crate::clock::Clock;
use crate::config::{Config, Settings};
use crate::portal::{DATABASE_FILE, Portal};

/// Checks the settings and starts the log on standard error.
///
/// # Errors
/// `Trouble::Usage` with every problem of the configuration.
pub(super) fn config(settings: &Settings) -> Result<Config, Trouble> {
    let config = Config::check(settings).map_err(|problems| Trouble::Usage(problems.to_string()))?;
    let filter = EnvFilter::try_new(&config.log).map_err(|error| Trouble::Usage(error.to_string()))?;
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
/// `Trouble::Usage` for a wrong configuration, `Trouble::Failed` when the data folder cannot be used.
pub(super) fn portal(settings: &Settings, as_of: Option<NaiveDate>) -> Result<Portal, Trouble> {
    let config = config(settings)?;
    let clock = match as_of {
        Some(day) => Clock::on_day(config.time_zone, day),
        None => Clock::system(config.time_zone),
    };
    Portal::open(config, clock).map_err(|error| Trouble::Failed(error.to_string()))
}

/// Opens the portal of a data folder that has one.
///
/// # Errors
/// `Trouble::Usage` when there is none, and as [`portal`].
pub(super) fn existing_portal(settings: &Settings) -> Result<Portal, Trouble> {
    let config = Config::check(settings).map_err(|problems| Trouble::Usage(problems.to_string()))?;
    if !config.data.join(DATABASE_FILE).is_file() {
        let message =
            format!("There is no portal in {}. Name its folder with --data.", config.data.display());
        return Err(Trouble::Usage(message));
    }
    portal(settings, None)
}
