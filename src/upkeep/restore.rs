//! `restore`: a backup put back into an empty data folder, while no portal uses it. Mail is held afterwards, until an administrator has
//! said what becomes of what waits.

use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::NaiveDateTime;

use super::archive::{Archive, Copying, DATABASE, copy_hashed};
use super::backup::{BackupError, KeptBackup, all_there};
use super::{Progress, Scrap, sync_folder};
use crate::config::EvidencePlace;
use crate::files::copies::{COPIES_FOLDER, CopyFound, EvidenceCopies};
use crate::files::{EvidenceFiles, FilesError, LARGEST_FILE, permissions, room};
use crate::portal::{DATABASE_FILE, FolderUse, MARK_FILE, RESTORING};
use crate::store::engine::sqlite::copies;
use crate::store::mail::mail_holds;

const EVIDENCE_FOLDER: &str = "evidence";
/// What may stand in the folder already: the badge keys, which are no part of a backup, the backups themselves, and
/// the note about a database that is gone.
const MAY_STAY: [&str; 3] = ["keys", "backups", MARK_FILE];
/// Places of lacking evidence that a refusal names.
const PLACES_NAMED: usize = 3;

/// Puts a backup back into the data folder `data`, which has to be empty or not there yet, and its evidence into `place`. The backup is
/// examined whole, brought up to the schema of this version, and its mail held, before anything is put in its place. The evidence of a
/// backup in two parts is looked for in the folder `evidence`, or in the one of that name beside the backup. Evidence that a bucket keeps
/// by itself stays there, and `place` has to be a bucket.
///
/// # Errors
/// `BackupError`, also when any evidence is missing that belongs to the backup; then the data folder is as it was.
pub fn restore(
    source: &Path,
    evidence: Option<&Path>,
    data: &Path,
    place: &EvidencePlace,
    now: NaiveDateTime,
    progress: Progress<'_>,
) -> Result<KeptBackup, BackupError> {
    let mut archive = Archive::open(source)?;
    if let (Some(bucket), EvidencePlace::Folder) = (&archive.contents.bucket, place) {
        return Err(BackupError::EvidenceInBucket(bucket.clone()));
    }
    let folder = evidence.map_or_else(|| source.with_file_name(COPIES_FOLDER), Path::to_owned);
    let beside = EvidenceBeside::find(&mut archive, &folder)?;
    let made_folder = made(data)?;
    let unpacked = alone(data).and_then(|_alone| {
        check_empty(data)?;
        unpack(&mut archive, &beside, data, place, now, progress)
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

/// The evidence beside a backup in two parts; none beside one in one part.
struct EvidenceBeside {
    copies: EvidenceCopies,
    files: Vec<(String, u64)>,
}

impl EvidenceBeside {
    /// Looks for everything that belongs to the backup, by name and size, before anything is written.
    fn find(archive: &mut Archive, folder: &Path) -> Result<EvidenceBeside, BackupError> {
        let beside = EvidenceBeside { copies: EvidenceCopies::found_in(folder), files: archive.beside()? };
        let lacking: Vec<&str> = (beside.files.iter())
            .filter(|(sha256, bytes)| beside.copies.find(sha256) != CopyFound::File(*bytes))
            .map(|(sha256, _)| sha256.as_str())
            .collect();
        beside.refuse(&lacking)?;
        Ok(beside)
    }

    fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| *bytes).fold(0, u64::saturating_add)
    }

    /// Refuses a backup of which anything is lacking, with what a person can do.
    fn refuse(&self, lacking: &[&str]) -> Result<(), BackupError> {
        if lacking.is_empty() {
            return Ok(());
        }
        let named = lacking.iter().take(PLACES_NAMED).filter_map(|sha256| sha256.split_at_checked(2));
        let mut first = named.map(|(shelf, rest)| format!("{shelf}/{rest}")).collect::<Vec<_>>().join(", ");
        let others = lacking.len().saturating_sub(PLACES_NAMED);
        if others > 0 {
            first.push_str(&format!(" and {others} more"));
        }
        let folder = self.copies.folder().display().to_string();
        Err(BackupError::EvidenceLacking { lacking: lacking.len(), all: self.files.len(), folder, first })
    }

    /// Copies everything into the folder that is being made, and counts what is altered, so that all of it is told at once.
    fn put_into(
        &self,
        files: &EvidenceFiles,
        step: &mut dyn FnMut(usize) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let mut lacking = Vec::new();
        for (done, (sha256, _)) in self.files.iter().enumerate() {
            let mut incoming = Taking(files.incoming()?);
            let hash = match self.copies.open(sha256).map(|mut copy| copy_hashed(&mut copy, &mut incoming)) {
                Ok(Ok(hash)) => hash,
                Err(_) | Ok(Err(Copying::From(_))) => String::new(),
                Ok(Err(error @ Copying::To(_))) => return Err(error.into()),
            };
            match hash == *sha256 {
                true => drop(incoming.0.finish()?),
                false => lacking.push(sha256.as_str()),
            }
            step(done + 2)?;
        }
        self.refuse(&lacking)
    }
}

/// What a restore takes of the disk, in bytes. What goes on into a bucket is on the disk only while it is on its way, one file at a time.
fn room_needed(archive: &mut Archive, beside: &EvidenceBeside, place: &EvidencePlace) -> u64 {
    match place {
        EvidencePlace::Folder => archive.unpacked_bytes().saturating_add(beside.bytes()),
        EvidencePlace::Bucket(_) => archive.database_bytes().saturating_add(LARGEST_FILE),
    }
}

/// The evidence inside a backup that cannot be put back, with what a person can do.
fn by_hand(error: BackupError) -> BackupError {
    match error {
        BackupError::NotWhole(words) => BackupError::NotWhole(format!(
            "{words}; take another backup, or to go on without that file, put portal.sqlite out of this one into an empty data folder, beside \
             it the keys, and each evidence/abcd… out of it as evidence/ab/cd…, and start: check then names what is missing"
        )),
        other => other,
    }
}

fn unpack(
    archive: &mut Archive,
    beside: &EvidenceBeside,
    data: &Path,
    place: &EvidencePlace,
    now: NaiveDateTime,
    progress: Progress<'_>,
) -> Result<(), BackupError> {
    let all = archive.contents.evidence.len() + beside.files.len() + 2;
    let mut step = |done: usize| match progress(done, all) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(BackupError::Stopped),
    };
    let needed = room_needed(archive, beside, place);
    if let Some(room) = room(data).filter(|room| *room < needed) {
        return Err(BackupError::NoRoom { needed, room });
    }
    let scrap = Scrap(data.join(RESTORING));
    permissions::make_folder(&scrap.0)?;
    // no portal begins here from now on, whatever happens to us
    sync_folder(data)?;
    let database = scrap.0.join(DATABASE);
    unpack_database(archive, &beside.files, &database)?;
    step(1)?;
    // a bucket has its proofs before anything else is in its place: there they harm nobody
    let files = EvidenceFiles::new(&scrap.0)?.kept_at(place).patient();
    for (done, sha256) in archive.contents.evidence.clone().iter().enumerate() {
        let mut incoming = Taking(files.incoming()?);
        archive.evidence_to(sha256, &mut incoming).map_err(by_hand)?;
        incoming.0.finish()?;
        step(done + 2)?;
    }
    beside.put_into(&files, &mut step)?;
    mail_holds::hold_in_copy(&database, archive.made_at()?, now)?;
    File::open(&database)?.sync_all()?;
    move_in(&scrap.0, data)?;
    // it is done: nobody can stop it any more
    let _ = step(all);
    Ok(())
}

/// Writes the database to a file, and looks whether it is one of a portal and names nothing that is not there.
fn unpack_database(
    archive: &mut Archive,
    beside: &[(String, u64)],
    database: &Path,
) -> Result<(), BackupError> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(database)?;
    archive.database_to(&mut file)?;
    file.sync_all()?;
    drop(file);
    let facts = copies::look_into(database)
        .map_err(|_| BackupError::NotWhole("its database is none of a portal".to_owned()))?;
    if let Some(damage) = facts.damage.first() {
        return Err(BackupError::NotWhole(format!("its database is damaged: {damage}")));
    }
    if facts.schema > copies::newest_schema()? {
        return Err(BackupError::Newer);
    }
    if !all_there(&facts.evidence, &archive.contents, beside) {
        return Err(BackupError::NotWhole("its database names evidence that is not in it".to_owned()));
    }
    Ok(())
}

/// Moves what was unpacked to its place in the data folder.
fn move_in(unpacked: &Path, data: &Path) -> Result<(), BackupError> {
    // the database comes last: without it, and beside what we unpacked, the folder is no portal's yet
    fs::rename(unpacked.join(EVIDENCE_FOLDER), data.join(EVIDENCE_FOLDER))?;
    // the note is about the database that was here before
    match fs::remove_file(data.join(MARK_FILE)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    sync_folder(data)?;
    if let Err(error) = fs::rename(unpacked.join(DATABASE), data.join(DATABASE_FILE)) {
        let _ = fs::remove_dir_all(data.join(EVIDENCE_FOLDER));
        return Err(error.into());
    }
    sync_folder(data)?;
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
