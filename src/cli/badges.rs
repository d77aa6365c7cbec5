//! `badges`: keys, and signing anew.

use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Subcommand;

use super::error::{CliError, CliResult};
use super::{progress, startup};
use crate::actions::badges::signing::sign_due;
use crate::badges::keys::{KeyState, Keys};
use crate::config::Settings;
use crate::domain::job::JobName;
use crate::domain::plural::{counted, grouped};
use crate::jobs::{self, lease};
use crate::portal::Portal;
use crate::store::engine::leases::Lease;

const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(300);

/// What to do about badges.
#[derive(Subcommand)]
pub(super) enum Command {
    /// List the keys that sign badges
    Keys,
    /// Make a new key; the current one goes on verifying what it signed
    Rotate,
    /// Somebody else may have this key: take it away and sign again everything that it signed
    Compromised {
        /// The key's name, such as key-2026-1
        key: String,
    },
    /// Sign every badge and status list whose signature is missing, outdated or made with another key or address
    Resign,
}

/// Does it.
pub(super) fn run(settings: &Settings, command: &Command) -> CliResult {
    if matches!(command, Command::Keys) {
        return list(&startup::portal_to_read(settings, None)?);
    }
    let portal = startup::existing_portal(settings)?;
    match command {
        Command::Keys => list(&portal),
        Command::Rotate => {
            let name = change(&portal, |keys| keys.rotate(portal.clock.today()))?;
            say!("{name} signs from now on. Keys that were retired go on verifying.");
            Ok(ExitCode::SUCCESS)
        }
        Command::Compromised { key } => {
            change(&portal, |keys| keys.compromise(key, portal.clock.today()))?;
            say!("{key} is in no document any more.");
            sign(&portal)
        }
        Command::Resign => sign(&portal),
    }
}

fn list(portal: &Portal) -> CliResult {
    if !portal.key_file.exists() {
        return Err(CliError::Failed(format!(
            "There are no badge keys: {} is missing. Put its copy there, or the portal makes a new key when it starts.",
            portal.key_file.display()
        )));
    }
    for key in portal.badge_keys().map_err(failed)?.all() {
        let state = match key.state {
            KeyState::Current => "current",
            KeyState::Retired => "retired",
            KeyState::Compromised => "compromised",
        };
        say!("{}  {}  {}  {}", key.name, key.made_on, state, key.public());
    }
    Ok(ExitCode::SUCCESS)
}

fn change<T>(
    portal: &Portal,
    change: impl FnOnce(&mut Keys) -> Result<T, crate::badges::BadgeError>,
) -> Result<T, CliError> {
    let mut keys = portal.badge_keys().map_err(failed)?;
    let done = change(&mut keys).map_err(failed)?;
    keys.write(&portal.key_file).map_err(failed)?;
    Ok(done)
}

fn sign(portal: &Portal) -> CliResult {
    let bar = progress::rows();
    let lease = wait_for_lease(portal)?;
    let done = sign_due(portal, &mut |so_far| {
        bar.set_position(u64::try_from(so_far.seen).unwrap_or(u64::MAX));
        lease::renew(&lease, portal)
    });
    portal.store.write(|conn| lease.give_back(conn)).map_err(failed)?;
    let done = done.map_err(failed)?;
    bar.finish_and_clear();
    let (seen, badges) = (grouped(done.seen), grouped(done.badges));
    say!("Badges looked at: {seen}; signed: {badges}. Status lists signed: {}.", done.lists);
    if done.failed > 0 {
        remark!("{} not be signed; the log says why.", counted(done.failed, "badge could", "badges could"));
        return Ok(ExitCode::from(1));
    }
    if done.stopped {
        return Err(CliError::Failed(
            "Another process took over before the end. Run `cpe-portal badges resign` to see that nothing is left.".to_owned(),
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The right to sign, when nobody else does: two processes that sign the same badges only wait for each other's writes.
fn wait_for_lease(portal: &Portal) -> Result<Lease, CliError> {
    let job = jobs::TIMETABLE
        .iter()
        .find(|job| job.name == JobName::Badges)
        .ok_or_else(|| CliError::Failed("no job signs badges".to_owned()))?;
    let mut told = false;
    loop {
        match portal.store.write(|conn| lease::take_short(conn, portal, job)) {
            Ok(Some(lease)) => return Ok(lease),
            Ok(None) => {}
            Err(problem) => return Err(failed(problem)),
        }
        if !told {
            remark!(
                "Somebody else is signing, or was stopped by force a moment ago. This run waits for its turn."
            );
            told = true;
        }
        thread::sleep(LOOK_AGAIN_AFTER);
    }
}

fn failed(problem: impl std::fmt::Display) -> CliError {
    CliError::Failed(problem.to_string())
}
