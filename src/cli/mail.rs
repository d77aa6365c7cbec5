//! `mail`

use std::ops::ControlFlow;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use super::error::{CliError, CliResult};
use super::startup;
use crate::actions::ActionError;
use crate::config::Settings;
use crate::domain::dates::long_date;
use crate::domain::plural::counted;
use crate::jobs::delivery::deliver;
use crate::store::StoreError;
use crate::store::mail::{holder_holds, mail_holds};

/// How often a delivery that finds another one under way asks again, and how long in all: longer than a dead one's lease.
const ASK_AGAIN: Duration = Duration::from_millis(500);
const MOST_ASKS: usize = 300;

/// Holds all mail, as after a restore: the database went back to an earlier moment, and what was sent since is not known.
pub(super) fn hold(settings: &Settings) -> CliResult {
    let portal = startup::existing_portal(settings)?;
    let now = portal.clock.now();
    let begun =
        portal.store.write(|conn| mail_holds::take_over(conn, now)).map_err(|error| failed(&error))?;
    say!(
        "{}",
        match begun {
            Some(_) =>
                "Mail is held: an administrator says on the page Mail what becomes of the waiting emails.",
            None => "Mail was held already, or none was ever written.",
        }
    );
    Ok(ExitCode::SUCCESS)
}

/// Delivers what is due, once. Exit code 1 when something failed for good.
pub(super) fn run(settings: &Settings) -> CliResult {
    let portal = startup::portal(settings, None)?;
    if let Some(hold) = portal.store.read(mail_holds::in_force).map_err(|error| failed(&error))? {
        let known = long_date(portal.clock.day_of(hold.backup_made_at));
        return Err(CliError::Failed(format!(
            "Mail is held: this portal was {}. Nothing was delivered; an administrator says on the page Mail what becomes of the waiting \
             emails.",
            hold.cause.happened(&known)
        )));
    }
    let mut asked = 0;
    let delivered = loop {
        match deliver(&portal, &mut || ControlFlow::Continue(())) {
            Err(ActionError::Store(StoreError::UnderWay)) if asked < MOST_ASKS => {
                if asked == 0 {
                    remark!("Another process is delivering email; waiting for it.");
                }
                asked += 1;
                thread::sleep(ASK_AGAIN);
            }
            ended => break ended,
        }
    }
    .map_err(|error| failed(&error))?;
    match delivered.summary() {
        summary if summary.is_empty() => say!("Nothing to deliver."),
        summary => say!("{summary}"),
    }
    let held = portal
        .store
        .read(|conn| holder_holds::held_up_to(conn, holder_holds::MOST_COUNTED))
        .map_err(|error| failed(&error))?;
    if held > 0 {
        remark!(
            "Held: {}. `cpe-portal live` says why.",
            counted(held, "email to a holder", "emails to holders")
        );
    }
    if delivered.failed > 0 || delivered.uncertain > 0 {
        remark!("Failed and uncertain emails are listed on the portal under Mail.");
    }
    Ok(if delivered.failed > 0 { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

fn failed(error: &dyn std::fmt::Display) -> CliError {
    CliError::Failed(format!("The emails could not be delivered: {error}"))
}
