//! The desk at which files that strangers bring are looked at. What they bring stays in memory, within a limit for each of them and one for
//! all together, and never reaches the disk; it is looked at by one thread, one file at a time, apart from the threads that pages need.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::{Semaphore, oneshot};

use crate::web::http::error::WebError;

/// Most bytes of files that lie on the desk or wait for it, of everybody together.
const MOST_BYTES: usize = 48 * 1024 * 1024;
/// Most bytes of files larger than [`SMALL`], of everybody together: what is left is for real badges, which are smaller.
const MOST_LARGE_BYTES: usize = 32 * 1024 * 1024;
/// A badge with its picture has a tenth of this.
const SMALL: usize = 512 * 1024;
/// Room is taken in such steps as the bytes arrive.
const STEP: usize = 64 * 1024;
/// Most bytes of files of one network address.
const MOST_BYTES_OF_ONE: usize = 12 * 1024 * 1024;
/// Most files that wait for their turn.
const MOST_WAITING: usize = 200;
/// Bytes that a file takes in any case: what is kept about it.
const LEAST_BYTES: usize = 16 * 1024;

/// The desk of this process: what it guards is the memory and the time of the process.
pub static DESK: Desk = Desk::new();

/// Where files are held and looked at.
pub struct Desk {
    /// Bytes held, by network address.
    held: Mutex<BTreeMap<Arc<str>, usize>>,
    /// Places of those who wait, the one at the desk among them.
    line: Semaphore,
    /// The one whose file is looked at.
    seat: Semaphore,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    /// An empty desk.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            held: Mutex::new(BTreeMap::new()),
            line: Semaphore::const_new(MOST_WAITING),
            seat: Semaphore::const_new(1),
        }
    }

    /// A tray for the file of somebody at this network address.
    ///
    /// # Errors
    /// `WebError::Crowded` when there is no room for another.
    pub fn tray(&'static self, address: &str) -> Result<Tray, WebError> {
        let mut tray = Tray { desk: self, address: address.into(), taken: 0, bytes: Vec::new() };
        tray.take(LEAST_BYTES)?;
        Ok(tray)
    }

    /// Looks at something when its turn has come.
    ///
    /// # Errors
    /// `WebError::Crowded` when too many wait, `Interrupted` when the look came to no end.
    pub async fn look<T: Send + 'static>(
        &'static self,
        look: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, WebError> {
        let _place = self.line.try_acquire().map_err(|_| WebError::Crowded)?;
        let seat = self.seat.acquire().await.map_err(|_| WebError::Interrupted)?;
        let (tell, told) = oneshot::channel();
        let looking = move || {
            // the seat stays taken until the end, also when whoever asked has gone away
            let _seat = seat;
            let _ = tell.send(look());
        };
        if let Err(error) = thread::Builder::new().name("badge check".to_owned()).spawn(looking) {
            tracing::error!(%error, "the system gives no thread for checking badges");
            return Err(WebError::Crowded);
        }
        told.await.map_err(|_| WebError::Interrupted)
    }
}

/// The file of one visitor, as far as it has arrived. Its room is free again when this is dropped.
pub struct Tray {
    desk: &'static Desk,
    address: Arc<str>,
    taken: usize,
    bytes: Vec<u8>,
}

impl Tray {
    /// Adds bytes that arrived.
    ///
    /// # Errors
    /// `WebError::Crowded` when there is no room for them.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), WebError> {
        let needed = self.bytes.len().saturating_add(bytes.len());
        if needed > self.taken {
            self.take(needed.max(self.taken.saturating_add(STEP)).saturating_sub(self.taken))?;
            self.bytes.reserve_exact(self.taken.saturating_sub(self.bytes.len()));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    /// What has arrived.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn take(&mut self, more: usize) -> Result<(), WebError> {
        let mut held = self.desk.held.lock().unwrap_or_else(PoisonError::into_inner);
        let all = held.values().copied().fold(more, usize::saturating_add);
        let own = held.get(&self.address).copied().unwrap_or(0).saturating_add(more);
        let most = if self.taken.saturating_add(more) > SMALL { MOST_LARGE_BYTES } else { MOST_BYTES };
        if all > most || own > MOST_BYTES_OF_ONE {
            return Err(WebError::Crowded);
        }
        held.insert(Arc::clone(&self.address), own);
        self.taken = self.taken.saturating_add(more);
        Ok(())
    }
}

impl Drop for Tray {
    fn drop(&mut self) {
        let mut held = self.desk.held.lock().unwrap_or_else(PoisonError::into_inner);
        let left = held.get(&self.address).copied().unwrap_or(0).saturating_sub(self.taken);
        if left == 0 {
            held.remove(&self.address);
        } else {
            held.insert(Arc::clone(&self.address), left);
        }
    }
}
