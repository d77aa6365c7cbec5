//! Whether the database is the one that was left, with everything that was told to be done.
//!
//! `SQLite` takes whatever write-ahead log lies beside its file: without the one that a crash left, the last changes are gone and nobody
//! hears of it; with the log of another database, pages of both are mixed. So every change counts, in the transaction that makes it
//! (table `database_marks`), and a small file beside the database notes two figures: how far the database is, and how far its file alone
//! is. Before anybody opens the database for writing, what is there is looked at without changing it (see `log_witness.rs`).
//!
//! Who writes what, in which order; any number of processes at once, each of which may be killed between any two steps:
//!
//! | who              | step                                                              | what a kill right after it leaves            |
//! |------------------|-------------------------------------------------------------------|----------------------------------------------|
//! | every start      | 1 makes the note, empty                                           | no database: begun again                     |
//! |                  | 2 makes the database file, empty, then of one page                | a file without tables, nothing noted         |
//! |                  | 3 brings the schema up to date and counts, in one transaction     | all of it in the log, or nothing; not noted  |
//! | every change     | 4 begins a log when there is none, or begins it again: its header | a log with a header only: no log             |
//! |                  | 5 writes frames, the last of them commits; they are synced        | frames without a commit: no change           |
//! |                  | 6 notes the count                                                 | a note that is behind by this change         |
//! | now and then, and| 7 moves the log into the file: pages, then a sync                 | pages in both, which `SQLite` moves again    |
//! | the last to close| 8 notes how far the file alone is                                 | a note that is behind                        |
//! | the last to close| 9 removes the log and its index                                   | a log whose pages are all in the file        |
//! | the next to open | 10 takes up the log that a crash left, whoever left it            | as before                                    |
//! | a restore, alone | 11 removes the note, then puts the file in its place              | no database: put back again                  |
//! | a start that     | 3 as ever, and notes nothing                                      | nothing noted: done again                    |
//! | finds no note    | 12 holds mail, if any was ever written and none is held (a change)| held, not noted: found held                  |
//! |                  | 13 notes the count as it was found, and from then on every change | noted: held or not, as decided               |
//! | a command that   | writes what it found, and notes nothing                           | nothing noted: for the next start to decide  |
//! | only looks       |                                                                   |                                              |
//! | a backup, a check| reads                                                             | nothing                                      |
//!
//! From the order of the steps follows, whoever is killed when: what is noted was committed before (6 after 5), and is never more than
//! the database has with its log; what is noted of the file alone is never more than the file has (8 after 7); and the database's name
//! never changes under its note (11). So a start is refused only when one of these does not hold, which no kill can bring about:
//!
//! | the file alone                     | with its log                            | then                                                  |
//! |------------------------------------|-----------------------------------------|-------------------------------------------------------|
//! | is missing, a count is noted       |                                         | refused: the changes are missing                      |
//! | has less than was noted of it      |                                         | refused: a database of yesterday                      |
//! | has another name than was noted    |                                         | refused: another database                             |
//! |                                    | has less than was noted, or no count    | refused: the log is missing, or an older one          |
//! |                                    | has another name, or cannot be read     | refused: the log of another database                  |
//! |                                    | has as much as was noted, or more       | taken, whatever began the log and whether it was noted|
//! |                                    | has a log in which nothing was counted  | taken; `check` and `/readyz` say so: a person's tool  |
//!
//! A database without its note is taken: from a replica or a copied disk it comes like that, and so it does when the very first start was cut
//! off between 3 and 6, before anybody could have written a mail.
//!
//! A log without a commit is no log: `SQLite` leaves it out, and so does whoever looks. The count needs no syncing, because it guards
//! against files that went astray, not against power cuts: a note that is lost or behind only guards less.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::change_count::Count;
use super::file_names::Names;
use super::log_witness::{self, Found};
use crate::store::StoreError;

/// Where the line about what was moved begins in the note: after the one about the count, which always has the same length, and one
/// that older versions kept.
const LINE_OF_MOVED: u64 = 128;
const LINE: usize = 63;
/// How many changes a first start counts before anybody can have written anything: the one that makes the schema.
const ONLY_A_SCHEMA: i64 = 1;
/// Another process may be in the middle of a step while we look: only what stays wrong is refused.
const LOOKS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(60);

/// The note beside one database file.
#[derive(Clone, Debug)]
pub(in crate::store) struct LogMark {
    note: Arc<File>,
    database: PathBuf,
    log: PathBuf,
    names: Names,
    uncounted: bool,
    unnoted: Option<Count>,
    /// Whether nothing is noted yet: the database came without its note, and nobody has said what follows from that.
    silent: Arc<AtomicBool>,
}

/// What a look at the files found, when nothing is missing.
struct Looked {
    /// Whether there is a log in which nothing was counted.
    uncounted: bool,
    /// How far the database is, when the note says nothing of it.
    unnoted: Option<Count>,
}

impl LogMark {
    /// Opens the note, before the database is opened, and looks at what is there. `patience` is how long to wait for a process that is
    /// about to close it.
    ///
    /// # Errors
    /// `StoreError::ChangesMissing` and `StoreError::LogForeign`; then nothing was changed.
    pub(in crate::store) fn open(database: &Path, patience: Duration) -> Result<LogMark, StoreError> {
        let name = |ending: &str| {
            let name = database.file_name().unwrap_or_default().to_string_lossy();
            format!("{name}{ending}")
        };
        let names = Names { database: name(""), log: name("-wal"), mark: name("-mark") };
        let path = database.with_file_name(&names.mark);
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let note = options.open(&path).map_err(|error| failed(&names.mark, &error))?;
        let mut mark = LogMark {
            note: Arc::new(note),
            database: database.to_owned(),
            log: database.with_file_name(&names.log),
            names,
            uncounted: false,
            unnoted: None,
            silent: Arc::default(),
        };
        let mut looks = 1;
        let looked = loop {
            match mark.look(patience) {
                Err(StoreError::ChangesMissing(..) | StoreError::LogForeign(_)) if looks < LOOKS => {
                    looks += 1;
                    thread::sleep(BETWEEN_LOOKS);
                }
                looked => break looked?,
            }
        };
        (mark.uncounted, mark.unnoted) = (looked.uncounted, looked.unnoted);
        mark.silent.store(mark.unnoted.is_some(), Ordering::SeqCst);
        Ok(mark)
    }

    /// Looks at what is there.
    fn look(&self, patience: Duration) -> Result<Looked, StoreError> {
        // what is noted comes first: whatever others do meanwhile only adds to the database
        let (noted, moved) = (self.noted_count(), self.moved_changes());
        let nothing_noted = noted.is_none();
        let looked = |found: &Found, uncounted| {
            let unnoted = match found {
                // looked at once more: another process may have begun the database, and noted it, since it was read
                Found::Count(count) if nothing_noted && count.changes > ONLY_A_SCHEMA => {
                    self.noted_count().is_none().then(|| count.clone())
                }
                _ => None,
            };
            Looked { uncounted, unnoted }
        };
        if !self.database.exists() {
            let nothing = looked(&Found::Nothing, false);
            return noted.map_or(Ok(nothing), |noted| Err(self.missing(noted.changes)));
        }
        if self.log_is_empty()? {
            let file = log_witness::in_file(&self.database);
            self.compare(&file, noted.as_ref())?;
            self.note_file(&file, moved)?;
            return Ok(looked(&file, false));
        }
        match (log_witness::in_file(&self.database), moved, &noted) {
            (Found::Count(file), _, Some(noted)) if file.mark != noted.mark => return Err(self.foreign()),
            // what was moved stays there: a file with less is an older one, and this log would be mixed into it
            (Found::Count(file), Some(moved), _) if file.changes < moved => {
                return Err(self.missing(moved - file.changes));
            }
            (Found::Nothing, Some(moved), _) => return Err(self.missing(moved)),
            _ => {}
        }
        let (all, uncounted) = log_witness::through_log(&self.database, &self.log, patience)?;
        self.compare(&all, noted.as_ref())?;
        match (all, log_witness::in_file(&self.database)) {
            // whole without it, and not with it
            (Found::Unreadable(_), Found::Count(_)) => Err(self.foreign()),
            (Found::Unreadable(why), _) => Err(StoreError::database("", why)),
            (all, _) => Ok(looked(&all, uncounted)),
        }
    }

    /// Refuses a database that has less in it than was noted, or is another one. What cannot be read is told by whoever opens it.
    fn compare(&self, found: &Found, noted: Option<&Count>) -> Result<(), StoreError> {
        match (found, noted) {
            (Found::Count(found), Some(noted)) if found.mark != noted.mark => Err(self.foreign()),
            (Found::Count(found), Some(noted)) if found.changes < noted.changes => {
                Err(self.missing(noted.changes - found.changes))
            }
            (Found::Nothing, Some(noted)) => Err(self.missing(noted.changes)),
            _ => Ok(()),
        }
    }

    /// Without a log the file holds everything: notes how much that is.
    fn note_file(&self, file: &Found, moved: Option<i64>) -> Result<(), StoreError> {
        match file {
            // a log that came into being meanwhile may be on its way into the file, not synced yet
            Found::Count(file)
                if moved.is_none_or(|moved| moved < file.changes) && self.log_is_empty()? =>
            {
                self.moved(file.changes)
            }
            _ => Ok(()),
        }
    }

    fn missing(&self, changes: i64) -> StoreError {
        StoreError::ChangesMissing(self.names.clone(), changes)
    }

    fn foreign(&self) -> StoreError {
        StoreError::LogForeign(self.names.clone())
    }

    /// Whether the database was found with a log in which nothing was counted: a person's tool wrote it, or it is not the database's own.
    pub(in crate::store) fn uncounted(&self) -> bool {
        self.uncounted
    }

    /// How far the database was when it was found without a note that says so: it came from somewhere else (a replica, a copied disk), or
    /// the first start was cut off.
    pub(in crate::store) fn unnoted(&self) -> Option<&Count> {
        self.unnoted.as_ref()
    }

    /// The note's file: locks on it are signs between the processes (see `turns.rs`).
    pub(in crate::store) fn note(&self) -> Arc<File> {
        Arc::clone(&self.note)
    }

    /// Whoever opened the database has said what follows from its having come without its note: from now on every change is noted.
    ///
    /// # Errors
    /// `StoreError` when the note cannot be written.
    pub(in crate::store) fn note_as_found(&self) -> Result<(), StoreError> {
        self.silent.store(false, Ordering::SeqCst);
        self.unnoted.as_ref().map_or(Ok(()), |count| self.committed(count))
    }

    /// After a commit: notes how far the database is.
    pub(in crate::store) fn committed(&self, count: &Count) -> Result<(), StoreError> {
        // a migration or a check of a replica must not make it look like a database that was here before
        if self.silent.load(Ordering::SeqCst) {
            return Ok(());
        }
        // another process may have come further, and noted it first
        if self.noted_count().is_some_and(|noted| noted.mark == count.mark && noted.changes > count.changes) {
            return Ok(());
        }
        let line = format!("database {} changes {:020}", count.mark, count.changes);
        let line = format!("{line:<LINE$}\n");
        self.note.write_all_at(line.as_bytes(), 0).map_err(|error| failed(&self.names.mark, &error))
    }

    /// The count so far, to be noted by [`LogMark::moved`] once the whole log was moved into the file.
    pub(in crate::store) fn before_moving(&self) -> Option<i64> {
        self.noted_count().map(|count| count.changes)
    }

    /// Notes what the file holds without any log.
    pub(in crate::store) fn moved(&self, changes: i64) -> Result<(), StoreError> {
        let line = format!("moved {changes:020}\n");
        self.note
            .write_all_at(line.as_bytes(), LINE_OF_MOVED)
            .map_err(|error| failed(&self.names.mark, &error))
    }

    fn moved_changes(&self) -> Option<i64> {
        // at its place, not as a line: what lies before it may never have been written
        let text = self.text();
        let line = text.get(usize::try_from(LINE_OF_MOVED).ok()?..)?.lines().next()?;
        line.strip_prefix("moved ")?.trim_end().parse().ok()
    }

    /// What the note says: read until it says the same twice, because another process may be writing it.
    fn text(&self) -> String {
        let read = || {
            let mut bytes = [0_u8; 256];
            let read = self.note.read_at(&mut bytes, 0).unwrap_or(0);
            String::from_utf8_lossy(bytes.get(..read).unwrap_or_default()).into_owned()
        };
        let mut text = read();
        for _ in 0..LOOKS {
            let again = read();
            if again == text {
                break;
            }
            text = again;
        }
        text
    }

    /// The count in the note; `None` when there is none that can be read.
    fn noted_count(&self) -> Option<Count> {
        let text = self.text();
        let mut words = text.lines().next()?.split_whitespace();
        let (Some("database"), Some(mark), Some("changes"), Some(changes)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return None;
        };
        Some(Count { mark: mark.to_owned(), changes: changes.parse().ok()? })
    }

    fn log_is_empty(&self) -> Result<bool, StoreError> {
        match fs::metadata(&self.log) {
            Ok(found) => Ok(found.len() == 0),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
            Err(error) => Err(failed(&self.names.log, &error)),
        }
    }
}

fn failed(name: &str, error: &std::io::Error) -> StoreError {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::database("", format!("{name} cannot be used: {error}")),
    }
}
