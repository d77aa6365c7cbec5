//! `backup` and `restore`

use std::path::Path;
use std::process::ExitCode;

use super::{Ending, Trouble, long_run, start};
use crate::config::Settings;
use crate::transfer::backup::{BackupError, Kept, backup, restore};

/// Writes a backup.
pub(super) fn write(settings: &Settings, file: &Path) -> Ending {
    let portal = start::existing_portal(settings)?;
    let bar = long_run::items(0);
    let kept = backup(&portal, file, &mut |done, all| long_run::show(&bar, done, all));
    bar.finish_and_clear();
    let kept = kept.map_err(|error| Trouble::Failed(format!("{}: {error}", file.display())))?;
    println!("{} holds the database and {}, read again and found whole", file.display(), files(&kept));
    Ok(if tell_missing(&kept) { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Puts a backup back.
pub(super) fn put_back(settings: &Settings, file: &Path) -> Ending {
    let config = start::config(settings)?;
    let kept = restore(file, &config.data).map_err(|error| match error {
        BackupError::NotEmpty(_) => Trouble::Usage(format!("Nothing was changed: {error}.")),
        _ => Trouble::Failed(format!("{}: {error}. Nothing was changed.", file.display())),
    })?;
    println!(
        "{} holds the portal as it was at {}: the database and {}",
        config.data.display(),
        kept.made_at,
        files(&kept)
    );
    tell_missing(&kept);
    Ok(ExitCode::SUCCESS)
}

fn files(kept: &Kept) -> String {
    match kept.evidence {
        1 => "1 evidence file".to_owned(),
        many => format!("{many} evidence files"),
    }
}

fn tell_missing(kept: &Kept) -> bool {
    for sha256 in &kept.missing {
        eprintln!("Evidence {sha256} was missing or altered when the backup was made, and is not in it.");
    }
    !kept.missing.is_empty()
}
