//! `evidence`: moving proofs between the data folder and a store.

use std::ops::ControlFlow;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::error::{CliError, CliResult};
use super::{progress, startup};
use crate::config::{EvidencePlace, EvidenceSettings, Settings};
use crate::domain::plural::counted;
use crate::files::{EvidenceFiles, FilesError};
use crate::portal::Portal;
use crate::upkeep::bucket_owner::{BucketClaim, Claimant};
use crate::upkeep::evidence_transfer::{self, Transfer, TransferError};

/// What to do about proofs.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Copy every proof to another place; a run that was cut off goes on where it ended
    Move(Move),
    /// Make the store this portal's own, which alone clears away what no report names there; once no other portal keeps its proofs in it
    Claim,
}

#[derive(Args)]
pub(super) struct Move {
    /// Where they are to be: folder, or s3://BUCKET/PREFIX
    #[arg(long, value_name = "PLACE")]
    to: String,
    /// Where they are [default: the place that the settings name]
    #[arg(long, value_name = "PLACE")]
    from: Option<String>,
    /// After everything was read again at the new place, remove it from the old one; only while no portal uses the data folder
    #[arg(long)]
    remove: bool,
}

/// Does it.
pub(super) fn run(settings: &Settings, command: &Command) -> CliResult {
    match command {
        Command::Move(wanted) => move_proofs(settings, wanted),
        Command::Claim => claim(settings),
    }
}

/// Takes over the store that the settings name.
fn claim(settings: &Settings) -> CliResult {
    let portal = startup::existing_portal(settings)?;
    let failed = |error: FilesError| CliError::Failed(error.to_string());
    let Some(name) = portal.files.bucket_name() else {
        let words = "The proofs are in the data folder, which is this portal's own.";
        return Err(CliError::Usage(words.to_owned()));
    };
    let claimant = claimant(&portal)?;
    if claimant.held {
        return Err(CliError::Failed(format!(
            "Mail is held after a restore or a takeover: until an administrator has said under Mail what becomes of it, nobody knows whether \
             this is the portal that goes on. {name} is as it was."
        )));
    }
    let files = portal.files.patient();
    match claimant.look(&files).map_err(failed)? {
        Some(BucketClaim::Ours | BucketClaim::OursLately) => {
            say!("{name} is this portal's own already.");
            return Ok(ExitCode::SUCCESS);
        }
        Some(BucketClaim::Foreign(other)) => remark!("{name} belonged to another portal ({other})."),
        Some(BucketClaim::Nobodys) | None => {}
    }
    files.own(&claimant.name).map_err(failed)?;
    say!(
        "{name} is this portal's own. From tomorrow night it clears away there what no report of its own names."
    );
    Ok(ExitCode::SUCCESS)
}

fn claimant(portal: &Portal) -> Result<Claimant, CliError> {
    Claimant::of(&portal.store).map_err(|error| CliError::Failed(error.to_string()))
}

/// Refuses to empty a store that is another portal's, or may be.
fn refuse_foreign(portal: &Portal, source: &EvidenceFiles) -> Result<(), CliError> {
    let Some(name) = source.bucket_name() else { return Ok(()) };
    let claimant = claimant(portal)?;
    let claim = claimant.look(source).map_err(|error| CliError::Failed(error.to_string()))?;
    let why = match claim.as_ref().and_then(BucketClaim::other) {
        Some(other) => format!("{name} belongs to another portal ({other})"),
        None if claimant.held => {
            format!("Mail is held after a restore or a takeover: {name} may be another portal's")
        }
        None => return Ok(()),
    };
    Err(CliError::Usage(format!("{why}. Leave --remove out: nothing was changed.")))
}

/// Tells that the store to which proofs were brought is another portal's.
fn say_whose(portal: &Portal, target: &EvidenceFiles) {
    // what cannot be found out now is told by the portal that starts there
    let claim = Claimant::of(&portal.store).ok().and_then(|claimant| claimant.look(target).ok().flatten());
    if let (Some(BucketClaim::Foreign(other)), Some(name)) = (claim, target.bucket_name()) {
        remark!(
            "{name} belongs to another portal ({other}): this one clears nothing away there. Once that one is stopped for good, \
             cpe-portal evidence claim makes it this portal's."
        );
    }
}

/// Moves proofs.
fn move_proofs(settings: &Settings, wanted: &Move) -> CliResult {
    let from = place(settings, wanted.from.as_deref())?;
    let to = place(settings, Some(&wanted.to))?;
    if from == to {
        return Err(CliError::Usage(format!(
            "The proofs are at {from} already. Name the place where they are now with --from."
        )));
    }
    let portal = startup::existing_portal(settings)?;
    if wanted.remove && !alone(&portal)? {
        return Err(CliError::Usage(
            "A portal uses the data folder. Stop it first, or leave --remove out: nothing was changed."
                .to_owned(),
        ));
    }
    let (source, target) = (files(&portal, &from)?, files(&portal, &to)?);
    if wanted.remove {
        refuse_foreign(&portal, &source)?;
    }
    let done = watched(|progress| evidence_transfer::copy(&portal, &source, &target, progress))?;
    say!("{} brought to {to}, {} there already", proofs(done.copied), done.there);
    let mut missing = done.missing;
    if wanted.remove && missing.is_empty() {
        let done = watched(|progress| evidence_transfer::remove(&portal, &source, &target, progress))?;
        say!("{} read again at {to}, {} removed from {from}", proofs(done.there), done.removed);
        missing = done.missing;
    }
    for lacking in &missing {
        remark!("Evidence {lacking}.");
    }
    if !missing.is_empty() {
        remark!("Nothing was removed.");
        return Ok(ExitCode::from(1));
    }
    say_whose(&portal, &target);
    if !wanted.remove && !alone(&portal)? {
        remark!(
            "A portal uses the data folder, and keeps new proofs at its own place: stop it and run this once more before it starts with \
             CPE_PORTAL_EVIDENCE={to}."
        );
    } else {
        say!("The portal finds them there when it starts with CPE_PORTAL_EVIDENCE={to}.");
    }
    Ok(ExitCode::SUCCESS)
}

/// A place of proofs that was named, or the one of the settings.
fn place(settings: &Settings, named: Option<&str>) -> Result<EvidencePlace, CliError> {
    let place = named.map(str::to_owned).or_else(|| settings.evidence.place.clone());
    let checked = EvidenceSettings { place, ..settings.evidence.clone() }.check();
    checked.map_err(|problems| {
        let lines = problems.into_iter().map(|(variable, problem)| format!("{variable}: {problem}"));
        CliError::Usage(lines.collect::<Vec<_>>().join("\n"))
    })
}

fn files(portal: &Portal, place: &EvidencePlace) -> Result<EvidenceFiles, CliError> {
    let files = EvidenceFiles::new(&portal.config.data);
    let files = files.map_err(|error| CliError::Failed(error.to_string()))?;
    Ok(files.kept_at(place).patient())
}

/// Whether nobody else uses the data folder, which stays so until the command ends.
fn alone(portal: &Portal) -> Result<bool, CliError> {
    let Some(folder_use) = &portal.folder_use else { return Ok(false) };
    folder_use.alone_from_now_on().map_err(|error| CliError::Failed(error.to_string()))
}

/// Runs something with a bar.
fn watched(
    run: impl FnOnce(&mut dyn FnMut(usize, usize) -> ControlFlow<()>) -> Result<Transfer, TransferError>,
) -> Result<Transfer, CliError> {
    let bar = progress::items(0);
    let done = run(&mut |done, all| {
        progress::show(&bar, done, all);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    done.map_err(|error| {
        CliError::Failed(format!(
            "{error}. What has arrived stays there; the same command goes on with the rest. Nothing was lost."
        ))
    })
}

fn proofs(number: usize) -> String {
    counted(i64::try_from(number).unwrap_or(i64::MAX), "proof", "proofs")
}
