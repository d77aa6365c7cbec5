//! What of the portal's own is copied each night when its database is on a server, whose owner makes the backups of that: the evidence, each
//! file once. Copies stay, also of evidence that is gone: a database that is put back may name it.

use std::path::PathBuf;

use super::Progress;
use super::archive::BackupError;
use super::evidence_copies::{CopiesReport, NAMES_AT_ONCE, bytes_to_copy, copy_all};
use super::nightly_backup::{LEFT_FREE, make_private};
use super::rotation::WeekPart;
use crate::domain::job::JobName;
use crate::files::copies::EvidenceCopies;
use crate::files::room;
use crate::portal::Portal;
use crate::store::operations::{invariants, job_runs};

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NightlyCopies {
    /// Where the copies are.
    pub folder: PathBuf,
    /// How they stand.
    pub evidence: CopiesReport,
}

/// Copies the evidence that has no copy yet into the folder of backups, and reads a part of the other copies again. `None` where a bucket keeps
/// the evidence.
///
/// # Errors
/// `BackupError`, also when there is too little room. Copies that were made stay.
pub fn nightly_copies(portal: &Portal, progress: Progress<'_>) -> Result<Option<NightlyCopies>, BackupError> {
    if portal.files.bucket_name().is_some() {
        return Ok(None);
    }
    let folder = &portal.config.backups;
    make_private(folder)?;
    let Some(copies) = EvidenceCopies::alone(folder, &portal.files)? else {
        return Err(BackupError::UnderWay(folder.display().to_string()));
    };
    let needed = bytes_to_copy(portal, &copies)?.saturating_add(LEFT_FREE);
    if let Some(room) = room(folder).filter(|room| *room < needed) {
        return Err(BackupError::NoRoom { needed, room });
    }
    let last = portal.store.read(|conn| job_runs::last_done(conn, JobName::Backup))?;
    let last = last.map(|run| portal.clock.day_of(run.started_at));
    let turn = WeekPart::since(last, portal.clock.today());
    let mut evidence = CopiesReport::default();
    let mut after = String::new();
    loop {
        let named = portal.store.read(|conn| invariants::evidence_named(conn, &after, NAMES_AT_ONCE))?;
        let Some((last, ..)) = named.last() else { break };
        after.clone_from(last);
        let named: Vec<String> = named.into_iter().map(|(sha256, ..)| sha256).collect();
        evidence.add(copy_all(&portal.files, &copies, &named, &turn, &mut || match progress(1, 1) {
            std::ops::ControlFlow::Continue(()) => Ok(()),
            std::ops::ControlFlow::Break(()) => Err(BackupError::Stopped),
        })?);
    }
    Ok(Some(NightlyCopies { folder: copies.folder().to_owned(), evidence }))
}
