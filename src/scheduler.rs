//! Hands the timetable to tokio-cron-scheduler, in UTC: each job by the schedule on which it is asked whether it is due. That it works out
//! itself from the data and the local hour: the crate would fire twice after a jump of the clock and an hour off after a summer-time
//! change; it also starts a job beside its own unfinished run, and does not wait at the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use tokio_cron_scheduler::{Job as Ticking, JobScheduler, JobSchedulerError};

use crate::jobs::{self, Job, TIMETABLE};
use crate::portal::Portal;

/// A ticker that has not asked anything for this long has stopped, and is replaced. Some job is asked every few seconds.
const SILENCE: Duration = Duration::from_secs(8);
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
    let asking = Arc::new(Notify::new());
    loop {
        let mut ticker = JobScheduler::new().await?;
        for asked in &jobs {
            Asked::ask(asked);
            let schedule = asked.job.schedule.asked();
            let (asked, asking) = (Arc::clone(asked), Arc::clone(&asking));
            let tick = move |_, _: _| {
                asking.notify_one();
                Asked::ask(&asked);
            };
            ticker.add(Ticking::new(schedule, tick)?).await?;
        }
        ticker.start().await?;
        let over = tokio::select! {
            // an error means that the other end is gone, which is a reason to stop as well
            _ = stopping.wait_for(|stop| *stop) => true,
            () = silence(&asking) => false,
        };
        ticker.shutdown().await?;
        if over {
            return Ok(());
        }
        tracing::warn!("the ticker fell silent, as after the machine's clock was set back; it begins anew");
    }
}

/// Ends when the ticker has asked nothing for a while. When the machine's clock is set back, the crate's waits until it has caught up, be
/// it a year (`proofs::clock::ticker` shows it).
async fn silence(asking: &Notify) {
    while timeout(SILENCE, asking.notified()).await.is_ok() {}
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
                tracing::error!(job = asked.job.name.code(), %error, "a job failed");
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
