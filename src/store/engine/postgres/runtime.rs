//! What drives the connections to a server: one thread for all of them, so that a server that goes away is noticed while nobody asks. Whoever
//! asks a question sleeps until its answer has come.

use std::cell::LazyCell;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use diesel_async::async_connection_wrapper::BlockOn;
use tokio::runtime::{Builder, Handle};

/// The runtime of that thread, once somebody needed it.
static RUNTIME: Mutex<Option<Handle>> = Mutex::new(None);

thread_local! {
    static WAKER: LazyCell<Waker> =
        const { LazyCell::new(|| Waker::from(Arc::new(Asleep(thread::current())))) };
}

/// Somebody who sleeps until an answer comes.
struct Asleep(Thread);

impl Wake for Asleep {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// How a question waits for its answer.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct AnswerWait;

impl BlockOn for AnswerWait {
    fn block_on<F: Future>(&self, answer: F) -> F::Output {
        // whoever asks may be driven by another runtime, whose turns this does not count as
        let mut answer = pin!(tokio::task::unconstrained(answer));
        WAKER.with(|waker| {
            let mut context = Context::from_waker(waker);
            loop {
                if let Poll::Ready(answer) = answer.as_mut().poll(&mut context) {
                    return answer;
                }
                thread::park();
            }
        })
    }

    fn get_runtime() -> AnswerWait {
        AnswerWait
    }
}

/// Does work that needs the runtime, such as opening a connection, for no longer than `most`.
///
/// # Errors
/// The operating system's when it has no thread left; `TimedOut`.
pub(super) fn within<T>(most: Duration, work: impl Future<Output = T>) -> io::Result<T> {
    let runtime = runtime()?;
    let _here = runtime.enter();
    AnswerWait
        .block_on(tokio::time::timeout(most, work))
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))
}

fn runtime() -> io::Result<Handle> {
    let mut known = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = known.as_ref() {
        return Ok(runtime.clone());
    }
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("server".to_owned())
        .spawn(move || runtime.block_on(std::future::pending::<()>()))?;
    *known = Some(handle.clone());
    Ok(handle)
}
