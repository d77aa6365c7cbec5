//! Files on their way to somebody: read from the disk piece by piece as they are taken, and only so many at once. Whoever asks for many
//! and reads none holds nothing but places, and loses those when somebody else needs them.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::body::SizedStream;
use actix_web::web::{self, Bytes};
use futures_util::Stream;

use crate::domain::ids::AccountId;
use crate::portal::Portal;
use crate::web::http::error::WebError;

/// Bytes read at a time.
const PIECE: usize = 64 * 1024;
/// Files that one person can be taking at once: those that a page shows, and some more.
const FOR_ONE: usize = 12;
/// Files that all can be taking at once.
const FOR_ALL: usize = 200;
/// How long a reader may stand still before the place can go to somebody else.
const STANDS_STILL: Duration = Duration::from_secs(30);
/// How long somebody waits for a place.
const WAIT: Duration = Duration::from_secs(5);
/// Between two looks for a place.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// One who is taking a file.
struct Reader {
    /// Whose portal it is, and who reads.
    who: (PathBuf, AccountId),
    /// The file, until its place went to somebody else.
    file: Mutex<Option<File>>,
    /// When the last piece was asked for.
    asked_at: Mutex<Instant>,
}

impl Reader {
    fn stands_still(&self) -> Duration {
        self.asked_at.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }

    fn piece(&self) -> io::Result<Vec<u8>> {
        *self.asked_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = file.as_mut().ok_or_else(|| io::Error::other("the reader stood still for too long"))?;
        let mut piece = vec![0; PIECE];
        let read = file.read(&mut piece)?;
        piece.truncate(read);
        Ok(piece)
    }
}

static READERS: Mutex<Vec<Arc<Reader>>> = Mutex::new(Vec::new());

/// A place among those who take files. It is free again when this is dropped.
pub(in crate::web) struct Place(Arc<Reader>);

impl Place {
    /// A place for this person. When there is none, it is waited for a moment.
    ///
    /// # Errors
    /// `WebError::TooManyAtOnce`.
    pub(in crate::web) async fn take(portal: &Portal, person: AccountId) -> Result<Place, WebError> {
        let began = Instant::now();
        let who = (portal.config.data.clone(), person);
        loop {
            if let Some(place) = Place::free(&who) {
                return Ok(place);
            }
            if began.elapsed() > WAIT {
                return Err(WebError::TooManyAtOnce);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn free(who: &(PathBuf, AccountId)) -> Option<Place> {
        let mut readers = READERS.lock().unwrap_or_else(PoisonError::into_inner);
        let own = readers.iter().filter(|reader| reader.who == *who).count();
        if own >= FOR_ONE || readers.len() >= FOR_ALL {
            let (nth, _) = readers
                .iter()
                .enumerate()
                .filter(|(_, reader)| own < FOR_ONE || reader.who == *who)
                .map(|(nth, reader)| (nth, reader.stands_still()))
                .filter(|(_, still)| *still > STANDS_STILL)
                .max_by_key(|(_, still)| *still)?;
            let slow = readers.swap_remove(nth);
            *slow.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        let reader = Arc::new(Reader {
            who: who.clone(),
            file: Mutex::new(None),
            asked_at: Mutex::new(Instant::now()),
        });
        readers.push(reader.clone());
        Some(Place(reader))
    }

    /// The body of an answer: what `file` still has to give, which is `bytes` long.
    pub(in crate::web) fn body(
        self,
        file: File,
        bytes: u64,
    ) -> SizedStream<impl Stream<Item = io::Result<Bytes>> + Unpin + 'static> {
        *self.0.file.lock().unwrap_or_else(PoisonError::into_inner) = Some(file);
        let pieces = futures_util::stream::unfold(self, |place| async {
            let reader = place.0.clone();
            match web::block(move || reader.piece()).await {
                Ok(Ok(piece)) if !piece.is_empty() => Some((Ok(Bytes::from(piece)), place)),
                Ok(Err(error)) => {
                    tracing::warn!(%error, "a download broke off");
                    // shorter than was said: the other side sees that it is not whole
                    None
                }
                _ => None,
            }
        });
        SizedStream::new(bytes, Box::pin(pieces))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut readers = READERS.lock().unwrap_or_else(PoisonError::into_inner);
        readers.retain(|reader| !Arc::ptr_eq(reader, &self.0));
    }
}
