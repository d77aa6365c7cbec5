//! The files of a report form: recognised by content and brought to their place before anything speaks of them.

use std::sync::Arc;

use actix_web::web;

use crate::actions::ActionError;
use crate::actions::activities::evidence::{EvidenceUpload, MOST_WAITING, room_for};
use crate::domain::ids::{EvidenceId, HolderId};
use crate::files::FilesError;
use crate::files::file_name::clean;
use crate::portal::Portal;
use crate::web::forms::upload::{self, CheckedMultipart};
use crate::web::forms::upload_quota::{Arriving, bytes_of};
use crate::web::http::blocking::blocking;
use crate::web::http::error::WebError;

/// The files that came with a form, and what it says about earlier ones.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Taken: recognised and on the disk.
    pub uploads: Vec<EvidenceUpload>,
    /// Not taken; each message names the file.
    pub refused: Vec<String>,
    /// Brought with an earlier try, to stay.
    pub kept: Vec<EvidenceId>,
    /// Of the activity, to go.
    pub removed: Vec<EvidenceId>,
    /// Counts what was taken until it is recorded.
    #[allow(dead_code, reason = "held, not read: dropping it frees the room")]
    pub arrived: Arc<Vec<Arriving>>,
}

/// Takes in the files of a holder's form. What is no accepted kind of file is refused by name, and so is what goes beyond the room that
/// one holder has for files that wait; the others are kept.
///
/// # Errors
/// `WebError` when the disk cannot take them.
pub async fn received(
    portal: &web::Data<Portal>,
    holder: HolderId,
    form: CheckedMultipart,
) -> Result<Files, WebError> {
    let ids = |name| form.fields.all(name).filter_map(|id| id.parse().ok()).collect();
    let (kept, removed) = (ids("kept_evidence"), ids("remove_evidence"));
    let mut refused: Vec<String> = form.left_out.into_iter().map(|(_, message)| message).collect();
    if form.files.is_empty() {
        return Ok(Files { refused, kept, removed, ..Files::default() });
    }
    let arrived = form.files;
    let taken = blocking(portal, move |portal| Taken::of(portal, holder, arrived)).await?;
    refused.extend(taken.refused);
    Ok(Files { uploads: taken.uploads, refused, kept, removed, arrived: Arc::new(taken.arriving) })
}

fn not_stored(name: &str) -> String {
    format!(
        "“{name}” could not be stored just now: the place where proofs are kept does not answer. Nothing was lost: what you typed is still \
         here. Choose the file again in a few minutes, or send the form without it. The people who run the portal can see this, too."
    )
}

/// What could be taken of the files of a form, and what not.
#[derive(Default)]
struct Taken {
    uploads: Vec<EvidenceUpload>,
    /// Each message names the file.
    refused: Vec<String>,
    arriving: Vec<Arriving>,
}

impl Taken {
    fn of(portal: &Portal, holder: HolderId, arrived: Vec<upload::Upload>) -> Result<Taken, ActionError> {
        let ours: u64 = arrived.iter().map(|file| file.arriving.bytes()).sum();
        // forms of the same holder that end at the same moment count each other
        let others = i64::try_from(bytes_of(holder).saturating_sub(ours)).unwrap_or(i64::MAX);
        let mut room = room_for(portal, holder)?.saturating_sub(others);
        let (mut taken, mut store_is_away) = (Taken::default(), false);
        for mut file in arrived {
            let name = clean(&file.name);
            let size = i64::try_from(file.incoming.size()).unwrap_or(i64::MAX);
            // whoever sent ten files does not wait ten times
            if store_is_away {
                taken.refused.push(not_stored(&name));
                continue;
            }
            if size > room {
                taken.refused.push(format!(
                    "“{name}” was left out: {} MB of your files are already waiting, in drafts and messages. Send your drafts, or remove files \
                     from them.",
                    MOST_WAITING.saturating_sub(room) >> 20
                ));
                continue;
            }
            match file.incoming.recognise()? {
                Ok(media_type) => match file.incoming.finish() {
                    Ok(stored) => {
                        room = room.saturating_sub(size);
                        taken.uploads.push(EvidenceUpload { name, media_type, file: stored });
                        taken.arriving.push(file.arriving);
                    }
                    Err(error @ FilesError::Unreachable { .. }) => {
                        tracing::error!(%error, "a proof could not be stored");
                        taken.refused.push(not_stored(&name));
                        store_is_away = true;
                    }
                    Err(error) => return Err(error.into()),
                },
                Err(refusal) => taken.refused.push(format!("“{name}”: {refusal}")),
            }
        }
        Ok(taken)
    }
}
