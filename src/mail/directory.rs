//! Mails as `.eml` files in a folder: how a portal without a mail server shows what it would send.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::config::Sender;

use super::delivery_error::{BoxError, DeliveryError};
use super::envelope::Envelope;
use super::message;

/// A folder of mails.
#[derive(Clone, Debug)]
pub struct Directory {
    folder: PathBuf,
    sender: Sender,
}

impl Directory {
    pub(super) fn new(folder: PathBuf, sender: Sender) -> Directory {
        Directory { folder, sender }
    }

    /// Writing is all or nothing and the name follows from the mail, so the same mail twice is one file and every failure is safe to
    /// try again: never `Uncertain`.
    pub(super) fn deliver(
        &self,
        envelope: &Envelope,
        before_body: &mut dyn FnMut() -> Result<(), BoxError>,
    ) -> Result<(), DeliveryError> {
        let built = message::build(envelope, &self.sender)?;
        let name = format!("{}-{}.eml", envelope.created_at.format("%Y%m%dT%H%M%SZ"), built.unique);
        make_folder(&self.folder).map_err(|error| trouble(&error))?;
        before_body().map_err(|error| DeliveryError::NotAttempted(error.to_string()))?;
        write_whole(&self.folder, &name, &built.bytes).map_err(|error| trouble(&error))
    }
}

fn trouble(error: &io::Error) -> DeliveryError {
    DeliveryError::Temporary(format!("the mail could not be written: {error}"))
}

// Mails hold links that set passwords: only the portal's own user may read them.

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Nobody ever sees half a mail: written beside, made durable, then renamed.
fn write_whole(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!(".{name}.part"));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    drop(file);
    if let Err(error) = written.and_then(|()| fs::rename(&unfinished, folder.join(name))) {
        // what matters is the error; a left-over part is overwritten by the next attempt
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    File::open(folder)?.sync_all()
}
