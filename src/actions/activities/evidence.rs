//! Evidence: bringing, keeping, taking away and opening proof files. Bytes are on the disk before a row speaks of them.

use std::fs::File;

use chrono::{NaiveDateTime, TimeDelta};

use crate::actions::{ActionError, activities};
use crate::domain::history_event::HistoryEvent;
use crate::domain::ids::{ActivityId, EvidenceId, HolderId};
use crate::domain::roles::{Actor, Holder};
use crate::files::media_type::MediaType;
use crate::files::{FilesError, MOST_FILES, StoredFile};
use crate::portal::Portal;
use crate::store::activities::evidence::{self, Evidence, NewEvidence};
use crate::store::{Conn, StoreError};

/// A file that came with a form, recognised and on the disk.
#[derive(Clone, Debug)]
pub struct EvidenceUpload {
    /// Its cleaned name.
    pub name: String,
    /// Where its content is.
    pub file: StoredFile,
    /// What it is, by content.
    pub media_type: MediaType,
}

/// The files of a report form.
#[derive(Clone, Debug, Default)]
pub struct Proofs<'a> {
    /// Files that came with it.
    pub uploads: &'a [EvidenceUpload],
    /// Files that came with an earlier try and are to stay.
    pub kept: &'a [EvidenceId],
    /// Files of the activity that are to go.
    pub removed: &'a [EvidenceId],
    /// Why files that came with it were refused, each message naming its file.
    pub refused: &'a [String],
}

impl Proofs<'_> {
    /// Whether they change nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.uploads.is_empty() && self.kept.is_empty() && self.removed.is_empty() && self.refused.is_empty()
    }
}

/// A file opened for somebody who may see it.
#[derive(Debug)]
pub struct Opened {
    /// What is known about it.
    pub evidence: Evidence,
    /// Its content, every byte as it was stored, to be read from its beginning.
    pub file: File,
    /// How long that is.
    pub bytes: u64,
}

/// Most bytes of one holder's files that are not part of a report that was handed in: forms that need another look, drafts, and messages
/// of the last month. A form can bring 150 MB.
pub const MOST_WAITING: i64 = 500 * 1024 * 1024;
/// How long a file that was sent with a message counts.
const MESSAGES_COUNT: TimeDelta = TimeDelta::days(30);

/// Bytes that a holder can still bring before some of the files that wait are sent or removed.
///
/// # Errors
/// `ActionError::Store`.
pub fn room_for(portal: &Portal, holder: HolderId) -> Result<i64, ActionError> {
    let since = portal.clock.now() - MESSAGES_COUNT;
    let waiting = portal.store.read(|conn| evidence::bytes_waiting(conn, holder, since))?;
    Ok(MOST_WAITING.saturating_sub(waiting).max(0))
}

fn record(
    conn: &mut Conn<'_>,
    holder: HolderId,
    activity: Option<ActivityId>,
    upload: &EvidenceUpload,
    now: NaiveDateTime,
) -> Result<EvidenceId, StoreError> {
    let new = NewEvidence {
        holder,
        activity,
        sha256: &upload.file.sha256,
        name: &upload.name,
        media_type: upload.media_type.mime(),
        bytes: i64::try_from(upload.file.size).unwrap_or(i64::MAX),
    };
    evidence::add(conn, &new, now)
}

/// Brings an activity's files to what the form says: some go, waiting ones are tied to it, new ones are added. The same content twice
/// is one file.
///
/// # Errors
/// `ActionError::Invalid` at `evidence` for more than ten files.
pub(in crate::actions) fn settle(
    conn: &mut Conn<'_>,
    holder: HolderId,
    activity: ActivityId,
    proofs: &Proofs<'_>,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let mut there = if proofs.removed.is_empty() && proofs.uploads.is_empty() && proofs.kept.is_empty() {
        return Ok(());
    } else {
        evidence::of_activity(conn, activity)?
    };
    for gone in there.extract_if(.., |file| proofs.removed.contains(&file.id)) {
        evidence::remove(conn, gone.id, now)?;
    }
    let mut hashes: Vec<String> = there.into_iter().map(|file| file.sha256).collect();
    for file in evidence::waiting(conn, holder, proofs.kept)? {
        if hashes.contains(&file.sha256) {
            evidence::remove(conn, file.id, now)?;
        } else {
            evidence::attach(conn, file.id, activity)?;
            hashes.push(file.sha256);
        }
    }
    for upload in proofs.uploads {
        if !hashes.contains(&upload.file.sha256) {
            record(conn, holder, Some(activity), upload, now)?;
            hashes.push(upload.file.sha256.clone());
        }
    }
    if hashes.len() > MOST_FILES {
        let message = format!(
            "A report can have up to {MOST_FILES} files. With these it would have {}. Leave some of them out.",
            hashes.len()
        );
        return Err(ActionError::invalid("evidence", message));
    }
    Ok(())
}

/// Sends files with a message: waiting ones are tied to it, new ones are added. The same content twice is one file.
///
/// # Errors
/// `ActionError::Invalid` at `evidence` for more than ten files.
pub(in crate::actions) fn send_with(
    conn: &mut Conn<'_>,
    holder: HolderId,
    message: i64,
    proofs: &Proofs<'_>,
    now: NaiveDateTime,
) -> Result<(), ActionError> {
    let mut hashes: Vec<String> = Vec::new();
    for file in evidence::waiting(conn, holder, proofs.kept)? {
        if hashes.contains(&file.sha256) {
            evidence::remove(conn, file.id, now)?;
        } else {
            evidence::send_with(conn, file.id, message)?;
            hashes.push(file.sha256);
        }
    }
    for upload in proofs.uploads {
        if !hashes.contains(&upload.file.sha256) {
            let id = record(conn, holder, None, upload, now)?;
            evidence::send_with(conn, id, message)?;
            hashes.push(upload.file.sha256.clone());
        }
    }
    if hashes.len() > MOST_FILES {
        let message =
            format!("A message can have up to {MOST_FILES} files. Leave some out, or send a second message.");
        return Err(ActionError::invalid("evidence", message));
    }
    Ok(())
}

/// Keeps files whose form needs another look, or is not sent yet, so that nobody has to upload them again. Gives all that wait for this
/// form; the same content twice is one file.
///
/// # Errors
/// `ActionError::Store`.
pub fn keep(portal: &Portal, holder: HolderId, proofs: &Proofs<'_>) -> Result<Vec<Evidence>, ActionError> {
    if proofs.uploads.is_empty() {
        return portal.store.read(|conn| Ok(evidence::waiting(conn, holder, proofs.kept)?));
    }
    let now = portal.clock.now();
    portal.store.write(|conn| {
        let mut ids = proofs.kept.to_vec();
        let waiting = evidence::waiting(conn, holder, &ids)?;
        let mut hashes: Vec<String> = waiting.into_iter().map(|file| file.sha256).collect();
        for upload in proofs.uploads {
            if !hashes.contains(&upload.file.sha256) {
                ids.push(record(conn, holder, None, upload, now)?);
                hashes.push(upload.file.sha256.clone());
            }
        }
        let mut waiting = evidence::waiting(conn, holder, &ids)?;
        let mut seen: Vec<String> = Vec::new();
        waiting.retain(|file| {
            let first = !seen.contains(&file.sha256);
            seen.push(file.sha256.clone());
            first
        });
        Ok(waiting)
    })
}

/// Takes a file of the holder's own away from a report that can still be changed. Gives the activity it belonged to.
///
/// # Errors
/// `ActionError::NotFound` for somebody else's file; `StoreError::Changed` when the report is decided.
pub fn remove(portal: &Portal, holder: Holder, id: EvidenceId) -> Result<Option<ActivityId>, ActionError> {
    let (today, now) = portal.clock.today_and_now();
    portal.store.write(|conn| {
        let file = evidence::find(conn, id)?.filter(|file| file.holder == holder.id);
        let file = file.ok_or(ActionError::NotFound)?;
        if evidence::was_sent(conn, id)? {
            // what was written stays as it was written
            return Err(StoreError::Changed.into());
        }
        evidence::remove(conn, id, now)?;
        if let Some(activity) = file.activity {
            // a reviewer who looks at it now must notice: the version counts up
            activities::touch(
                conn,
                holder.id,
                activity,
                HistoryEvent::EvidenceRemoved,
                file.name,
                today,
                now,
            )?;
        }
        Ok(file.activity)
    })
}

/// Finds a file for its owner or for staff; for anybody else there is none.
///
/// # Errors
/// `ActionError::NotFound`.
pub fn find(portal: &Portal, viewer: Actor, id: EvidenceId) -> Result<Evidence, ActionError> {
    portal.store.read(|conn| {
        let file = evidence::find(conn, id)?.ok_or(ActionError::NotFound)?;
        // a draft, and what waits for a form, is nobody's but its owner's
        let handed_in = match file.activity {
            Some(id) => {
                crate::store::activities::find(conn, id)?.is_some_and(|report| report.reported_at.is_some())
            }
            None => evidence::was_sent(conn, id)?,
        };
        if file.holder == viewer.id || (viewer.role.reviews() && handed_in) {
            Ok(file)
        } else {
            Err(ActionError::NotFound)
        }
    })
}

/// Opens a file that was found.
///
/// # Errors
/// `ActionError::Files` when the content is missing or is not what was stored.
pub fn open(portal: &Portal, evidence: Evidence) -> Result<Opened, ActionError> {
    let file = portal.files.open_intact(&evidence.sha256)?;
    let bytes = file.metadata().map_err(FilesError::disk("reading evidence"))?.len();
    Ok(Opened { evidence, file, bytes })
}
