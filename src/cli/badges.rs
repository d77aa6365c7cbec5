//! `badges`: keys, and signing anew.

use std::ops::ControlFlow;
use std::process::ExitCode;

use clap::Subcommand;

use super::{Ending, Trouble, long_run, start};
use crate::actions::badge_signing::sign_due;
use crate::badges::keys::{KeyState, Keys};
use crate::config::Settings;
use crate::portal::Portal;

/// What to do about badges.
#[derive(Subcommand)]
pub(super) enum Command {
    /// List the keys that sign badges
    Keys,
    /// Make a new key; the current one goes on verifying what it signed
    Rotate,
    /// Somebody else may have this key: take it away and sign everything anew that it signed
    Compromised {
        /// The key's name, such as key-2026-1
        key: String,
    },
    /// Sign every badge and status list whose signature is missing, outdated or made with another key or address
    Resign,
}

/// Does it.
pub(super) fn run(settings: &Settings, command: &Command) -> Ending {
    let portal = start::existing_portal(settings)?;
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

fn list(portal: &Portal) -> Ending {
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
) -> Result<T, Trouble> {
    let mut keys = portal.badge_keys().map_err(failed)?;
    let done = change(&mut keys).map_err(failed)?;
    keys.write(&portal.key_file).map_err(failed)?;
    Ok(done)
}

fn sign(portal: &Portal) -> Ending {
    let bar = long_run::rows();
    let done = sign_due(portal, &mut |so_far| {
        bar.set_position(u64::try_from(so_far.seen).unwrap_or(u64::MAX));
        ControlFlow::Continue(())
    })
    .map_err(failed)?;
    bar.finish_and_clear();
    say!("{} badges looked at, {} signed, {} status lists signed.", done.seen, done.badges, done.lists);
    if done.failed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    remark!("{} badges could not be signed; the log says why.", done.failed);
    Ok(ExitCode::from(1))
}

fn failed(problem: impl std::fmt::Display) -> Trouble {
    Trouble::Failed(problem.to_string())
}
