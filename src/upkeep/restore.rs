//! `restore`: a backup put back into an empty data folder, while no portal uses it. Mail is held afterwards, until an administrator has
//! said what becomes of what waits.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::NaiveDateTime;

use super::archive::{Archive, DATABASE};
use super::backup::{BackupError, KeptBackup, all_there};
use super::{Progress, Scrap, sync_folder};
use crate::config::EvidencePlace;
use crate::files::{EvidenceFiles, FilesError, permissions, room};
use crate::portal::{DATABASE_FILE, FolderUse, MARK_FILE, RESTORING};
use crate::store::engine::copies;
use crate::store::mail::mail_holds;

const EVIDENCE_FOLDER: &str = "evidence";
/// What may stand in the folder already: the badge keys, which are no part of a backup, the backups themselves, and
/// the note about a database that is gone.
const MAY_STAY: [&str; 3] = ["keys", "backups", MARK_FILE];

/// Puts a backup back into the data folder `data`, which has to be empty or not there yet, and its evidence into `place`. The backup is
/// examined whole, brought up to
/// the schema of this version, and its mail held, before anything is put in its place.
///
/// # Errors
/// `BackupError`; then the data folder is as it was.
pub fn restore(
    source: &Path,
    data: &Path,
    place: &EvidencePlace,
    now: NaiveDateTime,
    progress: Progress<'_>,
) -> Result<KeptBackup, BackupError> {
    let mut archive = Archive::open(source)?;
    let made_folder = made(data)?;
    let unpacked = alone(data).and_then(|_alone| {
        check_empty(data)?;
        unpack(&mut archive, data, place, now, progress)
    });
    // the folder made by us goes again; one that was there stays
    if unpacked.is_err() && made_folder {
        let _ = fs::remove_dir(data);
    }
    unpacked?;
    Ok(archive.contents.into())
}

/// Reads a backup whole and compares it with its hashes, and puts nothing anywhere.
///
/// # Errors
/// `BackupError`: what is wrong with it.
pub fn examine(source: &Path) -> Result<KeptBackup, BackupError> {
    let mut archive = Archive::open(source)?;
    archive.made_at()?;
    archive.examine(&mut || Ok(()))?;
    Ok(archive.contents.into())
}

/// Makes the data folder where it is missing, and says whether it did.
fn made(data: &Path) -> Result<bool, BackupError> {
    match fs::metadata(data) {
        Ok(found) if found.is_dir() => Ok(false),
        Ok(_) => Err(BackupError::NotEmpty(data.display().to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            permissions::make_folder(data)?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(BackupError::NotEmpty(data.display().to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

fn alone(data: &Path) -> Result<FolderUse, BackupError> {
    FolderUse::alone(data)?.ok_or_else(|| BackupError::InUse(data.display().to_string()))
}

fn check_empty(data: &Path) -> Result<(), BackupError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(data)? {
        names.push(entry?.file_name());
    }
    // what an interrupted restore left is ours: the evidence moves before the database does
    let interrupted =
        names.iter().any(|name| name == RESTORING) && !names.iter().any(|name| name == DATABASE_FILE);
    if interrupted {
        names.retain(|name| name != RESTORING && name != EVIDENCE_FOLDER);
    }
    names.retain(|name| !MAY_STAY.iter().any(|may| name == may));
    if !names.is_empty() {
        return Err(BackupError::NotEmpty(data.display().to_string()));
    }
    if interrupted {
        for name in [EVIDENCE_FOLDER, RESTORING] {
            match fs::remove_dir_all(data.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
    }
    Ok(())
}

fn unpack(
    archive: &mut Archive,
    data: &Path,
    place: &EvidencePlace,
    now: NaiveDateTime,
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    let all = archive.contents.evidence.len() + 2;
    let mut step = |done: usize| match progress(done, all) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(BackupError::Stopped),
    };
    let needed = archive.unpacked_bytes();
    if let Some(room) = room(data).filter(|room| *room < needed) {
        return Err(BackupError::NoRoom { needed, room });
    }
    let scrap = Scrap(data.join(RESTORING));
    permissions::make_folder(&scrap.0)?;
    // no portal begins here from now on, whatever happens to us
    sync_folder(data)?;
    let database = scrap.0.join(DATABASE);
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(&database)?;
    archive.database_to(&mut file)?;
    file.sync_all()?;
    drop(file);
    step(1)?;
    let facts = copies::look_into(&database)
        .map_err(|_| BackupError::NotWhole("its database is none of a portal".to_owned()))?;
    if let Some(damage) = facts.damage.first() {
        return Err(BackupError::NotWhole(format!("its database is damaged: {damage}")));
    }
    if facts.schema > copies::newest_schema()? {
        return Err(BackupError::Newer);
    }
    if !all_there(&facts.evidence, &archive.contents) {
        return Err(BackupError::NotWhole("its database names evidence that is not in it".to_owned()));
    }
    // a bucket has its proofs before anything else is in its place: there they harm nobody
    let files = EvidenceFiles::new(&scrap.0)?.kept_at(place).patient();
    for (done, sha256) in archive.contents.evidence.clone().iter().enumerate() {
        let mut incoming = Taking(files.incoming()?);
        archive.evidence_to(sha256, &mut incoming)?;
        incoming.0.finish()?;
        step(done + 2)?;
    }
    mail_holds::hold_in_copy(&database, archive.made_at()?, now)?;
    File::open(&database)?.sync_all()?;
    // the database comes last: without it, and beside what we unpacked, the folder is no portal's yet
    fs::rename(scrap.0.join(EVIDENCE_FOLDER), data.join(EVIDENCE_FOLDER))?;
    // the note is about the database that was here before
    match fs::remove_file(data.join(MARK_FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    sync_folder(data)?;
    if let Err(error) = fs::rename(&database, data.join(DATABASE_FILE)) {
        let _ = fs::remove_dir_all(data.join(EVIDENCE_FOLDER));
        return Err(error.into());
    }
    sync_folder(data)?;
    // it is done: nobody can stop it any more
    let _ = step(all);
    Ok(())
}

/// An arriving evidence file as something to write into.
struct Taking(crate::files::Incoming);

impl Write for Taking {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write_chunk(bytes) {
            Ok(()) => Ok(bytes.len()),
            Err(FilesError::Full { source, .. } | FilesError::Disk { source, .. }) => Err(source),
            Err(other) => Err(io::Error::other(other)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
