//! `account add`

use std::io::Read;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

use super::error::{CliError, CliResult};
use super::startup;
use crate::actions::ActionError;
use crate::actions::accounts::{NewAccount, add_by_command};
use crate::config::Settings;
use crate::domain::roles::Role;

/// What can be done with accounts.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Add an account and print its invitation link; a holder who was imported gets the invitation to the account
    /// that is there
    Add(Add),
}

#[derive(Args)]
pub(super) struct Add {
    /// Email address; upper and lower case do not matter
    #[arg(long)]
    email: String,
    /// The person's name
    #[arg(long)]
    name: String,
    /// What the account is for
    #[arg(long, value_enum)]
    role: RoleWord,
    /// Read the password from standard input and set it; no link is needed then
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleWord {
    Holder,
    Reviewer,
    Administrator,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Holder => Self::Holder,
            RoleWord::Reviewer => Self::Reviewer,
            RoleWord::Administrator => Self::Administrator,
        }
    }
}

/// Runs the command.
pub(super) fn run(settings: &Settings, command: Command) -> CliResult {
    let Command::Add(add) = command;
    let password = if add.password_stdin { Some(read_password()?) } else { None };
    let portal = startup::portal(settings, None)?;
    let new = NewAccount { email: &add.email, name: &add.name, role: add.role.into() };
    let token = add_by_command(&portal, &new, password.as_deref()).map_err(|error| match error {
        ActionError::Invalid(problems) => {
            CliError::Failed(problems.into_iter().map(|(_, message)| message).collect::<Vec<_>>().join("\n"))
        }
        other => CliError::Failed(other.to_string()),
    })?;
    match token {
        Some(token) => {
            say!("{}", portal.config.link(&format!("/invitation/{}", token.expose())));
        }
        None => remark!("The password is set. Sign in at {}", portal.config.link("/sign-in")),
    }
    Ok(ExitCode::SUCCESS)
}

/// The first line of standard input.
fn read_password() -> Result<String, CliError> {
    let mut text = String::new();
    std::io::stdin()
        .take(10_000)
        .read_to_string(&mut text)
        .map_err(|error| CliError::Usage(format!("The password could not be read: {error}")))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
