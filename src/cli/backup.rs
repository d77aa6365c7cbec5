//! `backup` and `restore`

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use super::error::{CliError, CliResult};
use super::{progress, startup};
use crate::clock::Clock;
use crate::config::{Config, DatabasePlace, Settings};
use crate::upkeep::backup::{BackupError, KeptBackup, backup};
use crate::upkeep::restore::restore;

/// Writes a backup.
pub(super) fn write(settings: &Settings, file: &Path) -> CliResult {
    check_is_file(&startup::config(settings)?)?;
    let portal = startup::portal_to_read(settings, None)?;
    let bar = progress::items(0);
    let kept = backup(&portal, file, &mut |done, all| {
        progress::show(&bar, done, all);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let kept = kept.map_err(|error| CliError::Failed(format!("{}: {error}", file.display())))?;
    say!("{} holds the database and {}, read again and found whole", file.display(), files(&kept));
    say!("The keys that sign badges are not in it: keep a copy of {} apart.", portal.key_file.display());
    Ok(if tell_missing(&kept) { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Refuses what is done with a file where there is none.
fn check_is_file(config: &Config) -> Result<(), CliError> {
    match &config.database {
        DatabasePlace::File => Ok(()),
        DatabasePlace::Server(address) => Err(CliError::Usage(format!(
            "The database is {address}: whoever runs that server makes its backups, and puts them back. This command works with a database that \
             is a file in the data folder."
        ))),
    }
}

/// Puts a backup back.
pub(super) fn put_back(settings: &Settings, file: &Path, evidence: Option<&Path>) -> CliResult {
    let config = startup::config(settings)?;
    check_is_file(&config)?;
    let bar = progress::items(0);
    let now = Clock::system(config.time_zone).now();
    let kept = restore(file, evidence, &config.data, &config.evidence, now, &mut |done, all| {
        progress::show(&bar, done, all);
        ControlFlow::Continue(())
    });
    bar.finish_and_clear();
    let kept = kept.map_err(|error| match error {
        BackupError::NotEmpty(_) | BackupError::InUse(_) | BackupError::EvidenceInBucket(_) => {
            CliError::Usage(format!("Nothing was changed: {error}."))
        }
        _ => CliError::Failed(format!("{}: {error}. Nothing was changed.", file.display())),
    })?;
    say!(
        "{} holds the portal as it was at {}: the database and {}",
        config.data.display(),
        kept.made_at,
        files(&kept)
    );
    if let Some(bucket) = &kept.bucket {
        say!(
            "Its evidence was in {bucket}, and the portal now asks {} for it: cpe-portal check says whether all of it is there.",
            config.evidence
        );
    }
    say!("Mail is held: an administrator says on the page Mail what becomes of the waiting emails.");
    if !config.data.join("keys").join("badges.json").is_file() {
        say!(
            "Before the portal starts, put the copy of the badge keys at {}; without it every badge is signed again with a new key.",
            config.data.join("keys").join("badges.json").display()
        );
    }
    tell_missing(&kept);
    Ok(ExitCode::SUCCESS)
}

fn files(kept: &KeptBackup) -> String {
    match kept.evidence {
        0 if kept.bucket.is_some() => "no evidence, which a bucket keeps".to_owned(),
        1 => "1 evidence file".to_owned(),
        many => format!("{many} evidence files"),
    }
}

fn tell_missing(kept: &KeptBackup) -> bool {
    for sha256 in &kept.missing {
        remark!("Evidence {sha256} was missing or altered when the backup was made, and is not in it.");
    }
    !kept.missing.is_empty()
}
