//! Hands the timetable to tokio-cron-scheduler, as a ticker in UTC and nothing more. Every few seconds each job is asked whether it is due;
//! it works that out itself from the data and the local hour. The crate's own schedules would fire twice after a jump of the clock and
//! an hour off after a summer-time change; it also starts a job beside its own unfinished run, and does not wait at the end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_cron_scheduler::{Job as Ticking, JobScheduler, JobSchedulerError};

use crate::jobs::{self, Job, TIMETABLE};
use crate::portal::Portal;

/// A ticker that has not asked anything for this long has stopped, and is replaced.
const SILENCE: Duration = Duration::from_secs(8);
const LISTEN_EVERY: Duration = Duration::from_secs(1);

/// Seconds between two questions to each job, as the crate writes it.
const EVERY_THREE_SECONDS: &str = "*/3 * * * * *";
/// How long a stopping portal waits for a job to come to a good place.
const PATIENCE: Duration = Duration::from_secs(60);

/// The running timetable.
#[derive(Debug)]
pub struct Scheduler {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// Starts the timetable on a thread of its own. What was missed while the portal was down runs at once.
///
/// # Errors
/// The operating system's, when it gives no thread.
pub fn start(portal: Portal) -> std::io::Result<Scheduler> {
    let (stop, stopping) = watch::channel(false);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let thread = std::thread::Builder::new().name("timetable".to_owned()).spawn(move || {
        runtime.block_on(async {
            if let Err(error) = keep(portal, stopping).await {
                tracing::error!(%error, "the timetable stopped");
            }
        });
        runtime.shutdown_timeout(PATIENCE);
    })?;
    Ok(Scheduler { stop, thread: Some(thread) })
}

impl Scheduler {
    /// Stops the timetable: no job starts any more, and one that runs comes to a good place first.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // nobody listens any more when the thread has ended by itself
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the timetable's thread panicked");
        }
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        self.end();
    }
}

async fn keep(portal: Portal, mut stopping: watch::Receiver<bool>) -> Result<(), JobSchedulerError> {
    let jobs: Vec<Arc<Asked>> = TIMETABLE
        .iter()
        .map(|job| {
            Arc::new(Asked {
                portal: portal.clone(),
                job,
                busy: AtomicBool::new(false),
                stopping: stopping.clone(),
            })
        })
        .collect();
    let asked_at = Arc::new(Mutex::new(Instant::now()));
    loop {
        *latest(&asked_at) = Instant::now();
        let mut ticker = JobScheduler::new().await?;
        for asked in &jobs {
            Asked::ask(asked);
            let (asked, asked_at) = (Arc::clone(asked), Arc::clone(&asked_at));
            let tick = move |_, _: _| {
                *latest(&asked_at) = Instant::now();
                Asked::ask(&asked);
            };
            ticker.add(Ticking::new(EVERY_THREE_SECONDS, tick)?).await?;
        }
        ticker.start().await?;
        let over = tokio::select! {
            // an error means that the other end is gone, which is a reason to stop as well
            _ = stopping.wait_for(|stop| *stop) => true,
            () = fallen_silent(&asked_at) => false,
        };
        ticker.shutdown().await?;
        if over {
            return Ok(());
        }
        tracing::warn!("the ticker fell silent, as after the machine's clock was set back; it begins anew");
    }
}

/// Ends when the ticker has asked nothing for a while. When the machine's clock is set back, the crate's would wait until it has caught up,
/// be it a year.
async fn fallen_silent(asked: &Mutex<Instant>) {
    loop {
        tokio::time::sleep(LISTEN_EVERY).await;
        if latest(asked).elapsed() > SILENCE {
            return;
        }
    }
}

fn latest(asked: &Mutex<Instant>) -> MutexGuard<'_, Instant> {
    asked.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A job and whether it runs.
struct Asked {
    portal: Portal,
    job: &'static Job,
    busy: AtomicBool,
    stopping: watch::Receiver<bool>,
}

impl Asked {
    /// Asks the job on a thread where waiting does no harm, unless it runs still.
    fn ask(asked: &Arc<Asked>) {
        if *asked.stopping.borrow()
            || asked.portal.stopping.has_begun()
            || asked.busy.swap(true, Ordering::AcqRel)
        {
            return;
        }
        let asked = Arc::clone(asked);
        tokio::task::spawn_blocking(move || {
            let _idle = Idle(&asked.busy);
            let stopping = || *asked.stopping.borrow() || asked.portal.stopping.has_begun();
            if let Err(error) = jobs::tick(&asked.portal, asked.job, &stopping) {
                tracing::error!(job = asked.job.name, %error, "a job failed");
            }
        });
    }
}

/// Marks a job as idle again, also when it panicked.
struct Idle<'a>(&'a AtomicBool);

impl Drop for Idle<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
