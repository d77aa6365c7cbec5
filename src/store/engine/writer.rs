//! One writer, and a commit that several writes may share.
//!
//! A durable commit waits for the disk. When others already wait for the writer, a write leaves the transaction open to the next one (each in
//! a savepoint of its own) and waits for the commit that the last of them makes: nobody is told "done" before it is on the disk, nobody's
//! mistake undoes somebody else's write, and the disk is asked once for all of them. Alone, a write commits at once.

use std::error::Error;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::{EngineConnection, Failure};
use super::error::Cause;
use super::pool::{EnginePool, Lent};
use super::sqlite::change_count;
use super::sqlite::log_mark::LogMark;
use super::turns::{ASKS_FOR, PATIENCE, Turns};
use crate::store::{Conn, StoreError};

/// The most writes that share a commit, and the longest that the first of them waits for the last.
const TOGETHER: usize = 32;
const LONGEST: Duration = Duration::from_millis(8);

/// How long somebody waits for a commit that another one makes on a server. Their form is written for once, however often it is sent.
const LONGEST_COMMIT: Duration = Duration::from_secs(30);

/// How long a server is asked for a turn that may as well be left out.
const A_MOMENT: Duration = Duration::from_millis(1);

/// The writer connection and those who wait for it.
pub(in crate::store) struct Writer {
    pool: EnginePool,
    /// Where changes are counted; nowhere when the database is on a server.
    mark: Option<LogMark>,
    turns: Turns,
    state: Mutex<State>,
    free: Condvar,
}

#[derive(Default)]
struct State {
    /// Somebody writes just now.
    taken: bool,
    waiting: usize,
    /// An open transaction that the next writer goes on with.
    open: Option<Open>,
    /// The longest time that a transaction was open, its commit included.
    longest: Duration,
    /// Rows that the connection had changed at its last commit.
    changed: i32,
}

/// A transaction under way.
struct Open {
    conn: Lent,
    began: Instant,
    writes: usize,
    ending: Arc<Ending>,
}

impl Open {
    fn of(conn: Lent) -> Open {
        Open { conn, began: Instant::now(), writes: 0, ending: Arc::default() }
    }
}

/// How the shared transaction ended, for those who wait for it.
#[derive(Default)]
struct Ending {
    known: Mutex<Option<Result<(), End>>>,
    told: Condvar,
}

/// A failed end in a form that everybody can be told.
#[derive(Clone)]
enum End {
    Full,
    Busy,
    Other(&'static str, Cause),
}

impl End {
    fn of(error: &StoreError) -> End {
        match error {
            StoreError::Full => End::Full,
            StoreError::Busy => End::Busy,
            StoreError::Database { doing, source } => End::Other(doing, Arc::clone(source)),
            other => End::Other("", Arc::from(Box::<dyn Error + Send + Sync>::from(other.to_string()))),
        }
    }

    fn error(self) -> StoreError {
        match self {
            End::Full => StoreError::Full,
            End::Busy => StoreError::Busy,
            End::Other(doing, source) => StoreError::Database { doing, source },
        }
    }
}

impl Ending {
    fn tell(&self, how: Result<(), End>) {
        *unpoisoned(self.known.lock()) = Some(how);
        self.told.notify_all();
    }

    /// Waits until it is known, no longer than `most`.
    fn wait(&self, most: Duration) -> Result<(), StoreError> {
        let known = unpoisoned(self.known.lock());
        let (known, _) = unpoisoned(self.told.wait_timeout_while(known, most, |known| known.is_none()));
        match known.as_ref() {
            Some(how) => how.clone().map_err(End::error),
            None => Err(StoreError::database("", "whether it was kept is not known yet")),
        }
    }
}

fn unpoisoned<T>(locked: Result<T, PoisonError<T>>) -> T {
    locked.unwrap_or_else(PoisonError::into_inner)
}

/// The turn of one write. Dropped on the way (a panic), it takes the whole transaction back and lets the next one in.
struct Turn<'a> {
    writer: &'a Writer,
    open: Option<Open>,
    over: bool,
}

impl Turn<'_> {
    /// Leaves the open transaction to one of those who wait, when there is one and it may go on; `None` then.
    fn pass_on(&mut self, open: Open) -> Option<Open> {
        let mut state = self.writer.lock();
        if state.waiting == 0 || open.writes >= TOGETHER || open.began.elapsed() >= LONGEST {
            return Some(open);
        }
        // in one step: whoever waits now finds the turn free and takes it, however late it is for them
        state.open = Some(open);
        state.taken = false;
        self.over = true;
        drop(state);
        self.writer.free.notify_one();
        None
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(mut open) = self.open.take() {
            // a connection that cannot roll back is thrown away by the pool
            let _ = open.conn.roll_back();
            let ending = Arc::clone(&open.ending);
            drop(open);
            ending.tell(Err(End::of(&StoreError::database("", "the transaction was taken back"))));
        }
        if !self.over {
            self.writer.lock().taken = false;
            self.writer.free.notify_one();
        }
    }
}

impl Writer {
    pub(in crate::store) fn new(pool: EnginePool, mark: Option<LogMark>, turns: Turns) -> Writer {
        Writer { pool, mark, turns, state: Mutex::default(), free: Condvar::new() }
    }

    pub(in crate::store) fn turns(&self) -> &Turns {
        &self.turns
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        unpoisoned(self.state.lock())
    }

    /// The longest time that a transaction was open, its commit included.
    pub(in crate::store) fn longest(&self) -> Duration {
        self.lock().longest
    }

    /// Waits for the turn; with it comes the transaction that another write left open, if there is one.
    fn turn(&self) -> Result<Turn<'_>, StoreError> {
        let mut state = self.lock();
        state.waiting += 1;
        let patience = self.turns.patience().longest;
        let (mut state, _) = unpoisoned(self.free.wait_timeout_while(state, patience, |state| state.taken));
        state.waiting -= 1;
        if state.taken {
            return Err(StoreError::Busy);
        }
        state.taken = true;
        Ok(Turn { writer: self, open: state.open.take(), over: false })
    }

    /// The turn, if nobody has it at this moment.
    fn turn_if_free(&self) -> Result<Turn<'_>, StoreError> {
        let mut state = self.lock();
        if state.taken {
            return Err(StoreError::Busy);
        }
        state.taken = true;
        Ok(Turn { writer: self, open: state.open.take(), over: false })
    }

    /// Begins a transaction if no other process writes at this moment.
    fn begin_if_free(&self) -> Result<Open, StoreError> {
        if self.mark.is_none() {
            // where the connection is lost, whoever must write waits for another one
            let mut conn = self.pool.try_get().ok_or(StoreError::Busy)?;
            self.turns.try_take(|| Ok(conn.begin_write(A_MOMENT)?))?;
            return Ok(Open::of(conn));
        }
        let mut conn = self.pool.get()?;
        conn.run("PRAGMA busy_timeout=0")?;
        let begun = self.turns.try_take(|| Ok(conn.begin_write(A_MOMENT)?));
        conn.run(&format!("PRAGMA busy_timeout={}", ASKS_FOR.as_millis()))?;
        begun?;
        Ok(Open::of(conn))
    }

    fn begin(&self) -> Result<Open, StoreError> {
        let mut conn = self.pool.get()?;
        // whoever waits in a server's queue is served in turn, and leaves it only to tell that it waits
        let patience = self.turns.patience().longest.min(PATIENCE);
        self.turns.take(|| Ok(conn.begin_write(patience)?))?;
        Ok(Open::of(conn))
    }

    /// Lends the connection outside of any transaction.
    pub(in crate::store) fn alone<T>(
        &self,
        work: impl FnOnce(&mut EngineConnection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut turn = self.turn()?;
        if let Some(open) = turn.open.take() {
            self.commit(open)?;
        }
        let mut conn = self.pool.get()?;
        work(&mut conn)
    }

    /// Runs `change` and returns what it gave once that is on the disk; its error once it has left no trace.
    pub(in crate::store) fn write<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Conn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut turn = self.turn()?;
        if turn.open.is_none() {
            turn.open = Some(self.begin()?);
        }
        Self::written(turn, change)
    }

    /// The same, if nobody else writes at this moment, in this process or in another; `StoreError::Busy` at once otherwise.
    pub(in crate::store) fn write_if_free<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Conn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut turn = self.turn_if_free()?;
        if turn.open.is_none() {
            turn.open = Some(self.begin_if_free()?);
        }
        Self::written(turn, change)
    }

    /// Runs `change` in the transaction of its turn, and ends that or leaves it to the next.
    fn written<T, E: From<StoreError>>(
        mut turn: Turn<'_>,
        change: impl FnOnce(&mut Conn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let writer = turn.writer;
        let Some(open) = turn.open.as_mut() else { return Err(StoreError::Busy.into()) };
        open.writes += 1;
        let changed = open.conn.savepoint(|conn| change(&mut Conn(conn)));
        let value = match changed {
            Ok(value) => Ok(value),
            Err(Failure::Body(error)) => Err(error),
            // the savepoint could not be kept or taken back: nothing of the transaction can be trusted, Turn takes it back
            Err(Failure::Database(error)) => {
                let error = StoreError::from(error);
                if let Some(open) = turn.open.take() {
                    writer.give_up(open, &error);
                }
                return Err(error.into());
            }
        };
        let Some(open) = turn.open.take() else { return value };
        let ending = Arc::clone(&open.ending);
        let Some(open) = turn.pass_on(open) else {
            // a refused change has nothing to wait for
            let value = value?;
            // a disk ends a commit one way or the other; a server may wait for ever for its standby
            ending.wait(if writer.mark.is_some() { Duration::MAX } else { LONGEST_COMMIT })?;
            return Ok(value);
        };
        let committed = writer.commit(open);
        drop(turn);
        let value = value?;
        committed?;
        Ok(value)
    }

    /// The same for a change of many rows, which shares its commit with nobody: without a savepoint around it the database keeps nothing to take
    /// that back, which it would walk through for each statement.
    pub(in crate::store) fn write_rows<T, E: From<StoreError>>(
        &self,
        change: impl FnOnce(&mut Conn<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut turn = self.turn()?;
        if let Some(open) = turn.open.take() {
            self.commit(open)?;
        }
        let open = turn.open.insert(self.begin()?);
        // an error, like a panic, leaves the transaction to the turn, which takes it back
        let value = change(&mut Conn(&mut open.conn))?;
        if let Some(open) = turn.open.take() {
            self.commit(open)?;
        }
        Ok(value)
    }

    fn commit(&self, mut open: Open) -> Result<(), StoreError> {
        let committed = self.count_and_commit(&mut open.conn);
        if committed.is_err() {
            let _ = open.conn.roll_back();
        }
        let took = open.began.elapsed();
        self.turns.ended();
        let ending = Arc::clone(&open.ending);
        drop(open);
        let mut state = self.lock();
        state.longest = state.longest.max(took);
        drop(state);
        ending.tell(committed.as_ref().map(|&()| ()).map_err(End::of));
        committed
    }

    /// A transaction that changed something in a file counts (see `log_mark.rs`).
    fn count_and_commit(&self, conn: &mut EngineConnection) -> Result<(), StoreError> {
        let (EngineConnection::File(file), Some(mark)) = (&mut *conn, &self.mark) else {
            return Ok(conn.commit()?);
        };
        let changed = change_count::changed_so_far(file)?;
        let count = (self.lock().changed != changed).then(|| change_count::count_on(file)).transpose()?;
        conn.commit()?;
        if let (Some(count), EngineConnection::File(file)) = (count, &mut *conn) {
            self.lock().changed = change_count::changed_so_far(file).unwrap_or(changed);
            // it is on the disk; a note that stays behind only guards less
            if let Err(error) = mark.committed(&count) {
                tracing::warn!(%error, "the count of changes could not be noted");
            }
        }
        Ok(())
    }

    fn give_up(&self, mut open: Open, why: &StoreError) {
        let _ = open.conn.roll_back();
        let ending = Arc::clone(&open.ending);
        drop(open);
        ending.tell(Err(End::of(why)));
    }
}
