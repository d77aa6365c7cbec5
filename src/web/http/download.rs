//! Files on their way to somebody: read from the disk piece by piece as they are taken, and only so many at once. Whoever asks for many
//! and reads none holds nothing but places, and loses those when somebody else needs them.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::body::SizedStream;
use actix_web::web::{self, Bytes};
use futures_util::Stream;

use crate::domain::ids::AccountId;
use crate::files::LARGEST_FILE;
use crate::portal::Portal;
use crate::web::http::error::WebError;

/// Bytes read at a time.
const PIECE: usize = 64 * 1024;
/// Files that one person can be taking at once: those that a page shows, and some more.
const FOR_ONE: usize = 12;
/// Files that all can be taking at once.
const FOR_ALL: usize = 200;
/// Bytes on our disk of files that came out of a bucket for somebody who takes them, together.
const MOST_COPIED: u64 = 32 * LARGEST_FILE;
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
    /// Whether what is read is a copy of ours, which is gone with its reader.
    copies: bool,
    /// The bytes of that copy.
    copied: AtomicU64,
}

impl Reader {
    /// Takes the file away, as one whose place goes to somebody else.
    fn drop_file(&self) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.copied.store(0, Ordering::Relaxed);
    }

    /// The bytes of a copy that somebody takes. One that is being fetched is nobody's to take away: it would lie on the disk all the same.
    fn in_hand(&self) -> u64 {
        let fetched = self.file.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if fetched { self.copied.load(Ordering::Relaxed) } else { 0 }
    }

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

/// The slowest copy of whoever has the most room, when that is more than `who` would have with so many bytes more: a few people who take
/// their time keep nobody from reading.
fn greediest<'a>(
    readers: &'a [Arc<Reader>],
    who: &(PathBuf, AccountId),
    bytes: u64,
) -> Option<&'a Arc<Reader>> {
    let copied = |reader: &Arc<Reader>| reader.copied.load(Ordering::Relaxed);
    let share = |of: &(PathBuf, AccountId)| {
        readers.iter().filter(|reader| reader.who == *of).map(copied).fold(0, u64::saturating_add)
    };
    let here = readers.iter().filter(|reader| reader.who.0 == who.0 && reader.in_hand() > 0);
    let most = here.max_by_key(|reader| (share(&reader.who), reader.stands_still()))?;
    (share(&most.who) > share(who).saturating_add(bytes)).then_some(most)
}

impl Place {
    /// A place for this person. When there is none, it is waited for a moment.
    ///
    /// # Errors
    /// `WebError::TooManyAtOnce`.
    pub(in crate::web) async fn take(portal: &Portal, person: AccountId) -> Result<Place, WebError> {
        let began = Instant::now();
        let who = (portal.config.data.clone(), person);
        loop {
            if let Some(place) = Place::free(&who, portal.files.bucket_name().is_some()) {
                return Ok(place);
            }
            if began.elapsed() > WAIT {
                return Err(WebError::TooManyAtOnce);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    fn free(who: &(PathBuf, AccountId), copies: bool) -> Option<Place> {
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
            readers.swap_remove(nth).drop_file();
        }
        let reader = Arc::new(Reader {
            who: who.clone(),
            file: Mutex::new(None),
            asked_at: Mutex::new(Instant::now()),
            copies,
            copied: AtomicU64::new(0),
        });
        readers.push(reader.clone());
        Some(Place(reader))
    }

    /// The same place, with room for evidence of so many bytes that is fetched next. Out of a bucket it is a copy on our disk, and those are bounded; the room of
    /// whoever has stood still for too long goes to somebody else.
    ///
    /// # Errors
    /// `WebError::TooManyAtOnce`.
    pub(in crate::web) fn with_room(self, bytes: u64) -> Result<Place, WebError> {
        if self.0.copies {
            self.find_room(bytes)?;
        }
        Ok(self)
    }

    fn find_room(&self, bytes: u64) -> Result<(), WebError> {
        let readers = READERS.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let copies = || readers.iter().filter(|reader| reader.who.0 == self.0.who.0);
            let copied =
                copies().map(|reader| reader.copied.load(Ordering::Relaxed)).fold(0, u64::saturating_add);
            if copied.saturating_add(bytes) <= MOST_COPIED {
                self.0.copied.store(bytes, Ordering::Relaxed);
                return Ok(());
            }
            let slow = copies().filter(|reader| reader.in_hand() > 0);
            let slow = slow.map(|reader| (reader, reader.stands_still())).max_by_key(|(_, still)| *still);
            match slow {
                Some((reader, still)) if still > STANDS_STILL => reader.drop_file(),
                _ => match greediest(&readers, &self.0.who, bytes) {
                    Some(reader) => reader.drop_file(),
                    None => return Err(WebError::TooManyAtOnce),
                },
            }
        }
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
