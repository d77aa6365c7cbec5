//! `live`

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::error::{CliError, CliResult};
use super::startup;
use crate::actions::ActionError;
use crate::actions::mail::going_live::{HolderMails, go_live, hold, holder_mails};
use crate::config::Settings;
use crate::domain::codes::Stored;
use crate::domain::notices::notice_kind::NoticeKind;
use crate::domain::plural::counted;
use crate::portal::Portal;
use crate::store::StoreError;

/// What becomes of emails to holders.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Send emails to holders
    On(On),
    /// Hold emails to holders; those to staff, invitations, password resets and test emails are still sent
    Off,
}

#[derive(Args)]
pub(super) struct On {
    /// A kind of held emails that is not sent, such as reminder; can be given several times
    #[arg(long, value_name = "KIND")]
    discard: Vec<String>,
}

/// Says whether mails to holders leave, or changes it.
pub(super) fn run(settings: &Settings, command: Option<Command>) -> CliResult {
    if let Some(Command::On(on)) = &command
        && let Some(unknown) = on.discard.iter().find(|kind| NoticeKind::from_code(kind).is_none())
    {
        return Err(CliError::Usage(format!(
            "No email is of the kind “{unknown}”. Kinds are: {}.",
            NoticeKind::ALL.map(NoticeKind::code).join(", ")
        )));
    }
    let portal = startup::portal(settings, None)?;
    let now = holder_mails(&portal).map_err(|error| failed(&error))?;
    match command {
        None => {}
        Some(Command::On(on)) if now.hold.is_some() => turn_on(&portal, &on, &now)?,
        Some(Command::Off) if now.hold.is_none() => hold(&portal, None).or_else(already)?,
        Some(_) => remark!("Nothing is changed."),
    }
    tell(&holder_mails(&portal).map_err(|error| failed(&error))?);
    Ok(ExitCode::SUCCESS)
}

fn turn_on(portal: &Portal, on: &On, held: &HolderMails) -> Result<(), CliError> {
    for kind in &held.waiting {
        remark!("{} {} waited.", kind.mails, kind.kind.code());
    }
    let discards: Vec<_> = on.discard.iter().map(|kind| Stored::of(kind.clone())).collect();
    match go_live(portal, None, &discards, Some(held.seen)) {
        Ok(done) => {
            remark!("{} on the way, {} not sent.", mails(done.leaving), done.discarded);
            Ok(())
        }
        Err(error) => already(error),
    }
}

/// Somebody who was first wanted the same.
fn already(error: ActionError) -> Result<(), CliError> {
    match error {
        ActionError::Store(StoreError::Changed) => Ok(()),
        other => Err(failed(&other)),
    }
}

/// One line for scripts: `on` or `off` first. What waits comes after it.
fn tell(state: &HolderMails) {
    match state.hold {
        None => say!("on: emails to holders are sent"),
        Some(_) => say!("off: emails to holders are held, {} waiting", state.held()),
    }
    for kind in &state.waiting {
        say!("  {} {}", kind.mails, kind.kind.code());
    }
    if state.uninvited > 0 {
        say!("  {} to people who were never invited; they wait until then", mails(state.uninvited));
    }
}

fn mails(number: i64) -> String {
    counted(number, "email", "emails")
}

fn failed(error: &dyn std::fmt::Display) -> CliError {
    CliError::Failed(format!("Emails to holders are as they were: {error}"))
}
