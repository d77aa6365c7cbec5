//! `bounce`

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::process::ExitCode;

use super::error::{CliError, CliResult};
use super::startup;
use crate::actions::ActionError;
use crate::actions::mail::bounce::{ReportResult, note_report};
use crate::config::Settings;
use crate::jobs::bounces::read_mailbox;
use crate::mail::{LARGEST_REPORT, read_report};
use crate::store::StoreError;

/// What a mail server understands as "keep the message and try again" (`EX_TEMPFAIL` of sysexits).
const TRY_AGAIN: u8 = 75;

/// Reads a delivery report from standard input. Whatever is wrong with us, the mail server keeps the message; a message that is nothing to
/// us is done with.
pub(super) fn run(settings: &Settings) -> CliResult {
    match read_and_note(settings) {
        Ok(words) => {
            say!("{words}");
            Ok(ExitCode::SUCCESS)
        }
        Err(CliError::Usage(message) | CliError::Failed(message)) => {
            remark!("{}", message.trim_end());
            Ok(ExitCode::from(TRY_AGAIN))
        }
    }
}

/// Reads the mailbox of the settings once. Exit code 1 when it could not be read to its end.
pub(super) fn read_once(settings: &Settings) -> CliResult {
    let portal = startup::existing_portal(settings)?;
    let read = read_mailbox(&portal, &mut || ControlFlow::Continue(()));
    let round = match read {
        Ok(Some(round)) => round,
        Ok(None) => return Err(CliError::Usage("CPE_PORTAL_BOUNCES names no mailbox.".to_owned())),
        Err(ActionError::Store(StoreError::UnderWay)) => {
            return Err(CliError::Failed("Another process is reading the mailbox.".to_owned()));
        }
        Err(error) => return Err(CliError::Failed(format!("The mailbox was not read: {error}"))),
    };
    say!("{}", round.words());
    Ok(if round.is_complete() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn read_and_note(settings: &Settings) -> Result<&'static str, CliError> {
    let failed =
        |error: &dyn std::fmt::Display| CliError::Failed(format!("The message was not read: {error}"));
    let mut bytes = Vec::new();
    let most = u64::try_from(LARGEST_REPORT).unwrap_or(u64::MAX);
    io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    // whoever pipes it in should not find the line broken
    io::copy(&mut io::stdin().lock(), &mut io::sink()).map_err(|error| failed(&error))?;
    let Some(report) = read_report(&bytes).map_err(|error| failed(&error))? else {
        return Ok("Not a delivery report. Nothing was changed.");
    };
    let portal = startup::existing_portal(settings)?;
    Ok(match note_report(&portal, &report).map_err(|error| failed(&error))? {
        ReportResult::Noted => "Noted: the email came back.",
        ReportResult::KnownAlready => "The email is looked after already. Nothing was changed.",
        ReportResult::NotFinal => "The email is being tried still, or arrived. Nothing was changed.",
        ReportResult::NotOurs => "Not about an email of this portal. Nothing was changed.",
    })
}
