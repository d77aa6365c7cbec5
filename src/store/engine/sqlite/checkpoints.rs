//! Moving the write-ahead log into the database file beside the writers, not in their time.
//!
//! `SQLite` by itself lets the commit that fills the log move it: that commit, and everybody behind it, waits for scattered writes to a large
//! file. Here a thread with a connection of its own does it (PASSIVE: it blocks nobody); a commit only helps when the thread cannot keep up.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;

use super::log_mark::LogMark;
use crate::store::StoreError;

/// How long writes gather before the thread moves them.
const GATHER: Duration = Duration::from_millis(250);

/// Wakes the thread; it ends with the last of these.
#[derive(Debug)]
pub(in crate::store) struct Checkpoints {
    wake: SyncSender<()>,
}

impl Checkpoints {
    /// Starts the thread. Without one (no thread to be had) commits do the work, as ever.
    pub(in crate::store) fn start(path: PathBuf, mark: LogMark) -> Checkpoints {
        let (wake, woken) = sync_channel(1);
        let started = thread::Builder::new().name("checkpoints".to_owned()).spawn(move || {
            while woken.recv().is_ok() {
                thread::sleep(GATHER);
                if woken.try_recv() == Err(TryRecvError::Disconnected) || !path.exists() {
                    break;
                }
                if let Err(error) = move_log(&path, &mark) {
                    // nothing is lost: the log keeps everything until it could be moved
                    tracing::warn!(%error, "the write-ahead log could not be moved into the database file");
                }
            }
        });
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for checkpoints");
        }
        Checkpoints { wake }
    }

    /// Told after every write.
    pub(in crate::store) fn written(&self) {
        // one that cannot be told has been told already, or is gone and commits do the work
        let _ = self.wake.try_send(());
    }
}

/// What became of the log.
#[derive(PartialEq, Eq, QueryableByName)]
struct Moved {
    #[diesel(sql_type = Integer)]
    busy: i32,
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

impl Moved {
    fn is_whole(&self) -> bool {
        self.busy == 0 && self.log == self.checkpointed
    }
}

/// With a connection opened each time: one that stays would keep the log alive after the last writer has closed.
fn move_log(path: &Path, mark: &LogMark) -> Result<(), StoreError> {
    let before = mark.before_moving();
    let mut conn = SqliteConnection::establish(&path.to_string_lossy())
        .map_err(|error| StoreError::database("", error))?;
    conn.batch_execute("PRAGMA busy_timeout=0; PRAGMA synchronous=FULL;")?;
    let mut checkpoint =
        || diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result::<Moved>(&mut conn);
    let moved = checkpoint()?;
    match before {
        // SQLite leaves out the syncing of the file when somebody writes meanwhile, and does not say so: only when nothing was added
        // until a second look was it synced at the first
        Some(changes) if moved.is_whole() && checkpoint()? == moved => mark.moved(changes),
        _ => Ok(()),
    }
}
